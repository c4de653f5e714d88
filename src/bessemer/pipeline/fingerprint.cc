#include "bessemer/pipeline/fingerprint.h"

#include <algorithm>

#include "bessemer/base/hash.h"
#include "bessemer/base/json_member.h"
#include "bessemer/base/json_text.h"
#include "bessemer/base/version.h"
#include "bessemer/pipeline/content.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::pipeline {
namespace {

constexpr size_t kMaxShown = 60;

std::string Show(const Json& value) {
  std::string text = JsonText(value);
  if (text.size() <= kMaxShown) return text;
  size_t cut = kMaxShown;
  while (cut > 0 && (text[cut] & 0xc0) == 0x80) --cut;  // whole UTF-8 characters
  return text.substr(0, cut) + "…";
}

// The names in either of two objects, in order of `now`.
std::vector<std::string> Names(const Json& before, const Json& now) {
  std::vector<std::string> names;
  for (const Json* object : {&now, &before}) {
    if (!object->is_object()) continue;
    for (const auto& [name, value] : object->items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  return names;
}

// `prefix` comes before each name: the members of a large map are compared one by one.
void CompareMembers(const std::string& what, const std::string& prefix, const Json& before,
                    const Json& now, std::vector<std::string>& lines) {
  for (const std::string& name : Names(before, now)) {
    const Json& old = JsonMember(before, name);
    const Json& fresh = JsonMember(now, name);
    if (old == fresh) continue;
    const std::string full = prefix + name;
    const bool large = JsonText(old).size() > kMaxShown || JsonText(fresh).size() > kMaxShown;
    if (large && old.is_object() && fresh.is_object()) {
      CompareMembers(what, full + ".", old, fresh, lines);
    } else if (old.is_null()) {
      lines.push_back(fmt::format("{} '{}' is now {}", what, full, Show(fresh)));
    } else if (fresh.is_null()) {
      lines.push_back(fmt::format("{} '{}' was {} and is no longer set", what, full, Show(old)));
    } else {
      lines.push_back(
          fmt::format("{} '{}' changed from {} to {}", what, full, Show(old), Show(fresh)));
    }
  }
}

void CompareInput(const std::string& name, const Json& before, const Json& now,
                  std::vector<std::string>& lines) {
  const size_t old_size = before.is_array() ? before.size() : 0;
  const size_t new_size = now.is_array() ? now.size() : 0;
  if (old_size != new_size) {
    lines.push_back(fmt::format("input '{}' has {} artifact{}, before {}", name, new_size,
                                new_size == 1 ? "" : "s", old_size));
    return;
  }
  for (size_t i = 0; i < new_size; ++i) {
    if (before[i] == now[i]) continue;
    if (JsonMember(before[i], "content") != JsonMember(now[i], "content")) {
      lines.push_back(fmt::format("input '{}' has other content", name));
    } else {
      CompareMembers(fmt::format("input '{}': property", name), "",
                     JsonMember(before[i], "properties"), JsonMember(now[i], "properties"), lines);
    }
    return;
  }
}

}  // namespace

StatusOr<Json> CacheKey(const Step& step, const Json& resolved, const ArtifactMap& inputs) {
  Json key = {{"bessemer", Version()},
              {"component", step.component->name},
              {"version", step.component->version},
              {"params", step.params.json()},
              {"resolved", resolved}};
  key["inputs"] = Json::object();
  for (const auto& [port, artifacts] : inputs) {
    Json list = Json::array();
    for (const components::Artifact& artifact : artifacts) {
      const StatusOr<std::string> content = CurrentContent(artifact);
      if (content.status().code() == StatusCode::kNotFound) {
        return NotFoundError("input '{}': {}; to do without it write 'inputs: {{{}: none}}'", port,
                             Message(content.status()), port);
      }
      if (!content.ok()) {
        return WithContext(content.status(), fmt::format("input '{}'", port));
      }
      Json properties = Json::object();
      for (const auto* group : {&artifact.properties, &artifact.custom_properties}) {
        for (const auto& [name, value] : *group) {
          if (IsOwnProperty(name)) continue;
          std::visit([&, n = name](const auto& v) { properties[n] = v; }, value);
        }
      }
      list.push_back({{"content", *content}, {"properties", std::move(properties)}});
    }
    key["inputs"][port] = std::move(list);
  }
  return key;
}

std::string Fingerprint(const Json& key) { return Sha256Hex(JsonText(key)); }

std::vector<std::string> Differences(const Json& before, const Json& now) {
  std::vector<std::string> lines;
  const std::pair<const char*, const char*> versions[] = {
      {"bessemer", "version of bessemer"},
      {"component", "component"},
      {"version", "component's version"}};
  for (const auto& [name, words] : versions) {
    const Json& old = JsonMember(before, name);
    const Json& fresh = JsonMember(now, name);
    if (old != fresh) {
      lines.push_back(fmt::format("the {} changed from {} to {}", words, Show(old), Show(fresh)));
    }
  }
  CompareMembers("parameter", "", JsonMember(before, "params"), JsonMember(now, "params"), lines);
  const Json& old_resolved = JsonMember(before, "resolved");
  const Json& new_resolved = JsonMember(now, "resolved");
  if (old_resolved.is_object() && new_resolved.is_object()) {
    CompareMembers("outside the pipeline:", "", old_resolved, new_resolved, lines);
  } else if (old_resolved != new_resolved) {
    lines.push_back("what it reads from outside the pipeline changed");
  }
  const Json& old_inputs = JsonMember(before, "inputs");
  const Json& new_inputs = JsonMember(now, "inputs");
  for (const std::string& name : Names(old_inputs, new_inputs)) {
    CompareInput(name, JsonMember(old_inputs, name), JsonMember(new_inputs, name), lines);
  }
  return lines;
}

}  // namespace bessemer::pipeline
