#include <algorithm>
#include <cmath>

#include "bessemer/expression/kernels.h"

namespace bessemer::expression::mathematics {
namespace {

using FloatFunction = float (*)(float);

Function OfFloat(std::string name, std::string doc, FloatFunction f) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {{.name = "x", .accepts = Accepts::kFloat, .doc = "a number"}},
          .result = Kind::kFloat,
          .kernel = [f](const KernelCall& call) { return Map<float, float>(call, f); }};
}

// Integers are their own rounding.
Function Rounding(std::string name, std::string doc, FloatFunction f) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {{.name = "x", .accepts = Accepts::kNumber, .doc = "a number"}},
          .kernel = [f](const KernelCall& call) {
            if (call.args[0].kind == Kind::kFloat) return Map<float, float>(call, f);
            return Map<int64_t, int64_t>(call, [](int64_t x) { return x; });
          }};
}

// The larger or smaller of two; NaN if either is.
template <bool kMax, typename T>
T Extreme(T a, T b) {
  if constexpr (std::is_same_v<T, float>) {
    if (std::isnan(a)) return a;
    if (std::isnan(b)) return b;
  }
  return (kMax ? a < b : b < a) ? b : a;
}

template <bool kMax>
Status Extremes(const KernelCall& call) {
  return DispatchNumber(call.args[0].kind, [&](auto tag) {
    using T = typename decltype(tag)::type;
    T* out = ResultsOf<T>(*call.out);
    for (int64_t i = 0; i < call.size; ++i) {
      T best = ValuesOf<T>(call.args[0])[i * call.args[0].stride];
      for (size_t j = 1; j < call.args.size(); ++j) {
        best = Extreme<kMax>(best, ValuesOf<T>(call.args[j])[i * call.args[j].stride]);
      }
      out[i] = best;
    }
    return OkStatus();
  });
}

Status Abs(const KernelCall& call) {
  if (call.args[0].kind == Kind::kFloat) {
    return Map<float, float>(call, [](float x) { return std::fabs(x); });
  }
  return Map<int64_t, int64_t>(call, [](int64_t x) {
    return x < 0 ? static_cast<int64_t>(-static_cast<uint64_t>(x)) : x;
  });
}

}  // namespace

void Register(FunctionRegistry& registry) {
  registry.Add(OfFloat("log", "The natural logarithm; -inf at 0, NaN below.",
                       [](float x) { return std::log(x); }));
  registry.Add(OfFloat("log1p", "log(1 + x), exact near 0.",
                       [](float x) { return std::log1p(x); }));
  registry.Add(OfFloat("exp", "e to the power x.", [](float x) { return std::exp(x); }));
  registry.Add(OfFloat("sqrt", "The square root; NaN below 0.",
                       [](float x) { return std::sqrt(x); }));
  registry.Add(OfFloat("sigmoid", "1 / (1 + exp(-x)).",
                       [](float x) { return 1.0f / (1.0f + std::exp(-x)); }));
  registry.Add(OfFloat("is_nan", "1.0 if x is NaN, else 0.0.",
                       [](float x) { return std::isnan(x) ? 1.0f : 0.0f; }));
  registry.Add(Rounding("round", "To the nearest whole number, halves to the even one.",
                        [](float x) { return std::nearbyint(x); }));
  registry.Add(Rounding("floor", "Down to a whole number.", [](float x) { return std::floor(x); }));
  registry.Add(Rounding("ceil", "Up to a whole number.", [](float x) { return std::ceil(x); }));
  registry.Add({.name = "abs",
                .doc = "The absolute value.",
                .arguments = {{.name = "x", .accepts = Accepts::kNumber, .doc = "a number"}},
                .kernel = Abs});
  const std::vector<Argument> several = {
      {.name = "a", .accepts = Accepts::kSameNumber, .doc = "a number"},
      {.name = "b", .accepts = Accepts::kSameNumber, .doc = "more numbers"}};
  registry.Add({.name = "min",
                .doc = "The least of the arguments, row by row; NaN if one is. Of one argument: "
                       "the least of all rows (in a transform).",
                .arguments = several,
                .variadic = true,
                .kernel = Extremes<false>,
                .single_argument = "minimum"});
  registry.Add({.name = "max",
                .doc = "The greatest of the arguments, row by row; NaN if one is. Of one argument: "
                       "the greatest of all rows (in a transform).",
                .arguments = several,
                .variadic = true,
                .kernel = Extremes<true>,
                .single_argument = "maximum"});
  registry.Add({.name = "clip",
                .doc = "x, but not below `low` nor above `high`; NaN stays.",
                .arguments = {{.name = "x", .accepts = Accepts::kSameNumber, .doc = "a number"},
                              {.name = "low", .accepts = Accepts::kSameNumber, .doc = "the least"},
                              {.name = "high", .accepts = Accepts::kSameNumber, .doc = "the most"}},
                .definition = "max(min(x, high), low)"});
}

}  // namespace bessemer::expression::mathematics
