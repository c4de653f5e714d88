#include "bessemer/example_gen/typed_text.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_decimal.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/builder_time.h>
#include <arrow/type.h>
#include <arrow/util/decimal.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "bessemer/columnar/arrow_status.h"
#include "bessemer/io/google_auth.h"

namespace bessemer::example_gen {
namespace {

constexpr int kFractionDigits = 12;

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a - 'A' + 'a') : a) == b;
  });
}

Status NotA(std::string_view text, const arrow::ArrayBuilder& builder) {
  constexpr size_t kShown = 60;
  return InvalidArgumentError("'{}{}' is not a {}", text.substr(0, kShown),
                              text.size() > kShown ? "…" : "", builder.type()->ToString());
}

template <typename Builder, typename Number>
Status AppendInteger(std::string_view text, arrow::ArrayBuilder& builder) {
  Number value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return NotA(text, builder);
  return FromArrow(static_cast<Builder&>(builder).Append(value));
}

bool ParseDouble(std::string_view text, double* value) {
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  // from_chars knows "inf", "infinity" and "nan" in any case.
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), *value);
  if (end != text.data() + text.size()) return false;
  if (error == std::errc::result_out_of_range) {  // under- or overflow: strtod knows which
    *value = std::strtod(std::string(text).c_str(), nullptr);
    return true;
  }
  return error == std::errc();
}

template <typename Builder, typename Number>
Status AppendFloat(std::string_view text, arrow::ArrayBuilder& builder) {
  double value = 0;
  if (!ParseDouble(text, &value)) return NotA(text, builder);
  return FromArrow(static_cast<Builder&>(builder).Append(static_cast<Number>(value)));
}

template <typename Builder, typename Decimal>
Status AppendDecimal(std::string_view text, arrow::ArrayBuilder& builder) {
  const auto& type = static_cast<const arrow::DecimalType&>(*builder.type());
  Decimal value;
  int32_t precision = 0;
  int32_t scale = 0;
  if (!Decimal::FromString(text, &value, &precision, &scale).ok()) return NotA(text, builder);
  if (scale != type.scale()) {
    const auto scaled = value.Rescale(scale, type.scale());
    if (!scaled.ok()) return NotA(text, builder);
    value = *scaled;
  }
  if (!value.FitsInPrecision(type.precision())) return NotA(text, builder);
  return FromArrow(static_cast<Builder&>(builder).Append(value));
}

bool ParseHex(std::string_view text, std::string* bytes) {
  int high = -1;
  for (const char c : text) {
    if (c == ' ' && high < 0) continue;
    const int digit = c >= '0' && c <= '9'   ? c - '0'
                      : c >= 'a' && c <= 'f' ? c - 'a' + 10
                      : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                             : -1;
    if (digit < 0) return false;
    if (high < 0) {
      high = digit;
    } else {
      bytes->push_back(static_cast<char>(high << 4 | digit));
      high = -1;
    }
  }
  return high < 0;
}

// Takes `count` digits off the front.
bool TakeNumber(std::string_view* text, size_t count, int64_t* value) {
  if (text->size() < count) return false;
  *value = 0;
  for (size_t i = 0; i < count; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return false;
    *value = 10 * *value + (c - '0');
  }
  text->remove_prefix(count);
  return true;
}

bool Take(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

struct Date {
  int64_t year = 0, month = 0, day = 0;
};

bool TakeDate(std::string_view* text, Date* date) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  if (!TakeNumber(text, 4, &date->year) || !Take(text, '-') || !TakeNumber(text, 2, &date->month) ||
      !Take(text, '-') || !TakeNumber(text, 2, &date->day)) {
    return false;
  }
  if (date->year < 1 || date->month < 1 || date->month > 12 || date->day < 1) return false;
  const bool leap =
      date->year % 4 == 0 && (date->year % 100 != 0 || date->year % 400 == 0) && date->month == 2;
  return date->day <= kDays[date->month - 1] + (leap ? 1 : 0);
}

// Days since 1970-01-01 of the proleptic Gregorian calendar, counted in years that begin in March.
int64_t DaysOf(const Date& date) {
  const int64_t year = date.year - (date.month <= 2 ? 1 : 0);
  const int64_t month = (date.month + 9) % 12;
  const int64_t day_of_year = (153 * month + 2) / 5 + date.day - 1;
  return 365 * year + year / 4 - year / 100 + year / 400 + day_of_year - 719468;
}

struct Time {
  int64_t seconds = 0;
  int64_t picoseconds = 0;
};

bool TakeTime(std::string_view* text, Time* time) {
  int64_t hours = 0, minutes = 0, seconds = 0;
  if (!TakeNumber(text, 2, &hours) || !Take(text, ':') || !TakeNumber(text, 2, &minutes)) {
    return false;
  }
  if (Take(text, ':') && !TakeNumber(text, 2, &seconds)) return false;
  if (hours > 23 || minutes > 59 || seconds > 59) return false;
  time->seconds = hours * 3600 + minutes * 60 + seconds;
  if (!Take(text, '.')) return true;
  int digits = 0;
  while (!text->empty() && text->front() >= '0' && text->front() <= '9') {
    if (digits++ == kFractionDigits) return false;
    time->picoseconds = 10 * time->picoseconds + (text->front() - '0');
    text->remove_prefix(1);
  }
  for (int i = digits; i < kFractionDigits; ++i) time->picoseconds *= 10;
  return digits > 0;
}

int64_t UnitsPerSecond(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return 1;
    case arrow::TimeUnit::MILLI:
      return 1'000;
    case arrow::TimeUnit::MICRO:
      return 1'000'000;
    default:
      return 1'000'000'000;
  }
}

// The seconds to subtract from a local time to get UTC's; nothing for a zone that is not known.
std::optional<int64_t> ZoneOffset(std::string_view zone, int64_t local_seconds) {
  if (zone.empty() || zone == "Z" || zone == "UTC" || zone == "GMT") return 0;
  if (zone.front() == '+' || zone.front() == '-') {
    const int64_t sign = zone.front() == '-' ? -1 : 1;
    zone.remove_prefix(1);
    int64_t hours = 0, minutes = 0;
    if (!TakeNumber(&zone, 2, &hours)) return std::nullopt;
    Take(&zone, ':');
    if (!zone.empty() && (!TakeNumber(&zone, 2, &minutes) || !zone.empty())) return std::nullopt;
    if (hours > 18 || minutes > 59) return std::nullopt;
    return sign * (hours * 3600 + minutes * 60);
  }
  // Loading touches a file: the last zone is kept, since a column mostly has one.
  thread_local std::string name;
  thread_local absl::TimeZone loaded;
  if (name != zone) {
    name.clear();
    if (!absl::LoadTimeZone(absl::string_view(zone.data(), zone.size()), &loaded)) {
      return std::nullopt;
    }
    name = zone;
  }
  const absl::CivilSecond civil = absl::CivilSecond(1970, 1, 1) + local_seconds;
  return local_seconds - absl::ToUnixSeconds(loaded.At(civil).pre);
}

Status AppendTimestamp(std::string_view text, arrow::ArrayBuilder& builder) {
  const auto& type = static_cast<const arrow::TimestampType&>(*builder.type());
  std::string_view rest = text;
  Date date;
  Time time;
  if (!TakeDate(&rest, &date)) {
    int64_t units = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), units);
    if (type.timezone().empty() || error != std::errc() || end != text.data() + text.size()) {
      return NotA(text, builder);
    }
    return FromArrow(static_cast<arrow::TimestampBuilder&>(builder).Append(units));
  }
  if (!rest.empty()) {
    if (!Take(&rest, ' ') && !Take(&rest, 'T')) return NotA(text, builder);
    if (!TakeTime(&rest, &time)) return NotA(text, builder);
  }
  Take(&rest, ' ');
  int64_t seconds = DaysOf(date) * 86400 + time.seconds;
  if (type.timezone().empty()) {
    if (!rest.empty()) return NotA(text, builder);
  } else {
    const std::optional<int64_t> offset = ZoneOffset(rest, seconds);
    if (!offset) return NotA(text, builder);
    seconds -= *offset;
  }
  const int64_t units = UnitsPerSecond(type.unit());
  int64_t value = 0;
  if (__builtin_mul_overflow(seconds, units, &value)) {
    return OutOfRangeError(
        "'{}' lies outside of what nanoseconds in 64 bits can hold (1677 to 2262); cast the column "
        "to a timestamp of microseconds in the query",
        text);
  }
  value += time.picoseconds / (1'000'000'000'000 / units);
  return FromArrow(static_cast<arrow::TimestampBuilder&>(builder).Append(value));
}

Status AppendTime(std::string_view text, arrow::ArrayBuilder& builder) {
  std::string_view rest = text;
  Time time;
  if (!TakeTime(&rest, &time) || !rest.empty()) return NotA(text, builder);
  const int64_t units = UnitsPerSecond(static_cast<const arrow::TimeType&>(*builder.type()).unit());
  return FromArrow(static_cast<arrow::Time64Builder&>(builder).Append(
      time.seconds * units + time.picoseconds / (1'000'000'000'000 / units)));
}

Status AppendDate(std::string_view text, arrow::ArrayBuilder& builder) {
  std::string_view rest = text;
  Date date;
  if (!TakeDate(&rest, &date) || !rest.empty()) return NotA(text, builder);
  return FromArrow(
      static_cast<arrow::Date32Builder&>(builder).Append(static_cast<int32_t>(DaysOf(date))));
}

Status AppendBool(std::string_view text, arrow::ArrayBuilder& builder) {
  const bool yes = EqualsIgnoringCase(text, "true");
  if (!yes && !EqualsIgnoringCase(text, "false")) return NotA(text, builder);
  return FromArrow(static_cast<arrow::BooleanBuilder&>(builder).Append(yes));
}

Status AppendBinary(std::string_view text, arrow::ArrayBuilder& builder, BytesForm form) {
  std::string bytes;
  const bool fine =
      form == BytesForm::kBase64 ? io::Base64Decode(text, &bytes) : ParseHex(text, &bytes);
  if (!fine) return NotA(text, builder);
  return FromArrow(static_cast<arrow::BinaryBuilder&>(builder).Append(bytes));
}

}  // namespace

Status AppendTypedText(std::string_view text, arrow::ArrayBuilder& builder, BytesForm bytes_form) {
  switch (builder.type()->id()) {
    case arrow::Type::BOOL:
      return AppendBool(text, builder);
    case arrow::Type::INT8:
      return AppendInteger<arrow::Int8Builder, int8_t>(text, builder);
    case arrow::Type::INT16:
      return AppendInteger<arrow::Int16Builder, int16_t>(text, builder);
    case arrow::Type::INT32:
      return AppendInteger<arrow::Int32Builder, int32_t>(text, builder);
    case arrow::Type::INT64:
      return AppendInteger<arrow::Int64Builder, int64_t>(text, builder);
    case arrow::Type::FLOAT:
      return AppendFloat<arrow::FloatBuilder, float>(text, builder);
    case arrow::Type::DOUBLE:
      return AppendFloat<arrow::DoubleBuilder, double>(text, builder);
    case arrow::Type::DECIMAL128:
      return AppendDecimal<arrow::Decimal128Builder, arrow::Decimal128>(text, builder);
    case arrow::Type::DECIMAL256:
      return AppendDecimal<arrow::Decimal256Builder, arrow::Decimal256>(text, builder);
    case arrow::Type::STRING:
      return FromArrow(static_cast<arrow::StringBuilder&>(builder).Append(text));
    case arrow::Type::BINARY:
      return AppendBinary(text, builder, bytes_form);
    case arrow::Type::DATE32:
      return AppendDate(text, builder);
    case arrow::Type::TIME64:
      return AppendTime(text, builder);
    case arrow::Type::TIMESTAMP:
      return AppendTimestamp(text, builder);
    default:
      return InvalidArgumentError("{} has no form as text", builder.type()->ToString());
  }
}

}  // namespace bessemer::example_gen
