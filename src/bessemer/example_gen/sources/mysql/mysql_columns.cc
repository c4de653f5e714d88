#include <arrow/builder.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <charconv>
#include <string_view>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/sources/mysql/mysql_columns_internal.h"
#include "bessemer/example_gen/sources/mysql/mysql_connection_internal.h"
#include "bessemer/example_gen/span.h"

namespace bessemer::example_gen::mysql {
namespace {

constexpr unsigned int kBinaryCharset = 63;
constexpr size_t kFirstBufferBytes = 1024;  // of texts and blobs; grows as needed

// The field's length is that of its text: digits, a point, a sign.
std::shared_ptr<arrow::DataType> DecimalType(const MYSQL_FIELD& field) {
  const int scale = static_cast<int>(field.decimals);
  int precision = static_cast<int>(field.length) - (scale > 0 ? 1 : 0);
  if ((field.flags & UNSIGNED_FLAG) == 0) --precision;
  if (precision < 1 || precision > 38 || scale > precision) return arrow::float64();
  return arrow::decimal128(precision, scale);
}

}  // namespace

Column::Column(const MYSQL_FIELD& field) : name_(field.name, field.name_length) {
  SetFormat(field);
  if (format_ == Format::kBytes || format_ == Format::kDecimal) buffer_.resize(kFirstBufferBytes);
  if (format_ == Format::kBits) buffer_.resize(8);
}

void Column::SetFormat(const MYSQL_FIELD& field) {
  const auto set = [this](Format format, std::shared_ptr<arrow::DataType> type) {
    format_ = format;
    type_ = std::move(type);
  };
  switch (field.type) {
    case MYSQL_TYPE_NULL:
      return set(Format::kNull, arrow::null());
    case MYSQL_TYPE_TINY:
    case MYSQL_TYPE_SHORT:
    case MYSQL_TYPE_INT24:
    case MYSQL_TYPE_LONG:
    case MYSQL_TYPE_YEAR:
      return set(Format::kInteger, arrow::int64());
    case MYSQL_TYPE_LONGLONG:
      return set(Format::kInteger,
                 (field.flags & UNSIGNED_FLAG) != 0 ? arrow::uint64() : arrow::int64());
    case MYSQL_TYPE_FLOAT:
      return set(Format::kFloat, arrow::float32());
    case MYSQL_TYPE_DOUBLE:
      return set(Format::kDouble, arrow::float64());
    case MYSQL_TYPE_DECIMAL:
    case MYSQL_TYPE_NEWDECIMAL:
      return set(Format::kDecimal, DecimalType(field));
    case MYSQL_TYPE_BIT:
      return set(Format::kBits, arrow::uint64());
    case MYSQL_TYPE_DATE:
    case MYSQL_TYPE_NEWDATE:
      return set(Format::kTime, arrow::date32());
    case MYSQL_TYPE_TIME:
      return set(Format::kTime, arrow::duration(arrow::TimeUnit::MICRO));
    case MYSQL_TYPE_DATETIME:
      return set(Format::kTime, arrow::timestamp(arrow::TimeUnit::MICRO));
    case MYSQL_TYPE_TIMESTAMP:
      return set(Format::kTime, arrow::timestamp(arrow::TimeUnit::MICRO, "UTC"));
    case MYSQL_TYPE_GEOMETRY:
      return set(Format::kBytes, arrow::binary());
    case MYSQL_TYPE_JSON:
      return set(Format::kBytes, arrow::utf8());
    default:
      return set(Format::kBytes,
                 field.charsetnr == kBinaryCharset ? arrow::binary() : arrow::utf8());
  }
}

MYSQL_BIND Column::Bind() {
  MYSQL_BIND bind = {};
  bind.length = &length_;
  bind.is_null = &is_null_;
  bind.error = &truncated_;
  bind.buffer = &value_;
  switch (format_) {
    case Format::kInteger:
      bind.buffer_type = MYSQL_TYPE_LONGLONG;
      bind.is_unsigned = type_->id() == arrow::Type::UINT64;
      bind.buffer_length = sizeof(value_.integer);
      break;
    case Format::kFloat:
      bind.buffer_type = MYSQL_TYPE_FLOAT;
      bind.buffer_length = sizeof(value_.single);
      break;
    case Format::kDouble:
      bind.buffer_type = MYSQL_TYPE_DOUBLE;
      bind.buffer_length = sizeof(value_.number);
      break;
    case Format::kTime:
      bind.buffer_type =
          type_->id() == arrow::Type::DURATION ? MYSQL_TYPE_TIME : MYSQL_TYPE_DATETIME;
      bind.buffer_length = sizeof(value_.time);
      break;
    case Format::kNull:
      bind.buffer_type = MYSQL_TYPE_NULL;
      break;
    default:
      bind.buffer_type = format_ == Format::kDecimal ? MYSQL_TYPE_STRING : MYSQL_TYPE_BLOB;
      bind.buffer = buffer_.data();
      bind.buffer_length = static_cast<unsigned long>(buffer_.size());
  }
  return bind;
}

StatusOr<std::string_view> Column::Bytes(MYSQL_STMT* statement, unsigned int index) {
  if (length_ <= buffer_.size()) return std::string_view(buffer_.data(), length_);
  // The binding keeps the first buffer's size, so only longer values come here: copied again.
  std::vector<char> whole(length_);
  unsigned long length = 0;
  my_bool is_null = 0;
  my_bool truncated = 0;
  MYSQL_BIND bind = {};
  bind.length = &length;
  bind.is_null = &is_null;
  bind.error = &truncated;
  bind.buffer_type = MYSQL_TYPE_BLOB;
  bind.buffer = whole.data();
  bind.buffer_length = length_;
  if (mysql_stmt_fetch_column(statement, &bind, index, 0) != 0) {
    return MysqlError(mysql_stmt_errno(statement), mysql_stmt_error(statement));
  }
  long_value_ = std::move(whole);
  return std::string_view(long_value_.data(), long_value_.size());
}

Status Column::AppendTime(arrow::ArrayBuilder* builder) const {
  const MYSQL_TIME& time = value_.time;
  const int64_t hours =
      int64_t{time.day} * (type_->id() == arrow::Type::DURATION ? 24 : 0) + int64_t{time.hour};
  const int64_t microseconds =
      ((hours * 60 + int64_t{time.minute}) * 60 + int64_t{time.second}) * 1000000 +
      static_cast<int64_t>(time.second_part);
  if (type_->id() == arrow::Type::DURATION) {
    return FromArrow(static_cast<arrow::DurationBuilder*>(builder)->Append(
        time.neg ? -microseconds : microseconds));
  }
  if (time.year == 0 && time.month == 0 && time.day == 0) return FromArrow(builder->AppendNull());
  const std::optional<int64_t> days = DaysFromDate(time.year, time.month, time.day);
  if (!days) {
    return OutOfRangeError("the date {:04}-{:02}-{:02} is none; make it NULL or cast it to CHAR",
                           time.year, time.month, time.day);
  }
  if (type_->id() == arrow::Type::DATE32) {
    return FromArrow(
        static_cast<arrow::Date32Builder*>(builder)->Append(static_cast<int32_t>(*days)));
  }
  return FromArrow(static_cast<arrow::TimestampBuilder*>(builder)->Append(*days * 86400 * 1000000 +
                                                                          microseconds));
}

Status Column::Append(MYSQL_STMT* statement, unsigned int index, arrow::ArrayBuilder* builder,
                      int64_t* bytes) {
  *bytes += 8;
  if (is_null_ || format_ == Format::kNull) return FromArrow(builder->AppendNull());
  switch (format_) {
    case Format::kInteger:
      if (type_->id() == arrow::Type::UINT64) {
        return FromArrow(static_cast<arrow::UInt64Builder*>(builder)->Append(
            static_cast<uint64_t>(value_.integer)));
      }
      return FromArrow(static_cast<arrow::Int64Builder*>(builder)->Append(value_.integer));
    case Format::kFloat:
      return FromArrow(static_cast<arrow::FloatBuilder*>(builder)->Append(value_.single));
    case Format::kDouble:
      return FromArrow(static_cast<arrow::DoubleBuilder*>(builder)->Append(value_.number));
    case Format::kTime:
      return AppendTime(builder);
    default:
      break;
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::string_view value, Bytes(statement, index));
  *bytes += static_cast<int64_t>(value.size());
  if (format_ == Format::kBits) {
    uint64_t bits = 0;
    for (const char c : value) bits = (bits << 8) | static_cast<uint8_t>(c);
    return FromArrow(static_cast<arrow::UInt64Builder*>(builder)->Append(bits));
  }
  if (format_ != Format::kDecimal) {  // a string builder is a kind of binary builder
    return FromArrow(static_cast<arrow::BinaryBuilder*>(builder)->Append(value));
  }
  if (type_->id() == arrow::Type::DOUBLE) {
    double number = 0;
    std::from_chars(value.data(), value.data() + value.size(), number);
    return FromArrow(static_cast<arrow::DoubleBuilder*>(builder)->Append(number));
  }
  arrow::Decimal128 decimal;
  int32_t precision = 0;
  int32_t scale = 0;
  BESSEMER_RETURN_IF_ARROW_ERROR(
      arrow::Decimal128::FromString(value, &decimal, &precision, &scale));
  const int32_t wanted = static_cast<const arrow::Decimal128Type&>(*type_).scale();
  if (scale != wanted) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(decimal, decimal.Rescale(scale, wanted));
  }
  return FromArrow(static_cast<arrow::Decimal128Builder*>(builder)->Append(decimal));
}

}  // namespace bessemer::example_gen::mysql
