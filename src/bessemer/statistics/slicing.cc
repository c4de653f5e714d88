#include "bessemer/statistics/slicing.h"

#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api_vector.h>
#include <arrow/scalar.h>

#include <map>
#include <set>

#include "bessemer/base/hash.h"
#include "bessemer/base/random.h"
#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/statistics/uniques_sketch.h"

namespace bessemer::statistics {
namespace {

// The different values of each row of a feature, as text.
StatusOr<std::vector<std::set<std::string>>> RowValues(const arrow::RecordBatch& batch,
                                                       const std::string& name,
                                                       const std::set<std::string>& wanted) {
  std::vector<std::set<std::string>> rows(batch.num_rows());
  const std::shared_ptr<arrow::Array> array = batch.GetColumnByName(name);
  if (array == nullptr) return rows;
  BESSEMER_ASSIGN_OR_RETURN(const columnar::FeatureColumn column,
                            columnar::FeatureColumn::Make(array));
  if (column.value_type()->id() == arrow::Type::NA) return rows;
  const auto fill = [&](auto text_at) {
    for (int64_t row = 0; row < column.num_rows(); ++row) {
      if (!column.IsPresent(row)) continue;
      for (int64_t i = column.begin(row); i < column.end(row); ++i) {
        if (column.values()->IsNull(i)) continue;
        std::string text = text_at(i);
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
            if (!IsValidUtf8(text) && status.ok()) {
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
  if (!columnar::IsInteger(*column.value_type())) {
    return InvalidArgumentError(
        "feature '{}' of type {} cannot be sliced by: only text and integers can", name,
        array->type()->ToString());
  }
  BESSEMER_RETURN_IF_ERROR(columnar::DispatchNumeric(
      *column.value_type(), [&]<typename Array>(std::type_identity<Array>) {
        const auto& values = static_cast<const Array&>(*column.values());
        fill([&](int64_t i) { return std::to_string(values.Value(i)); });
        return OkStatus();
      }));
  return rows;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> TakeRows(const arrow::RecordBatch& batch,
                                                       const std::vector<int64_t>& rows) {
  arrow::Int64Builder builder;
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.AppendValues(rows));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const std::shared_ptr<arrow::Array> indices, builder.Finish());
  std::vector<std::shared_ptr<arrow::Array>> columns;
  for (int i = 0; i < batch.num_columns(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        std::shared_ptr<arrow::Array> taken,
        arrow::compute::Take(*batch.column(i), *indices,
                             arrow::compute::TakeOptions::NoBoundsCheck()));
    columns.push_back(std::move(taken));
  }
  return arrow::RecordBatch::Make(batch.schema(), static_cast<int64_t>(rows.size()),
                                  std::move(columns));
}

// Mixes the bytes of one row of an array into a hash; nested arrays element by element.
uint64_t HashRow(const arrow::Array& array, int64_t row, uint64_t hash) {
  if (array.IsNull(row)) return Random::Mix(hash + 1);
  const arrow::Result<std::shared_ptr<arrow::Scalar>> scalar = array.GetScalar(row);
  if (!scalar.ok()) return hash;
  return Random::Mix(hash ^ Fingerprint64((*scalar)->ToString()));
}

}  // namespace

StatusOr<std::vector<NamedSlice>> SliceRows(const arrow::RecordBatch& batch,
                                            const SliceSpec& spec) {
  // Names of the slices each row is in, extended feature by feature.
  std::vector<std::vector<std::string>> names(batch.num_rows(), {""});
  for (const auto& [feature, wanted] : spec.features) {
    BESSEMER_ASSIGN_OR_RETURN(const auto values, RowValues(batch, feature, wanted));
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
  for (size_t row = 0; row < names.size(); ++row) {
    for (const std::string& name : names[row]) {
      rows_of[name].push_back(static_cast<int64_t>(row));
    }
  }
  std::vector<NamedSlice> slices;
  for (const auto& [name, rows] : rows_of) {
    BESSEMER_ASSIGN_OR_RETURN(auto slice, TakeRows(batch, rows));
    slices.emplace_back(name, std::move(slice));
  }
  return slices;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> SampleRows(const arrow::RecordBatch& batch,
                                                         double rate, uint64_t seed) {
  const uint64_t limit = rate >= 1 ? ~uint64_t{0} : static_cast<uint64_t>(rate * 0x1p64);
  std::vector<int64_t> rows;
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    uint64_t hash = Random::Mix(seed + 0x9e3779b97f4a7c15);
    for (int i = 0; i < batch.num_columns(); ++i) hash = HashRow(*batch.column(i), row, hash);
    if (hash <= limit) rows.push_back(row);
  }
  return TakeRows(batch, rows);
}

}  // namespace bessemer::statistics
