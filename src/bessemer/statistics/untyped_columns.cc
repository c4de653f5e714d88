#include "bessemer/statistics/untyped_columns.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/type.h>

#include <algorithm>
#include <optional>
#include <vector>

#include "bessemer/columnar/arrow_status.h"

namespace bessemer::statistics {
namespace {

constexpr size_t kMostApart = 6;

}  // namespace

StatusOr<BoundColumns> BindColumns(const expression::Expression& expression,
                                   const arrow::RecordBatch& batch) {
  arrow::FieldVector fields = batch.schema()->fields();
  arrow::ArrayVector arrays = batch.columns();
  std::vector<size_t> untyped;
  for (size_t i = 0; i < arrays.size(); ++i) {
    if (arrays[i]->type_id() == arrow::Type::NA) untyped.push_back(i);
  }
  arrow::ArrayVector nulls;  // of each kind
  for (const auto& type : {arrow::int64(), arrow::binary(), arrow::float32()}) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(auto none, arrow::MakeArrayOfNull(type, batch.num_rows()));
    nulls.push_back(std::move(none));
  }
  // Every choice of kinds is a number, of a digit for each column.
  const size_t num_digits = std::min(untyped.size(), untyped.size() > kMostApart ? 1 : kMostApart);
  size_t num_choices = 1;
  for (size_t i = 0; i < num_digits; ++i) num_choices *= nulls.size();
  std::optional<Status> error;
  for (size_t choice = 0; choice < num_choices; ++choice) {
    size_t digits = choice;
    for (size_t i = 0; i < untyped.size(); ++i) {
      const auto& none = nulls[digits % nulls.size()];
      if (num_digits > 1) digits /= nulls.size();
      arrays[untyped[i]] = none;
      fields[untyped[i]] = fields[untyped[i]]->WithType(none->type());
    }
    auto columns = arrow::RecordBatch::Make(arrow::schema(fields), batch.num_rows(), arrays);
    auto bound = expression.Bind(expression::InputTypes::FromBatch(*columns));
    if (bound.ok()) return BoundColumns{*std::move(bound), std::move(columns)};
    if (!error) error = bound.status();
  }
  return *error;
}

}  // namespace bessemer::statistics
