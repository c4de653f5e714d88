#include "bessemer/transform/nested_columns.h"

#include <arrow/array/array_nested.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/builder.h>
#include <arrow/type.h>

#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/lists.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::transform {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using ArrayPtr = std::shared_ptr<arrow::Array>;
using RaggedTensor = v0::TensorRepresentation::RaggedTensor;

bool IsList(const arrow::DataType& type) {
  return type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST;
}

const RaggedTensor* FindRagged(const v0::Schema& schema, const std::string& name) {
  for (const auto& [group, tensors] : schema.tensor_representation_group()) {
    const auto found = tensors.tensor_representation().find(name);
    if (found != tensors.tensor_representation().end() && found->second.has_ragged_tensor()) {
      return &found->second.ragged_tensor();
    }
  }
  return nullptr;
}

ArrayPtr Items(const arrow::Array& lists) {
  auto flat = lists.type_id() == arrow::Type::LIST
                  ? static_cast<const arrow::ListArray&>(lists).Flatten()
                  : static_cast<const arrow::LargeListArray&>(lists).Flatten();
  return flat.ok() ? *flat : nullptr;
}

// One list a row from values and the number of them in each row; null where `rows` is.
StatusOr<ArrayPtr> ListsOf(const arrow::Array& rows, const std::vector<int64_t>& counts,
                           const ArrayPtr& values) {
  arrow::Int32Builder offsets;
  int64_t next = 0;
  for (int64_t row = 0; row < rows.length(); ++row) {
    BESSEMER_RETURN_IF_ARROW_ERROR(rows.IsNull(row) ? offsets.AppendNull()
                                                    : offsets.Append(static_cast<int32_t>(next)));
    next += counts[static_cast<size_t>(row)];
  }
  if (next > INT32_MAX) return InvalidArgumentError("more than 2^31 values; use smaller batches");
  BESSEMER_RETURN_IF_ARROW_ERROR(offsets.Append(static_cast<int32_t>(next)));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto starts, offsets.Finish());
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto lists,
                                  arrow::ListArray::FromArrays(*starts, *values));
  return ArrayPtr(lists);
}

// The levels of one column.
class Flattener {
 public:
  Flattener(const std::string& name, const ArrayPtr& column, const RaggedTensor& ragged)
      : name_(name), rows_(column), level_(column), ragged_(ragged) {}

  Status AddColumns(arrow::FieldVector* fields, arrow::ArrayVector* arrays) {
    BESSEMER_ASSIGN_OR_RETURN(counts_, columnar::ElementLengths(*level_));
    level_ = Items(*level_);
    for (int i = 0; i < ragged_.partition_size(); ++i) {
      if (!ragged_.partition(i).has_row_length()) continue;
      int64_t divisor = 1;
      for (int k = i + 1; k < ragged_.partition_size(); ++k) {
        if (!ragged_.partition(k).has_uniform_row_length()) break;
        divisor *= ragged_.partition(k).uniform_row_length();
      }
      if (!IsList(*level_->type())) return WrongDepth();
      BESSEMER_RETURN_IF_ERROR(AddLengths(ragged_.partition(i).row_length(), divisor, fields,
                                          arrays));
    }
    if (IsList(*level_->type())) return WrongDepth();
    BESSEMER_ASSIGN_OR_RETURN(auto values, ListsOf(*rows_, counts_, level_));
    Add(ragged_.feature_path().step(0), std::move(values), fields, arrays);
    return OkStatus();
  }

 private:
  Status WrongDepth() const {
    return InvalidArgumentError("column '{}' is {}, which does not go with the partitions of its "
                                "ragged tensor: {}", name_, rows_->type()->ToString(),
                                ragged_.ShortDebugString());
  }

  // Goes down a level: its lengths become a column, counts_ the number of its items in each row.
  Status AddLengths(const std::string& name, int64_t divisor, arrow::FieldVector* fields,
                    arrow::ArrayVector* arrays) {
    BESSEMER_ASSIGN_OR_RETURN(const auto lengths, columnar::ElementLengths(*level_));
    arrow::Int64Builder builder;
    for (const int64_t length : lengths) {
      if (divisor <= 0 || length % divisor != 0) {
        return InvalidArgumentError("column '{}' holds a list of {} elements, which cannot be cut "
                                    "into rows of {}", name_, length, divisor);
      }
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append(length / divisor));
    }
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const ArrayPtr flat, builder.Finish());
    BESSEMER_ASSIGN_OR_RETURN(auto lists, ListsOf(*rows_, counts_, flat));
    Add(name, std::move(lists), fields, arrays);
    size_t next = 0;
    for (int64_t& count : counts_) {
      int64_t items = 0;
      for (int64_t k = 0; k < count; ++k) items += lengths[next++];
      count = items;
    }
    level_ = Items(*level_);
    return OkStatus();
  }

  static void Add(const std::string& name, ArrayPtr array, arrow::FieldVector* fields,
                  arrow::ArrayVector* arrays) {
    fields->push_back(arrow::field(name, array->type()));
    arrays->push_back(std::move(array));
  }

  const std::string& name_;
  ArrayPtr rows_;
  ArrayPtr level_;
  const RaggedTensor& ragged_;
  std::vector<int64_t> counts_;  // of level_'s elements in each row
};

}  // namespace

StatusOr<std::shared_ptr<arrow::RecordBatch>> FlattenNestedColumns(
    const arrow::RecordBatch& batch, const v0::Schema& schema) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (int i = 0; i < batch.num_columns(); ++i) {
    const std::string& name = batch.column_name(i);
    const ArrayPtr column = batch.column(i);
    if (!IsList(*column->type()) || !IsList(*column->type()->field(0)->type())) {
      fields.push_back(batch.schema()->field(i));
      arrays.push_back(column);
      continue;
    }
    const RaggedTensor* ragged = FindRagged(schema, name);
    if (ragged == nullptr || ragged->feature_path().step_size() != 1) {
      return InvalidArgumentError("column '{}' is {}: the schema needs a ragged tensor of that "
                                  "name that says how to write it", name,
                                  column->type()->ToString());
    }
    BESSEMER_RETURN_IF_ERROR(Flattener(name, column, *ragged).AddColumns(&fields, &arrays));
  }
  for (size_t i = 0; i < fields.size(); ++i) {
    for (size_t k = 0; k < i; ++k) {
      if (fields[i]->name() == fields[k]->name()) {
        return InvalidArgumentError("two columns would be named '{}'", fields[i]->name());
      }
    }
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), batch.num_rows(), arrays);
}

}  // namespace bessemer::transform
