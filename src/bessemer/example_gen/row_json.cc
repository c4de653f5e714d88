#include "bessemer/example_gen/row_json.h"

#include <charconv>
#include <cmath>

#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/base64.h"

namespace bessemer::example_gen {
namespace {

Json BytesToJson(std::string_view bytes) {
  if (columnar::IsUtf8(bytes)) return std::string(bytes);
  return Json{{"b64", Base64(bytes)}};
}

template <typename T>
Json NumberToJson(T value) {
  if constexpr (std::is_integral_v<T>) {
    return value;
  } else {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
    const std::string digits = fmt::format("{}", value);
    double shortest = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), shortest);
    return shortest;
  }
}

}  // namespace

Json CellToJson(const columnar::FeatureColumn& column, int64_t row) {
  if (column.layout() == columnar::FeatureColumn::Layout::kAbsent || !column.IsPresent(row)) {
    return nullptr;
  }
  Json list = Json::array();
  const arrow::Array& values = *column.values();
  const int64_t end = column.end(row);
  const auto append = [&]<typename Array>(std::type_identity<Array>) {
    const auto& array = static_cast<const Array&>(values);
    for (int64_t i = column.begin(row); i < end; ++i) {
      if (array.IsNull(i)) {
        list.push_back(nullptr);
      } else if constexpr (requires { array.raw_value_offsets(); }) {
        list.push_back(BytesToJson(array.GetView(i)));
      } else {
        list.push_back(NumberToJson(array.Value(i)));
      }
    }
    return OkStatus();
  };
  if (columnar::IsBytes(*values.type())) {
    (void)columnar::DispatchBytes(*values.type(), append);
  } else if (values.type_id() == arrow::Type::NA) {
    for (int64_t i = column.begin(row); i < end; ++i) list.push_back(nullptr);
  } else {
    (void)columnar::DispatchNumeric(*values.type(), append);
  }
  return list;
}

}  // namespace bessemer::example_gen
