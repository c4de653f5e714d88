#include "bessemer/statistics/feature_rows.h"

#include <arrow/array/util.h>
#include <arrow/type.h>

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

StatusOr<columnar::FeatureColumn> FeatureOfColumn(const arrow::RecordBatch& batch,
                                                  const std::string& name) {
  std::shared_ptr<arrow::Array> array = batch.GetColumnByName(name);
  if (array == nullptr) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(array,
                                    arrow::MakeArrayOfNull(arrow::null(), batch.num_rows()));
  }
  if (auto column = columnar::FeatureColumn::Make(array); column.ok()) return column;
  BESSEMER_ASSIGN_OR_RETURN(
      const auto features,
      FeaturesOfColumns(batch, [&name](const std::string& column) { return column == name; }));
  if (features->num_columns() != 1 || features->column_name(0) != name) {
    return InvalidArgumentError("feature '{}' has type {}, which is not one feature", name,
                                array->type()->ToString());
  }
  return columnar::FeatureColumn::Make(features->column(0));
}

}  // namespace bessemer::statistics
