#include "bessemer/example_gen/sources/csv/csv_cell.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

namespace bessemer::example_gen::csv {
namespace {

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
bool IsDigit(char c) { return static_cast<unsigned char>(c - '0') < 10; }

std::string_view Strip(std::string_view text) {
  while (!text.empty() && IsSpace(text.front())) text.remove_prefix(1);
  while (!text.empty() && IsSpace(text.back())) text.remove_suffix(1);
  return text;
}

// Takes underscores out; false if one is not between two digits.
bool DropUnderscores(std::string_view text, std::string* out) {
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '_') {
      *out += text[i];
    } else if (i == 0 || i + 1 == text.size() || !IsDigit(text[i - 1]) || !IsDigit(text[i + 1])) {
      return false;
    }
  }
  return true;
}

bool EqualsIgnoringCase(std::string_view text, std::string_view lower) {
  if (text.size() != lower.size()) return false;
  for (size_t i = 0; i < text.size(); ++i) {
    if ((text[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

bool ParseSpecial(std::string_view text, bool negative, double* value) {
  double magnitude;
  if (EqualsIgnoringCase(text, "nan")) {
    magnitude = std::numeric_limits<double>::quiet_NaN();
  } else if (EqualsIgnoringCase(text, "inf") || EqualsIgnoringCase(text, "infinity")) {
    magnitude = std::numeric_limits<double>::infinity();
  } else {
    return false;
  }
  *value = negative ? -magnitude : magnitude;
  return true;
}

// The nearest double of text that is known to be a decimal number without sign.
double ParseDecimal(std::string_view text) {
  double value = 0;
  const auto result = std::from_chars(text.data(), text.data() + text.size(), value);
  if (result.ec == std::errc()) return value;
  // Out of range: only strtod says whether that is zero or infinity.
  return std::strtod(std::string(text).c_str(), nullptr);
}

constexpr double kPowersOfTen[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

}  // namespace

std::string_view CellTypeName(CellType type) {
  static constexpr std::string_view kNames[] = {"UNKNOWN", "INT", "FLOAT", "STRING"};
  return kNames[static_cast<int>(type)];
}

IntParse ParsePythonInt(std::string_view text, int64_t* value) {
  const char* p = text.data();
  const char* end = p + text.size();
  const bool negative = p != end && *p == '-';
  p += negative;
  // Up to 18 plain digits cannot overflow: nearly every cell.
  if (p != end && end - p <= 18) {
    uint64_t number = 0;
    for (; p != end && IsDigit(*p); ++p) number = number * 10 + static_cast<uint64_t>(*p - '0');
    if (p == end) {
      *value = negative ? -static_cast<int64_t>(number) : static_cast<int64_t>(number);
      return IntParse::kOk;
    }
    // What can follow the digits of an integer is white space or an underscore.
    if (*p != '_' && *p != '+' && !IsSpace(*p)) return IntParse::kNotInt;
  }
  text = Strip(text);
  std::string digits;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    digits.assign(text[0] == '-', '-');
    text.remove_prefix(1);
  }
  if (text.empty() || !IsDigit(text[0]) || !DropUnderscores(text, &digits)) {
    return IntParse::kNotInt;
  }
  const auto result = std::from_chars(digits.data(), digits.data() + digits.size(), *value);
  if (result.ptr != digits.data() + digits.size()) return IntParse::kNotInt;
  return result.ec == std::errc() ? IntParse::kOk : IntParse::kTooLong;
}

bool ParsePythonFloat(std::string_view text, double* value) {
  text = Strip(text);
  if (text.empty()) return false;
  const bool negative = text[0] == '-';
  if (negative || text[0] == '+') text.remove_prefix(1);
  const char* p = text.data();
  const char* const end = p + text.size();
  uint64_t mantissa = 0;
  int num_digits = 0;
  int exponent = 0;
  for (; p != end && IsDigit(*p); ++p, ++num_digits) {
    mantissa = mantissa * 10 + static_cast<uint64_t>(*p - '0');
  }
  if (p != end && *p == '.') {
    ++p;
    const char* const point = p;
    for (; p != end && IsDigit(*p); ++p, ++num_digits) {
      mantissa = mantissa * 10 + static_cast<uint64_t>(*p - '0');
    }
    exponent = static_cast<int>(point - p);
  }
  if (p != end && *p == '_') {
    std::string plain(negative, '-');
    if (!DropUnderscores(text, &plain) || plain.find('_') != std::string::npos) return false;
    return ParsePythonFloat(plain, value);
  }
  if (num_digits == 0) return p == text.data() && ParseSpecial(text, negative, value);
  bool has_exponent = false;
  if (p != end && (*p | 0x20) == 'e') {
    has_exponent = true;
    ++p;
    if (p != end && (*p == '+' || *p == '-')) ++p;
    const char* const digits = p;
    while (p != end && IsDigit(*p)) ++p;
    if (p != end && *p == '_') {
      std::string plain(negative, '-');
      return DropUnderscores(text, &plain) && ParsePythonFloat(plain, value);
    }
    if (p == digits) return false;
  }
  if (p != end) return false;
  // Clinger: an integer below 2^53 and a power of ten up to 10^22 are exact, so is one division.
  const double magnitude = !has_exponent && num_digits <= 15 && exponent >= -22
                               ? static_cast<double>(mantissa) / kPowersOfTen[-exponent]
                               : ParseDecimal(text);
  *value = negative ? -magnitude : magnitude;
  return true;
}

CellType ClassifyCell(std::string_view text) {
  if (text.empty()) return CellType::kUnknown;
  int64_t integer;
  switch (ParsePythonInt(text, &integer)) {
    case IntParse::kOk:
      return CellType::kInt;
    case IntParse::kTooLong:
      return CellType::kString;
    case IntParse::kNotInt:
      break;
  }
  double number;
  return ParsePythonFloat(text, &number) ? CellType::kFloat : CellType::kString;
}

}  // namespace bessemer::example_gen::csv
