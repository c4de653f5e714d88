#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/example_gen/ingest_shard_internal.h"

namespace bessemer::example_gen {
namespace {

std::shared_ptr<arrow::RecordBatch> Pick(const arrow::RecordBatch& batch,
                                         const std::vector<int>& columns,
                                         const std::vector<std::string>& names) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (size_t i = 0; i < columns.size(); ++i) {
    arrays.push_back(batch.column(columns[i]));
    fields.push_back(arrow::field(names[i], arrays.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch.num_rows(),
                                  std::move(arrays));
}

}  // namespace

// The place in wanted_ of a feature, which is added to it.
StatusOr<int> FeaturePlan::Want(const std::string& name, std::string_view use) {
  const std::vector<ArrowFeature>& features = converter_.features();
  const auto found = std::find_if(features.begin(), features.end(),
                                  [&](const ArrowFeature& known) { return known.name == name; });
  if (found == features.end()) {
    std::vector<std::string> names;
    for (const ArrowFeature& known : features) names.push_back(known.name);
    return InvalidArgumentError("{}: the input has no column '{}'{}", use, name,
                                SuggestName(name, names));
  }
  BESSEMER_RETURN_IF_ERROR(found->status);
  const int index = static_cast<int>(found - features.begin());
  const auto place = std::find(wanted_.begin(), wanted_.end(), index);
  if (place != wanted_.end()) return static_cast<int>(place - wanted_.begin());
  wanted_.push_back(index);
  return static_cast<int>(wanted_.size()) - 1;
}

StatusOr<FeaturePlan> FeaturePlan::Make(const RowInput& rows, const IngestOptions& options,
                                        const RowFilter* filter) {
  FeaturePlan plan(FeatureConverter(rows.schema(), options.features));
  const std::vector<ArrowFeature>& features = plan.converter_.features();
  if (options.columns.empty()) {
    for (size_t i = 0; i < features.size(); ++i) {
      BESSEMER_RETURN_IF_ERROR(features[i].status);
      plan.wanted_.push_back(static_cast<int>(i));
      plan.written_.push_back(static_cast<int>(i));
    }
  }
  for (const std::string& name : options.columns) {
    BESSEMER_ASSIGN_OR_RETURN(const int place, plan.Want(name, "columns"));
    plan.written_.push_back(place);
  }
  std::vector<std::string> renamed;
  for (const ArrowFeature& feature : features) renamed.push_back(feature.name);
  for (const auto& [from, to] : options.rename) {
    BESSEMER_ASSIGN_OR_RETURN(const int place, plan.Want(from, "rename"));
    renamed[static_cast<size_t>(plan.wanted_[static_cast<size_t>(place)])] = to;
  }
  for (const int place : plan.written_) {
    plan.names_.push_back(
        renamed[static_cast<size_t>(plan.wanted_[static_cast<size_t>(place)])]);
  }
  std::set<std::string> seen;
  for (const std::string& name : plan.names_) {
    if (!seen.insert(name).second) {
      return InvalidArgumentError("feature '{}': the output has it twice; rename one", name);
    }
  }
  if (!options.partition_feature.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(plan.partition_,
                              plan.Want(options.partition_feature, "partition_feature_name"));
  }
  // A name that is no column is the filter's to report: it may exist in no input.
  for (size_t i = 0; filter != nullptr && i < filter->names().size(); ++i) {
    const auto is_it = [&](const ArrowFeature& known) { return known.name == filter->names()[i]; };
    if (std::any_of(features.begin(), features.end(), is_it)) {
      BESSEMER_RETURN_IF_ERROR(plan.Want(filter->names()[i], "where").status());
    }
  }
  return plan;
}

std::shared_ptr<arrow::RecordBatch> FeaturePlan::Written(
    const arrow::RecordBatch& converted) const {
  return Pick(converted, written_, names_);
}

std::shared_ptr<arrow::RecordBatch> FeaturePlan::Partition(
    const arrow::RecordBatch& converted) const {
  if (partition_ < 0) return nullptr;
  return Pick(converted, {partition_}, {converted.column_name(partition_)});
}

std::vector<FeatureSpec> FeaturePlan::OutputFeatures() const {
  std::vector<FeatureSpec> specs;
  for (size_t i = 0; i < written_.size(); ++i) {
    const int feature = wanted_[static_cast<size_t>(written_[i])];
    specs.push_back({names_[i], converter_.features()[static_cast<size_t>(feature)].kind});
  }
  return specs;
}

}  // namespace bessemer::example_gen
