#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_decimal.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <limits>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/large_buffers.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/sources/avro/avro_columns_internal.h"

namespace bessemer::example_gen::avro {
namespace {

constexpr int32_t kDayMillis = 24 * 60 * 60 * 1000;

arrow::MemoryPool* Pool() { return columnar::LargeBufferPool(); }

Status TooManyEmpty() {
  return InvalidArgumentError("more values without any bytes than a block may have (damaged?)");
}

class NullColumn : public AvroColumn {
 public:
  NullColumn() : AvroColumn(std::make_shared<arrow::NullBuilder>(Pool())) {}
  Status Append(AvroCursor& cursor) override {
    return cursor.TakeEmpty() ? AppendNull() : TooManyEmpty();
  }
};

class BooleanColumn : public AvroColumn {
 public:
  BooleanColumn() : AvroColumn(std::make_shared<arrow::BooleanBuilder>(Pool())) {}
  Status Append(AvroCursor& cursor) override {
    uint8_t value;
    if (!cursor.ReadFixed(&value)) return CutOff("a boolean");
    if (value > 1) return InvalidArgumentError("a boolean that is {}", value);
    return FromArrow(static_cast<arrow::BooleanBuilder&>(*builder_).Append(value == 1));
  }
};

// int and long, and the logical types over them.
template <typename Builder>
class IntegerColumn : public AvroColumn {
 public:
  using T = typename Builder::value_type;
  explicit IntegerColumn(const std::shared_ptr<arrow::DataType>& type,
                         T min = std::numeric_limits<T>::min(),
                         T max = std::numeric_limits<T>::max())
      : AvroColumn(std::make_shared<Builder>(type, Pool())), min_(min), max_(max) {}
  Status Append(AvroCursor& cursor) override {
    T value;
    if constexpr (sizeof(T) == 4) {
      if (!cursor.ReadInt(&value)) return CutOff("an int");
    } else {
      if (!cursor.ReadLong(&value)) return CutOff("a long");
    }
    if (value < min_ || value > max_) {
      return InvalidArgumentError("a time of day that is {}, not in [{}, {}]", value, min_, max_);
    }
    return FromArrow(static_cast<Builder&>(*builder_).Append(value));
  }

 private:
  const T min_;
  const T max_;
};

template <typename Builder>
class FloatColumn : public AvroColumn {
 public:
  FloatColumn() : AvroColumn(std::make_shared<Builder>(Pool())) {}
  Status Append(AvroCursor& cursor) override {
    typename Builder::value_type value;
    if (!cursor.ReadFixed(&value)) return CutOff("a float or double");
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
    if (!cursor.ReadBytes(&bytes)) return CutOff(text_ ? "a string" : "bytes");
    if (text_ && !columnar::IsUtf8(bytes))
      return InvalidArgumentError("a string that is not UTF-8");
    return FromArrow(static_cast<arrow::BinaryBuilder&>(*builder_).Append(bytes));
  }

 private:
  bool text_;
};

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
    if (!cursor.ReadRaw(size_, &bytes)) return CutOff("a fixed");
    if (size_ == 0 && !cursor.TakeEmpty()) return TooManyEmpty();
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
    if (!read) return CutOff("a decimal");
    if (bytes.empty()) return InvalidArgumentError("a decimal without bytes");
    const char sign = (bytes[0] & 0x80) != 0 ? '\xff' : '\0';
    while (bytes.size() > Decimal::kByteWidth && bytes[0] == sign &&
           ((bytes[1] ^ sign) & 0x80) == 0) {
      bytes.remove_prefix(1);  // only repeats the sign
    }
    if (bytes.size() > Decimal::kByteWidth) return TooLong();
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        const Decimal value,
        Decimal::FromBigEndian(reinterpret_cast<const uint8_t*>(bytes.data()),
                               static_cast<int32_t>(bytes.size())));
    if (!value.FitsInPrecision(schema_.precision)) return TooLong();
    return FromArrow(static_cast<Builder&>(*builder_).Append(value));
  }

 private:
  Status TooLong() const {
    return InvalidArgumentError("a decimal of more digits than the {} of its type",
                                schema_.precision);
  }

  const AvroSchema& schema_;
};

// Calls f() for each element of an array or map.
template <typename F>
Status VisitElements(AvroCursor& cursor, F&& f) {
  while (true) {
    int64_t count;
    if (!cursor.ReadLong(&count)) return CutOff("a list");
    if (count == 0) return OkStatus();
    int64_t bytes;
    if (count < 0) {
      if (count == INT64_MIN || !cursor.ReadLong(&bytes)) return CutOff("a list");
      count = -count;
    }
    for (int64_t i = 0; i < count; ++i) BESSEMER_RETURN_IF_ERROR(f());
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

class RecordColumn : public AvroColumn {
 public:
  RecordColumn(const AvroSchema& schema, AvroColumns columns)
      : AvroColumn(StructOf(schema, columns)), schema_(schema), columns_(std::move(columns)) {}
  Status Append(AvroCursor& cursor) override {
    BESSEMER_RETURN_IF_ARROW_ERROR(static_cast<arrow::StructBuilder&>(*builder_).Append());
    if (columns_.empty() && !cursor.TakeEmpty()) return TooManyEmpty();
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
  AvroColumns columns_;
};

std::unique_ptr<AvroColumn> MakeInteger(const AvroSchema& schema) {
  const auto type = ArrowTypeOf(schema);
  switch (type->id()) {
    case arrow::Type::INT32:
      return std::make_unique<IntegerColumn<arrow::Int32Builder>>(type);
    case arrow::Type::DATE32:
      return std::make_unique<IntegerColumn<arrow::Date32Builder>>(type);
    case arrow::Type::TIME32:
      return std::make_unique<IntegerColumn<arrow::Time32Builder>>(type, 0, kDayMillis - 1);
    case arrow::Type::TIME64:
      return std::make_unique<IntegerColumn<arrow::Time64Builder>>(type, 0,
                                                                   kDayMillis * 1000LL - 1);
    case arrow::Type::TIMESTAMP:
      return std::make_unique<IntegerColumn<arrow::TimestampBuilder>>(type);
    default:
      return std::make_unique<IntegerColumn<arrow::Int64Builder>>(type);
  }
}

}  // namespace

Status CutOff(std::string_view what) {
  return InvalidArgumentError("{} that is cut off or damaged", what);
}

Status ReadSymbol(const AvroSchema& schema, AvroCursor& cursor, std::string_view* symbol) {
  int32_t index;
  if (!cursor.ReadInt(&index)) return CutOff("an enum");
  const std::vector<std::string>& symbols = *schema.symbols;
  if (index < 0 || static_cast<size_t>(index) >= symbols.size()) {
    return InvalidArgumentError("symbol {} of an enum of {}", index, symbols.size());
  }
  *symbol = symbols[static_cast<size_t>(index)];
  return OkStatus();
}

std::shared_ptr<arrow::ArrayBuilder> StructOf(const AvroSchema& schema,
                                              const AvroColumns& columns) {
  std::vector<std::shared_ptr<arrow::ArrayBuilder>> builders;
  for (const auto& column : columns) {
    if (column != nullptr) builders.push_back(column->builder());
  }
  return std::make_shared<arrow::StructBuilder>(ArrowTypeOf(schema), Pool(), std::move(builders));
}

Status AvroColumn::AppendNull() { return FromArrow(builder_->AppendNull()); }

int64_t AvroColumn::num_builders() const {
  const auto count = [](const auto& self, arrow::ArrayBuilder& builder) -> int64_t {
    int64_t total = 1;
    for (int i = 0; i < builder.num_children(); ++i) total += self(self, *builder.child(i));
    return total;
  };
  return count(count, *builder_);
}

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
      return MakeAvroUnion(schema);
    case AvroType::kRecord:
      break;
  }
  AvroColumns columns;
  for (const auto& child : schema.children) columns.push_back(MakeAvroColumn(*child));
  return std::make_unique<RecordColumn>(schema, std::move(columns));
}

}  // namespace bessemer::example_gen::avro
