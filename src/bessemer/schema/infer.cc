#include "bessemer/schema/infer.h"

#include <algorithm>

#include "bessemer/schema/domains.h"

namespace bessemer::schema {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::FixedShape;
using ::tensorflow::metadata::v0::Schema;
using ::tensorflow::metadata::v0::StringDomain;
using ::tensorflow::metadata::v0::ValueCount;

namespace {

void InferValueCount(const FeatureView::ValueRange& range, ValueCount* count) {
  if (range.min <= 0) return;
  if (range.min == range.max) {
    count->set_min(range.min);
    count->set_max(range.max);
  } else {
    count->set_min(1);
  }
}

void InferShape(const FeatureView& statistics, Feature* feature) {
  if (statistics.feature_type() == ::tensorflow::metadata::v0::STRUCT) return;
  for (const double missing : statistics.NumMissingByLevel()) {
    if (missing != 0) return;
  }
  FixedShape shape;
  for (const auto& range : statistics.ValueRangeByLevel()) {
    if (range.min != range.max || range.min <= 0) return;
    shape.add_dim()->set_size(range.min);
  }
  *feature->mutable_shape() = shape;
}

void InferPresence(const FeatureView& statistics, bool infer_shape, Feature* feature) {
  const double num_present = statistics.num_present();
  feature->mutable_presence()->set_min_count(num_present < 1 ? 0 : 1);
  if (num_present <= 0) return;
  if (statistics.num_missing() == 0) feature->mutable_presence()->set_min_fraction(1);
  if (infer_shape) InferShape(statistics, feature);
  if (!feature->has_shape()) InferValueCounts(statistics, feature);
}

void AddValues(const FeatureView& statistics, StringDomain* domain) {
  const std::set<std::string_view> known(domain->value().begin(), domain->value().end());
  for (const auto& [value, count] : statistics.StringCounts()) {
    if (!known.contains(value)) domain->add_value(std::string(value));
  }
}

void InferDomain(const FeatureView& statistics, const InferOptions& options, SchemaModel* model,
                 Feature* feature) {
  if (SetDomainFromStatistics(statistics, feature)) return;
  if (const auto shared = options.shared_domains.find(statistics.path());
      shared != options.shared_domains.end()) {
    StringDomain* domain = model->FindDomain(shared->second);
    if (domain == nullptr) domain = model->AddDomain(shared->second);
    AddValues(statistics, domain);
    feature->set_domain(domain->name());
    return;
  }
  if (statistics.has_invalid_utf8() || statistics.type() == FeatureNameStatistics::BYTES) return;
  if (const auto domain = BoolDomainOf(statistics)) {
    *feature->mutable_bool_domain() = *domain;
    return;
  }
  if (statistics.type() == FeatureNameStatistics::STRING) {
    const auto range = IntRangeOf(statistics);
    if (range.has_value() && std::holds_alternative<IntRange>(*range)) {
      feature->mutable_int_domain();
      return;
    }
  }
  const auto num_values = static_cast<int64_t>(statistics.StringCounts().size());
  if (num_values == 0 || num_values > options.max_string_domain_size) return;
  StringDomain* domain = model->AddDomain(statistics.path().ToString());
  AddValues(statistics, domain);
  feature->set_domain(domain->name());
}

Status AddTree(const FeatureView& statistics, const InferOptions& options, SchemaModel* model) {
  BESSEMER_RETURN_IF_ERROR(AddInferredFeature(statistics, options, model));
  if (model->IsInactive(statistics.path())) return OkStatus();
  for (const FeatureView* child : statistics.children()) {
    BESSEMER_RETURN_IF_ERROR(AddTree(*child, options, model));
  }
  return OkStatus();
}

}  // namespace

void InferValueCounts(const FeatureView& statistics, Feature* feature) {
  const auto ranges = statistics.ValueRangeByLevel();
  if (statistics.has_nested_values()) {
    for (const auto& range : ranges) {
      InferValueCount(range, feature->mutable_value_counts()->add_value_count());
    }
  } else if (ranges.size() == 1 && ranges[0].min > 0) {
    InferValueCount(ranges[0], feature->mutable_value_count());
  }
}

Status AddInferredFeature(const FeatureView& statistics, const InferOptions& options,
                          SchemaModel* model) {
  if (statistics.common() == nullptr) {
    return FailedPreconditionError(
        "feature '{}' has no numeric, string, bytes or struct statistics to infer a schema from: "
        "sparse and weighted features must be written into the schema by hand",
        statistics.path().ToString());
  }
  Feature* feature = model->AddFeature(statistics.path());
  if (feature == nullptr) {
    return InvalidArgumentError(
        "feature '{}': its parent '{}' is neither in the statistics nor in the schema",
        statistics.path().ToString(), statistics.path().Parent().ToString());
  }
  feature->set_type(statistics.feature_type());
  InferPresence(statistics, options.infer_feature_shape, feature);
  if (options.ignored_features.contains(statistics.path().ToString())) {
    feature->set_lifecycle_stage(::tensorflow::metadata::v0::DEPRECATED);
    return OkStatus();
  }
  if (statistics.proto().has_validation_derived_source()) {
    feature->set_lifecycle_stage(::tensorflow::metadata::v0::VALIDATION_DERIVED);
    *feature->mutable_validation_derived_source() = statistics.proto().validation_derived_source();
  }
  InferDomain(statistics, options, model, feature);
  return OkStatus();
}

StatusOr<Schema> InferSchema(const DatasetFeatureStatistics& statistics,
                             const InferOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetView view, DatasetView::Create(statistics));
  SchemaModel model{Schema()};
  for (const FeatureView* root : view.Roots()) {
    BESSEMER_RETURN_IF_ERROR(AddTree(*root, options, &model));
  }
  return std::move(model.mutable_proto());
}

}  // namespace bessemer::schema
