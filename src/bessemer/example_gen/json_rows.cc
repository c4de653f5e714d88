#include "bessemer/example_gen/json_rows.h"

#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>

#include "bessemer/base/json_text.h"
#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/typed_text.h"

namespace bessemer::example_gen {
namespace {

using Form = JsonRows::Form;

const Json& Null() {
  static const Json null = nullptr;
  return null;
}

// What BigQuery wraps each value in: {"v": value}.
const Json& Unwrap(const Json& cell, Form form) {
  if (form == Form::kPlain) return cell;
  if (!cell.is_object()) return Null();
  const auto value = cell.find("v");
  return value == cell.end() ? Null() : *value;
}

Status AppendValue(const Json& value, Form form, arrow::ArrayBuilder& builder);

Status AppendStruct(const Json& value, Form form, arrow::StructBuilder& builder) {
  const Json* fields = &value;
  if (form == Form::kBigQuery) {
    const auto found = value.is_object() ? value.find("f") : value.end();
    fields = value.is_object() && found != value.end() ? &*found : &Null();
  }
  if (!fields->is_array() || fields->size() != static_cast<size_t>(builder.num_children())) {
    return InvalidArgumentError("a record does not have {} fields", builder.num_children());
  }
  for (int i = 0; i < builder.num_children(); ++i) {
    BESSEMER_RETURN_IF_ERROR(
        WithContext(AppendValue(Unwrap((*fields)[static_cast<size_t>(i)], form), form,
                                *builder.field_builder(i)),
                    fmt::format("field '{}'", builder.type()->field(i)->name())));
  }
  return FromArrow(builder.Append());
}

Status AppendList(const Json& value, Form form, arrow::ListBuilder& builder) {
  arrow::ArrayBuilder& values = *builder.value_builder();
  if (value.is_object() && form == Form::kPlain && values.type()->id() == arrow::Type::STRUCT &&
      values.type()->num_fields() == 2) {
    BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append());
    auto& entries = static_cast<arrow::StructBuilder&>(values);
    for (const auto& [key, item] : value.items()) {
      BESSEMER_RETURN_IF_ERROR(AppendTypedText(key, *entries.field_builder(0)));
      BESSEMER_RETURN_IF_ERROR(AppendValue(item, form, *entries.field_builder(1)));
      BESSEMER_RETURN_IF_ARROW_ERROR(entries.Append());
    }
    return OkStatus();
  }
  if (!value.is_array()) return InvalidArgumentError("a list was expected");
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append());
  for (const Json& item : value) {
    BESSEMER_RETURN_IF_ERROR(AppendValue(Unwrap(item, form), form, values));
  }
  return OkStatus();
}

Status AppendLeaf(const Json& value, arrow::ArrayBuilder& builder) {
  if (value.is_string()) {
    return AppendTypedText(value.get_ref<const std::string&>(), builder);
  }
  switch (builder.type()->id()) {
    case arrow::Type::INT64:
      if (!value.is_number_integer()) break;
      return FromArrow(static_cast<arrow::Int64Builder&>(builder).Append(value.get<int64_t>()));
    case arrow::Type::DOUBLE:
      if (!value.is_number()) break;
      return FromArrow(static_cast<arrow::DoubleBuilder&>(builder).Append(value.get<double>()));
    case arrow::Type::BOOL:
      if (!value.is_boolean()) break;
      return FromArrow(static_cast<arrow::BooleanBuilder&>(builder).Append(value.get<bool>()));
    default:
      break;
  }
  return AppendTypedText(JsonText(value), builder);
}

Status AppendValue(const Json& value, Form form, arrow::ArrayBuilder& builder) {
  const arrow::Type::type type = builder.type()->id();
  if (value.is_null()) {
    if (type == arrow::Type::LIST && form == Form::kBigQuery) {
      return FromArrow(static_cast<arrow::ListBuilder&>(builder).AppendEmptyValue());
    }
    return FromArrow(builder.AppendNull());
  }
  if (type == arrow::Type::LIST) {
    return AppendList(value, form, static_cast<arrow::ListBuilder&>(builder));
  }
  if (type == arrow::Type::STRUCT) {
    return AppendStruct(value, form, static_cast<arrow::StructBuilder&>(builder));
  }
  return AppendLeaf(value, builder);
}

}  // namespace

JsonRows::JsonRows(std::shared_ptr<arrow::Schema> schema, Form form)
    : schema_(std::move(schema)), form_(form) {}
JsonRows::~JsonRows() = default;

StatusOr<std::unique_ptr<JsonRows>> JsonRows::Make(std::shared_ptr<arrow::Schema> schema,
                                                   Form form) {
  std::unique_ptr<JsonRows> rows(new JsonRows(std::move(schema), form));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      rows->builder_, arrow::RecordBatchBuilder::Make(rows->schema_, arrow::default_memory_pool()));
  return rows;
}

Status JsonRows::Append(const Json& row) {
  const Json* cells = &row;
  if (form_ == Form::kBigQuery) {
    const auto found = row.is_object() ? row.find("f") : row.end();
    cells = row.is_object() && found != row.end() ? &*found : &Null();
  }
  const auto num_columns = static_cast<size_t>(schema_->num_fields());
  if (!cells->is_array() || cells->size() != num_columns) {
    return InvalidArgumentError("row {}: does not have {} values", num_rows_, num_columns);
  }
  for (size_t i = 0; i < num_columns; ++i) {
    const int column = static_cast<int>(i);
    const Status status =
        AppendValue(Unwrap((*cells)[i], form_), form_, *builder_->GetField(column));
    if (!status.ok()) {
      return WithContext(
          status, fmt::format("row {}, column '{}'", num_rows_, schema_->field(column)->name()));
    }
  }
  ++num_rows_;
  ++num_pending_;
  return OkStatus();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> JsonRows::Finish() {
  num_pending_ = 0;
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::RecordBatch> batch, builder_->Flush());
  return batch;
}

}  // namespace bessemer::example_gen
