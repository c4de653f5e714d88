#include "bessemer/statistics/mutual_information/column.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "bessemer/columnar/feature_column.h"

namespace bessemer::statistics::mutual_information {
namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

bool IsNull(const Value& value) { return value.index() == 0; }

StatusOr<double> NumberOf(const Value& value, const std::string& name) {
  if (value.index() == 1) return static_cast<double>(std::get<int64_t>(value));
  if (value.index() == 2) return std::get<double>(value);
  return InvalidArgumentError(
      "feature '{}' is text, but the schema does not give it the type BYTES: mutual information "
      "takes text as categories only",
      name);
}

StatusOr<EncodedColumn> EncodeUnivalent(const Column& column, bool categorical) {
  EncodedColumn encoded;
  Variable& variable = encoded.variables.emplace_back();
  variable.categorical = categorical;
  std::map<Value, int64_t> categories;
  bool any = false;
  for (const std::vector<Value>& row : column.rows) {
    const auto last = std::find_if(row.rbegin(), row.rend(), [](const Value& v) {
      return !IsNull(v);
    });
    any = any || last != row.rend();
    if (categorical) {
      const Value value = last == row.rend() ? Value() : *last;
      variable.categories.push_back(
          categories.try_emplace(value, static_cast<int64_t>(categories.size())).first->second);
    } else if (last == row.rend()) {
      variable.numbers.push_back(kMissing);
    } else {
      BESSEMER_ASSIGN_OR_RETURN(variable.numbers.emplace_back(), NumberOf(*last, column.name));
    }
  }
  encoded.uninformative = !any || (categorical && categories.size() == column.rows.size());
  return encoded;
}

// `encoded` gets `length` numeric variables, filled by slots_of(row, add), where add(slot) counts.
template <typename F>
void CountSlots(const Column& column, size_t length, EncodedColumn* encoded, F&& slots_of) {
  encoded->variables.resize(length);
  for (Variable& variable : encoded->variables) {
    variable.numbers.assign(column.rows.size(), kMissing);
  }
  for (size_t row = 0; row < column.rows.size(); ++row) {
    if (column.rows[row].empty()) continue;
    for (Variable& variable : encoded->variables) variable.numbers[row] = 0;
    slots_of(column.rows[row], [&](size_t slot) { encoded->variables[slot].numbers[row] += 1; });
  }
}

EncodedColumn EncodeCategories(const Column& column, int64_t max_encoding_length) {
  std::map<Value, int64_t> counts;
  for (const std::vector<Value>& row : column.rows) {
    for (const Value& value : row) {
      if (!IsNull(value)) ++counts[value];
    }
  }
  std::vector<std::pair<int64_t, const Value*>> ranked;
  for (const auto& [value, count] : counts) ranked.emplace_back(count, &value);
  std::stable_sort(ranked.begin(), ranked.end(),
                   [](const auto& a, const auto& b) { return a.first > b.first; });
  const size_t limit = static_cast<size_t>(max_encoding_length);
  const size_t length = counts.empty() ? limit : std::min(limit, counts.size());
  std::map<Value, size_t> slots;
  for (size_t i = 0; i < ranked.size() && i + 1 < limit; ++i) slots[*ranked[i].second] = i;
  EncodedColumn encoded;
  CountSlots(column, length, &encoded, [&](const std::vector<Value>& row, auto&& add) {
    for (const Value& value : row) {
      if (IsNull(value)) continue;
      const auto slot = slots.find(value);
      add(slot == slots.end() ? length - 1 : slot->second);
    }
  });
  // As the reference has it, categories whose counts happen to be all different tell nothing.
  std::set<double> different;
  bool missing = false;
  size_t total = 0;
  for (const Variable& variable : encoded.variables) {
    for (const double number : variable.numbers) {
      if (std::isnan(number)) {
        missing = true;
      } else {
        different.insert(number);
      }
      ++total;
    }
  }
  encoded.uninformative = different.size() + (missing ? 1 : 0) == total;
  return encoded;
}

StatusOr<std::optional<EncodedColumn>> EncodeNumbers(const Column& column,
                                                     int64_t max_encoding_length) {
  double min = std::numeric_limits<double>::infinity();
  double max = -min;
  for (const std::vector<Value>& row : column.rows) {
    for (const Value& value : row) {
      if (IsNull(value)) continue;
      BESSEMER_ASSIGN_OR_RETURN(const double number, NumberOf(value, column.name));
      min = std::min(min, number);
      max = std::max(max, number);
    }
  }
  if (min > max) {
    min = 0;
    max = 1;
  }
  if (!std::isfinite(min) || !std::isfinite(max)) {
    return InvalidArgumentError("feature '{}': mutual information takes no infinite numbers",
                                column.name);
  }
  if (min == max) {
    min -= 0.5;
    max += 0.5;
    if (min == max) return std::optional<EncodedColumn>();
  }
  const size_t length = static_cast<size_t>(max_encoding_length);
  std::vector<double> bounds(length);
  const double step = (max - min) / static_cast<double>(length - 1);
  for (size_t i = 0; i < length; ++i) bounds[i] = static_cast<double>(i) * step + min;
  bounds.back() = max;
  EncodedColumn encoded;
  CountSlots(column, length, &encoded, [&](const std::vector<Value>& row, auto&& add) {
    for (const Value& value : row) {
      if (IsNull(value)) continue;
      const double number = value.index() == 1 ? static_cast<double>(std::get<int64_t>(value))
                                               : std::get<double>(value);
      const auto above = std::upper_bound(bounds.begin(), bounds.end(), number);
      add(static_cast<size_t>(std::max<int64_t>(above - bounds.begin() - 1, 0)));
    }
  });
  return encoded;
}

template <typename Array>
Value ValueAt(const Array& array, int64_t i) {
  if (array.IsNull(i)) return {};
  if constexpr (requires { array.GetView(i).data(); }) {
    return std::string(array.GetView(i));
  } else if constexpr (std::is_floating_point_v<typename Array::value_type>) {
    const double number = array.Value(i);
    return std::isnan(number) ? Value() : Value(number);
  } else {
    return static_cast<int64_t>(array.Value(i));
  }
}

}  // namespace

Column ColumnOf(const FeatureArray& feature) {
  Column column;
  column.name = feature.path[0];
  column.rows.resize(static_cast<size_t>(feature.levels[0].num_rows));
  column.typed = feature.type.has_value();
  if (!feature.type || *feature.type == FeatureType::kStruct) return column;
  const std::vector<int64_t> rows = ParentRows(feature);
  const auto fill = [&]<typename Array>(std::type_identity<Array>) {
    const auto& leaf = static_cast<const Array&>(*feature.leaf);
    for (int64_t i = 0; i < leaf.length(); ++i) {
      if (feature.plain() && leaf.IsNull(i)) continue;
      column.rows[static_cast<size_t>(rows[static_cast<size_t>(i)])].push_back(ValueAt(leaf, i));
    }
    return OkStatus();
  };
  // Leaves of other types hold no values.
  if (*feature.type == FeatureType::kString) {
    columnar::DispatchBytes(*feature.leaf->type(), fill).IgnoreError();
  } else {
    columnar::DispatchNumeric(*feature.leaf->type(), fill).IgnoreError();
  }
  return column;
}

StatusOr<std::optional<EncodedColumn>> Encode(const Column& column, ColumnKind kind,
                                              int64_t max_encoding_length) {
  EncodedColumn nothing;
  nothing.uninformative = true;
  if (!column.typed || column.rows.empty()) return nothing;
  if (!kind.multivalent) {
    BESSEMER_ASSIGN_OR_RETURN(EncodedColumn encoded, EncodeUnivalent(column, kind.categorical));
    return encoded;
  }
  std::optional<EncodedColumn> encoded;
  if (kind.categorical) {
    encoded = EncodeCategories(column, max_encoding_length);
  } else {
    BESSEMER_ASSIGN_OR_RETURN(encoded, EncodeNumbers(column, max_encoding_length));
    if (!encoded) return encoded;
  }
  bool any = false;
  for (const double number : encoded->variables[0].numbers) any = any || !std::isnan(number);
  if (!any) encoded->uninformative = true;
  return encoded;
}

bool AllDifferent(const Column& column) {
  std::set<Value> values;
  size_t count = 0;
  for (const std::vector<Value>& row : column.rows) {
    for (const Value& value : row) values.insert(value);
    count += row.size();
  }
  return values.size() == count;
}

}  // namespace bessemer::statistics::mutual_information
