#include <bit>
#include <chrono>
#include <cmath>

#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/shaping/row_key.h"
#include "bessemer/example_gen/span.h"

namespace bessemer::example_gen::shaping {
namespace {

using columnar::FeatureColumn;

constexpr int64_t kMicrosPerSecond = 1'000'000;

uint64_t OrderOf(int64_t value) { return static_cast<uint64_t>(value) ^ (uint64_t{1} << 63); }
int64_t IntegerAt(uint64_t place) { return static_cast<int64_t>(place ^ (uint64_t{1} << 63)); }

// -0 and 0 are one value; NaN is none.
uint64_t OrderOf(double value) {
  const auto bits = std::bit_cast<uint64_t>(value == 0 ? 0.0 : value);
  return bits >> 63 ? ~bits : bits | (uint64_t{1} << 63);
}
double FloatAt(uint64_t place) {
  return std::bit_cast<double>(place >> 63 ? place ^ (uint64_t{1} << 63) : ~place);
}

// A number of exactly `width` digits off the front of a text.
bool TakeDigits(std::string_view* text, size_t width, int64_t* number) {
  if (text->size() < width) return false;
  *number = 0;
  for (size_t i = 0; i < width; ++i) {
    const char c = (*text)[i];
    if (c < '0' || c > '9') return false;
    *number = 10 * *number + (c - '0');
  }
  text->remove_prefix(width);
  return true;
}

bool Take(std::string_view* text, char c) {
  if (text->empty() || text->front() != c) return false;
  text->remove_prefix(1);
  return true;
}

// "HH:MM[:SS[.digits]]" in microseconds; digits beyond the sixth are dropped.
bool TakeClock(std::string_view* text, int64_t* micros) {
  int64_t hour = 0;
  int64_t minute = 0;
  int64_t second = 0;
  if (!TakeDigits(text, 2, &hour) || !Take(text, ':') || !TakeDigits(text, 2, &minute)) {
    return false;
  }
  int64_t fraction = 0;
  if (Take(text, ':')) {
    if (!TakeDigits(text, 2, &second)) return false;
    if (Take(text, '.')) {
      int64_t unit = kMicrosPerSecond;
      int64_t digit = 0;
      size_t count = 0;
      for (; TakeDigits(text, 1, &digit); ++count) {
        unit /= 10;
        fraction += digit * unit;
      }
      if (count == 0) return false;
    }
  }
  if (hour > 23 || minute > 59 || second > 60) return false;
  *micros = ((hour * 60 + minute) * 60 + second) * kMicrosPerSecond + fraction;
  return true;
}

// "Z", "+HH:MM", "-HHMM", "+HH" or nothing.
bool TakeOffset(std::string_view* text, int64_t* micros) {
  *micros = 0;
  if (text->empty() || Take(text, 'Z')) return true;
  const bool west = text->front() == '-';
  if (!west && text->front() != '+') return false;
  text->remove_prefix(1);
  int64_t hour = 0;
  int64_t minute = 0;
  if (!TakeDigits(text, 2, &hour)) return false;
  Take(text, ':');
  if (!text->empty() && !TakeDigits(text, 2, &minute)) return false;
  if (hour > 23 || minute > 59) return false;
  *micros = (west ? -1 : 1) * (hour * 60 + minute) * 60 * kMicrosPerSecond;
  return true;
}

std::string FormatTime(int64_t micros) {
  const std::chrono::sys_time<std::chrono::microseconds> time{std::chrono::microseconds{micros}};
  const auto day = std::chrono::floor<std::chrono::days>(time);
  const std::chrono::year_month_day date{day};
  const int64_t rest = (time - day).count();
  std::string text =
      fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                  static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
  if (rest == 0) return text;
  const int64_t seconds = rest / kMicrosPerSecond;
  text += fmt::format("T{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  if (rest % kMicrosPerSecond != 0) text += fmt::format(".{:06}", rest % kMicrosPerSecond);
  return text + "Z";
}

StatusOr<uint64_t> PlaceAmongIntegers(const Json& value) {
  if (value.is_number_integer()) return OrderOf(value.get<int64_t>());
  if (value.is_number()) {
    // A row lies before 2.5 exactly if it lies before 3.
    const double next = std::ceil(value.get<double>());
    if (next < -0x1p63) return uint64_t{0};
    if (next < 0x1p63) return OrderOf(static_cast<int64_t>(next));
  }
  return InvalidArgumentError("{} is no boundary for a feature of integers; write a number",
                              JsonText(value));
}

}  // namespace

std::optional<int64_t> ParseTime(std::string_view text) {
  int64_t year = 0;
  int64_t month = 0;
  int64_t day = 0;
  if (!TakeDigits(&text, 4, &year) || !Take(&text, '-') || !TakeDigits(&text, 2, &month) ||
      !Take(&text, '-') || !TakeDigits(&text, 2, &day)) {
    return std::nullopt;
  }
  const std::optional<int64_t> days = DaysFromDate(year, month, day);
  if (!days) return std::nullopt;
  int64_t clock = 0;
  int64_t offset = 0;
  if (!text.empty()) {
    if (!Take(&text, 'T') && !Take(&text, ' ')) return std::nullopt;
    if (!TakeClock(&text, &clock) || !TakeOffset(&text, &offset) || !text.empty()) {
      return std::nullopt;
    }
  }
  return *days * 86400 * kMicrosPerSecond + clock - offset;
}

StatusOr<ValueOrder> ValueOrder::Make(const arrow::RecordBatch& batch, const std::string& feature,
                                      std::string_view use) {
  BESSEMER_ASSIGN_OR_RETURN(FeatureColumn column, FindColumn(batch, feature, use));
  ValueOrder order(std::move(column), fmt::format("{}: feature '{}'", use, feature));
  const arrow::DataType& type = *order.column_.value_type();
  if (columnar::IsInteger(type)) order.kind_ = Kind::kInteger;
  if (columnar::IsFloat(type)) order.kind_ = Kind::kFloat;
  if (columnar::IsBytes(type)) order.kind_ = Kind::kTime;
  return order;
}

StatusOr<std::optional<uint64_t>> ValueOrder::Of(int64_t row) const {
  std::optional<uint64_t> place;
  if (!kind_ || !column_.IsPresent(row)) return place;
  const int64_t i = column_.begin(row);
  const int64_t size = column_.end(row) - i;
  if (size > 1) return InvalidArgumentError("{} has {} values in a row", what_, size);
  const arrow::Array& values = *column_.values();
  if (size == 0 || values.IsNull(i)) return place;
  if (*kind_ == Kind::kTime) {
    std::string_view text;
    BESSEMER_RETURN_IF_ERROR(columnar::DispatchBytes(
        *values.type(), [&]<typename Array>(std::type_identity<Array>) {
          text = static_cast<const Array&>(values).GetView(i);
          return OkStatus();
        }));
    const std::optional<int64_t> micros = ParseTime(text);
    if (micros) return std::optional<uint64_t>(OrderOf(*micros));
    return InvalidArgumentError("{} has '{}', which is no date or time such as 2013-11-05 or "
                                "2013-11-05T08:30:00Z",
                                what_, text.substr(0, 60));
  }
  BESSEMER_RETURN_IF_ERROR(columnar::DispatchNumeric(
      *values.type(), [&]<typename Array>(std::type_identity<Array>) -> Status {
        const auto value = static_cast<const Array&>(values).Value(i);
        if constexpr (std::is_floating_point_v<decltype(value)>) {
          if (std::isnan(value)) return InvalidArgumentError("{} is NaN in a row", what_);
          place = OrderOf(static_cast<double>(value));
        } else if constexpr (std::is_same_v<decltype(value), const uint64_t>) {
          if (value >> 63) return InvalidArgumentError("{}: {} does not fit int64", what_, value);
          place = OrderOf(static_cast<int64_t>(value));
        } else {
          place = OrderOf(static_cast<int64_t>(value));
        }
        return OkStatus();
      }));
  return place;
}

StatusOr<uint64_t> ValueOrder::Place(const Json& value, Kind kind) {
  switch (kind) {
    case Kind::kInteger:
      return PlaceAmongIntegers(value);
    case Kind::kFloat:
      if (value.is_number() && !std::isnan(value.get<double>())) {
        return OrderOf(value.get<double>());
      }
      return InvalidArgumentError("{} is no boundary for a feature of floats; write a number",
                                  JsonText(value));
    case Kind::kTime:
      break;
  }
  const std::optional<int64_t> micros =
      value.is_string() ? ParseTime(value.get_ref<const std::string&>()) : std::nullopt;
  if (micros) return OrderOf(*micros);
  return InvalidArgumentError(
      "{} is no boundary for a feature of text; write a date such as \"2013-11-05\"",
      JsonText(value));
}

Json ValueOrder::Value(uint64_t place, Kind kind) {
  switch (kind) {
    case Kind::kInteger:
      return IntegerAt(place);
    case Kind::kFloat:
      return FloatAt(place);
    case Kind::kTime:
      break;
  }
  return FormatTime(IntegerAt(place));
}

}  // namespace bessemer::example_gen::shaping
