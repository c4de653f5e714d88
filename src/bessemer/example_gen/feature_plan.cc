#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/columnar/arrow_status.h"
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

// A name that is no column is somebody else's to report: it may be a computed one.
Status FeaturePlan::WantIfKnown(const std::string& name) {
  const std::vector<ArrowFeature>& features = converter_.features();
  const auto is_it = [&](const ArrowFeature& known) { return known.name == name; };
  if (std::none_of(features.begin(), features.end(), is_it)) return OkStatus();
  return Want(name, "").status();
}

// Fills written_ and names_; all features are wanted already.
Status FeaturePlan::ChooseWritten(const IngestOptions& options) {
  const std::vector<ArrowFeature>& features = converter_.features();
  std::vector<std::string> all;  // of the columns of a converted batch
  for (const int index : wanted_) all.push_back(features[static_cast<size_t>(index)].name);
  if (computed_ != nullptr) {
    for (const std::string& name : computed_->names()) all.push_back(name);
  }
  std::vector<std::string> renamed = all;
  for (const auto& [from, to] : options.rename) {
    renamed[static_cast<size_t>(std::find(all.begin(), all.end(), from) - all.begin())] = to;
  }
  for (size_t i = 0; options.columns.empty() && i < all.size(); ++i) {
    written_.push_back(static_cast<int>(i));
  }
  for (const std::string& name : options.columns) {
    written_.push_back(static_cast<int>(std::find(all.begin(), all.end(), name) - all.begin()));
  }
  std::set<std::string> seen;
  for (const int column : written_) {
    names_.push_back(renamed[static_cast<size_t>(column)]);
    if (!seen.insert(names_.back()).second) {
      return InvalidArgumentError("feature '{}': the output has it twice; rename one",
                                  names_.back());
    }
  }
  const shaping::BalanceRule* balance =
      options.shaping.balance ? &*options.shaping.balance : nullptr;
  if (balance != nullptr && seen.contains(balance->weight_feature)) {
    return InvalidArgumentError("balance: there is a feature '{}' already; name the weights "
                                "otherwise",
                                balance->weight_feature);
  }
  return OkStatus();
}

Status FeaturePlan::FindWrittenSchema(const arrow::Schema& input) {
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      const std::shared_ptr<arrow::RecordBatch> none,
      arrow::RecordBatch::MakeEmpty(std::make_shared<arrow::Schema>(input.fields())));
  std::vector<RowFault> faults;
  BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> converted,
                            Convert(*none, &faults));
  written_schema_ = Written(*converted)->schema();
  return OkStatus();
}

StatusOr<FeaturePlan> FeaturePlan::Make(const RowInput& rows, const IngestOptions& options,
                                        const RowStages& stages) {
  FeatureOptions feature_options = options.features;
  if (options.output == OutputFormat::kSequenceExample) feature_options.nested_lists = true;
  FeaturePlan plan(FeatureConverter(rows.schema(), feature_options));
  plan.computed_ = stages.computed.get();
  const std::vector<std::string> computed =
      plan.computed_ == nullptr ? std::vector<std::string>() : plan.computed_->names();
  const auto is_computed = [&](const std::string& name) {
    return std::find(computed.begin(), computed.end(), name) != computed.end();
  };
  const std::vector<ArrowFeature>& features = plan.converter_.features();
  std::vector<std::string> known = computed;
  for (const ArrowFeature& feature : features) {
    if (is_computed(feature.name)) {
      return InvalidArgumentError(
          "column '{}': the input has a feature of this name; choose another", feature.name);
    }
    known.push_back(feature.name);
  }
  for (size_t i = 0; options.columns.empty() && i < features.size(); ++i) {
    BESSEMER_RETURN_IF_ERROR(features[i].status);
    plan.wanted_.push_back(static_cast<int>(i));
  }
  for (const std::string& name : options.columns) {
    if (is_computed(name)) continue;
    BESSEMER_RETURN_IF_ERROR(plan.Want(name, "columns").status());
  }
  for (const auto& [from, to] : options.rename) {
    if (is_computed(from)) continue;
    BESSEMER_RETURN_IF_ERROR(plan.Want(from, "rename").status());
  }
  for (const std::string& name : stages.shaper->features()) {
    if (!is_computed(name)) BESSEMER_RETURN_IF_ERROR(plan.WantIfKnown(name));
  }
  BESSEMER_RETURN_IF_ERROR(stages.shaper->CheckNames(known));
  if (plan.computed_ != nullptr) {
    for (const std::string& name : plan.computed_->inputs()) {
      BESSEMER_RETURN_IF_ERROR(plan.WantIfKnown(name));
    }
  }
  if (stages.filter != nullptr) {
    for (const std::string& name : stages.filter->names()) {
      BESSEMER_RETURN_IF_ERROR(plan.WantIfKnown(name));
    }
  }
  BESSEMER_RETURN_IF_ERROR(plan.ChooseWritten(options));
  BESSEMER_RETURN_IF_ERROR(plan.FindWrittenSchema(*rows.schema()));
  return plan;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> FeaturePlan::Convert(
    const arrow::RecordBatch& batch, std::vector<RowFault>* faults) const {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> converted,
                            converter_.Convert(batch, wanted_, faults));
  return computed_ == nullptr ? converted : computed_->Append(std::move(converted));
}

std::shared_ptr<arrow::RecordBatch> FeaturePlan::Written(
    const arrow::RecordBatch& converted) const {
  return Pick(converted, written_, names_);
}

std::vector<FeatureSpec> FeaturePlan::OutputFeatures() const {
  std::vector<FeatureSpec> specs;
  for (size_t i = 0; i < written_.size(); ++i) {
    const auto column = static_cast<size_t>(written_[i]);
    ValueKind kind = ValueKind::kNone;
    if (column < wanted_.size()) {
      kind = converter_.features()[static_cast<size_t>(wanted_[column])].kind;
    } else {
      const arrow::DataType* type = written_schema_->field(static_cast<int>(i))->type().get();
      if (type->num_fields() == 1) type = type->field(0)->type().get();
      kind = columnar::IsInteger(*type) ? ValueKind::kInt64
             : columnar::IsFloat(*type) ? ValueKind::kFloat
             : columnar::IsBytes(*type) ? ValueKind::kBytes
                                        : ValueKind::kNone;
    }
    specs.push_back({names_[i], kind});
  }
  return specs;
}

}  // namespace bessemer::example_gen
