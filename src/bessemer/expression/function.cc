#include "bessemer/expression/function.h"
#include "bessemer/base/json_text.h"

namespace bessemer::expression {

const FunctionRegistry& StandardFunctions() {
  static const FunctionRegistry* const registry = [] {
    auto* made = new FunctionRegistry("function");
    RegisterPlugins(*made);
    return made;
  }();
  return *registry;
}

std::string Signature(const Function& function) {
  std::string out = function.name + "(";
  for (size_t i = 0; i < function.arguments.size(); ++i) {
    const Argument& argument = function.arguments[i];
    if (i > 0) out += ", ";
    out += argument.name;
    if (argument.constant && argument.nullable) {
      out += "=none";
    } else if (argument.constant && !argument.default_value.is_null()) {
      out += "=" + JsonText(argument.default_value);
    }
    const bool last_value =
        !argument.constant &&
        (i + 1 == function.arguments.size() || function.arguments[i + 1].constant);
    if (function.variadic && last_value) out += ", …";
  }
  return out + ")";
}

}  // namespace bessemer::expression
