#ifndef BESSEMER_CLI_PARAM_FLAGS_H_
#define BESSEMER_CLI_PARAM_FLAGS_H_

#include <map>
#include <string>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"

namespace CLI {
class App;
}

// Declared parameters as flags of a command: "num_top_values" becomes --num-top-values. What is
// neither text nor a number is written as in YAML: [a, b], {a: b}.

namespace bessemer::cli {

// What was given, by the parameter's name.
using ParamTexts = std::map<std::string, std::string>;

struct ParamFlag {
  Param param;
  std::string alias = "";  // a shorter name, "--sketch"
  std::string group = "Options";
};

// `texts` outlives parsing.
void AddParamFlags(CLI::App& verb, const std::vector<ParamFlag>& flags, ParamTexts* texts);

// The values given, in JSON. INVALID_ARGUMENT naming the flag.
StatusOr<Json> ReadParamFlags(const std::vector<Param>& params, const ParamTexts& texts);

std::string FlagOf(const std::string& param);  // "num_top_values" to "--num-top-values"

}  // namespace bessemer::cli

#endif  // BESSEMER_CLI_PARAM_FLAGS_H_
