#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "bessemer/expression/kernels.h"

namespace bessemer::expression::conversion {
namespace {

std::string_view Trimmed(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// [+-]?digits, at most 18 of them after leading zeros.
bool ParseNumber(std::string_view text, int64_t* out) {
  text = Trimmed(text);
  if (!text.empty() && text.front() == '+') text.remove_prefix(1);
  std::string_view digits = text;
  if (!text.empty() && text.front() == '-') digits.remove_prefix(1);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), IsDigit)) return false;
  const size_t first = std::min(digits.find_first_not_of('0'), digits.size() - 1);
  if (digits.size() - first > 18) return false;
  std::from_chars(text.data(), text.data() + text.size(), *out);
  return true;
}

// [+-]?(digits[.digits] or .digits) with an exponent of up to three digits, within float32.
bool ParseNumber(std::string_view text, float* out) {
  text = Trimmed(text);
  size_t at = 0, num_digits = 0;
  const auto skip_digits = [&] {
    const size_t start = at;
    while (at < text.size() && IsDigit(text[at])) ++at;
    return at - start;
  };
  const auto skip_sign = [&] { at += at < text.size() && (text[at] == '+' || text[at] == '-'); };
  skip_sign();
  num_digits = skip_digits();
  if (at < text.size() && text[at] == '.') {
    ++at;
    num_digits += skip_digits();
  }
  if (num_digits == 0) return false;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    ++at;
    skip_sign();
    const size_t exponent_digits = skip_digits();
    if (exponent_digits < 1 || exponent_digits > 3) return false;
  }
  if (at != text.size()) return false;
  *out = std::strtof(std::string(text).c_str(), nullptr);
  return std::isfinite(*out);
}

template <typename T>
Status Parse(const KernelCall& call) {
  const std::string_view* in = call.args[0].bytes;
  T* out = ResultsOf<T>(*call.out);
  for (int64_t i = 0; i < call.size; ++i) {
    if (!ParseNumber(in[i * call.args[0].stride], &out[i])) {
      out[i] = 0;
      call.out_valid[i] = 0;
    }
  }
  return OkStatus();
}

int64_t Truncate(float value) {
  // The range in which the conversion is defined; outside: what x86 and TensorFlow on it give.
  if (!(value >= -0x1p63f && value < 0x1p63f)) return std::numeric_limits<int64_t>::min();
  return static_cast<int64_t>(value);
}

Status ToInt(const KernelCall& call) {
  if (call.args[0].kind == Kind::kFloat) return Map<float, int64_t>(call, Truncate);
  return Map<int64_t, int64_t>(call, [](int64_t x) { return x; });
}

Status ToFloat(const KernelCall& call) {
  if (call.args[0].kind == Kind::kInt) {
    return Map<int64_t, float>(call, [](int64_t x) { return static_cast<float>(x); });
  }
  return Map<float, float>(call, [](float x) { return x; });
}

Status ToText(const KernelCall& call) {
  std::string_view* out = call.out->MutableBytes();
  const Operand& in = call.args[0];
  char buffer[512];
  for (int64_t i = 0; i < call.size; ++i) {
    if (in.kind == Kind::kBytes) {
      out[i] = in.bytes[i * in.stride];
    } else if (in.kind == Kind::kInt) {
      const auto end = std::to_chars(buffer, buffer + sizeof(buffer), in.ints[i * in.stride]).ptr;
      out[i] = call.out->Keep({buffer, static_cast<size_t>(end - buffer)});
    } else {
      const int size = std::snprintf(buffer, sizeof(buffer), "%f",
                                     static_cast<double>(in.floats[i * in.stride]));
      out[i] = call.out->Keep({buffer, static_cast<size_t>(size)});
    }
  }
  return OkStatus();
}

const std::vector<Argument> kAnything = {{.name = "x", .accepts = Accepts::kAny, .doc = "a value"}};
const std::vector<Argument> kNumber = {
    {.name = "x", .accepts = Accepts::kNumber, .doc = "a number"}};
const std::vector<Argument> kText = {{.name = "x", .accepts = Accepts::kBytes, .doc = "a text"}};

}  // namespace

void Register(FunctionRegistry& registry) {
  registry.Add({.name = "int",
                .doc = "A float without its fraction (towards 0); outside int64 and for NaN the "
                       "least int64.",
                .arguments = kNumber,
                .result = Kind::kInt,
                .kernel = ToInt});
  registry.Add({.name = "float",
                .doc = "The number as float32.",
                .arguments = kNumber,
                .result = Kind::kFloat,
                .kernel = ToFloat});
  registry.Add({.name = "string",
                .doc = "The decimal text of an int, of a float with six digits after the point; "
                       "bytes stay.",
                .arguments = kAnything,
                .result = Kind::kBytes,
                .kernel = ToText});
  registry.Add({.name = "parse_int",
                .doc = "The integer a text writes in decimal, at most 18 digits; missing if it is "
                       "not one. Spaces around it are ignored.",
                .arguments = kText,
                .result = Kind::kInt,
                .kernel = Parse<int64_t>,
                .may_fail = true});
  registry.Add({.name = "parse_float",
                .doc = "The number a text writes in decimal; missing if it is not one. Spaces "
                       "around it are ignored.",
                .arguments = kText,
                .result = Kind::kFloat,
                .kernel = Parse<float>,
                .may_fail = true});
}

}  // namespace bessemer::expression::conversion
