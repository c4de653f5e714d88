#include <arrow/type.h>

#include <algorithm>

#include "bessemer/base/json_member.h"
#include "bessemer/example_gen/sources/trino/trino_statement_internal.h"

namespace bessemer::example_gen::trino {
namespace {

// The values of the signature's arguments: types, numbers, or fields with names.
std::vector<Json> Arguments(const Json& signature) {
  std::vector<Json> values;
  const Json& arguments = JsonMember(signature, "arguments");
  if (!arguments.is_array()) return values;
  for (const Json& argument : arguments) {
    const Json& value = JsonMember(argument, "value");
    values.push_back(value.is_null() ? argument : value);
  }
  return values;
}

int64_t NumberOr(const std::vector<Json>& arguments, size_t index, int64_t otherwise) {
  if (index >= arguments.size() || !arguments[index].is_number_integer()) return otherwise;
  return arguments[index].get<int64_t>();
}

arrow::TimeUnit::type UnitOf(int64_t digits) {
  return digits <= 3   ? arrow::TimeUnit::MILLI
         : digits <= 6 ? arrow::TimeUnit::MICRO
                       : arrow::TimeUnit::NANO;
}

std::shared_ptr<arrow::DataType> RowType(const std::vector<Json>& arguments) {
  arrow::FieldVector fields;
  for (size_t i = 0; i < arguments.size(); ++i) {
    const Json& name = JsonMember(JsonMember(arguments[i], "fieldName"), "name");
    fields.push_back(
        arrow::field(name.is_string() ? name.get<std::string>() : fmt::format("field{}", i),
                     ArrowType(JsonMember(arguments[i], "typeSignature"))));
  }
  return arrow::struct_(std::move(fields));
}

}  // namespace

std::shared_ptr<arrow::DataType> ArrowType(const Json& signature) {
  const Json& raw = JsonMember(signature, "rawType");
  const std::string name = raw.is_string() ? raw.get<std::string>() : "";
  const std::vector<Json> arguments = Arguments(signature);
  if (name == "unknown") return arrow::null();
  if (name == "boolean") return arrow::boolean();
  if (name == "tinyint") return arrow::int8();
  if (name == "smallint") return arrow::int16();
  if (name == "integer") return arrow::int32();
  if (name == "bigint") return arrow::int64();
  if (name == "real") return arrow::float32();
  if (name == "double") return arrow::float64();
  if (name == "varbinary") return arrow::binary();
  if (name == "date") return arrow::date32();
  if (name == "decimal") {
    const auto precision =
        static_cast<int32_t>(std::clamp<int64_t>(NumberOr(arguments, 0, 38), 1, 38));
    const auto scale =
        static_cast<int32_t>(std::clamp<int64_t>(NumberOr(arguments, 1, 0), 0, precision));
    return arrow::decimal128(precision, scale);
  }
  if (name == "time") {
    return arrow::time64(std::max(UnitOf(NumberOr(arguments, 0, 3)), arrow::TimeUnit::MICRO));
  }
  if (name == "timestamp") return arrow::timestamp(UnitOf(NumberOr(arguments, 0, 3)));
  if (name == "timestamp with time zone") {
    return arrow::timestamp(UnitOf(NumberOr(arguments, 0, 3)), "UTC");
  }
  if (name == "array" && arguments.size() == 1) return arrow::list(ArrowType(arguments[0]));
  if (name == "map" && arguments.size() == 2) {
    return arrow::list(arrow::struct_({arrow::field("key", ArrowType(arguments[0])),
                                       arrow::field("value", ArrowType(arguments[1]))}));
  }
  if (name == "row" && !arguments.empty()) return RowType(arguments);
  return arrow::utf8();
}

}  // namespace bessemer::example_gen::trino
