#include "bessemer/statistics/slice_query.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api_vector.h>

#include <charconv>
#include <cmath>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/expression/expression.h"
#include "bessemer/statistics/feature_rows.h"
#include "bessemer/statistics/uniques_sketch.h"
#include "bessemer/statistics/untyped_columns.h"

namespace bessemer::statistics {
namespace {

using ArrayPtr = std::shared_ptr<arrow::Array>;
using Indices = std::vector<int64_t>;  // -1: a missing value

// One value for each combination of the values of the features in FROM.
struct Combinations {
  Indices rows;
  std::vector<Indices> values;  // of each source, in its leaf
};

StatusOr<ArrayPtr> Taken(const arrow::Array& array, const Indices& indices) {
  arrow::Int64Builder builder;
  for (const int64_t index : indices) {
    BESSEMER_RETURN_IF_ARROW_ERROR(index < 0 ? builder.AppendNull() : builder.Append(index));
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const ArrayPtr order, builder.Finish());
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      ArrayPtr taken,
      arrow::compute::Take(array, *order, arrow::compute::TakeOptions::NoBoundsCheck()));
  return taken;
}

std::string NumberText(double number) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, number).ptr};
}

// The value of a row as it is written in the name of a slice.
StatusOr<std::string> TextAt(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return "NULL";
  std::string text;
  if (columnar::IsBytes(*array.type())) {
    BESSEMER_RETURN_IF_ERROR(
        columnar::DispatchBytes(*array.type(), [&]<typename Array>(std::type_identity<Array>) {
          text = std::string(static_cast<const Array&>(array).GetView(row));
          return OkStatus();
        }));
    if (!columnar::IsUtf8(text)) {
      return InvalidArgumentError("a value that is not UTF-8 cannot name a slice");
    }
    return text;
  }
  BESSEMER_RETURN_IF_ERROR(
      columnar::DispatchNumeric(*array.type(), [&]<typename Array>(std::type_identity<Array>) {
        const auto value = static_cast<const Array&>(array).Value(row);
        if constexpr (std::is_floating_point_v<decltype(value)>) {
          text = NumberText(value);
        } else {
          text = std::to_string(value);
        }
        return OkStatus();
      }));
  return text;
}

StatusOr<ArrayPtr> Evaluate(const std::string& text, const arrow::RecordBatch& batch) {
  BESSEMER_ASSIGN_OR_RETURN(const auto parsed, expression::Expression::Parse(text));
  BESSEMER_ASSIGN_OR_RETURN(const BoundColumns ready, BindColumns(parsed, batch));
  return ready.bound.Evaluate(*ready.columns);
}

}  // namespace

StatusOr<std::map<std::string, std::vector<int64_t>>> SliceQuery::Slices(
    const arrow::RecordBatch& batch, bool require_features) const {
  std::map<std::string, std::vector<int64_t>> slices;
  const auto column_of = [&](const std::string& name) -> StatusOr<columnar::FeatureColumn> {
    if (require_features && batch.GetColumnByName(name) == nullptr) {
      return NotFoundError("the data has no feature '{}'", name);
    }
    return FeatureOfColumn(batch, name);
  };
  Combinations all;
  for (int64_t row = 0; row < batch.num_rows(); ++row) all.rows.push_back(row);
  arrow::FieldVector fields;
  std::vector<ArrayPtr> leaves;
  const auto add = [&](const std::string& name, const columnar::FeatureColumn& column) {
    fields.push_back(arrow::field(name, column.values()->type()));
    leaves.push_back(column.values());
  };
  for (const Source& source : sources_) {
    BESSEMER_ASSIGN_OR_RETURN(const columnar::FeatureColumn column, column_of(source.feature));
    Combinations next;
    next.values.resize(all.values.size() + 1);
    for (size_t i = 0; i < all.rows.size(); ++i) {
      const int64_t row = all.rows[i];
      if (!column.IsPresent(row)) continue;
      for (int64_t v = column.begin(row); v < column.end(row); ++v) {
        next.rows.push_back(row);
        for (size_t s = 0; s < all.values.size(); ++s) next.values[s].push_back(all.values[s][i]);
        next.values.back().push_back(v);
      }
    }
    all = std::move(next);
    add(source.alias, column);
  }
  for (const std::string& name : features_) {
    BESSEMER_ASSIGN_OR_RETURN(const columnar::FeatureColumn column, column_of(name));
    Indices values;
    for (const int64_t row : all.rows) {
      const int64_t length = column.IsPresent(row) ? column.end(row) - column.begin(row) : 0;
      if (length > 1) {
        return InvalidArgumentError(
            "feature '{}' has several values in a row; name it in FROM as example.{}", name, name);
      }
      values.push_back(length == 0 ? -1 : column.begin(row));
    }
    all.values.push_back(std::move(values));
    add(name, column);
  }
  if (all.rows.empty()) return slices;
  std::vector<ArrayPtr> columns;
  for (size_t i = 0; i < leaves.size(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN(ArrayPtr taken, Taken(*leaves[i], all.values[i]));
    columns.push_back(std::move(taken));
  }
  const int64_t num_rows = static_cast<int64_t>(all.rows.size());
  const auto input = arrow::RecordBatch::Make(arrow::schema(fields), num_rows, columns);
  std::vector<uint8_t> keep(all.rows.size(), condition_.empty() ? 1 : 0);
  if (!condition_.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const ArrayPtr truth, Evaluate(condition_, *input));
    for (int64_t i = 0; i < num_rows; ++i) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string text, TextAt(*truth, i));
      keep[static_cast<size_t>(i)] = text != "NULL" && text != "0";
    }
  }
  std::vector<std::string> names(all.rows.size());
  for (const Item& item : items_) {
    // A feature as it is keeps its own type: the expression language rounds floats.
    ArrayPtr values = item.expression == fmt::format("feature(\"{}\")", item.name)
                          ? input->GetColumnByName(item.name)
                          : nullptr;
    if (values == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(values, Evaluate(item.expression, *input));
    }
    for (int64_t i = 0; i < num_rows; ++i) {
      std::string& name = names[static_cast<size_t>(i)];
      if (!keep[static_cast<size_t>(i)]) continue;
      BESSEMER_ASSIGN_OR_RETURN(const std::string value, TextAt(*values, i));
      name += fmt::format("{}{}_{}", name.empty() ? "" : "_", item.name, value);
    }
  }
  for (size_t i = 0; i < names.size(); ++i) {
    if (!keep[i]) continue;
    std::vector<int64_t>& rows = slices[names[i]];
    if (rows.empty() || rows.back() != all.rows[i]) rows.push_back(all.rows[i]);
  }
  return slices;
}

}  // namespace bessemer::statistics
