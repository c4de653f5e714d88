#include <arrow/array.h>
#include <arrow/type_traits.h>
#include <arrow/util/bit_util.h>

#include "bessemer/example_gen/row_hash_internal.h"

namespace bessemer::example_gen {
namespace {

constexpr char kNull = 0;
constexpr char kValue = 1;

void AppendSize(int64_t size, std::string* out) {
  const auto bytes = static_cast<uint64_t>(size);
  out->append(reinterpret_cast<const char*>(&bytes), sizeof(bytes));
}

void AppendRow(const arrow::Array& array, int64_t row, std::string* out);

// Calls append(row) for rows with a value, and notes what each row has added.
template <typename F>
void ForEachRow(const arrow::Array& array, std::string* out, int64_t* row_bytes, F append) {
  for (int64_t row = 0; row < array.length(); ++row) {
    const size_t before = out->size();
    const bool valid = array.IsValid(row);
    out->push_back(valid ? kValue : kNull);
    if (valid) append(row);
    row_bytes[row] += static_cast<int64_t>(out->size() - before);
  }
}

template <typename ArrayType>
void AppendBytes(const ArrayType& array, int64_t row, std::string* out) {
  const std::string_view value = array.GetView(row);
  AppendSize(static_cast<int64_t>(value.size()), out);
  out->append(value);
}

template <typename ArrayType>
void AppendList(const ArrayType& array, int64_t row, std::string* out) {
  AppendSize(array.value_length(row), out);
  const int64_t begin = array.value_offset(row);
  const int64_t end = begin + array.value_length(row);
  for (int64_t i = begin; i < end; ++i) AppendRow(*array.values(), i, out);
}

void AppendNested(const arrow::Array& array, int64_t row, std::string* out) {
  switch (array.type_id()) {
    case arrow::Type::LIST:
    case arrow::Type::MAP:
      return AppendList(static_cast<const arrow::ListArray&>(array), row, out);
    case arrow::Type::LARGE_LIST:
      return AppendList(static_cast<const arrow::LargeListArray&>(array), row, out);
    case arrow::Type::FIXED_SIZE_LIST:
      return AppendList(static_cast<const arrow::FixedSizeListArray&>(array), row, out);
    default: {  // a struct: Make allows no other
      const auto& record = static_cast<const arrow::StructArray&>(array);
      for (int i = 0; i < record.num_fields(); ++i) AppendRow(*record.field(i), row, out);
    }
  }
}

const char* FixedValues(const arrow::Array& array, int64_t width) {
  const auto& data = *array.data();
  return reinterpret_cast<const char*>(data.GetValues<uint8_t>(1, 0)) + data.offset * width;
}

int64_t ByteWidth(const arrow::DataType& type) {
  return static_cast<const arrow::FixedWidthType&>(type).bit_width() / 8;
}

void AppendRow(const arrow::Array& array, int64_t row, std::string* out) {
  const bool valid = array.IsValid(row);
  out->push_back(valid ? kValue : kNull);
  if (!valid) return;
  const arrow::DataType& type = *array.type();
  if (arrow::is_base_binary_like(type.id())) {
    if (arrow::is_large_binary_like(type.id())) {
      return AppendBytes(static_cast<const arrow::LargeBinaryArray&>(array), row, out);
    }
    return AppendBytes(static_cast<const arrow::BinaryArray&>(array), row, out);
  }
  if (type.id() == arrow::Type::BOOL) {
    out->push_back(static_cast<const arrow::BooleanArray&>(array).Value(row) ? 1 : 0);
  } else if (arrow::is_fixed_width(type.id())) {
    const int64_t width = ByteWidth(type);
    out->append(FixedValues(array, width) + row * width, static_cast<size_t>(width));
  } else {
    AppendNested(array, row, out);
  }
}

void AppendColumn(const arrow::Array& array, std::string* out, int64_t* row_bytes) {
  const arrow::DataType& type = *array.type();
  if (type.id() == arrow::Type::STRING || type.id() == arrow::Type::BINARY) {
    const auto& values = static_cast<const arrow::BinaryArray&>(array);
    ForEachRow(array, out, row_bytes, [&](int64_t row) { AppendBytes(values, row, out); });
  } else if (type.id() != arrow::Type::BOOL && arrow::is_fixed_width(type.id())) {
    const int64_t width = ByteWidth(type);
    const char* values = FixedValues(array, width);
    ForEachRow(array, out, row_bytes,
               [&](int64_t row) { out->append(values + row * width, static_cast<size_t>(width)); });
  } else {
    for (int64_t row = 0; row < array.length(); ++row) {
      const size_t before = out->size();
      AppendRow(array, row, out);
      row_bytes[row] += static_cast<int64_t>(out->size() - before);
    }
  }
}

bool CanHash(const arrow::DataType& type) {
  const arrow::Type::type id = type.id();
  if (id == arrow::Type::DICTIONARY) return false;
  if (id == arrow::Type::NA || arrow::is_fixed_width(id) || arrow::is_base_binary_like(id)) {
    return true;
  }
  const bool nested = id == arrow::Type::LIST || id == arrow::Type::LARGE_LIST ||
                      id == arrow::Type::FIXED_SIZE_LIST || id == arrow::Type::MAP ||
                      id == arrow::Type::STRUCT;
  if (!nested) return false;
  for (const auto& field : type.fields()) {
    if (!CanHash(*field->type())) return false;
  }
  return true;
}

}  // namespace

RowHasher::RowHasher(const arrow::Schema& schema)
    : columns_(static_cast<size_t>(schema.num_fields())) {
  for (const auto& field : schema.fields()) {
    all_.Add(field->name()).Add(field->type()->ToString());
  }
}

StatusOr<RowHasher> RowHasher::Make(const arrow::Schema& schema) {
  for (const auto& field : schema.fields()) {
    if (CanHash(*field->type())) continue;
    return InvalidArgumentError("column '{}': {} is not a type that can be read; cast it",
                                field->name(), field->type()->ToString());
  }
  return RowHasher(schema);
}

void RowHasher::Update(const arrow::RecordBatch& batch, int64_t* row_bytes) {
  for (size_t i = 0; i < columns_.size(); ++i) {
    buffer_.clear();
    AppendColumn(*batch.column(static_cast<int>(i)), &buffer_, row_bytes);
    columns_[i].AddRaw(buffer_);
  }
}

std::string RowHasher::FinishHex() {
  for (Fingerprinter& column : columns_) all_.Add(column.FinishHex());
  return all_.FinishHex();
}

}  // namespace bessemer::example_gen
