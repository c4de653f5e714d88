#include <algorithm>
#include <functional>
#include <set>

#include "bessemer/expression/kernels.h"

// The operators == != < <= > >=, and in.

namespace bessemer::expression::comparison {
namespace {

template <typename Op>
Function Comparison(std::string name, std::string doc, Accepts accepts) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {{.name = "a", .accepts = accepts, .doc = "a value"},
                        {.name = "b", .accepts = accepts, .doc = "a value of the same kind"}},
          .result = Kind::kInt,
          .kernel = [](const KernelCall& call) {
            return DispatchKind(call.args[0].kind, [&](auto tag) {
              using T = typename decltype(tag)::type;
              return Map2<T, T, int64_t>(
                  call, [](const T& a, const T& b) { return static_cast<int64_t>(Op()(a, b)); });
            });
          }};
}

Status In(const KernelCall& call) {
  return DispatchKind(call.args[0].kind, [&](auto tag) {
    using T = typename decltype(tag)::type;
    const T* x = ValuesOf<T>(call.args[0]);
    int64_t* out = call.out->MutableInts();
    for (int64_t i = 0; i < call.size; ++i) {
      for (size_t j = 1; j < call.args.size() && out[i] == 0; ++j) {
        const Operand& option = call.args[j];
        out[i] = x[i * call.args[0].stride] == ValuesOf<T>(option)[i * option.stride];
      }
    }
    return OkStatus();
  });
}

}  // namespace

void Register(FunctionRegistry& registry) {
  registry.Add(Comparison<std::equal_to<>>("equal", "a == b: 1 or 0.", Accepts::kSame));
  registry.Add(Comparison<std::not_equal_to<>>("not_equal", "a != b: 1 or 0.", Accepts::kSame));
  registry.Add(Comparison<std::less<>>("less", "a < b: 1 or 0.", Accepts::kSameNumber));
  registry.Add(Comparison<std::less_equal<>>("less_equal", "a <= b: 1 or 0.",
                                             Accepts::kSameNumber));
  registry.Add(Comparison<std::greater<>>("greater", "a > b: 1 or 0.", Accepts::kSameNumber));
  registry.Add(Comparison<std::greater_equal<>>("greater_equal", "a >= b: 1 or 0.",
                                                Accepts::kSameNumber));
  registry.Add({.name = "in",
                .doc = "1 if x equals one of the options, else 0.",
                .arguments = {{.name = "x", .accepts = Accepts::kSame, .doc = "a value"},
                              {.name = "option", .accepts = Accepts::kSame, .doc = "an option"}},
                .variadic = true,
                .result = Kind::kInt,
                .kernel = In});
}

}  // namespace bessemer::expression::comparison
