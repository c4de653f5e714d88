#include "conformance/feature_spec_json.h"

#include "conformance/arrow_json.h"

namespace bessemer::conformance {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using schema::FixedLenFeature;
using schema::RaggedFeature;
using schema::SparseFeature;
using schema::VarLenFeature;

Json TypeToJson(schema::FeatureType type) {
  const char* name = type == v0::INT ? "int64" : type == v0::FLOAT ? "float32" : "string";
  return {{"@dtype", name}};
}

StatusOr<schema::FeatureType> TypeFromJson(const Json& json) {
  const std::string name = json.at("dtype").at("@dtype");
  if (name == "int64") return v0::INT;
  if (name == "float32") return v0::FLOAT;
  if (name == "string") return v0::BYTES;
  return InvalidArgumentError("dtype {}", name);
}

// One value, or a list of as many as the shape has elements.
Json DefaultToJson(const FixedLenFeature& fixed) {
  if (!fixed.default_value) return nullptr;
  Json value;
  if (const auto* bytes = std::get_if<std::string>(&*fixed.default_value)) {
    value = BytesToJson(*bytes);
  } else if (const auto* integer = std::get_if<int64_t>(&*fixed.default_value)) {
    value = *integer;
  } else {
    value = std::get<float>(*fixed.default_value);
  }
  size_t count = 1;
  for (const int64_t size : fixed.shape) count *= static_cast<size_t>(size);
  return count == 1 ? value : Json(std::vector<Json>(count, value));
}

Json Encode(const FixedLenFeature& fixed) {
  return {{"@FixedLenFeature",
           {{"default_value", DefaultToJson(fixed)},
            {"dtype", TypeToJson(fixed.type)},
            {"shape", fixed.shape}}}};
}

Json Encode(const VarLenFeature& variable) {
  return {{"@VarLenFeature", {{"dtype", TypeToJson(variable.type)}}}};
}

Json Encode(const SparseFeature& sparse) {
  return {{"@SparseFeature",
           {{"already_sorted", sparse.already_sorted},
            {"dtype", TypeToJson(sparse.type)},
            {"index_key", sparse.index_keys},
            {"size", sparse.size},
            {"value_key", sparse.value_key}}}};
}

Json Encode(const RaggedFeature& ragged) {
  Json partitions = Json::array();
  for (const auto& partition : ragged.partitions) {
    if (const auto* key = std::get_if<std::string>(&partition)) {
      partitions.push_back({{"@RowLengths", {{"key", *key}}}});
    } else {
      partitions.push_back({{"@UniformRowLength", {{"length", std::get<int64_t>(partition)}}}});
    }
  }
  return {{"@RaggedFeature",
           {{"dtype", TypeToJson(ragged.type)},
            {"partitions", partitions},
            {"row_splits_dtype", {{"@dtype", ragged.int32_row_splits ? "int32" : "int64"}}},
            {"validate", false},
            {"value_key", ragged.value_key}}}};
}

// A list, or one value in place of a list of one.
Json ListOf(const Json& json) { return json.is_array() ? json : Json::array({json}); }

StatusOr<schema::ParsedFeature> Decode(const std::string& kind, const Json& json) {
  BESSEMER_ASSIGN_OR_RETURN(const auto type, TypeFromJson(json));
  if (kind == "@VarLenFeature") return VarLenFeature{type};
  if (kind == "@FixedLenFeature") {
    FixedLenFeature fixed{.type = type, .shape = json.at("shape").get<std::vector<int64_t>>()};
    Json value = json.value("default_value", Json());
    if (value.is_array() && !value.empty()) value = Json(value.front());
    if (value.is_null()) return fixed;
    if (type == v0::INT) fixed.default_value = value.get<int64_t>();
    if (type == v0::FLOAT) fixed.default_value = static_cast<float>(NumberOf(value));
    if (type == v0::BYTES) fixed.default_value = BytesOf(value);
    return fixed;
  }
  if (kind == "@SparseFeature") {
    return SparseFeature{.type = type,
                         .value_key = json.at("value_key"),
                         .index_keys = ListOf(json.at("index_key")).get<std::vector<std::string>>(),
                         .size = ListOf(json.at("size")).get<std::vector<int64_t>>(),
                         .already_sorted = json.value("already_sorted", false)};
  }
  if (kind != "@RaggedFeature") return UnimplementedError("feature {}", kind);
  RaggedFeature ragged{.type = type};
  if (json.at("value_key").is_string()) ragged.value_key = json["value_key"];
  for (const Json& partition : json.at("partitions")) {
    if (partition.contains("@RowLengths")) {
      ragged.partitions.emplace_back(partition["@RowLengths"].at("key").get<std::string>());
    } else {
      ragged.partitions.emplace_back(
          partition.at("@UniformRowLength").at("length").get<int64_t>());
    }
  }
  ragged.int32_row_splits = json.at("row_splits_dtype").at("@dtype") == "int32";
  return ragged;
}

// The expected default in the form that DefaultToJson gives.
Json Normal(Json feature) {
  for (auto& [kind, fields] : feature.items()) {
    if (!fields.is_object()) continue;
    if (fields.contains("default_value") && fields["default_value"].is_array() &&
        fields["default_value"].size() == 1) {
      fields["default_value"] = Json(fields["default_value"].front());
    }
    for (const char* key : {"index_key", "size"}) {
      if (fields.contains(key)) fields[key] = ListOf(fields[key]);
    }
  }
  return feature;
}

}  // namespace

Json ParsedFeatureToJson(const schema::ParsedFeature& feature) {
  return std::visit([](const auto& one) { return Encode(one); }, feature);
}

Json FeatureSpecToJson(const schema::FeatureSpec& spec) {
  Json json = Json::object();
  for (const auto& [name, feature] : spec) json[name] = ParsedFeatureToJson(feature);
  return json;
}

StatusOr<schema::FeatureSpec> FeatureSpecFromJson(const Json& json) {
  schema::FeatureSpec spec;
  for (const auto& [name, feature] : json.items()) {
    const auto kind = feature.items().begin();
    BESSEMER_ASSIGN_OR_RETURN(spec[name], Decode(kind.key(), kind.value()));
  }
  return spec;
}

std::string DiffParsedFeature(const Json& expected, const schema::ParsedFeature& got) {
  return DiffJson(Normal(expected), ParsedFeatureToJson(got));
}

std::string DiffFeatureSpec(const Json& expected, const schema::FeatureSpec& got) {
  Json normal = Json::object();
  for (const auto& [name, feature] : expected.items()) normal[name] = Normal(feature);
  return DiffJson(normal, FeatureSpecToJson(got));
}

}  // namespace bessemer::conformance
