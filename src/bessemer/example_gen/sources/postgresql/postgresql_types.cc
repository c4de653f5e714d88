#include <arrow/builder.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <array>
#include <charconv>
#include <cstring>
#include <limits>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/sources/postgresql/postgresql_types_internal.h"

// The binary format of each type is that of its send function in PostgreSQL: numbers in network
// order, dates and times counted from 2000-01-01.

namespace bessemer::example_gen::postgresql {
namespace {

constexpr int32_t kDaysTo2000 = 10957;  // from 1970-01-01
constexpr int64_t kMicrosecondsTo2000 = int64_t{kDaysTo2000} * 86400 * 1000000;

template <typename T>
T BigEndian(const char* bytes) {
  std::make_unsigned_t<T> value = 0;
  for (size_t i = 0; i < sizeof(T); ++i) {
    value = static_cast<std::make_unsigned_t<T>>((static_cast<uint64_t>(value) << 8) |
                                                 static_cast<uint8_t>(bytes[i]));
  }
  return static_cast<T>(value);
}

Status WrongSize(std::string_view bytes) {
  return DataLossError("a value of {} bytes where the server promised another size", bytes.size());
}

template <typename Builder, typename T>
Status AppendInteger(std::string_view bytes, arrow::ArrayBuilder* builder) {
  if (bytes.size() != sizeof(T)) return WrongSize(bytes);
  return FromArrow(static_cast<Builder*>(builder)->Append(BigEndian<T>(bytes.data())));
}

template <typename Builder, typename Bits, typename Float>
Status AppendFloat(std::string_view bytes, arrow::ArrayBuilder* builder) {
  if (bytes.size() != sizeof(Bits)) return WrongSize(bytes);
  const Bits bits = BigEndian<Bits>(bytes.data());
  Float value;
  std::memcpy(&value, &bits, sizeof(value));
  return FromArrow(static_cast<Builder*>(builder)->Append(value));
}

// A numeric: groups of four decimal digits, the first worth 10000^weight.
struct Numeric {
  enum Sign : uint16_t {
    kPositive = 0x0000,
    kNegative = 0x4000,
    kNaN = 0xc000,
    kInfinity = 0xd000,
    kMinusInfinity = 0xf000,
  };
  int num_groups = 0;
  int weight = 0;
  uint16_t sign = kPositive;
  const char* groups = nullptr;

  int Group(int i) const { return BigEndian<int16_t>(groups + 2 * i); }
};

StatusOr<Numeric> ParseNumeric(std::string_view bytes) {
  if (bytes.size() < 8) return WrongSize(bytes);
  Numeric numeric;
  numeric.num_groups = BigEndian<int16_t>(bytes.data());
  numeric.weight = BigEndian<int16_t>(bytes.data() + 2);
  numeric.sign = BigEndian<uint16_t>(bytes.data() + 4);
  numeric.groups = bytes.data() + 8;
  if (numeric.num_groups < 0 || bytes.size() != 8 + 2 * static_cast<size_t>(numeric.num_groups)) {
    return WrongSize(bytes);
  }
  for (int i = 0; i < numeric.num_groups; ++i) {
    const int group = numeric.Group(i);
    if (group < 0 || group > 9999) return DataLossError("a numeric with the digits {}", group);
  }
  return numeric;
}

// The nearest double.
double ToDouble(const Numeric& numeric) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (numeric.sign == Numeric::kNaN) return std::numeric_limits<double>::quiet_NaN();
  if (numeric.sign == Numeric::kInfinity) return kInfinity;
  if (numeric.sign == Numeric::kMinusInfinity) return -kInfinity;
  if (numeric.num_groups == 0) return 0;
  std::string text = numeric.sign == Numeric::kNegative ? "-" : "";
  for (int i = 0; i < numeric.num_groups; ++i) text += fmt::format("{:04}", numeric.Group(i));
  text += fmt::format("e{}", 4 * (numeric.weight - numeric.num_groups + 1));
  double value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec == std::errc()) return value;
  if (numeric.weight < 0) return 0;  // nearer to zero than any double
  return numeric.sign == Numeric::kNegative ? -kInfinity : kInfinity;
}

__int128 PowerOfTen(int exponent) {
  __int128 power = 1;
  for (int i = 0; i < exponent; ++i) power *= 10;
  return power;
}

// The value times 10^scale.
StatusOr<arrow::Decimal128> ToDecimal(const Numeric& numeric, const arrow::Decimal128Type& type) {
  if (numeric.sign != Numeric::kPositive && numeric.sign != Numeric::kNegative) {
    return OutOfRangeError("NaN has no place in numeric({}, {}); cast it to double precision",
                           type.precision(), type.scale());
  }
  __int128 sum = 0;
  for (int i = 0; i < numeric.num_groups; ++i) {
    const int exponent = 4 * (numeric.weight - i) + type.scale();
    if (exponent > 38) return DataLossError("a numeric longer than its precision");
    if (exponent > -4) {  // what lies behind the scale is zero
      sum += exponent >= 0 ? numeric.Group(i) * PowerOfTen(exponent)
                           : static_cast<__int128>(numeric.Group(i)) / PowerOfTen(-exponent);
    }
  }
  if (numeric.sign == Numeric::kNegative) sum = -sum;
  return arrow::Decimal128(static_cast<int64_t>(sum >> 64), static_cast<uint64_t>(sum));
}

Status AppendNumeric(std::string_view bytes, arrow::ArrayBuilder* builder) {
  BESSEMER_ASSIGN_OR_RETURN(const Numeric numeric, ParseNumeric(bytes));
  if (builder->type()->id() == arrow::Type::DOUBLE) {
    return FromArrow(static_cast<arrow::DoubleBuilder*>(builder)->Append(ToDouble(numeric)));
  }
  const std::shared_ptr<arrow::DataType> type = builder->type();
  BESSEMER_ASSIGN_OR_RETURN(const arrow::Decimal128 value,
                            ToDecimal(numeric, static_cast<const arrow::Decimal128Type&>(*type)));
  return FromArrow(static_cast<arrow::Decimal128Builder*>(builder)->Append(value));
}

Status AppendDate(std::string_view bytes, arrow::ArrayBuilder* builder) {
  if (bytes.size() != 4) return WrongSize(bytes);
  const auto days = BigEndian<int32_t>(bytes.data());
  if (days == INT32_MAX || days == INT32_MIN) {
    return OutOfRangeError("an infinite date has no value here; make it NULL or cast it to text");
  }
  return FromArrow(static_cast<arrow::Date32Builder*>(builder)->Append(days + kDaysTo2000));
}

Status AppendTimestamp(std::string_view bytes, arrow::ArrayBuilder* builder) {
  if (bytes.size() != 8) return WrongSize(bytes);
  const auto time = BigEndian<int64_t>(bytes.data());
  if (time == INT64_MIN || time > INT64_MAX - kMicrosecondsTo2000) {
    return OutOfRangeError(
        "an infinite timestamp, or one after the year 294247, has no value here; make it NULL or "
        "cast it to text");
  }
  return FromArrow(
      static_cast<arrow::TimestampBuilder*>(builder)->Append(time + kMicrosecondsTo2000));
}

Status AppendUuid(std::string_view bytes, arrow::ArrayBuilder* builder) {
  if (bytes.size() != 16) return WrongSize(bytes);
  constexpr char kHex[] = "0123456789abcdef";
  std::array<char, 36> text;
  size_t at = 0;
  for (size_t i = 0; i < 16; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text[at++] = '-';
    text[at++] = kHex[static_cast<uint8_t>(bytes[i]) >> 4];
    text[at++] = kHex[static_cast<uint8_t>(bytes[i]) & 15];
  }
  return FromArrow(
      static_cast<arrow::StringBuilder*>(builder)->Append(text.data(), static_cast<int>(at)));
}

Status AppendScalar(Format format, std::string_view bytes, arrow::ArrayBuilder* builder) {
  switch (format) {
    case Format::kBool:
      if (bytes.size() != 1) return WrongSize(bytes);
      return FromArrow(static_cast<arrow::BooleanBuilder*>(builder)->Append(bytes[0] != 0));
    case Format::kInt16:
      return AppendInteger<arrow::Int16Builder, int16_t>(bytes, builder);
    case Format::kInt32:
      return AppendInteger<arrow::Int32Builder, int32_t>(bytes, builder);
    case Format::kInt64:
      return AppendInteger<arrow::Int64Builder, int64_t>(bytes, builder);
    case Format::kOid:
      return AppendInteger<arrow::Int64Builder, uint32_t>(bytes, builder);
    case Format::kFloat32:
      return AppendFloat<arrow::FloatBuilder, uint32_t, float>(bytes, builder);
    case Format::kFloat64:
      return AppendFloat<arrow::DoubleBuilder, uint64_t, double>(bytes, builder);
    case Format::kNumeric:
      return AppendNumeric(bytes, builder);
    case Format::kJsonb:
      if (bytes.empty() || bytes[0] != 1) return DataLossError("jsonb of an unknown version");
      bytes.remove_prefix(1);
      [[fallthrough]];
    case Format::kText:
    case Format::kBytes:  // a string builder is a kind of binary builder
      return FromArrow(static_cast<arrow::BinaryBuilder*>(builder)->Append(bytes));
    case Format::kDate:
      return AppendDate(bytes, builder);
    case Format::kTime:
      return AppendInteger<arrow::Time64Builder, int64_t>(bytes, builder);
    case Format::kTimestamp:
      return AppendTimestamp(bytes, builder);
    case Format::kUuid:
      return AppendUuid(bytes, builder);
  }
  return InternalError("unknown format");
}

// Header: dimensions, whether there are nulls, element type; per dimension size and lower bound;
// then the elements, each with its size.
Status AppendArray(Format format, std::string_view bytes, arrow::ListBuilder* builder) {
  if (bytes.size() < 12) return WrongSize(bytes);
  const auto dimensions = BigEndian<int32_t>(bytes.data());
  if (dimensions > 1) {
    return UnimplementedError(
        "an array of {} dimensions; tf.Example has lists only, so unnest it, or cast it to text",
        dimensions);
  }
  BESSEMER_RETURN_IF_ARROW_ERROR(builder->Append());
  if (dimensions <= 0) return OkStatus();
  if (bytes.size() < 20) return WrongSize(bytes);
  const auto size = BigEndian<int32_t>(bytes.data() + 12);
  bytes.remove_prefix(20);
  arrow::ArrayBuilder* values = builder->value_builder();
  for (int32_t i = 0; i < size; ++i) {
    if (bytes.size() < 4) return WrongSize(bytes);
    const auto length = BigEndian<int32_t>(bytes.data());
    bytes.remove_prefix(4);
    if (length < 0) {
      BESSEMER_RETURN_IF_ARROW_ERROR(values->AppendNull());
      continue;
    }
    if (bytes.size() < static_cast<size_t>(length)) return WrongSize(bytes);
    BESSEMER_RETURN_IF_ERROR(
        AppendScalar(format, bytes.substr(0, static_cast<size_t>(length)), values));
    bytes.remove_prefix(static_cast<size_t>(length));
  }
  return bytes.empty() ? OkStatus() : WrongSize(bytes);
}

// A numeric with a precision Arrow has is exact, any other the nearest double.
std::shared_ptr<arrow::DataType> NumericType(int32_t modifier) {
  if (modifier < 4) return arrow::float64();
  const int precision = ((modifier - 4) >> 16) & 0xffff;
  const int scale = (((modifier - 4) & 0x7ff) ^ 1024) - 1024;
  if (precision > 38 || scale < 0 || scale > precision) return arrow::float64();
  return arrow::decimal128(precision, scale);
}

}  // namespace

std::optional<ValueType> FindScalar(uint32_t oid, int32_t modifier) {
  const auto text = [](Format format) { return ValueType{format, arrow::utf8()}; };
  switch (oid) {
    case 16:
      return ValueType{Format::kBool, arrow::boolean()};
    case 17:
      return ValueType{Format::kBytes, arrow::binary()};
    case 20:
      return ValueType{Format::kInt64, arrow::int64()};
    case 21:
      return ValueType{Format::kInt16, arrow::int16()};
    case 23:
      return ValueType{Format::kInt32, arrow::int32()};
    case 26:
      return ValueType{Format::kOid, arrow::int64()};
    case 700:
      return ValueType{Format::kFloat32, arrow::float32()};
    case 701:
      return ValueType{Format::kFloat64, arrow::float64()};
    case 1700:
      return ValueType{Format::kNumeric, NumericType(modifier)};
    case 18:    // "char"
    case 19:    // name
    case 25:    // text
    case 114:   // json
    case 705:   // unknown
    case 1042:  // character
    case 1043:  // character varying
      return text(Format::kText);
    case 3802:
      return text(Format::kJsonb);
    case 2950:
      return text(Format::kUuid);
    case 1082:
      return ValueType{Format::kDate, arrow::date32()};
    case 1083:
      return ValueType{Format::kTime, arrow::time64(arrow::TimeUnit::MICRO)};
    case 1114:
      return ValueType{Format::kTimestamp, arrow::timestamp(arrow::TimeUnit::MICRO)};
    case 1184:
      return ValueType{Format::kTimestamp, arrow::timestamp(arrow::TimeUnit::MICRO, "UTC")};
    default:
      return std::nullopt;
  }
}

std::shared_ptr<arrow::DataType> Column::type() const {
  return is_array ? arrow::list(value.type) : value.type;
}

Status AppendValue(const Column& column, std::string_view bytes, arrow::ArrayBuilder* builder) {
  if (!column.is_array) return AppendScalar(column.value.format, bytes, builder);
  return AppendArray(column.value.format, bytes, static_cast<arrow::ListBuilder*>(builder));
}

}  // namespace bessemer::example_gen::postgresql
