#include <cmath>

#include "bessemer/expression/kernels.h"

// The operators + - * / // % ** and unary -.

namespace bessemer::expression::arithmetic {
namespace {

// Integers wrap around, as TensorFlow's do.
template <typename T, typename Unsigned>
T Wrapping(T a, T b, Unsigned f) {
  return static_cast<T>(f(static_cast<uint64_t>(a), static_cast<uint64_t>(b)));
}

struct Add {
  int64_t operator()(int64_t a, int64_t b) const { return Wrapping(a, b, std::plus<uint64_t>()); }
  float operator()(float a, float b) const { return a + b; }
};
struct Subtract {
  int64_t operator()(int64_t a, int64_t b) const { return Wrapping(a, b, std::minus<uint64_t>()); }
  float operator()(float a, float b) const { return a - b; }
};
struct Multiply {
  int64_t operator()(int64_t a, int64_t b) const {
    return Wrapping(a, b, std::multiplies<uint64_t>());
  }
  float operator()(float a, float b) const { return a * b; }
};
struct FloorDivide {
  int64_t operator()(int64_t a, int64_t b) const {
    if (b == 0) return 0;
    if (b == -1) return Subtract()(0, a);
    const int64_t quotient = a / b;
    return quotient - (a % b != 0 && (a < 0) != (b < 0));
  }
  float operator()(float a, float b) const { return std::floor(a / b); }
};
struct Modulo {
  int64_t operator()(int64_t a, int64_t b) const {
    if (b == 0 || b == -1) return 0;
    const int64_t rest = a % b;
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
  float operator()(float a, float b) const {
    const float rest = std::fmod(a, b);
    return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
  }
};

template <typename Op>
Function Binary(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {{.name = "a", .accepts = Accepts::kSameNumber, .doc = "a number"},
                        {.name = "b", .accepts = Accepts::kSameNumber, .doc = "a number"}},
          .kernel = [](const KernelCall& call) {
            return DispatchNumber(call.args[0].kind, [&](auto tag) {
              using T = typename decltype(tag)::type;
              return Map2<T, T, T>(call, Op());
            });
          }};
}

}  // namespace

void Register(FunctionRegistry& registry) {
  registry.Add(Binary<Add>("add", "a + b. Integers wrap around on overflow."));
  registry.Add(Binary<Subtract>("subtract", "a - b. Integers wrap around on overflow."));
  registry.Add(Binary<Multiply>("multiply", "a * b. Integers wrap around on overflow."));
  registry.Add(Binary<FloorDivide>(
      "floor_divide", "a // b: the quotient rounded down. An integer divided by 0 gives 0."));
  registry.Add(Binary<Modulo>(
      "modulo", "a % b: what // leaves over, with the sign of b. An integer modulo 0 gives 0."));
  const std::vector<Argument> floats = {
      {.name = "a", .accepts = Accepts::kFloat, .doc = "a number"},
      {.name = "b", .accepts = Accepts::kFloat, .doc = "a number"}};
  registry.Add({.name = "divide",
                .doc = "a / b as floats; division by 0 gives an infinity or NaN.",
                .arguments = floats,
                .result = Kind::kFloat,
                .kernel = [](const KernelCall& call) {
                  return Map2<float, float, float>(call, [](float a, float b) { return a / b; });
                }});
  registry.Add({.name = "power",
                .doc = "a ** b as floats.",
                .arguments = floats,
                .result = Kind::kFloat,
                .kernel = [](const KernelCall& call) {
                  return Map2<float, float, float>(
                      call, [](float a, float b) { return std::pow(a, b); });
                }});
  registry.Add({.name = "negate",
                .doc = "-x.",
                .arguments = {{.name = "x", .accepts = Accepts::kNumber, .doc = "a number"}},
                .kernel = [](const KernelCall& call) {
                  return DispatchNumber(call.args[0].kind, [&](auto tag) {
                    using T = typename decltype(tag)::type;
                    if constexpr (std::is_same_v<T, float>) {
                      return Map<float, float>(call, [](float a) { return -a; });
                    } else {
                      return Map<T, T>(call, [](T a) { return Subtract()(0, a); });
                    }
                  });
                }});
}

}  // namespace bessemer::expression::arithmetic
