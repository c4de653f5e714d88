#ifndef BESSEMER_EXPRESSION_KERNELS_H_
#define BESSEMER_EXPRESSION_KERNELS_H_

#include <string_view>
#include <type_traits>

#include "bessemer/expression/function.h"

// Loops for kernels: the lambda is inlined into a loop over contiguous values.

namespace bessemer::expression {

template <typename T>
inline constexpr Kind kKindOf = std::is_same_v<T, int64_t> ? Kind::kInt
                                : std::is_same_v<T, float> ? Kind::kFloat
                                                           : Kind::kBytes;

template <typename T>
const T* ValuesOf(const Operand& operand) {
  if constexpr (std::is_same_v<T, int64_t>) {
    return operand.ints;
  } else if constexpr (std::is_same_v<T, float>) {
    return operand.floats;
  } else {
    return operand.bytes;
  }
}

template <typename T>
T* ResultsOf(Column& column) {
  if constexpr (std::is_same_v<T, int64_t>) {
    return column.MutableInts();
  } else if constexpr (std::is_same_v<T, float>) {
    return column.MutableFloats();
  } else {
    return column.MutableBytes();
  }
}

// out[i] = f(a[i]).
template <typename A, typename Out, typename F>
Status Map(const KernelCall& call, F f) {
  const A* a = ValuesOf<A>(call.args[0]);
  Out* out = ResultsOf<Out>(*call.out);
  const int64_t step = call.args[0].stride;
  for (int64_t i = 0; i < call.size; ++i) out[i] = f(a[i * step]);
  return OkStatus();
}

// out[i] = f(a[i], b[i]).
template <typename A, typename B, typename Out, typename F>
Status Map2(const KernelCall& call, F f) {
  const A* a = ValuesOf<A>(call.args[0]);
  const B* b = ValuesOf<B>(call.args[1]);
  Out* out = ResultsOf<Out>(*call.out);
  const int64_t step_a = call.args[0].stride;
  const int64_t step_b = call.args[1].stride;
  if (step_a == 1 && step_b == 1) {
    for (int64_t i = 0; i < call.size; ++i) out[i] = f(a[i], b[i]);
  } else if (step_b == 0 && call.size > 0) {
    const B constant = b[0];
    for (int64_t i = 0; i < call.size; ++i) out[i] = f(a[i * step_a], constant);
  } else {
    for (int64_t i = 0; i < call.size; ++i) out[i] = f(a[i * step_a], b[i * step_b]);
  }
  return OkStatus();
}

// Calls f(std::type_identity<int64_t / float / std::string_view>()).
template <typename F>
Status DispatchKind(Kind kind, F f) {
  switch (kind) {
    case Kind::kInt:
      return f(std::type_identity<int64_t>());
    case Kind::kFloat:
      return f(std::type_identity<float>());
    case Kind::kBytes:
      break;
  }
  return f(std::type_identity<std::string_view>());
}

// The same for numbers, which the binder has made sure of.
template <typename F>
Status DispatchNumber(Kind kind, F f) {
  if (kind == Kind::kInt) return f(std::type_identity<int64_t>());
  return f(std::type_identity<float>());
}

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_KERNELS_H_
