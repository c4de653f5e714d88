#ifndef BESSEMER_PIPELINE_VARIABLES_H_
#define BESSEMER_PIPELINE_VARIABLES_H_

#include <map>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::pipeline {

// Replaces `${name}` in the text of a pipeline file by the variable's value; lines keep their
// numbers. Values are those of the top-level map `vars` of the text itself, replaced or completed
// by `overrides` (each a YAML value). Standing alone as a value, `${name}` has the variable's type
// (`n: ${steps}` is a number, a list stays a list); inside other text it must be a scalar and is
// put in as written. `$${` gives a plain `${`; comments are left alone. INVALID_ARGUMENT
// "file:line: …" for an unknown variable, with the nearest name, and for a list or map inside other
// text; also for an override the text does not use, which must be a slip.
StatusOr<std::string> SubstituteVariables(std::string_view text, std::string_view file_name,
                                          const std::map<std::string, std::string>& overrides);

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_VARIABLES_H_
