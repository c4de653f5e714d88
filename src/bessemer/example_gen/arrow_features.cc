#include "bessemer/example_gen/arrow_features.h"

#include <arrow/array.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>

#include <algorithm>
#include <numeric>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_leaves_internal.h"

namespace bessemer::example_gen {
namespace {

using arrow::Type;
using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;

bool IsList(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::LIST:
    case Type::LARGE_LIST:
    case Type::LIST_VIEW:
    case Type::LARGE_LIST_VIEW:
    case Type::FIXED_SIZE_LIST:
    case Type::MAP:
      return true;
    default:
      return false;
  }
}

// The features of a type, in the order in which Flatten visits them.
class TypeWalk {
 public:
  TypeWalk(int column, const FeatureOptions& options, std::vector<ArrowFeature>* features)
      : column_(column), options_(options), features_(features) {}

  void Visit(const std::string& name, const arrow::DataType& type, int levels) {
    if (type.id() == Type::EXTENSION) {
      return Visit(name, *static_cast<const arrow::ExtensionType&>(type).storage_type(), levels);
    }
    if (type.id() == Type::STRUCT) {
      for (const auto& field : type.fields()) {
        Visit(name + "." + field->name(), *field->type(), levels);
      }
      return;
    }
    if (type.id() == Type::MAP) {
      const auto& map = static_cast<const arrow::MapType&>(type);
      Visit(name + ".key", *map.key_type(), levels + 1);
      Visit(name + ".value", *map.item_type(), levels + 1);
      return;
    }
    if (IsList(type)) return Visit(name, *type.field(0)->type(), levels + 1);
    AddLeaf(name, type, levels);
  }

 private:
  void AddLeaf(const std::string& name, const arrow::DataType& type, int levels) {
    ArrowFeature feature{.name = name, .column = column_, .list_levels = levels};
    const StatusOr<ValueKind> kind = LeafKind(type);
    if (!kind.ok()) {
      feature.status = WithContext(kind.status(), fmt::format("feature '{}'", name));
    } else {
      feature.kind = *kind;
    }
    if (levels > 2) {
      feature.status = UnimplementedError(
          "feature '{}' is {} lists deep; leave it out with columns, or flatten it first", name,
          levels);
    } else if (levels == 2 && !options_.nested_lists) {
      feature.status = InvalidArgumentError(
          "feature '{}' holds lists of lists, which tf.Example cannot; write tf.SequenceExample, "
          "or leave it out with columns",
          name);
    }
    features_->push_back(std::move(feature));
  }

  int column_;
  const FeatureOptions& options_;
  std::vector<ArrowFeature>* features_;
};

StatusOr<ArrayPtr> FixedSizeAsList(const arrow::FixedSizeListArray& array) {
  arrow::Int64Builder offsets;
  BESSEMER_RETURN_IF_ARROW_ERROR(offsets.Reserve(array.length() + 1));
  for (int64_t i = 0; i <= array.length(); ++i) {
    offsets.UnsafeAppend((array.offset() + i) * array.list_type()->list_size());
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const ArrayPtr begins, offsets.Finish());
  std::shared_ptr<arrow::Buffer> validity;
  if (array.null_count() > 0) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(validity, arrow::AllocateEmptyBitmap(array.length()));
    for (int64_t i = 0; i < array.length(); ++i) {
      if (array.IsValid(i)) arrow::bit_util::SetBit(validity->mutable_data(), i);
    }
  }
  return std::make_shared<arrow::LargeListArray>(
      arrow::large_list(array.value_type()), array.length(), begins->data()->buffers[1],
      array.values(), std::move(validity), array.null_count());
}

// Any list as a ListArray or LargeListArray (a map as the list of its entries).
StatusOr<ArrayPtr> AsPlainList(const ArrayPtr& array) {
  switch (array->type_id()) {
    case Type::FIXED_SIZE_LIST:
      return FixedSizeAsList(static_cast<const arrow::FixedSizeListArray&>(*array));
    case Type::LIST_VIEW:
    case Type::LARGE_LIST_VIEW: {
      // FromListView loses the nulls of a slice.
      BESSEMER_ASSIGN_OR_RETURN_ARROW(const ArrayPtr whole, arrow::Concatenate({array}));
      arrow::MemoryPool* const pool = arrow::default_memory_pool();
      if (array->type_id() == Type::LARGE_LIST_VIEW) {
        const auto& views = static_cast<const arrow::LargeListViewArray&>(*whole);
        BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr list,
                                        arrow::LargeListArray::FromListView(views, pool));
        return list;
      }
      const auto& views = static_cast<const arrow::ListViewArray&>(*whole);
      BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr list, arrow::ListArray::FromListView(views, pool));
      return list;
    }
    default:
      return array;
  }
}

// The begins of a list's rows in its values, whatever their width.
class ListRows {
 public:
  explicit ListRows(ArrayPtr list) : list_(std::move(list)) {
    if (list_->type_id() == Type::LARGE_LIST) {
      const auto& large = static_cast<const arrow::LargeListArray&>(*list_);
      offsets64_ = large.raw_value_offsets();
      values_ = large.values();
    } else {
      const auto& plain = static_cast<const arrow::ListArray&>(*list_);  // also maps
      offsets32_ = plain.raw_value_offsets();
      values_ = plain.values();
    }
  }
  const ArrayPtr& list() const { return list_; }
  const ArrayPtr& values() const { return values_; }
  int64_t begin(int64_t row) const { return offsets32_ ? offsets32_[row] : offsets64_[row]; }

  // The row that holds a value, or -1: none that is valid does.
  int64_t RowOf(int64_t value) const {
    int64_t low = 0;
    int64_t high = list_->length();
    if (high == 0 || value < begin(0) || value >= begin(high)) return -1;
    while (high - low > 1) {
      const int64_t middle = low + (high - low) / 2;
      (begin(middle) <= value ? low : high) = middle;
    }
    return list_->IsValid(low) ? low : -1;
  }

  // The same rows over other values, which correspond one to one.
  ArrayPtr Over(const ArrayPtr& values) const {
    auto data = list_->data()->Copy();
    data->type = offsets32_ ? arrow::list(values->type()) : arrow::large_list(values->type());
    data->child_data = {values->data()};
    return arrow::MakeArray(data);
  }

 private:
  ArrayPtr list_;
  ArrayPtr values_;
  const int32_t* offsets32_ = nullptr;
  const int64_t* offsets64_ = nullptr;
};

// One list level without the nulls among its values.
StatusOr<ArrayPtr> WithoutNulls(const ListRows& rows, const ArrayPtr& values) {
  arrow::Int64Builder offsets;
  arrow::ArrayVector runs;
  int64_t count = 0;
  int64_t run = 0;  // first value of the current run of kept ones
  const int64_t length = rows.list()->length();
  BESSEMER_RETURN_IF_ARROW_ERROR(offsets.Reserve(length + 1));
  for (int64_t row = 0; row < length; ++row) {
    offsets.UnsafeAppend(count);
    run = rows.begin(row);
    for (int64_t i = run; i < rows.begin(row + 1); ++i) {
      if (values->IsValid(i)) continue;
      if (i > run) runs.push_back(values->Slice(run, i - run));
      count += i - run;
      run = i + 1;
    }
    if (rows.begin(row + 1) > run) runs.push_back(values->Slice(run, rows.begin(row + 1) - run));
    count += rows.begin(row + 1) - run;
  }
  offsets.UnsafeAppend(count);
  if (runs.empty()) runs.push_back(values->Slice(0, 0));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const ArrayPtr kept, arrow::Concatenate(runs));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const ArrayPtr begins, offsets.Finish());
  std::shared_ptr<arrow::Buffer> validity;
  if (rows.list()->null_count() > 0) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(validity, arrow::AllocateEmptyBitmap(length));
    for (int64_t row = 0; row < length; ++row) {
      if (rows.list()->IsValid(row)) arrow::bit_util::SetBit(validity->mutable_data(), row);
    }
  }
  return std::make_shared<arrow::LargeListArray>(arrow::large_list(kept->type()), length,
                                                 begins->data()->buffers[1], kept, validity);
}

// The features of one column of a batch.
class Flatten {
 public:
  Flatten(const std::vector<ArrowFeature>& features, size_t first, const std::vector<char>& wanted,
          const FeatureOptions& options, std::vector<ArrayPtr>* out, std::vector<RowFault>* faults)
      : features_(features),
        next_(first),
        wanted_(wanted),
        options_(options),
        out_(out),
        faults_(faults) {}

  // `lists` are the lists around the array, outermost first.
  Status Visit(const ArrayPtr& array, std::vector<ListRows>& lists) {
    const arrow::DataType& type = *array->type();
    if (type.id() == Type::EXTENSION) {
      return Visit(static_cast<const arrow::ExtensionArray&>(*array).storage(), lists);
    }
    if (type.id() == Type::STRUCT) return VisitStruct(array, lists);
    if (type.id() == Type::MAP) {
      const auto& map = static_cast<const arrow::MapArray&>(*array);
      lists.emplace_back(array);
      BESSEMER_RETURN_IF_ERROR(Visit(map.keys(), lists));
      BESSEMER_RETURN_IF_ERROR(Visit(map.items(), lists));
      lists.pop_back();
      return OkStatus();
    }
    if (IsList(type)) {
      BESSEMER_ASSIGN_OR_RETURN(const ArrayPtr list, AsPlainList(array));
      lists.emplace_back(list);
      BESSEMER_RETURN_IF_ERROR(Visit(lists.back().values(), lists));
      lists.pop_back();
      return OkStatus();
    }
    const size_t index = next_++;
    return wanted_[index] ? Add(index, array, lists) : OkStatus();
  }

 private:
  Status VisitStruct(const ArrayPtr& array, std::vector<ListRows>& lists) {
    const auto& rows = static_cast<const arrow::StructArray&>(*array);
    for (int i = 0; i < rows.num_fields(); ++i) {
      // With the nulls of the struct itself.
      BESSEMER_ASSIGN_OR_RETURN_ARROW(const ArrayPtr child, rows.GetFlattenedField(i));
      BESSEMER_RETURN_IF_ERROR(Visit(child, lists));
    }
    return OkStatus();
  }

  Status Add(size_t index, const ArrayPtr& leaf, const std::vector<ListRows>& lists) {
    const ArrowFeature& feature = features_[index];
    BESSEMER_RETURN_IF_ERROR(feature.status);
    LeafFaults found;
    StatusOr<ArrayPtr> values = ConvertLeaf(leaf, options_, &found);
    if (!values.ok()) return WithContext(values.status(), fmt::format("'{}'", feature.name));
    AddFaults(feature, found, lists);
    if (lists.empty() && options_.tfx_compat) {
      BESSEMER_ASSIGN_OR_RETURN(values, NullsForZeros(*values));
    }
    ArrayPtr column = *values;
    if (!lists.empty() && column->null_count() > 0 && column->type_id() != Type::NA) {
      if (options_.drop_nulls_in_lists) {
        BESSEMER_ASSIGN_OR_RETURN(column, WithoutNulls(lists.back(), column));
      } else {
        AddNullFaults(feature, *column, lists);
        column = lists.back().Over(column);
      }
    } else if (!lists.empty()) {
      column = lists.back().Over(column);
    }
    for (size_t level = lists.size(); level-- > 1;) column = lists[level - 1].Over(column);
    if (!lists.empty() && options_.tfx_compat) {
      BESSEMER_ASSIGN_OR_RETURN(column, NullsForEmptyLists(column));
    }
    out_->push_back(std::move(column));
    return OkStatus();
  }

  static int64_t RowOf(int64_t leaf, const std::vector<ListRows>& lists) {
    for (size_t level = lists.size(); level-- > 0 && leaf >= 0;) leaf = lists[level].RowOf(leaf);
    return leaf;
  }

  void AddFault(const ArrowFeature& feature, int64_t row, const std::string& reason) {
    if (row < 0) return;
    if (!faults_->empty() && faults_->back().row == row &&
        faults_->back().feature == feature.name) {
      return;
    }
    faults_->push_back({row, feature.name, reason});
  }

  void AddFaults(const ArrowFeature& feature, const LeafFaults& found,
                 const std::vector<ListRows>& lists) {
    for (const auto& [leaf, reason] : found) AddFault(feature, RowOf(leaf, lists), reason);
  }

  void AddNullFaults(const ArrowFeature& feature, const arrow::Array& values,
                     const std::vector<ListRows>& lists) {
    for (int64_t i = 0; i < values.length(); ++i) {
      if (values.IsNull(i)) {
        AddFault(feature, RowOf(i, lists), "a null inside a list, which tf.Example cannot hold");
      }
    }
  }

  static StatusOr<ArrayPtr> NullsForEmptyLists(const ArrayPtr& column) {
    const ListRows rows(column);
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        const std::shared_ptr<arrow::Buffer> validity,
        arrow::AllocateEmptyBitmap(column->offset() + column->length()));
    for (int64_t row = 0; row < column->length(); ++row) {
      if (column->IsValid(row) && rows.begin(row + 1) > rows.begin(row)) {
        arrow::bit_util::SetBit(validity->mutable_data(), column->offset() + row);
      }
    }
    auto data = column->data()->Copy();
    data->buffers[0] = validity;
    data->SetNullCount(arrow::kUnknownNullCount);
    return arrow::MakeArray(data);
  }

  const std::vector<ArrowFeature>& features_;
  size_t next_;
  const std::vector<char>& wanted_;
  const FeatureOptions& options_;
  std::vector<ArrayPtr>* out_;
  std::vector<RowFault>* faults_;
};

}  // namespace

FeatureConverter::FeatureConverter(std::shared_ptr<arrow::Schema> schema, FeatureOptions options)
    : schema_(std::move(schema)), options_(options) {
  for (int i = 0; i < schema_->num_fields(); ++i) {
    TypeWalk walk(i, options_, &features_);
    walk.Visit(schema_->field(i)->name(), *schema_->field(i)->type(), 0);
  }
  all_.resize(features_.size());
  std::iota(all_.begin(), all_.end(), 0);
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> FeatureConverter::Convert(
    const arrow::RecordBatch& batch, std::vector<RowFault>* faults) const {
  return Convert(batch, all_, faults);
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> FeatureConverter::Convert(
    const arrow::RecordBatch& batch, const std::vector<int>& wanted,
    std::vector<RowFault>* faults) const {
  std::vector<char> is_wanted(features_.size(), 0);
  for (const int index : wanted) is_wanted[static_cast<size_t>(index)] = 1;
  std::vector<ArrayPtr> found(features_.size());
  for (size_t first = 0; first < features_.size();) {
    const int column = features_[first].column;
    size_t end = first;
    while (end < features_.size() && features_[end].column == column) ++end;
    if (std::count(is_wanted.begin() + static_cast<long>(first),
                   is_wanted.begin() + static_cast<long>(end), 1) > 0) {
      std::vector<ArrayPtr> arrays;
      std::vector<ListRows> lists;
      Flatten flatten(features_, first, is_wanted, options_, &arrays, faults);
      BESSEMER_RETURN_IF_ERROR(flatten.Visit(batch.column(column), lists));
      size_t next = 0;
      for (size_t i = first; i < end; ++i) {
        if (is_wanted[i]) found[i] = std::move(arrays[next++]);
      }
    }
    first = end;
  }
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<ArrayPtr> columns;
  for (const int index : wanted) {
    const auto i = static_cast<size_t>(index);
    columns.push_back(found[i]);
    fields.push_back(arrow::field(features_[i].name, columns.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch.num_rows(),
                                  std::move(columns));
}

}  // namespace bessemer::example_gen
