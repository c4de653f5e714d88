#ifndef BESSEMER_EXPRESSION_CHECK_H_
#define BESSEMER_EXPRESSION_CHECK_H_

#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/expression/function.h"

namespace bessemer::expression {

// Judges an expression before the columns are known: its syntax, that the functions exist, their
// arguments and constant settings. Types and features are for Expression::Bind. INVALID_ARGUMENT or
// NOT_FOUND "line:column: …" with the text, a caret and the nearest name.
Status CheckExpression(std::string_view text,
                       const FunctionRegistry& functions = StandardFunctions());

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_CHECK_H_
