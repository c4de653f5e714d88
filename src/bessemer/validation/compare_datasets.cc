#include "bessemer/validation/compare_datasets.h"

#include <algorithm>

#include "bessemer/schema/infer.h"
#include "bessemer/validation/anomaly_builder.h"
#include "tfx/proto/distribution_validator.pb.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;
using ::tfx::components::distribution_validator::DistributionValidatorConfig;

namespace {

const std::set<AnomalyType>& ComparisonTypes() {
  static const auto* const types = new std::set<AnomalyType>{
      AnomalyInfo::COMPARATOR_CONTROL_DATA_MISSING,
      AnomalyInfo::COMPARATOR_TREATMENT_DATA_MISSING,
      AnomalyInfo::COMPARATOR_L_INFTY_HIGH,
      AnomalyInfo::COMPARATOR_JENSEN_SHANNON_DIVERGENCE_HIGH,
      AnomalyInfo::COMPARATOR_NORMALIZED_ABSOLUTE_DIFFERENCE_HIGH,
      AnomalyInfo::COMPARATOR_LOW_NUM_EXAMPLES,
      AnomalyInfo::COMPARATOR_HIGH_NUM_EXAMPLES,
  };
  return *types;
}

bool HasPath(const DatasetFeatureStatistics& statistics, const schema::Path& path) {
  const auto view = schema::DatasetView::Create(statistics);
  return view.ok() && view->Find(path) != nullptr;
}

Finding NotCompared(const schema::Path& path, const DatasetFeatureStatistics& statistics,
                    const DatasetFeatureStatistics& baseline) {
  const bool in_statistics = HasPath(statistics, path);
  const bool in_baseline = HasPath(baseline, path);
  const char* why = statistics.num_examples() == 0 ? "there are no examples"
                    : !in_statistics && !in_baseline
                        ? "neither the statistics nor the baseline have it"
                    : !in_statistics ? "the statistics do not have it"
                    : !in_baseline   ? "the baseline does not have it"
                                     : "its comparator does not suit statistics of its type";
  return {AnomalyInfo::STATS_NOT_AVAILABLE, "Comparison could not be done",
          fmt::format("Expected to compare the feature with the baseline; {}.", why)};
}

}  // namespace

StatusOr<Anomalies> CompareDatasets(const DatasetFeatureStatistics& statistics,
                                    const DatasetFeatureStatistics& baseline,
                                    const DistributionValidatorConfig& config,
                                    bool numeric_distances) {
  const auto& slice = config.default_slice_config();
  BESSEMER_ASSIGN_OR_RETURN(
      Schema inferred, schema::InferSchema(schema::WithoutCompositeFeatures(baseline)));
  schema::SchemaModel model(std::move(inferred));
  for (const auto& feature : slice.feature()) {
    if (feature.path().step().empty()) {
      return InvalidArgumentError("a feature of the configuration has no path");
    }
    auto* entry = model.FindFeature(schema::Path::FromProto(feature.path()));
    if (entry != nullptr) *entry->mutable_drift_comparator() = feature.distribution_comparator();
  }
  if (slice.has_num_examples_comparator()) {
    *model.mutable_proto()
         .mutable_dataset_constraints()
         ->mutable_num_examples_drift_comparator() = slice.num_examples_comparator();
  }
  ValidateOptions options;
  options.previous_span = &baseline;
  options.checks.numeric_distances = numeric_distances;
  BESSEMER_ASSIGN_OR_RETURN(Anomalies anomalies, Validate(statistics, model.proto(), options));
  KeepFindings(ComparisonTypes(), &anomalies);
  anomalies.set_anomaly_name_format(Anomalies::SERIALIZED_PATH);
  std::set<schema::Path> compared;
  for (const auto& info : anomalies.drift_skew_info()) {
    compared.insert(schema::Path::FromProto(info.path()));
  }
  for (const auto& feature : slice.feature()) {
    const schema::Path path = schema::Path::FromProto(feature.path());
    if (compared.contains(path)) continue;
    AnomalyInfo& anomaly = (*anomalies.mutable_anomaly_info())[path.ToString()];
    *anomaly.mutable_path() = feature.path();
    AddFindings({NotCompared(path, statistics, baseline)}, {}, &anomaly);
  }
  if (anomalies.data_missing() && slice.has_num_examples_comparator()) {
    AddFindings({{AnomalyInfo::STATS_NOT_AVAILABLE, "Comparison could not be done",
                  "Expected examples to compare their number; there are none."}},
                {}, anomalies.mutable_dataset_anomaly_info());
  }
  anomalies.clear_data_missing();
  return anomalies;
}

std::string SliceStep(std::string_view slice, std::string_view step) {
  return fmt::format("slice({})::{}", slice, step);
}

namespace {

// All slices as one dataset, features told apart by the first step of their paths.
StatusOr<DatasetFeatureStatistics> Flatten(const DatasetFeatureStatisticsList& list,
                                           std::vector<std::string>* slices) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics* whole, schema::DefaultDataset(list));
  DatasetFeatureStatistics flat;
  flat.set_name(whole->name());
  flat.set_num_examples(whole->num_examples());
  flat.set_weighted_num_examples(whole->weighted_num_examples());
  for (const DatasetFeatureStatistics& dataset : list.datasets()) {
    if (std::find(slices->begin(), slices->end(), dataset.name()) == slices->end()) {
      slices->push_back(dataset.name());
    }
    BESSEMER_ASSIGN_OR_RETURN(const schema::DatasetView view,
                              schema::DatasetView::Create(dataset));
    for (const schema::FeatureView& feature : view.features()) {
      auto* copy = flat.add_features();
      *copy = feature.proto();
      *copy->mutable_path() = feature.path().ToProto();
      auto* first = copy->mutable_path()->mutable_step(0);
      *first = SliceStep(dataset.name(), *first);
    }
  }
  return flat;
}

Schema Replicate(const Schema& schema, const std::vector<std::string>& slices) {
  Schema result = schema;
  result.clear_feature();
  result.clear_sparse_feature();
  result.clear_weighted_feature();
  for (const std::string& slice : slices) {
    const auto add = [&](const auto& entries, const auto& add_entry) {
      for (const auto& entry : entries) {
        auto* copy = add_entry();
        *copy = entry;
        copy->set_name(SliceStep(slice, entry.name()));
      }
    };
    add(schema.feature(), [&] { return result.add_feature(); });
    add(schema.sparse_feature(), [&] { return result.add_sparse_feature(); });
    add(schema.weighted_feature(), [&] { return result.add_weighted_feature(); });
  }
  return result;
}

}  // namespace

StatusOr<Anomalies> ValidateSlices(const DatasetFeatureStatisticsList& statistics,
                                   const Schema& schema, const ValidateOptions& options,
                                   const DatasetFeatureStatisticsList* previous_span,
                                   const DatasetFeatureStatisticsList* serving) {
  std::vector<std::string> slices;
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics flat, Flatten(statistics, &slices));
  ValidateOptions flat_options = options;
  DatasetFeatureStatistics flat_previous, flat_serving;
  flat_options.previous_span = nullptr;
  flat_options.serving = nullptr;
  if (previous_span != nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(flat_previous, Flatten(*previous_span, &slices));
    flat_options.previous_span = &flat_previous;
  }
  if (serving != nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(flat_serving, Flatten(*serving, &slices));
    flat_options.serving = &flat_serving;
  }
  return Validate(flat, Replicate(schema, slices), flat_options);
}

}  // namespace bessemer::validation
