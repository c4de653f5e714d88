#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>

#include <algorithm>
#include <cstring>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/expression/column.h"

namespace bessemer::expression {

using columnar::FeatureColumn;

// Fills a column from a feature: first the flat values, then what belongs to the rows.
class ColumnReader {
 public:
  ColumnReader(const FeatureColumn& feature, const Type& type) : feature_(feature), type_(type) {}

  StatusOr<Column> Read() {
    const int64_t rows = feature_.num_rows();
    column_.type_ = type_;
    column_.num_rows_ = rows;
    if (feature_.layout() == FeatureColumn::Layout::kAbsent) return Absent();
    BESSEMER_RETURN_IF_ERROR(ReadValues(*feature_.values()));
    if (type_.shape == Shape::kRow) return Rows();
    if (type_.shape == Shape::kVector) return Vector();
    return Ragged();
  }

 private:
  StatusOr<Column> Absent() {
    if (type_.shape == Shape::kVector || (type_.shape == Shape::kRow && !type_.optional)) {
      if (feature_.num_rows() > 0) return Missing(0);
    }
    column_ = Column::Make(type_, feature_.num_rows(),
                           type_.shape == Shape::kRow ? feature_.num_rows() : 0);
    if (type_.shape == Shape::kRow) {
      std::fill_n(column_.MutableValidity(), feature_.num_rows(), 0);
    }
    return column_;
  }

  Status Missing(int64_t row) const {
    return InvalidArgumentError("row {} has no value, but one is required", row);
  }

  // The whole values array, whichever part of it the rows use.
  Status ReadValues(const arrow::Array& values) {
    const int64_t size = values.length();
    column_.num_values_ = size;
    has_null_leaves_ = feature_.layout() == FeatureColumn::Layout::kRagged &&
                       values.null_count() > 0;
    if (type_.kind == Kind::kBytes) {
      Column made = Column::Make(Type::List(Kind::kBytes), 1, size);
      BESSEMER_RETURN_IF_ERROR(columnar::DispatchBytes(*values.type(), [&](auto tag) {
        using Array = typename decltype(tag)::type;
        const auto& array = static_cast<const Array&>(values);
        for (int64_t i = 0; i < size; ++i) {
          if (array.IsValid(i)) made.MutableBytes()[i] = array.GetView(i);
        }
        return OkStatus();
      }));
      Adopt(std::move(made));
      column_.Hold(feature_.values());
      return OkStatus();
    }
    if (type_.kind == Kind::kInt && values.type_id() == arrow::Type::INT64 &&
        values.null_count() == 0) {
      column_.ints_ = static_cast<const arrow::Int64Array&>(values).raw_values();
      column_.Hold(feature_.values());
      return OkStatus();
    }
    if (type_.kind == Kind::kFloat && values.type_id() == arrow::Type::FLOAT &&
        values.null_count() == 0) {
      column_.floats_ = static_cast<const arrow::FloatArray&>(values).raw_values();
      column_.Hold(feature_.values());
      return OkStatus();
    }
    Column made = Column::Make(Type::List(type_.kind), 1, size);
    BESSEMER_RETURN_IF_ERROR(Convert(values, made));
    Adopt(std::move(made));
    return OkStatus();
  }

  Status Convert(const arrow::Array& values, Column& made) const {
    if (type_.kind == Kind::kInt && !columnar::IsInteger(*values.type())) {
      return InvalidArgumentError("values are {}, not integers", values.type()->ToString());
    }
    return columnar::DispatchNumeric(*values.type(), [&](auto tag) {
      using Array = typename decltype(tag)::type;
      const auto& array = static_cast<const Array&>(values);
      for (int64_t i = 0; i < array.length(); ++i) {
        if (!array.IsValid(i)) continue;
        if (type_.kind == Kind::kInt) {
          made.MutableInts()[i] = static_cast<int64_t>(array.Value(i));
        } else {
          made.MutableFloats()[i] = static_cast<float>(array.Value(i));
        }
      }
      return OkStatus();
    });
  }

  void Adopt(Column made) {
    column_.ints_ = made.ints_;
    column_.floats_ = made.floats_;
    column_.bytes_ = made.bytes_;
    column_.HoldAll(made);
  }

  // Points at the value at `index` of what was read.
  void Copy(const Column& from, int64_t index, Column& to, int64_t slot) const {
    if (type_.kind == Kind::kInt) to.MutableInts()[slot] = from.ints_[index];
    if (type_.kind == Kind::kFloat) to.MutableFloats()[slot] = from.floats_[index];
    if (type_.kind == Kind::kBytes) to.MutableBytes()[slot] = from.bytes_[index];
  }

  bool HasValue(int64_t row) const {
    if (!feature_.IsPresent(row)) return false;
    if (feature_.layout() == FeatureColumn::Layout::kPlain) return true;
    const int64_t begin = feature_.begin(row);
    return feature_.end(row) > begin && feature_.values()->IsValid(begin);
  }

  StatusOr<Column> Rows() {
    const int64_t rows = feature_.num_rows();
    int64_t num_missing = 0;
    for (int64_t row = 0; row < rows; ++row) {
      if (!HasValue(row)) {
        if (!type_.optional) return Missing(row);
        ++num_missing;
      } else if (feature_.end(row) - feature_.begin(row) > 1) {
        return InvalidArgumentError("row {} has {} values, but at most one is expected", row,
                                    feature_.end(row) - feature_.begin(row));
      }
    }
    const bool in_place = num_missing == 0 && rows > 0 &&
                          feature_.end(rows - 1) - feature_.begin(0) == rows;
    if (in_place) {
      const int64_t first = feature_.begin(0);
      if (column_.ints_ != nullptr) column_.ints_ += first;
      if (column_.floats_ != nullptr) column_.floats_ += first;
      if (column_.bytes_ != nullptr) column_.bytes_ += first;
      column_.num_values_ = rows;
      return column_;
    }
    Column made = Column::Make(type_, rows);
    if (num_missing > 0) made.MutableValidity();
    for (int64_t row = 0; row < rows; ++row) {
      if (HasValue(row)) {
        Copy(column_, feature_.begin(row), made, row);
      } else {
        made.MutableValidity()[row] = 0;
      }
    }
    made.HoldAll(column_);
    return made;
  }

  StatusOr<Column> Vector() {
    const int64_t rows = feature_.num_rows();
    for (int64_t row = 0; row < rows; ++row) {  // before memory is taken for so many values
      const int64_t size =
          feature_.IsPresent(row) ? feature_.end(row) - feature_.begin(row) : 0;
      if (size != type_.size) {
        return InvalidArgumentError("row {} has {} values, but {} are required", row, size,
                                    type_.size);
      }
    }
    Column made = Column::Make(type_, rows);
    for (int64_t row = 0; row < rows; ++row) {
      for (int64_t i = 0; i < type_.size; ++i) {
        Copy(column_, feature_.begin(row) + i, made, row * type_.size + i);
      }
    }
    made.HoldAll(column_);
    return made;
  }

  StatusOr<Column> Ragged() {
    const int64_t rows = feature_.num_rows();
    int64_t total = 0;
    for (int64_t row = 0; row < rows; ++row) {
      if (feature_.IsPresent(row)) total += feature_.end(row) - feature_.begin(row);
    }
    Column made = Column::Make(type_, rows, total);
    int64_t at = 0;
    for (int64_t row = 0; row < rows; ++row) {
      const int64_t end = feature_.IsPresent(row) ? feature_.end(row) : feature_.begin(row);
      for (int64_t i = feature_.begin(row); i < end; ++i) {
        if (has_null_leaves_ && feature_.values()->IsNull(i)) continue;
        Copy(column_, i, made, at++);
      }
      made.MutableOffsets()[row + 1] = at;
    }
    made.num_values_ = at;
    made.HoldAll(column_);
    return made;
  }

  const FeatureColumn& feature_;
  const Type type_;
  Column column_;
  bool has_null_leaves_ = false;
};

namespace {

// Truth values as ints, which feature columns hold.
StatusOr<std::shared_ptr<arrow::Array>> FlagsToInts(const arrow::BooleanArray& flags) {
  arrow::Int64Builder builder;
  std::shared_ptr<arrow::Array> array;
  for (int64_t i = 0; i < flags.length(); ++i) {
    BESSEMER_RETURN_IF_ARROW_ERROR(flags.IsValid(i) ? builder.Append(flags.Value(i))
                                                    : builder.AppendNull());
  }
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.Finish(&array));
  return array;
}

}  // namespace

StatusOr<Column> Column::FromArrow(const std::shared_ptr<arrow::Array>& array, const Type& type) {
  if (array->type_id() == arrow::Type::BOOL) {
    BESSEMER_ASSIGN_OR_RETURN(const auto ints,
                              FlagsToInts(static_cast<const arrow::BooleanArray&>(*array)));
    return FromArrow(ints, type);
  }
  BESSEMER_ASSIGN_OR_RETURN(const FeatureColumn feature, FeatureColumn::Make(array));
  if (feature.num_rows() == 0) return Make(type, 0, 0);
  return ColumnReader(feature, type).Read();
}

namespace {

template <typename Builder, typename Values>
Status AppendAll(const Column& column, int64_t rows, Values values, Builder& builder) {
  for (int64_t row = 0; row < rows; ++row) {
    if (column.type().shape == Shape::kScalar) {
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append(values[0]));
    } else if (column.IsValid(row)) {
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append(values[row]));
    } else {
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.AppendNull());
    }
  }
  return OkStatus();
}

template <typename Builder, typename Values>
Status AppendLists(const Column& column, Values values, arrow::ListBuilder& lists,
                   Builder& builder) {
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    if (column.begin(row) == column.end(row)) {
      BESSEMER_RETURN_IF_ARROW_ERROR(lists.AppendNull());
      continue;
    }
    BESSEMER_RETURN_IF_ARROW_ERROR(lists.Append());
    for (int64_t i = column.begin(row); i < column.end(row); ++i) {
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append(values[i]));
    }
  }
  return OkStatus();
}

template <typename Builder, typename Values>
StatusOr<std::shared_ptr<arrow::Array>> Build(const Column& column, int64_t rows, Values values) {
  auto builder = std::make_shared<Builder>();
  std::shared_ptr<arrow::Array> array;
  if (column.type().shape == Shape::kVector || column.type().shape == Shape::kRagged) {
    arrow::ListBuilder lists(arrow::default_memory_pool(), builder);
    BESSEMER_RETURN_IF_ERROR(AppendLists(column, values, lists, *builder));
    BESSEMER_RETURN_IF_ARROW_ERROR(lists.Finish(&array));
  } else {
    BESSEMER_RETURN_IF_ERROR(AppendAll(column, rows, values, *builder));
    BESSEMER_RETURN_IF_ARROW_ERROR(builder->Finish(&array));
  }
  return array;
}

}  // namespace

StatusOr<std::shared_ptr<arrow::Array>> Column::ToArrow(int64_t num_rows) const {
  if (type_.shape == Shape::kList) {
    return InvalidArgumentError("a {} has no value a row", type_.ToString());
  }
  switch (type_.kind) {
    case Kind::kInt:
      return Build<arrow::Int64Builder>(*this, num_rows, ints());
    case Kind::kFloat:
      return Build<arrow::FloatBuilder>(*this, num_rows, floats());
    case Kind::kBytes:
      break;
  }
  return Build<arrow::BinaryBuilder>(*this, num_rows, bytes());
}

}  // namespace bessemer::expression
