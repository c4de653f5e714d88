#include "bessemer/expression/check.h"

#include "bessemer/expression/binder.h"
#include "bessemer/expression/graph.h"

namespace bessemer::expression {

Status CheckExpression(std::string_view text, const FunctionRegistry& functions) {
  BESSEMER_RETURN_IF_ERROR(functions.status());
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<Syntax> syntax, ParseSyntax(text));
  Graph graph(&functions, InputTypes());
  return Binder(graph, text).Check(*syntax);
}

}  // namespace bessemer::expression
