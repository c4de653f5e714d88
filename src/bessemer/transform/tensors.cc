#include "bessemer/transform/tensors.h"

#include <arrow/array/array_nested.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include <numeric>
#include <optional>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/columnar/lists.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::transform {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using v0::TensorRepresentation;
using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

bool IsList(const arrow::DataType& type) {
  return type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST;
}

bool IsValueType(const arrow::DataType& type) {
  return columnar::IsInteger(type) || columnar::IsFloat(type) || columnar::IsBytes(type);
}

StatusOr<TypePtr> ColumnType(const arrow::Schema& schema, const std::string& name) {
  const auto field = schema.GetFieldByName(name);
  if (field == nullptr) return InvalidArgumentError("there is no column '{}'", name);
  return field->type();
}

// The values of a column that must be a list of them, not of lists.
StatusOr<TypePtr> FlatListType(const arrow::Schema& schema, const std::string& name) {
  BESSEMER_ASSIGN_OR_RETURN(const TypePtr type, ColumnType(schema, name));
  if (!IsList(*type) || !IsValueType(*type->field(0)->type())) {
    return InvalidArgumentError("column '{}' is {}; a tensor needs a list of integers, floats, "
                                "strings or binaries", name, type->ToString());
  }
  return type->field(0)->type();
}

int64_t SizeOf(const v0::FixedShape& shape) {
  int64_t size = 1;
  for (const auto& dim : shape.dim()) size *= dim.size();
  return size;
}

// The default as an array of one value of the column's type.
StatusOr<ArrayPtr> DefaultOf(const TensorRepresentation::DenseTensor& dense,
                             const TypePtr& type) {
  const auto& value = dense.default_value();
  const auto wrong = [&] {
    return InvalidArgumentError("the default value of column '{}' does not fit its type, {}: {}",
                                dense.column_name(), type->ToString(), value.ShortDebugString());
  };
  arrow::Result<std::shared_ptr<arrow::Scalar>> scalar = arrow::Status::Invalid("");
  if (columnar::IsBytes(*type) && value.has_bytes_value()) {
    scalar = arrow::MakeScalar(type, arrow::Buffer::FromString(value.bytes_value()));
  } else if (columnar::IsFloat(*type) && value.has_float_value()) {
    scalar = arrow::float64()->id() == type->id()
                 ? arrow::MakeScalar(type, value.float_value())
                 : arrow::MakeScalar(type, static_cast<float>(value.float_value()));
  } else if (columnar::IsInteger(*type) && (value.has_int_value() || value.has_uint_value())) {
    const std::string digits = value.has_int_value() ? std::to_string(value.int_value())
                                                     : std::to_string(value.uint_value());
    scalar = arrow::Scalar::Parse(type, digits);  // refuses what is out of range
  }
  if (!scalar.ok()) return wrong();
  BESSEMER_ASSIGN_OR_RETURN_ARROW(auto array, arrow::MakeArrayFromScalar(**scalar, 1));
  return array;
}

StatusOr<ArrayPtr> FlatValues(const arrow::Array& lists) {
  auto flat = lists.type_id() == arrow::Type::LIST
                  ? static_cast<const arrow::ListArray&>(lists).Flatten()
                  : static_cast<const arrow::LargeListArray&>(lists).Flatten();
  if (!flat.ok()) return FromArrow(flat.status());
  return *flat;
}

// Running sums, from 0.
std::vector<int64_t> Splits(const std::vector<int64_t>& lengths) {
  std::vector<int64_t> splits(lengths.size() + 1, 0);
  std::partial_sum(lengths.begin(), lengths.end(), splits.begin() + 1);
  return splits;
}

StatusOr<Tensor> MakeDense(const arrow::RecordBatch& batch,
                           const TensorRepresentation::DenseTensor& dense, const TypePtr& type) {
  ArrayPtr lists = batch.GetColumnByName(dense.column_name());
  const int64_t size = SizeOf(dense.shape());
  if (dense.has_default_value() && lists->null_count() > 0) {
    BESSEMER_ASSIGN_OR_RETURN(const ArrayPtr one, DefaultOf(dense, type));
    arrow::ArrayVector copies(static_cast<size_t>(size), one);
    copies.push_back(one->Slice(0, 0));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const ArrayPtr fill, arrow::Concatenate(copies));
    BESSEMER_ASSIGN_OR_RETURN(lists, columnar::FillNullLists(lists, fill));
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto lengths, columnar::ElementLengths(*lists));
  for (size_t row = 0; row < lengths.size(); ++row) {
    if (lengths[row] == size) continue;
    return InvalidArgumentError("row {} of column '{}' has {} values, its tensor needs {}{}", row,
                                dense.column_name(), lengths[row], size,
                                lists->IsNull(static_cast<int64_t>(row)) ? "; set a default" : "");
  }
  DenseTensor tensor;
  BESSEMER_ASSIGN_OR_RETURN(tensor.values, FlatValues(*lists));
  tensor.shape.push_back(batch.num_rows());
  for (const auto& dim : dense.shape().dim()) tensor.shape.push_back(dim.size());
  return tensor;
}

StatusOr<Tensor> MakeVarLen(const arrow::RecordBatch& batch, const std::string& column) {
  const ArrayPtr lists = batch.GetColumnByName(column);
  auto [indices, shape] = columnar::CoordinatesOf(*lists);
  BESSEMER_ASSIGN_OR_RETURN(auto values, FlatValues(*lists));
  return SparseTensor{std::move(values), std::move(indices), std::move(shape)};
}

StatusOr<std::vector<int64_t>> Integers(const arrow::Array& array) {
  std::vector<int64_t> numbers;
  BESSEMER_RETURN_IF_ERROR(columnar::DispatchNumeric(*array.type(), [&](auto tag) {
    using Array = typename decltype(tag)::type;
    const auto& values = static_cast<const Array&>(array);
    numbers.reserve(static_cast<size_t>(values.length()));
    for (int64_t i = 0; i < values.length(); ++i) {
      numbers.push_back(static_cast<int64_t>(values.Value(i)));
    }
    return OkStatus();
  }));
  return numbers;
}

StatusOr<Tensor> MakeSparse(const arrow::RecordBatch& batch,
                            const TensorRepresentation::SparseTensor& sparse) {
  const ArrayPtr lists = batch.GetColumnByName(sparse.value_column_name());
  BESSEMER_ASSIGN_OR_RETURN(const auto lengths, columnar::ElementLengths(*lists));
  BESSEMER_ASSIGN_OR_RETURN(const auto parents, columnar::ParentIndices(*lists));
  std::vector<std::vector<int64_t>> columns = {parents};
  for (const std::string& name : sparse.index_column_names()) {
    const ArrayPtr index = batch.GetColumnByName(name);
    BESSEMER_ASSIGN_OR_RETURN(const auto index_lengths, columnar::ElementLengths(*index));
    for (size_t row = 0; row < lengths.size(); ++row) {
      if (index_lengths[row] == lengths[row]) continue;
      return InvalidArgumentError(
          "row {} has {} values in column '{}' but {} indices in column '{}'", row, lengths[row],
          sparse.value_column_name(), index_lengths[row], name);
    }
    BESSEMER_ASSIGN_OR_RETURN(const ArrayPtr flat, FlatValues(*index));
    BESSEMER_ASSIGN_OR_RETURN(columns.emplace_back(), Integers(*flat));
  }
  SparseTensor tensor;
  BESSEMER_ASSIGN_OR_RETURN(tensor.values, FlatValues(*lists));
  for (size_t i = 0; i < parents.size(); ++i) {
    for (const auto& column : columns) tensor.indices.push_back(column[i]);
  }
  tensor.dense_shape.push_back(batch.num_rows());
  for (const auto& dim : sparse.dense_shape().dim()) tensor.dense_shape.push_back(dim.size());
  return tensor;
}

// The partitions of a ragged tensor; those that are uniform and at the end make the inner shape.
struct Partitions {
  explicit Partitions(const TensorRepresentation::RaggedTensor& ragged)
      : all(ragged.partition().begin(), ragged.partition().end()), num_ragged(all.size()) {
    while (num_ragged > 0 && all[num_ragged - 1].has_uniform_row_length()) --num_ragged;
    for (size_t i = num_ragged; i < all.size(); ++i) {
      inner_shape.push_back(all[i].uniform_row_length());
      inner_size *= all[i].uniform_row_length();
    }
  }
  std::vector<TensorRepresentation::RaggedTensor::Partition> all;
  size_t num_ragged;  // of `all`, from the outside
  std::vector<int64_t> inner_shape;
  int64_t inner_size = 1;
};

// What the path of a ragged tensor leads to, and the lists on the way.
class PathWalk {
 public:
  PathWalk(const arrow::RecordBatch& batch, const TensorRepresentation::RaggedTensor& ragged)
      : batch_(batch), ragged_(ragged) {}

  // The lists of values, all levels above them in `levels`.
  Status Run() {
    const auto& path = ragged_.feature_path();
    array_ = batch_.GetColumnByName(path.step(0));
    for (int i = 1; i < path.step_size(); ++i) {
      BESSEMER_RETURN_IF_ERROR(OpenLists());
      parent_ = array_;
      BESSEMER_ASSIGN_OR_RETURN(array_, Field(path.step(i)));
    }
    while (IsList(*array_->type()) &&
           IsList(*array_->type()->field(0)->type())) {
      BESSEMER_RETURN_IF_ERROR(OpenOne());
    }
    return OkStatus();
  }

  // A field beside the values, or a column if they are no field. Null in rows whose struct is.
  StatusOr<ArrayPtr> Sibling(const std::string& name) const {
    if (parent_ == nullptr) return batch_.GetColumnByName(name);
    return FieldOf(*parent_, name);
  }
  const ArrayPtr& lists() const { return array_; }
  std::vector<std::vector<int64_t>> levels;  // lengths, from the outside in

 private:
  static StatusOr<ArrayPtr> FieldOf(const arrow::Array& array, const std::string& name) {
    const auto& fields = static_cast<const arrow::StructArray&>(array);
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        auto field, fields.GetFlattenedField(fields.struct_type()->GetFieldIndex(name)));
    return field;
  }
  StatusOr<ArrayPtr> Field(const std::string& name) const { return FieldOf(*array_, name); }

  Status OpenOne() {
    BESSEMER_ASSIGN_OR_RETURN(levels.emplace_back(), columnar::ElementLengths(*array_));
    BESSEMER_ASSIGN_OR_RETURN(array_, FlatValues(*array_));
    return OkStatus();
  }
  Status OpenLists() {
    while (IsList(*array_->type())) BESSEMER_RETURN_IF_ERROR(OpenOne());
    return OkStatus();
  }

  const arrow::RecordBatch& batch_;
  const TensorRepresentation::RaggedTensor& ragged_;
  ArrayPtr array_;
  ArrayPtr parent_;  // the struct that the values are a field of
};

// One partition: `counts` holds, for each list, its number of elements so far, and becomes the
// number of groups they are cut into; returns the lengths of the groups.
StatusOr<std::vector<int64_t>> Cut(const TensorRepresentation::RaggedTensor::Partition& partition,
                                   const PathWalk& walk, std::vector<int64_t>* counts) {
  std::vector<int64_t> lengths;
  if (partition.has_uniform_row_length()) {
    const int64_t size = partition.uniform_row_length();
    for (size_t i = 0; i < counts->size(); ++i) {
      if (size <= 0 || (*counts)[i] % size != 0) {
        return InvalidArgumentError("list {} has {} elements, which cannot be cut into rows of {}",
                                    i, (*counts)[i], size);
      }
      (*counts)[i] /= size;
      lengths.insert(lengths.end(), static_cast<size_t>((*counts)[i]), size);
    }
    return lengths;
  }
  BESSEMER_ASSIGN_OR_RETURN(const ArrayPtr lists, walk.Sibling(partition.row_length()));
  BESSEMER_ASSIGN_OR_RETURN(const auto groups, columnar::ElementLengths(*lists));
  BESSEMER_ASSIGN_OR_RETURN(const ArrayPtr flat, FlatValues(*lists));
  BESSEMER_ASSIGN_OR_RETURN(lengths, Integers(*flat));
  size_t next = 0;
  for (size_t i = 0; i < counts->size(); ++i) {
    int64_t sum = 0;
    for (int64_t k = 0; k < groups[i]; ++k) {
      if (lengths[next] < 0) {
        return InvalidArgumentError("list {} of column '{}' holds {}; row lengths are not negative",
                                    i, partition.row_length(), lengths[next]);
      }
      sum += lengths[next++];
    }
    if (sum != (*counts)[i]) {
      return InvalidArgumentError("list {} has {} elements, but the row lengths in '{}' add up "
                                  "to {}", i, (*counts)[i], partition.row_length(), sum);
    }
  }
  *counts = groups;
  return lengths;
}

StatusOr<Tensor> MakeRagged(const arrow::RecordBatch& batch,
                            const TensorRepresentation::RaggedTensor& ragged) {
  PathWalk walk(batch, ragged);
  BESSEMER_RETURN_IF_ERROR(walk.Run());
  const Partitions partitions(ragged);
  BESSEMER_ASSIGN_OR_RETURN(auto counts, columnar::ElementLengths(*walk.lists()));
  RaggedTensor tensor;
  tensor.inner_shape = partitions.inner_shape;
  std::vector<std::vector<int64_t>> inner;  // from the inside out
  for (size_t i = partitions.all.size(); i-- > 0;) {
    auto lengths = Cut(partitions.all[i], walk, &counts);
    if (!lengths.ok()) {
      return WithContext(lengths.status(), fmt::format("ragged tensor of column '{}'",
                                                       ragged.feature_path().step(0)));
    }
    if (i < partitions.num_ragged) inner.push_back(*std::move(lengths));
  }
  for (const auto& lengths : walk.levels) tensor.row_splits.push_back(Splits(lengths));
  tensor.row_splits.push_back(Splits(counts));
  for (size_t i = inner.size(); i-- > 0;) tensor.row_splits.push_back(Splits(inner[i]));
  BESSEMER_ASSIGN_OR_RETURN(tensor.values, FlatValues(*walk.lists()));
  return tensor;
}

StatusOr<TensorType> SparseType(const arrow::Schema& schema,
                                const TensorRepresentation::SparseTensor& sparse) {
  if (sparse.dense_shape().dim_size() != sparse.index_column_names_size()) {
    return InvalidArgumentError("the sparse tensor of column '{}' has {} index columns and {} "
                                "dimensions", sparse.value_column_name(),
                                sparse.index_column_names_size(),
                                sparse.dense_shape().dim_size());
  }
  for (const std::string& name : sparse.index_column_names()) {
    BESSEMER_ASSIGN_OR_RETURN(const TypePtr index, FlatListType(schema, name));
    if (!columnar::IsInteger(*index)) {
      return InvalidArgumentError("index column '{}' is a list of {}, not of integers", name,
                                  index->ToString());
    }
  }
  TensorType type{.kind = TensorType::Kind::kSparse};
  BESSEMER_ASSIGN_OR_RETURN(type.value_type, FlatListType(schema, sparse.value_column_name()));
  type.shape.push_back(-1);
  for (const auto& dim : sparse.dense_shape().dim()) type.shape.push_back(dim.size());
  return type;
}

// Follows the path through lists and structs; counts the lists.
StatusOr<TensorType> RaggedType(const arrow::Schema& schema,
                                const TensorRepresentation::RaggedTensor& ragged) {
  const auto& path = ragged.feature_path();
  const std::string name = fmt::format("{}", fmt::join(path.step(), "."));
  if (path.step().empty()) return InvalidArgumentError("a ragged tensor needs a feature_path");
  BESSEMER_ASSIGN_OR_RETURN(TypePtr type, ColumnType(schema, path.step(0)));
  TypePtr parent;
  int rank = 0;
  const auto open = [&] {
    for (; IsList(*type); ++rank) type = type->field(0)->type();
  };
  for (int i = 1; i < path.step_size(); ++i) {
    open();
    const auto* fields = dynamic_cast<const arrow::StructType*>(type.get());
    const auto field = fields == nullptr ? nullptr : fields->GetFieldByName(path.step(i));
    if (field == nullptr) {
      return InvalidArgumentError("'{}': there is no field '{}' in {}", name, path.step(i),
                                  type->ToString());
    }
    parent = type;
    type = field->type();
  }
  const int above = rank;
  open();
  if (rank == above || !IsValueType(*type)) {
    return InvalidArgumentError("'{}' holds {}; a ragged tensor needs lists of integers, floats, "
                                "strings or binaries", name, type->ToString());
  }
  const Partitions partitions(ragged);
  for (const auto& partition : partitions.all) {
    if (!partition.has_row_length()) continue;
    const std::string& lengths = partition.row_length();
    TypePtr of;
    if (parent == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(of, ColumnType(schema, lengths));
    } else if (const auto field = static_cast<const arrow::StructType&>(*parent)
                                      .GetFieldByName(lengths)) {
      of = field->type();
    }
    if (of == nullptr || !IsList(*of) || !columnar::IsInteger(*of->field(0)->type())) {
      return InvalidArgumentError("'{}': row lengths '{}' are not a list of integers beside it",
                                  name, lengths);
    }
  }
  rank += static_cast<int>(partitions.num_ragged);
  TensorType result{.kind = TensorType::Kind::kRagged, .value_type = type, .ragged_rank = rank};
  result.shape.assign(static_cast<size_t>(rank) + 1, -1);
  result.shape.insert(result.shape.end(), partitions.inner_shape.begin(),
                      partitions.inner_shape.end());
  return result;
}

}  // namespace

StatusOr<TensorType> TensorTypeOf(const arrow::Schema& schema,
                                  const TensorRepresentation& representation) {
  TensorType type;
  switch (representation.kind_case()) {
    case TensorRepresentation::kDenseTensor: {
      const auto& dense = representation.dense_tensor();
      BESSEMER_ASSIGN_OR_RETURN(type.value_type, FlatListType(schema, dense.column_name()));
      if (dense.has_default_value()) {
        BESSEMER_RETURN_IF_ERROR(DefaultOf(dense, type.value_type).status());
      }
      type.shape.push_back(-1);
      for (const auto& dim : dense.shape().dim()) type.shape.push_back(dim.size());
      return type;
    }
    case TensorRepresentation::kVarlenSparseTensor: {
      const std::string& column = representation.varlen_sparse_tensor().column_name();
      BESSEMER_ASSIGN_OR_RETURN(type.value_type, FlatListType(schema, column));
      type.kind = TensorType::Kind::kSparse;
      type.shape = {-1, -1};
      return type;
    }
    case TensorRepresentation::kSparseTensor:
      return SparseType(schema, representation.sparse_tensor());
    case TensorRepresentation::kRaggedTensor:
      return RaggedType(schema, representation.ragged_tensor());
    case TensorRepresentation::KIND_NOT_SET:
      break;
  }
  return InvalidArgumentError("the tensor representation has no kind");
}

StatusOr<Tensor> MakeTensor(const arrow::RecordBatch& batch,
                            const TensorRepresentation& representation) {
  BESSEMER_ASSIGN_OR_RETURN(const TensorType type,
                            TensorTypeOf(*batch.schema(), representation));
  switch (representation.kind_case()) {
    case TensorRepresentation::kDenseTensor:
      return MakeDense(batch, representation.dense_tensor(), type.value_type);
    case TensorRepresentation::kVarlenSparseTensor:
      return MakeVarLen(batch, representation.varlen_sparse_tensor().column_name());
    case TensorRepresentation::kSparseTensor:
      return MakeSparse(batch, representation.sparse_tensor());
    default:
      return MakeRagged(batch, representation.ragged_tensor());
  }
}

}  // namespace bessemer::transform
