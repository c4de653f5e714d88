#include "bessemer/columnar/feature_column.h"

#include <arrow/type_traits.h>

namespace bessemer::columnar {

bool IsInteger(const arrow::DataType& type) { return arrow::is_integer(type.id()); }

bool IsFloat(const arrow::DataType& type) {
  return type.id() == arrow::Type::FLOAT || type.id() == arrow::Type::DOUBLE;
}

bool IsBytes(const arrow::DataType& type) { return arrow::is_base_binary_like(type.id()); }

StatusOr<FeatureColumn> FeatureColumn::Make(std::shared_ptr<arrow::Array> array) {
  FeatureColumn column;
  column.array_ = std::move(array);
  const arrow::DataType& type = *column.array_->type();
  switch (type.id()) {
    case arrow::Type::NA:
      column.values_ = column.array_;
      return column;
    case arrow::Type::LIST: {
      const auto& list = static_cast<const arrow::ListArray&>(*column.array_);
      column.layout_ = Layout::kRagged;
      column.values_ = list.values();
      column.offsets32_ = list.raw_value_offsets();
      break;
    }
    case arrow::Type::LARGE_LIST: {
      const auto& list = static_cast<const arrow::LargeListArray&>(*column.array_);
      column.layout_ = Layout::kRagged;
      column.values_ = list.values();
      column.offsets64_ = list.raw_value_offsets();
      break;
    }
    default:
      column.layout_ = Layout::kPlain;
      column.values_ = column.array_;
  }
  const arrow::DataType& value_type = *column.value_type();
  if (!IsInteger(value_type) && !IsFloat(value_type) && !IsBytes(value_type) &&
      value_type.id() != arrow::Type::NA) {
    return InvalidArgumentError("a column of type {} is not a feature column", type.ToString());
  }
  return column;
}

}  // namespace bessemer::columnar
