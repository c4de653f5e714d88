#include "conformance/arrow_json.h"

#include <arrow/array/array_nested.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/builder.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/float16.h>

#include <cmath>
#include <limits>
#include <map>

#include "bessemer/columnar/arrow_status.h"

namespace bessemer::conformance {
namespace {

// Splits "a: int64, b: list<item: string>" at its top-level commas.
std::vector<std::string> SplitFields(std::string_view text) {
  std::vector<std::string> fields(1);
  int depth = 0;
  for (const char c : text) {
    depth += c == '<' ? 1 : c == '>' ? -1 : 0;
    if (c == ',' && depth == 0) {
      fields.emplace_back();
    } else if (c != ' ' || !fields.back().empty()) {
      fields.back().push_back(c);
    }
  }
  return fields;
}

Status Append(const Json& value, arrow::ArrayBuilder* builder);

template <typename Builder>
Status AppendNumber(const Json& value, arrow::ArrayBuilder* builder) {
  using Value = typename Builder::value_type;
  Value number;
  if constexpr (std::is_floating_point_v<Value>) {
    number = static_cast<Value>(NumberOf(value));
  } else {
    number = value.get<Value>();
  }
  return FromArrow(static_cast<Builder*>(builder)->Append(number));
}

template <typename Builder>
Status AppendList(const Json& value, arrow::ArrayBuilder* builder) {
  auto* list = static_cast<Builder*>(builder);
  BESSEMER_RETURN_IF_ARROW_ERROR(list->Append());
  for (const Json& item : value) BESSEMER_RETURN_IF_ERROR(Append(item, list->value_builder()));
  return OkStatus();
}

Status Append(const Json& value, arrow::ArrayBuilder* builder) {
  if (value.is_null()) return FromArrow(builder->AppendNull());
  switch (builder->type()->id()) {
    case arrow::Type::INT8: return AppendNumber<arrow::Int8Builder>(value, builder);
    case arrow::Type::INT16: return AppendNumber<arrow::Int16Builder>(value, builder);
    case arrow::Type::INT32: return AppendNumber<arrow::Int32Builder>(value, builder);
    case arrow::Type::INT64: return AppendNumber<arrow::Int64Builder>(value, builder);
    case arrow::Type::UINT8: return AppendNumber<arrow::UInt8Builder>(value, builder);
    case arrow::Type::UINT16: return AppendNumber<arrow::UInt16Builder>(value, builder);
    case arrow::Type::UINT32: return AppendNumber<arrow::UInt32Builder>(value, builder);
    case arrow::Type::UINT64: return AppendNumber<arrow::UInt64Builder>(value, builder);
    case arrow::Type::FLOAT: return AppendNumber<arrow::FloatBuilder>(value, builder);
    case arrow::Type::DOUBLE: return AppendNumber<arrow::DoubleBuilder>(value, builder);
    case arrow::Type::DATE32: return AppendNumber<arrow::Date32Builder>(value, builder);
    case arrow::Type::BOOL:
      return FromArrow(static_cast<arrow::BooleanBuilder*>(builder)->Append(value.get<bool>()));
    case arrow::Type::HALF_FLOAT:
      return FromArrow(static_cast<arrow::HalfFloatBuilder*>(builder)->Append(
          arrow::util::Float16::FromDouble(NumberOf(value)).bits()));
    case arrow::Type::STRING:
    case arrow::Type::BINARY:
      return FromArrow(static_cast<arrow::BinaryBuilder*>(builder)->Append(BytesOf(value)));
    case arrow::Type::LARGE_STRING:
    case arrow::Type::LARGE_BINARY:
      return FromArrow(static_cast<arrow::LargeBinaryBuilder*>(builder)->Append(BytesOf(value)));
    case arrow::Type::LIST: return AppendList<arrow::ListBuilder>(value, builder);
    case arrow::Type::LARGE_LIST: return AppendList<arrow::LargeListBuilder>(value, builder);
    case arrow::Type::STRUCT: {
      auto* structs = static_cast<arrow::StructBuilder*>(builder);
      BESSEMER_RETURN_IF_ARROW_ERROR(structs->Append());
      for (int i = 0; i < structs->num_fields(); ++i) {
        const auto it = value.find(structs->type()->field(i)->name());
        BESSEMER_RETURN_IF_ERROR(
            Append(it == value.end() ? Json() : *it, structs->field_builder(i)));
      }
      return OkStatus();
    }
    default: return UnimplementedError("values of {}", builder->type()->ToString());
  }
}


}  // namespace

StatusOr<std::shared_ptr<arrow::DataType>> TypeOf(const std::string& given) {
  std::string text = given;
  static const std::map<std::string, std::shared_ptr<arrow::DataType>> plain = {
      {"int8", arrow::int8()},       {"int16", arrow::int16()},   {"int32", arrow::int32()},
      {"int64", arrow::int64()},     {"uint8", arrow::uint8()},   {"uint16", arrow::uint16()},
      {"uint32", arrow::uint32()},   {"uint64", arrow::uint64()}, {"float", arrow::float32()},
      {"double", arrow::float64()},  {"string", arrow::utf8()},   {"binary", arrow::binary()},
      {"null", arrow::null()},       {"bool", arrow::boolean()}, {"date32[day]", arrow::date32()},
      {"halffloat", arrow::float16()}, {"large_string", arrow::large_utf8()},
      {"large_binary", arrow::large_binary()}};
  if (text.ends_with(" not null")) text.resize(text.size() - 9);
  if (const auto it = plain.find(text); it != plain.end()) return it->second;
  const size_t open = text.find('<');
  if (open == std::string::npos) return UnimplementedError("type {}", text);
  const std::string kind = text.substr(0, open);
  const std::string inner = text.substr(open + 1, text.rfind('>') - open - 1);
  arrow::FieldVector fields;
  if (inner.empty() && kind == "struct") return arrow::struct_(fields);
  for (const std::string& part : SplitFields(inner)) {
    const size_t colon = part.find(": ");
    if (colon == std::string::npos) return UnimplementedError("type {}", text);
    BESSEMER_ASSIGN_OR_RETURN(auto type, TypeOf(part.substr(colon + 2)));
    fields.push_back(arrow::field(part.substr(0, colon), type));
  }
  if (kind == "struct") return arrow::struct_(fields);
  if (kind == "list") return arrow::list(fields[0]);
  if (kind == "large_list") return arrow::large_list(fields[0]);
  return UnimplementedError("type {}", text);
}

double NumberOf(const Json& value) {
  if (!value.is_string()) return value.get<double>();
  const std::string text = value.get<std::string>();
  if (text == "NaN") return std::numeric_limits<double>::quiet_NaN();
  return text == "Infinity" ? std::numeric_limits<double>::infinity()
                            : -std::numeric_limits<double>::infinity();
}

std::string BytesOf(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return arrow::util::base64_decode(value.at("b64").get<std::string>());
}

StatusOr<std::shared_ptr<arrow::Array>> MakeArray(const std::shared_ptr<arrow::DataType>& type,
                                                  const Json& values) {
  std::unique_ptr<arrow::ArrayBuilder> builder;
  BESSEMER_RETURN_IF_ARROW_ERROR(arrow::MakeBuilder(arrow::default_memory_pool(), type, &builder));
  for (const Json& value : values) BESSEMER_RETURN_IF_ERROR(Append(value, builder.get()));
  std::shared_ptr<arrow::Array> array;
  BESSEMER_RETURN_IF_ARROW_ERROR(builder->Finish(&array));
  return array;
}

StatusOr<std::shared_ptr<arrow::Array>> ArrayOf(const Json& encoded) {
  const Json& array = encoded.at("@array");
  BESSEMER_ASSIGN_OR_RETURN(const auto type, TypeOf(array.at("type").get<std::string>()));
  return MakeArray(type, array.at("values"));
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> BatchOf(const Json& encoded) {
  const Json& batch = encoded.at("@arrow");
  arrow::FieldVector fields;
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (const Json& column : batch.at("columns")) {
    BESSEMER_ASSIGN_OR_RETURN(const auto type, TypeOf(column.at("type").get<std::string>()));
    BESSEMER_ASSIGN_OR_RETURN(auto array, MakeArray(type, column.at("values")));
    fields.push_back(arrow::field(column.at("name").get<std::string>(), type));
    columns.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), batch.at("num_rows").get<int64_t>(),
                                  columns);
}

}  // namespace bessemer::conformance
