#include "bessemer/components/schema_gen/transformations.h"

#include <google/protobuf/util/json_util.h>

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"
#include "bessemer/schema/schema_model.h"

namespace bessemer::components::schema_gen {

using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

namespace {

StatusOr<Feature*> FindFeature(const std::string& name, const schema::SchemaModel& model) {
  const auto path = schema::Path::Parse(name);
  Feature* feature = path.ok() ? model.FindFeature(*path) : nullptr;
  if (feature != nullptr) return feature;
  std::vector<std::string> names;
  for (const Feature& known : model.proto().feature()) names.push_back(known.name());
  return NotFoundError("the schema has no feature '{}'{}", name, SuggestName(name, names));
}

Status ExcludeFrom(const ParamValues& params, const schema::SchemaModel& model) {
  for (const auto& [environment, names] : params.Value("not_in_environment").items()) {
    if (!names.is_array()) {
      return params.Error("not_in_environment",
                          fmt::format("{}: give a list of features", environment));
    }
    for (const Json& name : names) {
      const auto feature =
          FindFeature(name.is_string() ? name.get<std::string>() : JsonText(name), model);
      if (!feature.ok()) return params.Error("not_in_environment", Message(feature.status()));
      (*feature)->add_not_in_environment(environment);
    }
  }
  return OkStatus();
}

Status MergeFeatures(const ParamValues& params, const schema::SchemaModel& model) {
  for (const auto& [name, fields] : params.Value("features").items()) {
    const auto feature = FindFeature(name, model);
    if (!feature.ok()) return params.Error("features", Message(feature.status()));
    Feature given;
    const auto parsed = google::protobuf::util::JsonStringToMessage(JsonText(fields), &given);
    if (!parsed.ok()) {
      return params.Error("features",
                          fmt::format("feature '{}': {}", name, std::string(parsed.message())));
    }
    // Value counts stand in the place of an inferred shape, and the other way round.
    if (given.shape_type_case() != Feature::SHAPE_TYPE_NOT_SET) (*feature)->clear_shape_type();
    if (given.domain_info_case() != Feature::DOMAIN_INFO_NOT_SET) (*feature)->clear_domain_info();
    (*feature)->MergeFrom(given);
  }
  return OkStatus();
}

}  // namespace

std::vector<Param> TransformationParams() {
  return {{.name = "default_environments",
           .type = ParamType::kList,
           .default_value = Json::array(),
           .doc = "The environments that features belong to unless they say otherwise, e.g. "
                  "[TRAINING, SERVING]."},
          {.name = "not_in_environment",
           .type = ParamType::kMap,
           .default_value = Json::object(),
           .doc = "By environment the features that it lacks, e.g. {SERVING: [label]}."},
          {.name = "features",
           .type = ParamType::kMap,
           .default_value = Json::object(),
           .doc = "By feature the fields to set, as in the schema (JSON form of Feature), e.g. "
                  "{fare: {float_domain: {min: 0}, drift_comparator: {infinity_norm: {threshold: "
                  "0.1}}}}."}};
}

Status ApplyTransformations(const ParamValues& params, Schema* schema) {
  for (const std::string& environment : params.Strings("default_environments")) {
    schema->add_default_environment(environment);
  }
  schema::SchemaModel model(std::move(*schema));
  BESSEMER_RETURN_IF_ERROR(ExcludeFrom(params, model));
  BESSEMER_RETURN_IF_ERROR(MergeFeatures(params, model));
  *schema = std::move(model.mutable_proto());
  return OkStatus();
}

}  // namespace bessemer::components::schema_gen
