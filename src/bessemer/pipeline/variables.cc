#include "bessemer/pipeline/variables.h"

#include <functional>
#include <set>

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"

namespace bessemer::pipeline {
namespace {

// What stands for ${name} while the variables themselves are being read.
constexpr std::string_view kMark = "__variable_";

using Replace = std::function<StatusOr<std::string>(const std::string& name, bool alone, int line)>;

bool EndsValue(char c) { return c == '\n' || c == ',' || c == ']' || c == '}' || c == '\r'; }

// True if text[begin, end) is a whole YAML value: after "key: ", "- ", "[", "{" or ",".
bool StandsAlone(std::string_view text, size_t begin, size_t end) {
  size_t after = end;
  while (after < text.size() && text[after] == ' ') ++after;
  const bool comment = after > end && after < text.size() && text[after] == '#';
  if (after < text.size() && !EndsValue(text[after]) && !comment) return false;
  size_t before = begin;
  while (before > 0 && text[before - 1] == ' ') --before;
  if (before == 0) return true;
  const char c = text[before - 1];
  return c == '[' || c == ',' || c == '{' || c == '\n' ||
         ((c == ':' || c == '-') && before < begin);
}

StatusOr<std::string> ReplaceAll(std::string_view text, std::string_view file_name,
                                 const Replace& replace) {
  std::string result;
  int line = 1;
  char quote = 0;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (c == '\n') {
      ++line;
      quote = 0;
    }
    if ((c == '"' || c == '\'') && (quote == 0 || quote == c)) quote = quote == 0 ? c : 0;
    const bool spaced = i == 0 || text[i - 1] == ' ' || text[i - 1] == '\n';
    if (c == '#' && quote == 0 && spaced) {
      const size_t end = std::min(text.find('\n', i), text.size());
      result += text.substr(i, end - i);
      i = end;
    } else if (text.substr(i).starts_with("$${")) {
      result += "${";
      i += 3;
    } else if (text.substr(i).starts_with("${")) {
      const size_t close = text.find('}', i);
      const size_t newline = text.find('\n', i);
      if (close == std::string_view::npos || newline < close) {
        return InvalidArgumentError("{}:{}: '${{' lacks a '}}'; write '$${{' for a plain '${{'",
                                    file_name, line);
      }
      const std::string name(text.substr(i + 2, close - i - 2));
      BESSEMER_ASSIGN_OR_RETURN(const std::string value,
                                replace(name, StandsAlone(text, i, close + 1), line));
      result += value;
      i = close + 1;
    } else {
      result += c;
      ++i;
    }
  }
  return result;
}

StatusOr<std::map<std::string, Json>> ReadVariables(
    std::string_view text, std::string_view file_name,
    const std::map<std::string, std::string>& overrides) {
  BESSEMER_ASSIGN_OR_RETURN(
      const std::string neutral,
      ReplaceAll(text, file_name, [](const std::string& name, bool, int) -> StatusOr<std::string> {
        return fmt::format("{}{}", kMark, name);
      }));
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode file, ConfigNode::Parse(neutral, file_name));
  std::map<std::string, Json> variables;
  if (const ConfigNode* vars = file.Find("vars"); vars != nullptr && !vars->is_null()) {
    if (!vars->is_map()) return vars->Error("'vars' must be a map of names and values");
    for (const auto& [name, value] : vars->fields()) {
      variables[name] = value.ToJson();
      if (JsonText(variables[name]).find(kMark) != std::string::npos) {
        return value.Error(fmt::format("the variable '{}' cannot use another variable", name));
      }
    }
  }
  for (const auto& [name, value] : overrides) {
    BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node,
                              ConfigNode::Parse(value, fmt::format("--set {}", name)));
    variables[name] = node.ToJson();
  }
  return variables;
}

// What stands for ${name} at `line`; `alone`: as a value of its own.
StatusOr<std::string> TextOf(const std::map<std::string, Json>& variables, const std::string& name,
                             bool alone, std::string_view file_name, int line) {
  const auto found = variables.find(name);
  if (found == variables.end()) {
    std::vector<std::string> names;
    for (const auto& [known, value] : variables) names.push_back(known);
    return InvalidArgumentError(
        "{}:{}: unknown variable '{}'{}; define it under 'vars' or with --set {}=…", file_name,
        line, name, names.empty() ? "" : SuggestName(name, names), name);
  }
  const Json& value = found->second;
  if (alone) return JsonText(value);
  if (value.is_structured()) {
    return InvalidArgumentError(
        "{}:{}: the variable '{}' is a {}, which cannot stand inside other text", file_name, line,
        name, value.is_array() ? "list" : "map");
  }
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

}  // namespace

StatusOr<std::string> SubstituteVariables(std::string_view text, std::string_view file_name,
                                          const std::map<std::string, std::string>& overrides) {
  BESSEMER_ASSIGN_OR_RETURN(const auto variables, ReadVariables(text, file_name, overrides));
  std::set<std::string> used;
  BESSEMER_ASSIGN_OR_RETURN(
      std::string result,
      ReplaceAll(text, file_name, [&](const std::string& name, bool alone, int line) {
        used.insert(name);
        return TextOf(variables, name, alone, file_name, line);
      }));
  for (const auto& [name, value] : overrides) {
    if (used.contains(name)) continue;
    return InvalidArgumentError(
        "--set {}: {} uses no such variable{}", name, file_name,
        used.empty() ? "" : SuggestName(name, std::vector<std::string>(used.begin(), used.end())));
  }
  return result;
}

}  // namespace bessemer::pipeline
