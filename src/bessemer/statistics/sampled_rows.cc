#include "bessemer/statistics/sampled_rows.h"

#include <arrow/array.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/compute/api_vector.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <bit>
#include <cmath>

#include "bessemer/base/hash.h"
#include "bessemer/base/random.h"
#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::statistics {
namespace {

uint64_t HashNumber(double value) {
  const uint64_t bits = std::isnan(value) ? 1 : std::bit_cast<uint64_t>(value + 0.0);
  return Random::Mix(bits + 2);
}

uint64_t HashField(const std::string& name, const arrow::Array& array, int64_t row);

// One value, which is not null.
uint64_t HashValue(const arrow::Array& array, int64_t i) {
  using arrow::Type;
  const arrow::DataType& type = *array.type();
  uint64_t hash = 0;
  if (columnar::IsBytes(type)) {
    columnar::DispatchBytes(type, [&]<typename Array>(std::type_identity<Array>) {
      hash = Fingerprint64(static_cast<const Array&>(array).GetView(i));
      return OkStatus();
    }).IgnoreError();
    return hash;
  }
  if (columnar::IsInteger(type) || columnar::IsFloat(type)) {
    columnar::DispatchNumeric(type, [&]<typename Array>(std::type_identity<Array>) {
      const auto value = static_cast<const Array&>(array).Value(i);
      if constexpr (std::is_floating_point_v<decltype(value)>) {
        hash = HashNumber(value);
      } else {
        hash = Random::Mix(static_cast<uint64_t>(value));
      }
      return OkStatus();
    }).IgnoreError();
    return hash;
  }
  if (type.id() == Type::BOOL) {
    return Random::Mix(static_cast<const arrow::BooleanArray&>(array).Value(i) ? 1 : 0);
  }
  if (type.id() == Type::STRUCT) {
    const auto& values = static_cast<const arrow::StructArray&>(array);
    for (int field = 0; field < values.num_fields(); ++field) {
      hash += HashField(type.field(field)->name(), *values.field(field), i);
    }
    return Random::Mix(hash);
  }
  if (type.id() == Type::DICTIONARY) {
    const auto& values = static_cast<const arrow::DictionaryArray&>(array);
    const int64_t index = values.GetValueIndex(i);
    return values.dictionary()->IsNull(index) ? 0 : HashValue(*values.dictionary(), index);
  }
  // Times, decimals and what is rare: as they are written.
  const auto scalar = array.GetScalar(i);
  return scalar.ok() ? Fingerprint64((*scalar)->ToString()) : 0;
}

uint64_t HashValues(const arrow::Array& values, int64_t begin, int64_t end);

// One or more values, in order; those of inner lists are told apart by where the lists end.
template <typename ListArray>
uint64_t HashList(const ListArray& list, int64_t i) {
  return HashValues(*list.values(), list.value_offset(i),
                    list.value_offset(i) + list.value_length(i));
}

uint64_t HashElement(const arrow::Array& array, int64_t i) {
  if (array.IsNull(i)) return 1;
  switch (array.type_id()) {
    case arrow::Type::LIST:
      return HashList(static_cast<const arrow::ListArray&>(array), i);
    case arrow::Type::LARGE_LIST:
      return HashList(static_cast<const arrow::LargeListArray&>(array), i);
    case arrow::Type::FIXED_SIZE_LIST:
      return HashList(static_cast<const arrow::FixedSizeListArray&>(array), i);
    default:
      return HashValue(array, i);
  }
}

uint64_t HashValues(const arrow::Array& values, int64_t begin, int64_t end) {
  uint64_t hash = static_cast<uint64_t>(end - begin);
  for (int64_t i = begin; i < end; ++i) hash = Random::Mix(hash) ^ HashElement(values, i);
  return Random::Mix(hash + 3);
}

// A field of a row, or of a struct: nothing if it is missing.
uint64_t HashField(const std::string& name, const arrow::Array& array, int64_t row) {
  if (array.IsNull(row)) return 0;
  const bool is_list = array.type_id() == arrow::Type::LIST ||
                       array.type_id() == arrow::Type::LARGE_LIST ||
                       array.type_id() == arrow::Type::FIXED_SIZE_LIST;
  const uint64_t values = is_list ? HashElement(array, row) : HashValues(array, row, row + 1);
  return Random::Mix(Fingerprint64(name) ^ values);
}

}  // namespace

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

StatusOr<std::shared_ptr<arrow::RecordBatch>> SampleRows(const arrow::RecordBatch& batch,
                                                         double rate, uint64_t seed) {
  const uint64_t limit = rate >= 1 ? ~uint64_t{0} : static_cast<uint64_t>(rate * 0x1p64);
  std::vector<uint64_t> hashes(static_cast<size_t>(batch.num_rows()), 0);
  for (int i = 0; i < batch.num_columns(); ++i) {
    const arrow::Array& column = *batch.column(i);
    for (size_t row = 0; row < hashes.size(); ++row) {
      hashes[row] += HashField(batch.column_name(i), column, static_cast<int64_t>(row));
    }
  }
  std::vector<int64_t> rows;
  for (size_t row = 0; row < hashes.size(); ++row) {
    const uint64_t hash = Random::Mix(hashes[row] ^ Random::Mix(seed + 0x9e3779b97f4a7c15));
    if (hash <= limit) rows.push_back(static_cast<int64_t>(row));
  }
  return TakeRows(batch, rows);
}

}  // namespace bessemer::statistics
