#include "bessemer/statistics/lift/lift.h"
#include "bessemer/statistics/statistic.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::statistics::lift {
namespace {

using ::tensorflow::metadata::v0::Feature;

bool IsCategorical(const Feature& feature) {
  switch (feature.type()) {
    case ::tensorflow::metadata::v0::BYTES:
      return true;
    case ::tensorflow::metadata::v0::INT:
      return feature.int_domain().is_categorical() || feature.has_bool_domain() ||
             feature.has_natural_language_domain();
    default:
      return feature.type() == ::tensorflow::metadata::v0::FLOAT &&
             feature.float_domain().is_categorical();
  }
}

template <typename Features>
void CollectCategorical(const FeaturePath& parent, const Features& features,
                        std::vector<FeaturePath>* paths) {
  for (const Feature& feature : features) {
    FeaturePath path = parent;
    path.push_back(feature.name());
    if (feature.type() == ::tensorflow::metadata::v0::STRUCT) {
      CollectCategorical(path, feature.struct_domain().feature(), paths);
    } else if (IsCategorical(feature)) {
      paths->push_back(std::move(path));
    }
  }
}

}  // namespace

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "lift",
                .doc = "Lift of each category for each value of the label",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  if (options.label_feature.empty() || options.schema == nullptr) return nullptr;
                  LiftOptions lift;
                  lift.y = {options.label_feature};
                  lift.custom_stats = true;
                  lift.y_boundaries = options.lift.y_boundaries;
                  lift.min_x_count = options.lift.min_x_count;
                  lift.top_k_per_y = options.lift.top_k_per_y;
                  lift.bottom_k_per_y = options.lift.bottom_k_per_y;
                  CollectCategorical({}, options.schema->feature(), &lift.xs);
                  std::erase(lift.xs, lift.y);
                  return std::make_unique<LiftAccumulator>(std::move(lift));
                }});
}

}  // namespace bessemer::statistics::lift
