#include <arrow/type.h>

#include "bessemer/base/json_member.h"
#include "bessemer/example_gen/sources/bigquery/bigquery_job_internal.h"

namespace bessemer::example_gen::bigquery {
namespace {

StatusOr<arrow::FieldVector> FieldsOf(const Json& owner);

StatusOr<std::shared_ptr<arrow::DataType>> ValueType(const Json& field) {
  const std::string type = JsonString(field, "type");
  if (type == "INTEGER" || type == "INT64") return arrow::int64();
  if (type == "FLOAT" || type == "FLOAT64") return arrow::float64();
  if (type == "BOOLEAN" || type == "BOOL") return arrow::boolean();
  if (type == "BYTES") return arrow::binary();
  if (type == "NUMERIC" || type == "DECIMAL") return arrow::decimal128(38, 9);
  if (type == "BIGNUMERIC" || type == "BIGDECIMAL") return arrow::decimal256(76, 38);
  if (type == "DATE") return arrow::date32();
  if (type == "TIME") return arrow::time64(arrow::TimeUnit::MICRO);
  if (type == "DATETIME") return arrow::timestamp(arrow::TimeUnit::MICRO);
  if (type == "TIMESTAMP") return arrow::timestamp(arrow::TimeUnit::MICRO, "UTC");
  for (const char* text : {"STRING", "GEOGRAPHY", "JSON", "INTERVAL", "RANGE"}) {
    if (type == text) return arrow::utf8();
  }
  if (type == "RECORD" || type == "STRUCT") {
    BESSEMER_ASSIGN_OR_RETURN(arrow::FieldVector fields, FieldsOf(field));
    return arrow::struct_(std::move(fields));
  }
  return InvalidArgumentError("column '{}': BigQuery's type {} is not supported; cast it to STRING",
                              JsonString(field, "name"), type);
}

StatusOr<arrow::FieldVector> FieldsOf(const Json& owner) {
  arrow::FieldVector fields;
  const auto list = owner.find("fields");
  if (list == owner.end() || !list->is_array()) return fields;
  for (const Json& field : *list) {
    if (!field.is_object()) continue;
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::DataType> type, ValueType(field));
    if (JsonString(field, "mode") == "REPEATED") type = arrow::list(std::move(type));
    fields.push_back(arrow::field(JsonString(field, "name"), std::move(type)));
  }
  return fields;
}

}  // namespace

StatusOr<std::shared_ptr<arrow::Schema>> ArrowSchema(const Json& table_schema) {
  if (!table_schema.is_object()) return InvalidArgumentError("the query has no result");
  BESSEMER_ASSIGN_OR_RETURN(arrow::FieldVector fields, FieldsOf(table_schema));
  if (fields.empty()) return InvalidArgumentError("the query has no result: it has no columns");
  return arrow::schema(std::move(fields));
}

}  // namespace bessemer::example_gen::bigquery
