#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_decimal.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/sources/avro/avro_columns_internal.h"

namespace bessemer::example_gen::avro {
namespace {

// Elements of no size (null) in one list; others are bounded by the bytes of their block.
constexpr int64_t kMaxEmptyElements = 1 << 20;

arrow::MemoryPool* Pool() { return arrow::default_memory_pool(); }

Status Cut(std::string_view what) {
  return InvalidArgumentError("{} that is cut off or damaged", what);
}

class NullColumn : public AvroColumn {
 public:
  NullColumn() : AvroColumn(std::make_shared<arrow::NullBuilder>(Pool())) {}
  Status Append(AvroCursor&) override { return AppendNull(); }
};

class BooleanColumn : public AvroColumn {
 public:
  BooleanColumn() : AvroColumn(std::make_shared<arrow::BooleanBuilder>(Pool())) {}
  Status Append(AvroCursor& cursor) override {
    uint8_t value;
    if (!cursor.ReadFixed(&value)) return Cut("a boolean");
    if (value > 1) return InvalidArgumentError("a boolean that is {}", value);
    return FromArrow(static_cast<arrow::BooleanBuilder&>(*builder_).Append(value == 1));
  }
};

// int and long, and the logical types over them.
template <typename Builder>
class IntegerColumn : public AvroColumn {
 public:
  using T = typename Builder::value_type;
  explicit IntegerColumn(const std::shared_ptr<arrow::DataType>& type)
      : AvroColumn(std::make_shared<Builder>(type, Pool())) {}
  Status Append(AvroCursor& cursor) override {
    T value;
    if constexpr (sizeof(T) == 4) {
      if (!cursor.ReadInt(&value)) return Cut("an int");
    } else {
      if (!cursor.ReadLong(&value)) return Cut("a long");
    }
    return FromArrow(static_cast<Builder&>(*builder_).Append(value));
  }
};

template <typename Builder>
class FloatColumn : public AvroColumn {
 public:
  FloatColumn() : AvroColumn(std::make_shared<Builder>(Pool())) {}
  Status Append(AvroCursor& cursor) override {
    typename Builder::value_type value;
    if (!cursor.ReadFixed(&value)) return Cut("a float or double");
    return FromArrow(static_cast<Builder&>(*builder_).Append(value));
  }
};

class BytesColumn : public AvroColumn {
 public:
  explicit BytesColumn(bool text)
      : AvroColumn(text ? std::static_pointer_cast<arrow::ArrayBuilder>(
                              std::make_shared<arrow::StringBuilder>(Pool()))
                        : std::make_shared<arrow::BinaryBuilder>(Pool())),
        text_(text) {}
  Status Append(AvroCursor& cursor) override {
    std::string_view bytes;
    if (!cursor.ReadBytes(&bytes)) return Cut(text_ ? "a string" : "bytes");
    if (text_ && !columnar::IsUtf8(bytes))
      return InvalidArgumentError("a string that is not UTF-8");
    return FromArrow(static_cast<arrow::BinaryBuilder&>(*builder_).Append(bytes));
  }

 private:
  bool text_;
};

Status ReadSymbol(const AvroSchema& schema, AvroCursor& cursor, std::string_view* symbol) {
  int32_t index;
  if (!cursor.ReadInt(&index)) return Cut("an enum");
  if (index < 0 || static_cast<size_t>(index) >= schema.symbols.size()) {
    return InvalidArgumentError("symbol {} of an enum of {}", index, schema.symbols.size());
  }
  *symbol = schema.symbols[static_cast<size_t>(index)];
  return OkStatus();
}

class EnumColumn : public AvroColumn {
 public:
  explicit EnumColumn(const AvroSchema& schema)
      : AvroColumn(std::make_shared<arrow::StringBuilder>(Pool())), schema_(schema) {}
  Status Append(AvroCursor& cursor) override {
    std::string_view symbol;
    BESSEMER_RETURN_IF_ERROR(ReadSymbol(schema_, cursor, &symbol));
    return FromArrow(static_cast<arrow::StringBuilder&>(*builder_).Append(symbol));
  }

 private:
  const AvroSchema& schema_;
};

class FixedColumn : public AvroColumn {
 public:
  explicit FixedColumn(const AvroSchema& schema)
      : AvroColumn(std::make_shared<arrow::FixedSizeBinaryBuilder>(ArrowTypeOf(schema), Pool())),
        size_(schema.size) {}
  Status Append(AvroCursor& cursor) override {
    std::string_view bytes;
    if (!cursor.ReadRaw(size_, &bytes)) return Cut("a fixed");
    return FromArrow(static_cast<arrow::FixedSizeBinaryBuilder&>(*builder_).Append(bytes));
  }

 private:
  int64_t size_;
};

template <typename Decimal, typename Builder>
class DecimalColumn : public AvroColumn {
 public:
  explicit DecimalColumn(const AvroSchema& schema)
      : AvroColumn(std::make_shared<Builder>(ArrowTypeOf(schema), Pool())), schema_(schema) {}
  Status Append(AvroCursor& cursor) override {
    std::string_view bytes;
    const bool read = schema_.type == AvroType::kFixed ? cursor.ReadRaw(schema_.size, &bytes)
                                                       : cursor.ReadBytes(&bytes);
    if (!read) return Cut("a decimal");
    // Leading bytes that only repeat the sign.
    while (bytes.size() > Decimal::kByteWidth) bytes.remove_prefix(1);
    if (bytes.empty()) return InvalidArgumentError("a decimal without bytes");
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        const Decimal value,
        Decimal::FromBigEndian(reinterpret_cast<const uint8_t*>(bytes.data()),
                               static_cast<int32_t>(bytes.size())));
    return FromArrow(static_cast<Builder&>(*builder_).Append(value));
  }

 private:
  const AvroSchema& schema_;
};

// Calls f() for each element of an array or map.
template <typename F>
Status VisitElements(AvroCursor& cursor, F&& f) {
  while (true) {
    int64_t count;
    if (!cursor.ReadLong(&count)) return Cut("a list");
    if (count == 0) return OkStatus();
    int64_t bytes;
    if (count < 0) {
      if (count == INT64_MIN || !cursor.ReadLong(&bytes)) return Cut("a list");
      count = -count;
    }
    for (int64_t i = 0; i < count; ++i) {
      const int64_t before = cursor.position();
      BESSEMER_RETURN_IF_ERROR(f());
      if (cursor.position() == before && i > kMaxEmptyElements) {
        return InvalidArgumentError("a list of {} elements without any bytes", count);
      }
    }
  }
}

class ArrayColumn : public AvroColumn {
 public:
  ArrayColumn(const AvroSchema& schema, std::unique_ptr<AvroColumn> element)
      : AvroColumn(std::make_shared<arrow::ListBuilder>(Pool(), element->builder(),
                                                        ArrowTypeOf(schema))),
        element_(std::move(element)) {}
  Status Append(AvroCursor& cursor) override {
    BESSEMER_RETURN_IF_ARROW_ERROR(static_cast<arrow::ListBuilder&>(*builder_).Append());
    return VisitElements(cursor, [&] { return element_->Append(cursor); });
  }

 private:
  std::unique_ptr<AvroColumn> element_;
};

class MapColumn : public AvroColumn {
 public:
  MapColumn(const AvroSchema& schema, std::unique_ptr<AvroColumn> value)
      : MapColumn(schema, std::move(value), std::make_unique<BytesColumn>(true)) {}
  Status Append(AvroCursor& cursor) override {
    BESSEMER_RETURN_IF_ARROW_ERROR(static_cast<arrow::MapBuilder&>(*builder_).Append());
    return VisitElements(cursor, [&]() -> Status {
      BESSEMER_RETURN_IF_ERROR(key_->Append(cursor));
      return value_->Append(cursor);
    });
  }

 private:
  MapColumn(const AvroSchema& schema, std::unique_ptr<AvroColumn> value,
            std::unique_ptr<AvroColumn> key)
      : AvroColumn(std::make_shared<arrow::MapBuilder>(Pool(), key->builder(), value->builder(),
                                                       ArrowTypeOf(schema))),
        key_(std::move(key)),
        value_(std::move(value)) {}
  std::unique_ptr<AvroColumn> key_;
  std::unique_ptr<AvroColumn> value_;
};

using Columns = std::vector<std::unique_ptr<AvroColumn>>;

std::shared_ptr<arrow::ArrayBuilder> StructOf(const AvroSchema& schema, const Columns& columns) {
  std::vector<std::shared_ptr<arrow::ArrayBuilder>> builders;
  for (const auto& column : columns) {
    if (column != nullptr) builders.push_back(column->builder());
  }
  return std::make_shared<arrow::StructBuilder>(ArrowTypeOf(schema), Pool(), std::move(builders));
}

class RecordColumn : public AvroColumn {
 public:
  RecordColumn(const AvroSchema& schema, Columns columns)
      : AvroColumn(StructOf(schema, columns)), schema_(schema), columns_(std::move(columns)) {}
  Status Append(AvroCursor& cursor) override {
    BESSEMER_RETURN_IF_ARROW_ERROR(static_cast<arrow::StructBuilder&>(*builder_).Append());
    for (size_t i = 0; i < columns_.size(); ++i) {
      const Status status = columns_[i]->Append(cursor);
      if (!status.ok()) {
        return WithContext(status, fmt::format("field '{}'", schema_.children[i]->name));
      }
    }
    return OkStatus();
  }

 private:
  const AvroSchema& schema_;
  Columns columns_;
};

// The branch of a union; the cursor is then at its value.
Status ReadBranch(const AvroSchema& schema, AvroCursor& cursor, size_t* branch) {
  int64_t index;
  if (!cursor.ReadLong(&index)) return Cut("a union");
  if (index < 0 || static_cast<size_t>(index) >= schema.children.size()) {
    return InvalidArgumentError("branch {} of a union of {}", index, schema.children.size());
  }
  *branch = static_cast<size_t>(index);
  return OkStatus();
}

// A union of null and one other.
class OptionalColumn : public AvroColumn {
 public:
  OptionalColumn(const AvroSchema& schema, std::unique_ptr<AvroColumn> value)
      : AvroColumn(value->builder()), schema_(schema), value_(std::move(value)) {}
  Status Append(AvroCursor& cursor) override {
    size_t branch;
    BESSEMER_RETURN_IF_ERROR(ReadBranch(schema_, cursor, &branch));
    if (schema_.children[branch]->type == AvroType::kNull) return AppendNull();
    return value_->Append(cursor);
  }

 private:
  const AvroSchema& schema_;
  std::unique_ptr<AvroColumn> value_;
};

// A union whose branches have a column in common.
class WideColumn : public AvroColumn {
 public:
  explicit WideColumn(const AvroSchema& schema) : AvroColumn(BuilderOf(schema)), schema_(schema) {}

  Status Append(AvroCursor& cursor) override {
    size_t branch;
    BESSEMER_RETURN_IF_ERROR(ReadBranch(schema_, cursor, &branch));
    const AvroSchema& value = *schema_.children[branch];
    switch (value.type) {
      case AvroType::kNull:
        return AppendNull();
      case AvroType::kInt:
      case AvroType::kLong: {
        int64_t number;
        if (!cursor.ReadLong(&number)) return Cut("an integer");
        if (schema_.form == UnionForm::kFloat) return AppendFloat(static_cast<double>(number));
        return FromArrow(static_cast<arrow::Int64Builder&>(*builder_).Append(number));
      }
      case AvroType::kFloat: {
        float number;
        return cursor.ReadFixed(&number) ? AppendFloat(number) : Cut("a float");
      }
      case AvroType::kDouble: {
        double number;
        return cursor.ReadFixed(&number) ? AppendFloat(number) : Cut("a double");
      }
      default:
        break;
    }
    std::string_view bytes;
    if (value.type == AvroType::kEnum) {
      BESSEMER_RETURN_IF_ERROR(ReadSymbol(value, cursor, &bytes));
    } else if (!cursor.ReadBytes(&bytes)) {
      return Cut("a string");
    }
    return FromArrow(static_cast<arrow::BinaryBuilder&>(*builder_).Append(bytes));
  }

 private:
  static std::shared_ptr<arrow::ArrayBuilder> BuilderOf(const AvroSchema& schema) {
    if (schema.form == UnionForm::kInt64) return std::make_shared<arrow::Int64Builder>(Pool());
    if (schema.form == UnionForm::kFloat) return std::make_shared<arrow::DoubleBuilder>(Pool());
    return std::make_shared<arrow::BinaryBuilder>(Pool());
  }
  Status AppendFloat(double value) {
    return FromArrow(static_cast<arrow::DoubleBuilder&>(*builder_).Append(value));
  }

  const AvroSchema& schema_;
};

// Any other union: a struct of which one child at most has a value.
class BranchesColumn : public AvroColumn {
 public:
  BranchesColumn(const AvroSchema& schema, Columns columns)
      : AvroColumn(StructOf(schema, columns)), schema_(schema), columns_(std::move(columns)) {}
  Status Append(AvroCursor& cursor) override {
    size_t branch;
    BESSEMER_RETURN_IF_ERROR(ReadBranch(schema_, cursor, &branch));
    if (columns_[branch] == nullptr) return AppendNull();
    BESSEMER_RETURN_IF_ARROW_ERROR(static_cast<arrow::StructBuilder&>(*builder_).Append());
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == nullptr) continue;
      BESSEMER_RETURN_IF_ERROR(i == branch ? columns_[i]->Append(cursor)
                                           : columns_[i]->AppendNull());
    }
    return OkStatus();
  }

 private:
  const AvroSchema& schema_;
  Columns columns_;  // null for the null branch
};

std::unique_ptr<AvroColumn> MakeUnion(const AvroSchema& schema) {
  if (schema.form == UnionForm::kStruct) {
    Columns columns;
    for (const auto& branch : schema.children) {
      columns.push_back(branch->type == AvroType::kNull ? nullptr : MakeAvroColumn(*branch));
    }
    return std::make_unique<BranchesColumn>(schema, std::move(columns));
  }
  if (schema.form != UnionForm::kOne) return std::make_unique<WideColumn>(schema);
  std::unique_ptr<AvroColumn> value = std::make_unique<NullColumn>();
  for (const auto& branch : schema.children) {
    if (branch->type != AvroType::kNull) value = MakeAvroColumn(*branch);
  }
  return std::make_unique<OptionalColumn>(schema, std::move(value));
}

std::unique_ptr<AvroColumn> MakeInteger(const AvroSchema& schema) {
  const auto type = ArrowTypeOf(schema);
  switch (type->id()) {
    case arrow::Type::INT32:
      return std::make_unique<IntegerColumn<arrow::Int32Builder>>(type);
    case arrow::Type::DATE32:
      return std::make_unique<IntegerColumn<arrow::Date32Builder>>(type);
    case arrow::Type::TIME32:
      return std::make_unique<IntegerColumn<arrow::Time32Builder>>(type);
    case arrow::Type::TIME64:
      return std::make_unique<IntegerColumn<arrow::Time64Builder>>(type);
    case arrow::Type::TIMESTAMP:
      return std::make_unique<IntegerColumn<arrow::TimestampBuilder>>(type);
    default:
      return std::make_unique<IntegerColumn<arrow::Int64Builder>>(type);
  }
}

}  // namespace

Status AvroColumn::AppendNull() { return FromArrow(builder_->AppendNull()); }

std::unique_ptr<AvroColumn> MakeAvroColumn(const AvroSchema& schema) {
  if (schema.logical == AvroLogical::kDecimal) {
    if (schema.precision <= 38) {
      return std::make_unique<DecimalColumn<arrow::Decimal128, arrow::Decimal128Builder>>(schema);
    }
    return std::make_unique<DecimalColumn<arrow::Decimal256, arrow::Decimal256Builder>>(schema);
  }
  switch (schema.type) {
    case AvroType::kNull:
      return std::make_unique<NullColumn>();
    case AvroType::kBoolean:
      return std::make_unique<BooleanColumn>();
    case AvroType::kInt:
    case AvroType::kLong:
      return MakeInteger(schema);
    case AvroType::kFloat:
      return std::make_unique<FloatColumn<arrow::FloatBuilder>>();
    case AvroType::kDouble:
      return std::make_unique<FloatColumn<arrow::DoubleBuilder>>();
    case AvroType::kBytes:
    case AvroType::kString:
      return std::make_unique<BytesColumn>(schema.type == AvroType::kString);
    case AvroType::kEnum:
      return std::make_unique<EnumColumn>(schema);
    case AvroType::kFixed:
      return std::make_unique<FixedColumn>(schema);
    case AvroType::kArray:
      return std::make_unique<ArrayColumn>(schema, MakeAvroColumn(*schema.children[0]));
    case AvroType::kMap:
      return std::make_unique<MapColumn>(schema, MakeAvroColumn(*schema.children[0]));
    case AvroType::kUnion:
      return MakeUnion(schema);
    case AvroType::kRecord:
      break;
  }
  Columns columns;
  for (const auto& child : schema.children) columns.push_back(MakeAvroColumn(*child));
  return std::make_unique<RecordColumn>(schema, std::move(columns));
}

}  // namespace bessemer::example_gen::avro
