#ifndef BESSEMER_TRAINING_COLUMN_VALUES_INTERNAL_H_
#define BESSEMER_TRAINING_COLUMN_VALUES_INTERNAL_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/training/dataset.h"

namespace bessemer::training {

// Calls f(row, slot, value) for every value that is there; `value` has the C++ type of the column.
template <typename F>
Status ForEachNumber(const columnar::FeatureColumn& column, F&& f) {
  return columnar::DispatchNumeric(*column.value_type(), [&](auto tag) {
    const auto& values = static_cast<const typename decltype(tag)::type&>(*column.values());
    for (int64_t row = 0; row < column.num_rows(); ++row) {
      if (!column.IsPresent(row)) continue;
      const int64_t begin = column.begin(row), end = column.end(row);
      for (int64_t i = begin; i < end; ++i) {
        if (values.IsValid(i)) f(row, i - begin, values.Value(i));
      }
    }
    return OkStatus();
  });
}

template <typename F>
Status ForEachText(const columnar::FeatureColumn& column, F&& f) {
  return columnar::DispatchBytes(*column.value_type(), [&](auto tag) {
    const auto& values = static_cast<const typename decltype(tag)::type&>(*column.values());
    for (int64_t row = 0; row < column.num_rows(); ++row) {
      if (!column.IsPresent(row)) continue;
      const int64_t begin = column.begin(row), end = column.end(row);
      for (int64_t i = begin; i < end; ++i) {
        if (values.IsValid(i)) f(row, i - begin, std::string_view(values.GetView(i)));
      }
    }
    return OkStatus();
  });
}

// The column of a feature in a batch; nullopt if there is none or it holds nothing.
inline StatusOr<std::optional<columnar::FeatureColumn>> FindColumn(
    const arrow::RecordBatch& batch, const std::string& name) {
  const std::shared_ptr<arrow::Array> array = batch.GetColumnByName(name);
  if (array == nullptr) return std::optional<columnar::FeatureColumn>();
  auto column = columnar::FeatureColumn::Make(array);
  if (!column.ok()) {
    return InvalidArgumentError("feature '{}': {}", name, Message(column.status()));
  }
  if (column->layout() == columnar::FeatureColumn::Layout::kAbsent) {
    return std::optional<columnar::FeatureColumn>();
  }
  return std::optional<columnar::FeatureColumn>(std::move(*column));
}

// The text by which a class is known. Whole floats read like ints: 1.0 is "1".
std::string ClassText(double value);

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_COLUMN_VALUES_INTERNAL_H_
