#include "bessemer/components/component.h"
#include "bessemer/base/json_text.h"

#include <fmt/format.h>

namespace bessemer::components {

const PropertyValue* Artifact::Property(std::string_view name) const {
  for (const Properties* group : {&properties, &custom_properties}) {
    const auto found = group->find(std::string(name));
    if (found != group->end()) return &found->second;
  }
  return nullptr;
}

std::string Artifact::StringProperty(std::string_view name) const {
  const PropertyValue* value = Property(name);
  const auto* text = value == nullptr ? nullptr : std::get_if<std::string>(value);
  return text == nullptr ? "" : *text;
}

int64_t Artifact::IntProperty(std::string_view name) const {
  const PropertyValue* value = Property(name);
  const auto* number = value == nullptr ? nullptr : std::get_if<int64_t>(value);
  return number == nullptr ? 0 : *number;
}

std::vector<std::string> Artifact::SplitNames() const {
  const Json names =
      Json::parse(StringProperty("split_names"), nullptr, /*allow_exceptions=*/false);
  std::vector<std::string> result;
  if (!names.is_array()) return result;
  for (const Json& name : names) {
    if (name.is_string()) result.push_back(name.get<std::string>());
  }
  return result;
}

void Artifact::SetSplitNames(const std::vector<std::string>& names) {
  std::string text = "[";  // as Python's json.dumps spaces it
  for (size_t i = 0; i < names.size(); ++i) {
    text += fmt::format("{}{}", i == 0 ? "" : ", ", JsonText(Json(names[i])));
  }
  properties["split_names"] = text + "]";
}

std::string Artifact::SplitUri(std::string_view split) const {
  return fmt::format("{}/Split-{}", uri, split);
}

const Artifact* RunContext::Input(std::string_view port) const {
  const auto found = inputs.find(std::string(port));
  return found == inputs.end() || found->second.empty() ? nullptr : &found->second.front();
}

}  // namespace bessemer::components
