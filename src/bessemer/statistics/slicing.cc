#include "bessemer/statistics/slicing.h"

#include <charconv>
#include <map>
#include <set>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/statistics/basic/unique_counts_output.h"
#include "bessemer/statistics/feature_rows.h"
#include "bessemer/statistics/sampled_rows.h"
#include "bessemer/statistics/slice_query.h"
#include "bessemer/statistics/uniques_sketch.h"

namespace bessemer::statistics {
namespace {

// How the reference writes a value that is null.
constexpr char kNone[] = "None";

// Values as an integer feature has them: " 07" is 7.
StatusOr<std::set<std::string>> AsIntegers(const std::string& name,
                                           const std::set<std::string>& values) {
  std::set<std::string> integers;
  for (const std::string& value : values) {
    int64_t integer = 0;
    std::string_view digits = value;
    while (!digits.empty() && (digits.front() == ' ' || digits.front() == '+')) {
      digits.remove_prefix(1);
    }
    while (!digits.empty() && digits.back() == ' ') digits.remove_suffix(1);
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), integer);
    if (digits.empty() || read.ec != std::errc() || read.ptr != digits.data() + digits.size()) {
      return InvalidArgumentError(
          "feature '{}' to slice by has integer values, but '{}' is no integer", name, value);
    }
    integers.insert(std::to_string(integer));
  }
  return integers;
}

// Values as a feature of floats has them: "2" is 2.0. What is no number fits nothing.
std::set<std::string> AsFloats(const std::set<std::string>& values) {
  std::set<std::string> floats;
  for (const std::string& value : values) {
    double number = 0;
    const char* const end = value.data() + value.size();
    if (std::from_chars(value.data(), end, number).ptr == end) {
      floats.insert(basic::PythonFloat(number));
    } else {
      floats.insert(value);
    }
  }
  return floats;
}

// The different values of each row of a feature, as text.
StatusOr<std::vector<std::set<std::string>>> RowValues(const arrow::RecordBatch& batch,
                                                       const std::string& name,
                                                       const std::set<std::string>& given,
                                                       bool tfdv_compat) {
  std::vector<std::set<std::string>> rows(batch.num_rows());
  std::set<std::string> wanted = given;
  BESSEMER_ASSIGN_OR_RETURN(const columnar::FeatureColumn column, FeatureOfColumn(batch, name));
  if (column.value_type()->id() == arrow::Type::NA) {
    for (auto& row : rows) {
      if (tfdv_compat && wanted.empty()) row.insert(kNone);
    }
    return rows;
  }
  const auto fill = [&](auto text_at) {
    for (int64_t row = 0; row < column.num_rows(); ++row) {
      if (!column.IsPresent(row)) continue;
      for (int64_t i = column.begin(row); i < column.end(row); ++i) {
        const bool null = column.values()->IsNull(i);
        if (null && !tfdv_compat) continue;
        std::string text = null ? kNone : text_at(i);
        if (wanted.empty() || wanted.contains(text)) rows[row].insert(std::move(text));
      }
    }
  };
  if (columnar::IsBytes(*column.value_type())) {
    Status status;
    BESSEMER_RETURN_IF_ERROR(columnar::DispatchBytes(
        *column.value_type(), [&]<typename Array>(std::type_identity<Array>) {
          const auto& values = static_cast<const Array&>(*column.values());
          fill([&](int64_t i) {
            std::string text(values.GetView(i));
            if (!columnar::IsUtf8(text) && status.ok()) {
              status = InvalidArgumentError(
                  "feature '{}' to slice by has a value that is not UTF-8", name);
            }
            return text;
          });
          return OkStatus();
        }));
    BESSEMER_RETURN_IF_ERROR(status);
    return rows;
  }
  if (columnar::IsFloat(*column.value_type())) {
    wanted = AsFloats(given);
  } else {
    BESSEMER_ASSIGN_OR_RETURN(wanted, AsIntegers(name, given));
  }
  BESSEMER_RETURN_IF_ERROR(columnar::DispatchNumeric(
      *column.value_type(), [&]<typename Array>(std::type_identity<Array>) {
        const auto& values = static_cast<const Array&>(*column.values());
        fill([&](int64_t i) {
          if constexpr (std::is_floating_point_v<typename Array::value_type>) {
            return basic::PythonFloat(values.Value(i));
          } else {
            return std::to_string(values.Value(i));
          }
        });
        return OkStatus();
      }));
  return rows;
}

StatusOr<std::vector<NamedSlice>> Slices(
    const arrow::RecordBatch& batch, const std::map<std::string, std::vector<int64_t>>& rows_of) {
  std::vector<NamedSlice> slices;
  for (const auto& [name, rows] : rows_of) {
    BESSEMER_ASSIGN_OR_RETURN(auto slice, TakeRows(batch, rows));
    slices.emplace_back(name, std::move(slice));
  }
  return slices;
}

StatusOr<std::vector<NamedSlice>> SlicesByQuery(const arrow::RecordBatch& batch,
                                                const std::string& sql, bool tfdv_compat) {
  const StatusOr<SliceQuery> query = SliceQuery::Parse(sql);
  if (!query.ok() && !tfdv_compat) return query.status();
  if (query.ok()) {
    const auto rows_of = query->Slices(batch, /*require_features=*/tfdv_compat);
    if (rows_of.ok()) return Slices(batch, *rows_of);
    if (!tfdv_compat) return WithContext(rows_of.status(), fmt::format("slices by '{}'", sql));
  }
  std::map<std::string, std::vector<int64_t>> invalid;
  for (int64_t row = 0; row < batch.num_rows(); ++row) invalid[kInvalidSlice].push_back(row);
  return Slices(batch, invalid);
}

}  // namespace

StatusOr<std::vector<NamedSlice>> SliceRows(const arrow::RecordBatch& batch,
                                            const SliceSpec& spec, bool tfdv_compat) {
  if (spec.function) {
    BESSEMER_ASSIGN_OR_RETURN(const SliceSpec::RowsByName by_name, spec.function(batch));
    return Slices(batch, by_name);
  }
  if (!spec.sql.empty()) return SlicesByQuery(batch, spec.sql, tfdv_compat);
  // Names of the slices each row is in, extended feature by feature.
  std::vector<std::vector<std::string>> names(batch.num_rows(), {""});
  bool any = false;
  for (const auto& [feature, wanted] : spec.features) {
    if (tfdv_compat && batch.GetColumnByName(feature) == nullptr) continue;
    any = true;
    BESSEMER_ASSIGN_OR_RETURN(const auto values, RowValues(batch, feature, wanted,
                                                           tfdv_compat));
    for (size_t row = 0; row < names.size(); ++row) {
      std::vector<std::string> extended;
      for (const std::string& name : names[row]) {
        for (const std::string& value : values[row]) {
          extended.push_back(fmt::format("{}{}{}_{}", name, name.empty() ? "" : "_", feature,
                                         value));
        }
      }
      names[row] = std::move(extended);
    }
  }
  std::map<std::string, std::vector<int64_t>> rows_of;
  for (size_t row = 0; any && row < names.size(); ++row) {
    for (const std::string& name : names[row]) {
      rows_of[name].push_back(static_cast<int64_t>(row));
    }
  }
  return Slices(batch, rows_of);
}

}  // namespace bessemer::statistics
