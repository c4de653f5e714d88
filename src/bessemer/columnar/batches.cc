#include "bessemer/columnar/batches.h"

#include <arrow/array/array_nested.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/type.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/lists.h"

namespace bessemer::columnar {
namespace {

using Type = std::shared_ptr<arrow::DataType>;

// The type that holds values of both, or null.
Type CommonType(const Type& a, const Type& b) {
  if (a->id() == arrow::Type::NA) return b;
  if (b->id() == arrow::Type::NA || a->Equals(*b)) return a;
  if (a->id() != b->id()) return nullptr;
  if (a->id() == arrow::Type::LIST || a->id() == arrow::Type::LARGE_LIST) {
    const Type item = CommonType(a->field(0)->type(), b->field(0)->type());
    if (item == nullptr) return nullptr;
    return a->id() == arrow::Type::LIST ? arrow::list(item) : arrow::large_list(item);
  }
  if (a->id() != arrow::Type::STRUCT) return nullptr;
  arrow::FieldVector fields = a->fields();
  const auto& known = static_cast<const arrow::StructType&>(*a);
  for (const auto& field : b->fields()) {
    const int i = known.GetFieldIndex(field->name());
    if (i < 0) {
      fields.push_back(field);
      continue;
    }
    const Type common = CommonType(fields[static_cast<size_t>(i)]->type(), field->type());
    if (common == nullptr) return nullptr;
    fields[static_cast<size_t>(i)] = arrow::field(field->name(), common);
  }
  return arrow::struct_(fields);
}

// `array` as `type`, which is a common type of its own and others.
StatusOr<std::shared_ptr<arrow::Array>> Widen(const std::shared_ptr<arrow::Array>& array,
                                              const Type& type) {
  if (array->type()->Equals(*type)) return array;
  if (array->type_id() == arrow::Type::NA) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(auto nulls, arrow::MakeArrayOfNull(type, array->length()));
    return nulls;
  }
  auto data = array->data()->Copy();
  data->type = type;
  if (type->id() != arrow::Type::STRUCT) {
    BESSEMER_ASSIGN_OR_RETURN(const auto values,
                              Widen(arrow::MakeArray(data->child_data[0]),
                                    type->field(0)->type()));
    data->child_data[0] = values->data();
    return arrow::MakeArray(data);
  }
  // Children of a sliced struct begin before it: its own offset applies to them.
  const auto& fields = static_cast<const arrow::StructArray&>(*array);
  const int64_t child_length = array->offset() + array->length();
  data->child_data.clear();
  for (const auto& field : type->fields()) {
    const int i = fields.struct_type()->GetFieldIndex(field->name());
    std::shared_ptr<arrow::Array> child;
    if (i < 0) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(child, arrow::MakeArrayOfNull(field->type(), child_length));
    } else {
      BESSEMER_ASSIGN_OR_RETURN(
          child, Widen(arrow::MakeArray(array->data()->child_data[static_cast<size_t>(i)]),
                       field->type()));
    }
    data->child_data.push_back(child->data());
  }
  return arrow::MakeArray(data);
}

}  // namespace

StatusOr<std::shared_ptr<arrow::RecordBatch>> MergeBatches(
    const std::vector<std::shared_ptr<arrow::RecordBatch>>& batches) {
  arrow::FieldVector fields;
  int64_t num_rows = 0;
  for (const auto& batch : batches) {
    num_rows += batch->num_rows();
    for (const auto& field : batch->schema()->fields()) {
      auto known = fields.begin();
      while (known != fields.end() && (*known)->name() != field->name()) ++known;
      if (known == fields.end()) {
        fields.push_back(arrow::field(field->name(), field->type()));
        continue;
      }
      const Type common = CommonType((*known)->type(), field->type());
      if (common == nullptr) {
        return InvalidArgumentError("column '{}' is {} in one batch and {} in another",
                                    field->name(), (*known)->type()->ToString(),
                                    field->type()->ToString());
      }
      *known = arrow::field(field->name(), common);
    }
  }
  arrow::ArrayVector columns;
  for (const auto& field : fields) {
    arrow::ArrayVector pieces;
    for (const auto& batch : batches) {
      auto column = batch->GetColumnByName(field->name());
      if (column == nullptr) column = std::make_shared<arrow::NullArray>(batch->num_rows());
      BESSEMER_ASSIGN_OR_RETURN(column, Widen(column, field->type()));
      pieces.push_back(std::move(column));
    }
    BESSEMER_ASSIGN_OR_RETURN_ARROW(auto column, arrow::Concatenate(pieces));
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), num_rows, columns);
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> TakeRows(const arrow::RecordBatch& batch,
                                                       std::span<const int64_t> rows) {
  std::vector<std::pair<int64_t, int64_t>> runs;  // first row and number of rows
  for (const int64_t row : rows) {
    if (row < 0 || row >= batch.num_rows()) {
      return OutOfRangeError("row {} of a batch of {} rows", row, batch.num_rows());
    }
    if (!runs.empty() && runs.back().first + runs.back().second == row) {
      ++runs.back().second;
    } else {
      runs.emplace_back(row, 1);
    }
  }
  if (runs.empty()) runs.emplace_back(0, 0);
  arrow::ArrayVector columns;
  for (const auto& column : batch.columns()) {
    arrow::ArrayVector pieces;
    for (const auto& [first, count] : runs) pieces.push_back(column->Slice(first, count));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(auto taken, arrow::Concatenate(pieces));
    columns.push_back(std::move(taken));
  }
  return arrow::RecordBatch::Make(batch.schema(), static_cast<int64_t>(rows.size()), columns);
}

StatusOr<int64_t> ByteSize(const arrow::RecordBatch& batch) {
  int64_t size = 0;
  for (const auto& column : batch.columns()) {
    BESSEMER_ASSIGN_OR_RETURN(const int64_t bytes, ByteSize(*column));
    size += bytes;
  }
  return size;
}

}  // namespace bessemer::columnar
