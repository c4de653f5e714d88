#ifndef BESSEMER_EXPRESSION_FUNCTION_H_
#define BESSEMER_EXPRESSION_FUNCTION_H_

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/registry.h"
#include "bessemer/base/status.h"
#include "bessemer/expression/column.h"
#include "bessemer/expression/type.h"

// What functions of the expression language are made of. A plug-in folder registers some.

namespace bessemer::expression {

// What values an argument may have. The binder converts int to float where that is what is wanted;
// it never converts otherwise.
enum class Accepts {
  kAny,     // as it is
  kInt,     //
  kFloat,   // ints are converted
  kNumber,  // ints and floats as they are
  kText,    // bytes, or ints, which are converted to decimal text
  kBytes,   //
  kSame,    // anything; all arguments marked so are brought to one kind (int and float: float)
  kSameNumber,  // the same without bytes
};

// An argument: a value computed per row (or a constant), or with `constant` a setting that must be
// a literal and arrives in `attrs`.
struct Argument {
  std::string name;
  Accepts accepts = Accepts::kAny;
  std::string doc;
  bool constant = false;
  Json default_value = nullptr;  // constants only; null: must be given, unless `nullable`
  bool nullable = false;         // a constant that may be left out
};

// One argument of a kernel: value i is data[i * stride]; stride 0 for a constant.
struct Operand {
  Kind kind = Kind::kInt;
  const int64_t* ints = nullptr;
  const float* floats = nullptr;
  const std::string_view* bytes = nullptr;
  int64_t stride = 1;
};

// Whatever a function prepares once from its constants (a hash table, a compiled pattern).
using State = std::shared_ptr<const void>;

struct KernelCall {
  std::span<const Operand> args;
  int64_t size = 0;
  const Json* attrs = nullptr;
  const void* state = nullptr;
  Column* out = nullptr;        // its flat storage holds `size` values
  uint8_t* out_valid = nullptr;  // with Function::may_fail: set to 0 where there is no result
};

struct Function;

// What the functions below see of a call.
struct CallContext {
  const Function* function = nullptr;
  std::vector<Type> types;                // of the values
  std::vector<const Column*> constants;   // of values that are known constants, else null
  const Json* attrs = nullptr;
};

// The registry entry of a function. Exactly one of kernel, evaluate, definition, analyzer is set.
struct Function {
  std::string name;
  std::string doc;  // what it computes, at the edges too
  std::vector<Argument> arguments;
  // The last value argument may be repeated; at least `min_repeats` times.
  bool variadic = false;
  int min_repeats = 1;
  // The kind of the result; none: the common kind of the arguments.
  std::optional<Kind> result;

  // Element by element over flat values; rows, missing values and broadcasting are seen to: a row
  // is missing in the result if it is in an argument.
  std::function<Status(const KernelCall&)> kernel;
  bool may_fail = false;  // the kernel may leave rows missing; not for ragged and vector arguments

  // Over whole columns, with its own rule for the result's type.
  std::function<StatusOr<Column>(const std::vector<Column>& args, int64_t num_rows,
                                 const Json& attrs, const void* state)>
      evaluate;
  // In terms of other functions: an expression over the argument names.
  std::string definition;
  // The name of what computes it over a whole dataset, which only a transform can.
  std::string analyzer;

  // Overrides the rule of `result` and Broadcast; required with `evaluate` and `analyzer`. It also
  // checks constant settings; messages go to the user with the position added.
  std::function<StatusOr<Type>(const CallContext&)> infer;
  // Checks settings when `infer` is not overridden.
  std::function<Status(const Json& attrs)> check;
  // Called once all constant arguments are known.
  std::function<StatusOr<State>(const CallContext&)> prepare;
  // What ints the result can hold, when it is categorical: [min, max].
  std::function<std::optional<std::pair<int64_t, int64_t>>(const CallContext&)> domain;
  // With exactly one argument and nothing else, the call means this function instead.
  std::string single_argument;
};

using FunctionRegistry = Registry<Function>;

// Adds the functions of this library's plug-in folders.
void RegisterPlugins(FunctionRegistry& registry);
// Those functions; lives for ever.
const FunctionRegistry& StandardFunctions();

// "clip(x, low, high)", "vocabulary(x, top_k=None, num_oov_buckets=0)".
std::string Signature(const Function& function);

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_FUNCTION_H_
