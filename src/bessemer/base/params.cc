#include "bessemer/base/params.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"

namespace bessemer {
namespace {

bool TypeMatches(ParamType type, const Json& value) {
  switch (type) {
    case ParamType::kBool:
      return value.is_boolean();
    case ParamType::kInt:
      return value.is_number_integer();
    case ParamType::kFloat:
      return value.is_number();
    case ParamType::kString:
      return value.is_string();
    case ParamType::kList:
      return value.is_array();
    case ParamType::kMap:
      return value.is_object();
    case ParamType::kAny:
      return true;
  }
  return false;
}

// What is wrong with a value, or "".
std::string Problem(const Param& param, const Json& value) {
  if (!TypeMatches(param.type, value)) {
    const std::string_view type = ParamTypeName(param.type);
    return fmt::format("'{}' must be {} {}, but is {}", param.name, type[0] == 'i' ? "an" : "a",
                       type, JsonText(value));
  }
  if (value.is_number()) {
    const double number = value.get<double>();  // NaN is within no bounds
    const std::string shown = std::isnan(number) ? "NaN" : JsonText(value);
    if (param.min && !(number >= *param.min)) {
      return fmt::format("'{}' is {}, but must be at least {}", param.name, shown, *param.min);
    }
    if (param.max && !(number <= *param.max)) {
      return fmt::format("'{}' is {}, but must be at most {}", param.name, shown, *param.max);
    }
  }
  if (!param.choices.empty() && value.is_string()) {
    const std::string& text = value.get_ref<const std::string&>();
    if (std::find(param.choices.begin(), param.choices.end(), text) == param.choices.end()) {
      return fmt::format("'{}' cannot be '{}'{}", param.name, text,
                         SuggestName(text, param.choices));
    }
  }
  return "";
}

// Messages are about names inside a parameter more often than about all of it: the places of the
// keys and scalars below a value, in the order of the file, as many as a person would write. They
// are kept under "<parameter>\n<text>", which no parameter is called.
constexpr size_t kMaxPositions = 4096;

void AddNested(const std::string& param, const ConfigNode& node,
               std::vector<std::pair<std::string, std::string>>* positions) {
  if (positions->size() >= kMaxPositions) return;
  if (node.is_scalar()) positions->emplace_back(param + "\n" + node.scalar(), node.Where());
  for (const ConfigNode& item : node.items()) AddNested(param, item, positions);
  for (const auto& [key, value] : node.fields()) {
    positions->emplace_back(param + "\n" + key, value.Where());
    AddNested(param, value, positions);
  }
}

// The texts in '…' of a message, without suggestions; of a path such as a.b[0].c its end as well.
std::vector<std::string> Quoted(std::string_view message) {
  message = message.substr(0, message.find("; did you mean "));
  message = message.substr(0, message.find("; known: "));
  std::vector<std::string> texts;
  while (true) {
    const size_t open = message.find('\'');
    if (open == std::string_view::npos) return texts;
    const size_t close = message.find('\'', open + 1);
    if (close == std::string_view::npos) return texts;
    const std::string_view text = message.substr(open + 1, close - open - 1);
    texts.emplace_back(text);
    if (const size_t dot = text.rfind('.'); dot != std::string_view::npos) {
      texts.emplace_back(text.substr(dot + 1));
    }
    message.remove_prefix(close + 1);
  }
}

// Plain scalars such as 007 or yes where a string is wanted are taken as written.
Json Normalise(const Param& param, const Json& value, const ConfigNode* node) {
  if (param.type == ParamType::kString && node != nullptr && node->is_scalar()) {
    return node->scalar();
  }
  if (param.type == ParamType::kFloat && value.is_number_integer()) return value.get<double>();
  return value;
}

}  // namespace

std::string_view ParamTypeName(ParamType type) {
  switch (type) {
    case ParamType::kBool:
      return "bool";
    case ParamType::kInt:
      return "integer";
    case ParamType::kFloat:
      return "number";
    case ParamType::kString:
      return "string";
    case ParamType::kList:
      return "list";
    case ParamType::kMap:
      return "map";
    case ParamType::kAny:
      return "value";
  }
  return "value";
}

StatusOr<ParamValues> ParamValues::FromConfig(const std::vector<Param>& declared,
                                              const ConfigNode* node) {
  ParamValues result;
  if (node != nullptr && !node->is_null() && !node->is_map()) {
    return node->Error("expected a map of parameters");
  }
  if (node != nullptr) {
    std::vector<std::string> names;
    for (const Param& param : declared) names.push_back(param.name);
    BESSEMER_RETURN_IF_ERROR(node->CheckKeys(names));
  }
  for (const Param& param : declared) {
    const ConfigNode* given = node == nullptr ? nullptr : node->Find(param.name);
    if (given == nullptr || given->is_null()) {
      if (param.required) {
        const std::string message = fmt::format("'{}' is required: {}", param.name, param.doc);
        return node == nullptr ? InvalidArgumentError("{}", message) : node->Error(message);
      }
      result.values_[param.name] = param.default_value;
      continue;
    }
    const Json value = Normalise(param, given->ToJson(), given);
    if (const std::string problem = Problem(param, value); !problem.empty()) {
      return given->Error(problem);
    }
    result.values_[param.name] = value;
    result.positions_.emplace_back(param.name, given->Where());
    if (!given->is_scalar()) AddNested(param.name, *given, &result.positions_);
  }
  return result;
}

StatusOr<ParamValues> ParamValues::FromJson(const std::vector<Param>& declared, const Json& values,
                                            std::string_view what) {
  ParamValues result;
  std::vector<std::string> names;
  for (const Param& param : declared) names.push_back(param.name);
  for (const auto& [name, value] : values.items()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return InvalidArgumentError("{}: unknown parameter '{}'{}", what, name,
                                  SuggestName(name, names));
    }
  }
  for (const Param& param : declared) {
    const auto given = values.find(param.name);
    if (given == values.end() || given->is_null()) {
      if (param.required) {
        return InvalidArgumentError("{}: '{}' is required: {}", what, param.name, param.doc);
      }
      result.values_[param.name] = param.default_value;
      continue;
    }
    const Json value = Normalise(param, *given, nullptr);
    if (const std::string problem = Problem(param, value); !problem.empty()) {
      return InvalidArgumentError("{}: {}", what, problem);
    }
    result.values_[param.name] = value;
  }
  return result;
}

const Json& ParamValues::Value(std::string_view name) const {
  static const Json null = nullptr;
  const auto found = values_.find(std::string(name));
  return found == values_.end() ? null : *found;
}

bool ParamValues::Has(std::string_view name) const { return !Value(name).is_null(); }

bool ParamValues::Bool(std::string_view name) const {
  const Json& value = Value(name);
  return value.is_boolean() && value.get<bool>();
}

int64_t ParamValues::Int(std::string_view name) const {
  const Json& value = Value(name);
  return value.is_number() ? value.get<int64_t>() : 0;
}

double ParamValues::Float(std::string_view name) const {
  const Json& value = Value(name);
  return value.is_number() ? value.get<double>() : 0.0;
}

std::string ParamValues::String(std::string_view name) const {
  const Json& value = Value(name);
  return value.is_string() ? value.get<std::string>() : "";
}

std::vector<std::string> ParamValues::Strings(std::string_view name) const {
  std::vector<std::string> texts;
  for (const Json& item : Value(name)) {
    texts.push_back(item.is_string() ? item.get<std::string>() : JsonText(item));
  }
  return texts;
}

std::string ParamValues::Where(std::string_view name) const {
  for (const auto& [key, where] : positions_) {
    if (key == name) return where;
  }
  return "";
}

Status ParamValues::Error(std::string_view name, std::string_view message) const {
  std::string where = Where(name);
  for (const std::string& text : Quoted(message)) {
    const std::string inside = Where(fmt::format("{}\n{}", name, text));
    if (inside.empty()) continue;
    where = inside;
    break;
  }
  if (where.empty()) return InvalidArgumentError("'{}': {}", name, message);
  return InvalidArgumentError("{}: '{}': {}", where, name, message);
}

}  // namespace bessemer
