#include "bessemer/pipeline/records.h"

#include "absl/strings/escaping.h"
#include "bessemer/base/json_text.h"

#include "bessemer/proto/serialize.h"

namespace bessemer::pipeline {
namespace {

using components::Artifact;
using components::Properties;
using components::PropertyValue;
using ::ml_metadata::ArtifactType;
using ::ml_metadata::ExecutionType;
using ::ml_metadata::Value;

struct StandardType {
  std::string_view name;
  ArtifactType::SystemDefinedBaseType base;
  std::vector<std::pair<std::string_view, ::ml_metadata::PropertyType>> properties;
};

// The artifact types of TFX that have properties or a base type.
const std::vector<StandardType>& StandardTypes() {
  using ::ml_metadata::INT;
  using ::ml_metadata::STRING;
  static const auto* const types = new std::vector<StandardType>{
      {"Examples", ArtifactType::DATASET,
       {{"span", INT}, {"version", INT}, {"split_names", STRING}}},
      {"ExampleStatistics", ArtifactType::STATISTICS, {{"span", INT}, {"split_names", STRING}}},
      {"ExampleAnomalies", ArtifactType::UNSET, {{"span", INT}, {"split_names", STRING}}},
      {"ExampleValidationMetrics", ArtifactType::UNSET, {{"span", INT}, {"split_names", STRING}}},
      {"Model", ArtifactType::MODEL, {}},
      {"PushedModel", ArtifactType::MODEL, {}},
  };
  return *types;
}

::ml_metadata::PropertyType KindOf(const PropertyValue& value) {
  if (std::holds_alternative<int64_t>(value)) return ::ml_metadata::INT;
  if (std::holds_alternative<double>(value)) return ::ml_metadata::DOUBLE;
  return ::ml_metadata::STRING;
}

Value ToValue(const PropertyValue& property) {
  Value value;
  if (const auto* number = std::get_if<int64_t>(&property)) value.set_int_value(*number);
  if (const auto* real = std::get_if<double>(&property)) value.set_double_value(*real);
  if (const auto* text = std::get_if<std::string>(&property)) value.set_string_value(*text);
  return value;
}

std::optional<PropertyValue> FromValue(const Value& value) {
  switch (value.value_case()) {
    case Value::kIntValue:
      return PropertyValue(static_cast<int64_t>(value.int_value()));
    case Value::kDoubleValue:
      return PropertyValue(value.double_value());
    case Value::kStringValue:
      return PropertyValue(value.string_value());
    case Value::kStructValue:
      return PropertyValue("mlmd-struct::" +
                           absl::Base64Escape(proto::Serialize(value.struct_value())));
    case Value::kBoolValue:
      return PropertyValue(int64_t{value.bool_value()});
    default:
      return std::nullopt;
  }
}

template <typename Node>
std::string Text(const Node& node, std::string_view name) {
  const auto found = node.custom_properties().find(std::string(name));
  return found == node.custom_properties().end() ? "" : found->second.string_value();
}

}  // namespace

bool IsOwnProperty(std::string_view name) {
  return name.starts_with("bessemer_") || name == kTfxVersion || name == kIsExternal;
}

ArtifactType ArtifactTypeOf(const Artifact& artifact) {
  ArtifactType type;
  type.set_name(artifact.type);
  for (const StandardType& standard : StandardTypes()) {
    if (standard.name != artifact.type) continue;
    for (const auto& [name, kind] : standard.properties) {
      (*type.mutable_properties())[std::string(name)] = kind;
    }
    if (standard.base != ArtifactType::UNSET) type.set_base_type(standard.base);
  }
  for (const auto& [name, value] : artifact.properties) {
    if (!type.properties().contains(name)) (*type.mutable_properties())[name] = KindOf(value);
  }
  return type;
}

ExecutionType ExecutionTypeOf(const components::Component& component) {
  static constexpr std::pair<std::string_view, ExecutionType::SystemDefinedBaseType> kBases[] = {
      {"StatisticsGen", ExecutionType::PROCESS}, {"SchemaGen", ExecutionType::PROCESS},
      {"Transform", ExecutionType::TRANSFORM},   {"Trainer", ExecutionType::TRAIN},
      {"Tuner", ExecutionType::TRAIN},           {"Evaluator", ExecutionType::EVALUATE},
      {"Pusher", ExecutionType::DEPLOY}};
  ExecutionType type;
  type.set_name(component.tfx_class.empty() ? component.name : component.tfx_class);
  for (const auto& [name, base] : kBases) {
    if (component.name == name) type.set_base_type(base);
  }
  return type;
}

::ml_metadata::Artifact ToProto(const Artifact& artifact) {
  ::ml_metadata::Artifact proto;
  if (artifact.id != 0) proto.set_id(artifact.id);
  proto.set_uri(artifact.uri);
  proto.set_state(::ml_metadata::Artifact::LIVE);
  for (const auto& [name, value] : artifact.properties) {
    (*proto.mutable_properties())[name] = ToValue(value);
  }
  for (const auto& [name, value] : artifact.custom_properties) {
    (*proto.mutable_custom_properties())[name] = ToValue(value);
  }
  return proto;
}

Artifact FromProto(const ::ml_metadata::Artifact& proto) {
  Artifact artifact;
  artifact.type = proto.type();
  artifact.uri = proto.uri();
  artifact.id = proto.id();
  for (const auto& [name, value] : proto.properties()) {
    if (auto property = FromValue(value)) artifact.properties[name] = *std::move(property);
  }
  for (const auto& [name, value] : proto.custom_properties()) {
    if (auto property = FromValue(value)) artifact.custom_properties[name] = *std::move(property);
  }
  return artifact;
}

std::optional<Value> ParamProperty(const Json& json) {
  Value value;
  if (json.is_null()) return std::nullopt;
  if (json.is_boolean()) {
    value.set_int_value(json.get<bool>() ? 1 : 0);
  } else if (json.is_number_integer()) {
    value.set_int_value(json.get<int64_t>());
  } else if (json.is_number()) {
    value.set_double_value(json.get<double>());
  } else if (json.is_string()) {
    value.set_string_value(json.get<std::string>());
  } else {
    value.set_string_value(JsonText(json));
  }
  return value;
}

std::string TextProperty(const ::ml_metadata::Execution& execution, std::string_view name) {
  return Text(execution, name);
}
std::string TextProperty(const ::ml_metadata::Context& context, std::string_view name) {
  return Text(context, name);
}
Json JsonProperty(const ::ml_metadata::Execution& execution, std::string_view name) {
  const Json json = Json::parse(Text(execution, name), nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json(nullptr) : json;
}
Json JsonProperty(const ::ml_metadata::Context& context, std::string_view name) {
  const Json json = Json::parse(Text(context, name), nullptr, /*allow_exceptions=*/false);
  return json.is_discarded() ? Json(nullptr) : json;
}

std::string EventKey(const ::ml_metadata::Event& event) {
  for (const auto& step : event.path().steps()) {
    if (step.has_key()) return step.key();
  }
  return "";
}

int64_t EventIndex(const ::ml_metadata::Event& event) {
  for (const auto& step : event.path().steps()) {
    if (step.has_index()) return step.index();
  }
  return 0;
}

}  // namespace bessemer::pipeline
