#include "bessemer/transform/spec.h"
#include "bessemer/base/json_text.h"

namespace bessemer::transform {
namespace {

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : JsonText(value);
}

}  // namespace

StatusOr<TransformSpec> TransformSpec::FromConfig(const ConfigNode& node) {
  if (!node.is_map()) return node.Error("expected a map of output names to expressions");
  const ConfigNode* const inner = node.Find("outputs");
  if (inner != nullptr && inner->is_map() && node.fields().size() == 1) return FromConfig(*inner);
  TransformSpec spec;
  for (const auto& [name, value] : node.fields()) {
    if (!value.is_scalar()) {
      return value.Error(fmt::format("output '{}' must be one expression", name));
    }
    spec.outputs.emplace_back(name, value.scalar());
  }
  if (spec.outputs.empty()) return node.Error("a transform needs at least one output");
  return spec;
}

StatusOr<TransformSpec> TransformSpec::FromJson(const Json& outputs) {
  if (!outputs.is_object() || outputs.empty()) {
    return InvalidArgumentError("a transform needs a map of output names to expressions");
  }
  TransformSpec spec;
  for (const auto& [name, value] : outputs.items()) {
    if (value.is_null()) {  // {id: vocabulary(x, top_k=9)} has two entries
      return InvalidArgumentError(
          "output '{}' has no expression; inside {{…}} one with commas needs quotes: {{id: "
          "'vocabulary(x, top_k=9)'}}",
          name);
    }
    if (value.is_object() || value.is_array()) {
      return InvalidArgumentError("output '{}' must be one expression, not {}", name,
                                  JsonText(value).substr(0, 100));
    }
    spec.outputs.emplace_back(name, TextOf(value));
  }
  return spec;
}

StatusOr<TransformSpec> TransformSpec::ReadFile(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node, ConfigNode::ReadFile(path));
  return FromConfig(node);
}

}  // namespace bessemer::transform
