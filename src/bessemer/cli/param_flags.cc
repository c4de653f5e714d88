#include "bessemer/cli/param_flags.h"

#include <CLI/CLI.hpp>
#include <algorithm>

#include "bessemer/base/json_text.h"

namespace bessemer::cli {
namespace {

// Of lists and maps how they are written on a command line.
const char* TypeName(ParamType type) {
  switch (type) {
    case ParamType::kInt:
      return "INT";
    case ParamType::kFloat:
      return "FLOAT";
    case ParamType::kList:
      return "'[a, b]'";
    case ParamType::kMap:
      return "'{a: b}'";
    case ParamType::kBool:
      return "BOOLEAN";
    default:
      return "TEXT";
  }
}

}  // namespace

std::string FlagOf(const std::string& param) {
  std::string flag = "--" + param;
  std::replace(flag.begin(), flag.end(), '_', '-');
  return flag;
}

void AddParamFlags(CLI::App& verb, const std::vector<ParamFlag>& flags, ParamTexts* texts) {
  for (const ParamFlag& flag : flags) {
    const Param& param = flag.param;
    const std::string names = flag.alias.empty() || flag.alias == FlagOf(param.name)
                                  ? FlagOf(param.name)
                                  : flag.alias + "," + FlagOf(param.name);
    if (param.type == ParamType::kBool && param.default_value == false) {
      verb.add_flag_callback(
              names, [texts, name = param.name] { (*texts)[name] = "true"; }, param.doc)
          ->group(flag.group);
      continue;
    }
    CLI::Option* const option = verb.add_option_function<std::string>(
        names, [texts, name = param.name](const std::string& text) { (*texts)[name] = text; },
        param.doc);
    option->group(flag.group)->type_name(TypeName(param.type));
    const Json& value = param.default_value;
    if (value.is_number() || value.is_boolean()) option->default_str(JsonText(value));
  }
}

StatusOr<Json> ReadParamFlags(const std::vector<Param>& params, const ParamTexts& texts) {
  Json values = Json::object();
  for (const Param& param : params) {
    const auto given = texts.find(param.name);
    if (given == texts.end()) continue;
    if (param.type == ParamType::kString) {
      values[param.name] = given->second;
      continue;
    }
    BESSEMER_ASSIGN_OR_RETURN(const ConfigNode value,
                              ConfigNode::Parse(given->second, FlagOf(param.name)));
    values[param.name] = value.ToJson();
  }
  return values;
}

}  // namespace bessemer::cli
