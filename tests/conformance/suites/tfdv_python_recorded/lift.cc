#include "bessemer/statistics/lift/lift.h"

#include <algorithm>

#include "bessemer/statistics/batch_view.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/suites/tfdv_python_recorded/generators.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance::tfdv_python_recorded {
namespace {

using statistics::BatchView;
using ::tensorflow::metadata::v0::CrossFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

statistics::lift::LiftOptions LiftOptionsOf(const Json& args,
                                            const statistics::StatisticsOptions& options) {
  statistics::lift::LiftOptions lift;
  lift.y = args.at("y_path").at("@path").get<statistics::FeaturePath>();
  for (const auto& feature : options.schema->feature()) {
    const bool categorical = feature.type() == ::tensorflow::metadata::v0::BYTES ||
                             feature.int_domain().is_categorical() || feature.has_bool_domain();
    if (categorical && feature.name() != lift.y[0]) lift.xs.push_back({feature.name()});
  }
  if (args.contains("y_boundaries")) {
    lift.y_boundaries = args["y_boundaries"].get<std::vector<double>>();
  }
  lift.min_x_count = args.value("min_x_count", 0);
  lift.top_k_per_y = args.value("top_k_per_y", 0);
  lift.bottom_k_per_y = args.value("bottom_k_per_y", 0);
  lift.custom_stats = args.value("output_custom_stats", false);
  return lift;
}

// One entry for each pair of paths, the unweighted series first, in the order of the paths.
void MergeCrosses(DatasetFeatureStatistics* dataset) {
  DatasetFeatureStatistics merged = *dataset;
  merged.clear_cross_features();
  for (const bool weighted : {false, true}) {
    for (const auto& cross : dataset->cross_features()) {
      const auto& series = cross.categorical_cross_stats().lift().lift_series();
      if (series.empty() || (series[0].weighted_y_count() > 0) != weighted) continue;
      CrossFeatureStatistics* known = nullptr;
      for (auto& other : *merged.mutable_cross_features()) {
        if (other.path_x().SerializeAsString() == cross.path_x().SerializeAsString()) {
          known = &other;
        }
      }
      if (known == nullptr) {
        *merged.add_cross_features() = cross;
      } else {
        known->mutable_categorical_cross_stats()->MergeFrom(cross.categorical_cross_stats());
      }
    }
  }
  *dataset = merged;
}

void SortByPath(DatasetFeatureStatistics* dataset) {
  auto* crosses = dataset->mutable_cross_features();
  std::sort(crosses->pointer_begin(), crosses->pointer_end(), [](const auto* a, const auto* b) {
    return a->path_x().SerializeAsString() < b->path_x().SerializeAsString();
  });
}

}  // namespace

Verdict RunLift(const Json& json) {
  const Json& args = json.at("generator").at("args");
  const statistics::StatisticsOptions options = GeneratorOptions(args);
  statistics::lift::LiftAccumulator accumulator(LiftOptionsOf(args, options));
  for (const Json& encoded : json.at("examples")) {
    if (!encoded.is_object()) return NotImplemented("lift of several slices at once");
    const auto batch = BatchOf(encoded);
    if (!batch.ok()) return Failed(batch.status());
    const auto view = BatchView::Make(**batch, options);
    if (!view.ok()) return Failed(view.status());
    const Status status = accumulator.Update(*view);
    if (!status.ok()) return Failed(status);
  }
  DatasetFeatureStatisticsList got;
  accumulator.Finish(got.add_datasets());
  DatasetFeatureStatisticsList expected;
  DatasetFeatureStatistics* dataset = expected.add_datasets();
  for (const Json& piece : json.at("expected")) {
    if (!piece.is_object()) return NotImplemented("lift of several slices at once");
    dataset->MergeFrom(FromText<DatasetFeatureStatistics>(piece));
  }
  MergeCrosses(dataset);
  SortByPath(dataset);
  SortByPath(got.mutable_datasets(0));
  return FromDifference(DiffStatistics(expected, got, kTypedIn));
}

}  // namespace bessemer::conformance::tfdv_python_recorded
