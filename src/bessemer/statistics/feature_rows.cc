#include "bessemer/statistics/feature_rows.h"

#include <arrow/array/util.h>
#include <arrow/type.h>
#include <fmt/ranges.h>

#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_features.h"

namespace bessemer::statistics {

StatusOr<std::shared_ptr<arrow::RecordBatch>> FeaturesOfColumns(
    const arrow::RecordBatch& batch, const std::function<bool(const std::string&)>& wanted) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (int i = 0; i < batch.num_columns(); ++i) {
    if (!wanted(batch.column_name(i))) continue;
    fields.push_back(batch.schema()->field(i));
    arrays.push_back(batch.column(i));
  }
  const auto columns =
      arrow::RecordBatch::Make(arrow::schema(fields), batch.num_rows(), std::move(arrays));
  if (fields.empty()) return columns;  // the number of rows is all there is
  std::vector<example_gen::RowFault> faults;
  return example_gen::FeatureConverter(columns->schema()).Convert(*columns, &faults);
}

namespace {

// The column of that name, or the struct that holds the field: "order" for "order.country". "" if
// there is neither.
std::string ColumnAround(const arrow::RecordBatch& batch, const std::string& name) {
  if (batch.GetColumnByName(name) != nullptr) return name;
  for (size_t dot = name.find('.'); dot != std::string::npos; dot = name.find('.', dot + 1)) {
    if (batch.GetColumnByName(name.substr(0, dot)) != nullptr) return name.substr(0, dot);
  }
  return "";
}

}  // namespace

StatusOr<columnar::FeatureColumn> FeatureOfColumn(const arrow::RecordBatch& batch,
                                                  const std::string& name) {
  const std::string column = ColumnAround(batch, name);
  std::shared_ptr<arrow::Array> array;
  if (!column.empty()) {
    array = batch.GetColumnByName(column);
    if (auto feature = columnar::FeatureColumn::Make(array); feature.ok() && column == name) {
      return feature;
    }
    BESSEMER_ASSIGN_OR_RETURN(
        const auto features,
        FeaturesOfColumns(batch, [&](const std::string& other) { return other == column; }));
    if (const auto found = features->GetColumnByName(name); found != nullptr) {
      return columnar::FeatureColumn::Make(found);
    }
    if (column == name) {
      return InvalidArgumentError(
          "feature '{}' has type {}, which is not one feature; it holds: {}", name,
          array->type()->ToString(), fmt::join(features->schema()->field_names(), ", "));
    }
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(array,
                                  arrow::MakeArrayOfNull(arrow::null(), batch.num_rows()));
  return columnar::FeatureColumn::Make(array);
}

}  // namespace bessemer::statistics
