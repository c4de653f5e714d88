#include <charconv>
#include <cmath>
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

// [+-]digits, or with T float also fraction and exponent; anything else is no number.
template <typename T>
bool ParseNumber(std::string_view text, T* out) {
  text = Trimmed(text);
  std::string_view digits = text;
  if (!digits.empty() && (digits.front() == '+' || digits.front() == '-')) digits.remove_prefix(1);
  if (digits.empty() || !((digits[0] >= '0' && digits[0] <= '9') || digits[0] == '.')) return false;
  if (text.front() == '+') text.remove_prefix(1);
  const auto result = std::from_chars(text.data(), text.data() + text.size(), *out);
  return result.ec == std::errc() && result.ptr == text.data() + text.size();
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
                .doc = "The integer a text writes in decimal; missing if it is not one or does not "
                       "fit. Spaces around it are ignored.",
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
