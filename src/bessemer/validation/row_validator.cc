#include "bessemer/validation/row_validator.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <set>

#include "bessemer/validation/column_check.h"
#include "bessemer/validation/row_rule.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

struct RowValidator::Impl {
  Impl(const Schema& schema, RowValidatorOptions given)
      : options(std::move(given)), model(schema) {}

  RowValidatorOptions options;
  schema::SchemaModel model;
  std::vector<ColumnCheck> columns;
  std::vector<StructCheck> structs;
  std::vector<CompositeCheck> composites;
  std::vector<RowRule> rules;
  std::set<std::string, std::less<>> known;  // names of columns and features of any kind

  Status Prepare();
  void AddStruct(const Feature& feature, const std::string& name);
  void CheckNewColumns(const arrow::RecordBatch& batch, std::vector<RowFinding>* findings) const;
  Status CheckRules(const arrow::RecordBatch& batch, std::vector<RowFinding>* findings) const;
};

Status RowValidator::Impl::Prepare() {
  const Schema& schema = model.proto();
  for (const Feature& feature : schema.feature()) {
    if (!known.insert(feature.name()).second || schema::IsInactive(feature)) continue;
    if (!feature.has_struct_domain() && feature.type() != ::tensorflow::metadata::v0::STRUCT) {
      columns.emplace_back(feature, model, options.environment);
      continue;
    }
    AddStruct(feature, feature.name());
    if (feature.presence().min_fraction() >= 1 &&
        schema::IsInEnvironment(feature, schema, options.environment)) {
      structs.push_back({feature.name()});
    }
  }
  for (const auto& sparse : schema.sparse_feature()) {
    known.insert(sparse.name());
    if (schema::IsInactive(sparse)) continue;
    CompositeCheck check{.name = sparse.name(), .value = sparse.value_feature().name()};
    for (const auto& index : sparse.index_feature()) check.companions.push_back(index.name());
    composites.push_back(std::move(check));
  }
  for (const auto& weighted : schema.weighted_feature()) {
    known.insert(weighted.name());
    if (schema::IsInactive(weighted) || weighted.feature().step_size() != 1 ||
        weighted.weight_feature().step_size() != 1) {
      continue;
    }
    composites.push_back({.name = weighted.name(),
                          .value = weighted.feature().step(0),
                          .companions = {weighted.weight_feature().step(0)},
                          .is_weighted = true});
  }
  for (const Rule& rule : options.rules) {
    if (rule.row.empty() || !rule.IsFor(options.environment)) continue;
    if (rule.severity == AnomalyInfo::UNKNOWN) continue;
    BESSEMER_ASSIGN_OR_RETURN(RowRule compiled, RowRule::Compile(rule));
    rules.push_back(std::move(compiled));
  }
  return OkStatus();
}

// Rows hold structs as a column "parent.child" for each feature inside.
void RowValidator::Impl::AddStruct(const Feature& feature, const std::string& name) {
  for (const Feature& child : feature.struct_domain().feature()) {
    const std::string column = fmt::format("{}.{}", name, child.name());
    if (!known.insert(column).second || schema::IsInactive(child)) continue;
    if (child.has_struct_domain()) {
      AddStruct(child, column);
    } else {
      columns.push_back(ColumnCheck::Nested(child, model, options.environment, column));
    }
  }
}

void RowValidator::Impl::CheckNewColumns(const arrow::RecordBatch& batch,
                                         std::vector<RowFinding>* findings) const {
  for (int i = 0; i < batch.num_columns(); ++i) {
    const std::string& name = batch.column_name(i);
    const auto& column = batch.column(i);
    if (known.contains(name) || column->type_id() == arrow::Type::NA) continue;
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (column->IsNull(row)) continue;
      findings->push_back({.row = row,
                           .feature = name,
                           .type = AnomalyInfo::SCHEMA_NEW_COLUMN,
                           .text = "The schema does not have this feature."});
    }
  }
}

Status RowValidator::Impl::CheckRules(const arrow::RecordBatch& batch,
                                      std::vector<RowFinding>* findings) const {
  for (const RowRule& rule : rules) {
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<int64_t> rows, rule.BrokenRows(batch));
    for (const int64_t row : rows) {
      findings->push_back({.row = row,
                           .feature = rule.features().empty() ? "" : rule.features()[0],
                           .type = AnomalyInfo::CUSTOM_VALIDATION,
                           .rule = rule.rule().name,
                           .severity = rule.rule().severity,
                           .text = fmt::format("Expected {}.", rule.rule().row)});
    }
  }
  return OkStatus();
}

RowValidator::RowValidator(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
RowValidator::~RowValidator() = default;

StatusOr<std::unique_ptr<RowValidator>> RowValidator::Create(const Schema& schema,
                                                             RowValidatorOptions options) {
  auto impl = std::make_unique<Impl>(schema, std::move(options));
  BESSEMER_RETURN_IF_ERROR(impl->Prepare());
  return std::unique_ptr<RowValidator>(new RowValidator(std::move(impl)));
}

const RowValidatorOptions& RowValidator::options() const { return impl_->options; }

StatusOr<std::vector<RowFinding>> RowValidator::Check(const arrow::RecordBatch& batch) const {
  std::vector<RowFinding> findings;
  for (const ColumnCheck& column : impl_->columns) {
    column.Check(batch.GetColumnByName(column.name()), batch.num_rows(), &findings);
  }
  for (const StructCheck& one : impl_->structs) one.Check(batch, &findings);
  for (const CompositeCheck& composite : impl_->composites) composite.Check(batch, &findings);
  impl_->CheckNewColumns(batch, &findings);
  const SeverityOverrides& severities = impl_->options.severities;
  for (RowFinding& finding : findings) {
    finding.severity = severities.Of(finding.feature, finding.type);
  }
  std::erase_if(findings, [](const RowFinding& f) { return f.severity == AnomalyInfo::UNKNOWN; });
  BESSEMER_RETURN_IF_ERROR(impl_->CheckRules(batch, &findings));
  std::stable_sort(findings.begin(), findings.end(),
                   [](const RowFinding& a, const RowFinding& b) { return a.row < b.row; });
  return findings;
}

}  // namespace bessemer::validation
