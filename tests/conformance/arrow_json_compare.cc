#include <arrow/array/array_nested.h>
#include <arrow/array/array_primitive.h>
#include <arrow/scalar.h>
#include <arrow/type.h>
#include <arrow/util/base64.h>
#include <arrow/util/float16.h>
#include <arrow/util/utf8.h>

#include <cmath>

#include "bessemer/columnar/feature_column.h"
#include "conformance/arrow_json.h"

namespace bessemer::conformance {
namespace {

Json DoubleToJson(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  return value;
}

template <typename List>
Json ListToJson(const arrow::Array& array, int64_t i) {
  const auto& list = static_cast<const List&>(array);
  Json values = Json::array();
  for (auto k = list.value_offset(i); k < list.value_offset(i + 1); ++k) {
    values.push_back(ValueToJson(*list.values(), k));
  }
  return values;
}

Json StructToJson(const arrow::Array& array, int64_t i) {
  const auto& fields = static_cast<const arrow::StructArray&>(array);
  Json object = Json::object();
  for (int k = 0; k < fields.num_fields(); ++k) {
    object[fields.type()->field(k)->name()] = ValueToJson(*fields.field(k), i);
  }
  return object;
}

// Types whose difference the cases do not care about become one.
std::string PlainType(std::string type) {
  const auto replace = [&type](std::string_view from, std::string_view to) {
    for (size_t at = 0; (at = type.find(from, at)) != std::string::npos; at += to.size()) {
      type.replace(at, from.size(), to);
    }
  };
  replace("large_", "");
  replace("string", "binary");
  return type;
}

std::string DiffTypes(const std::string& expected, const arrow::Array& got) {
  const std::string type = got.type()->ToString();
  if (PlainType(expected) == PlainType(type)) return "";
  return fmt::format("type: expected {}, got {}", expected, type);
}

bool SameNumber(const Json& expected, const Json& got) {
  if (expected.is_number_integer() && got.is_number_integer()) return expected == got;
  const double a = expected.get<double>();
  const double b = got.get<double>();
  return a == b || static_cast<float>(a) == static_cast<float>(b);
}

std::string At(const std::string& place, const std::string& difference) {
  if (difference.empty()) return "";
  const bool deeper = difference.starts_with('[') || difference.starts_with('.');
  return fmt::format("{}{}{}", place, deeper ? "" : ": ", difference);
}

std::string Short(const Json& value) {
  std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (text.size() > 300) text = text.substr(0, 300) + "…";
  return text;
}

}  // namespace

Json BytesToJson(std::string_view bytes) {
  arrow::util::InitializeUTF8();
  if (arrow::util::ValidateUTF8(bytes)) return std::string(bytes);
  return {{"b64", arrow::util::base64_encode(bytes)}};
}

Json ValueToJson(const arrow::Array& array, int64_t i) {
  if (array.type_id() == arrow::Type::NA || array.IsNull(i)) return nullptr;
  switch (array.type_id()) {
    case arrow::Type::LIST: return ListToJson<arrow::ListArray>(array, i);
    case arrow::Type::LARGE_LIST: return ListToJson<arrow::LargeListArray>(array, i);
    case arrow::Type::STRUCT: return StructToJson(array, i);
    case arrow::Type::BOOL: return static_cast<const arrow::BooleanArray&>(array).Value(i);
    case arrow::Type::HALF_FLOAT:
      return DoubleToJson(arrow::util::Float16::FromBits(
          static_cast<const arrow::HalfFloatArray&>(array).Value(i)).ToDouble());
    default: break;
  }
  Json value;
  if (columnar::IsBytes(*array.type())) {
    (void)columnar::DispatchBytes(*array.type(), [&](auto tag) {
      using Array = typename decltype(tag)::type;
      value = BytesToJson(static_cast<const Array&>(array).GetView(i));
      return OkStatus();
    });
    return value;
  }
  const Status status = columnar::DispatchNumeric(*array.type(), [&](auto tag) {
    using Array = typename decltype(tag)::type;
    const auto number = static_cast<const Array&>(array).Value(i);
    if constexpr (std::is_floating_point_v<std::decay_t<decltype(number)>>) {
      value = DoubleToJson(static_cast<double>(number));
    } else {
      value = number;
    }
    return OkStatus();
  });
  if (status.ok()) return value;
  const auto scalar = array.GetScalar(i);
  return scalar.ok() ? Json((*scalar)->ToString()) : Json();
}

Json ArrayToJson(const arrow::Array& array) {
  Json values = Json::array();
  for (int64_t i = 0; i < array.length(); ++i) values.push_back(ValueToJson(array, i));
  return values;
}

std::string DiffJson(const Json& expected, const Json& got) {
  if (expected.is_number() && got.is_number()) {
    if (SameNumber(expected, got)) return "";
  } else if (expected.is_array() && got.is_array()) {
    if (expected.size() != got.size()) {
      return fmt::format("expected {} values {}, got {}: {}", expected.size(), Short(expected),
                         got.size(), Short(got));
    }
    for (size_t i = 0; i < expected.size(); ++i) {
      const std::string difference = DiffJson(expected[i], got[i]);
      if (!difference.empty()) return At(fmt::format("[{}]", i), difference);
    }
    return "";
  } else if (expected.is_object() && got.is_object() && expected.size() == got.size()) {
    for (const auto& [key, value] : expected.items()) {
      if (!got.contains(key)) return fmt::format(".{}: expected, not got", key);
      const std::string difference = DiffJson(value, got.at(key));
      if (!difference.empty()) return At("." + key, difference);
    }
    return "";
  } else if (expected == got) {
    return "";
  }
  return fmt::format("expected {}, got {}", Short(expected), Short(got));
}

std::string DiffArray(const Json& expected, const arrow::Array& got) {
  const Json& array = expected.at("@array");
  const std::string types = DiffTypes(array.at("type").get<std::string>(), got);
  return types.empty() ? DiffJson(array.at("values"), ArrayToJson(got)) : types;
}

std::string DiffBatch(const Json& expected, const arrow::RecordBatch& got) {
  const Json& batch = expected.at("@arrow");
  const Json& columns = batch.at("columns");
  if (got.num_rows() != batch.at("num_rows").get<int64_t>()) {
    return fmt::format("expected {} rows, got {}", batch.at("num_rows").dump(), got.num_rows());
  }
  Json names = Json::array();
  for (const Json& column : columns) names.push_back(column.at("name"));
  const Json our_names = got.schema()->field_names();
  if (names != our_names) {
    return fmt::format("columns: expected {}, got {}", names.dump(), our_names.dump());
  }
  for (size_t i = 0; i < columns.size(); ++i) {
    const Json array = {{"@array", columns[i]}};
    const std::string difference = DiffArray(array, *got.column(static_cast<int>(i)));
    if (!difference.empty()) {
      return At(fmt::format("column {}", columns[i].at("name").get<std::string>()), difference);
    }
  }
  return "";
}

}  // namespace bessemer::conformance
