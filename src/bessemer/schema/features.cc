#include "bessemer/schema/features.h"

#include <algorithm>

namespace bessemer::schema {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using Features = google::protobuf::RepeatedPtrField<Feature>;

// Moves the domain of one feature to another that has none.
void CopyDomain(const Feature& from, Feature* to) {
  const auto* reflection = Feature::GetReflection();
  const auto* field = reflection->GetOneofFieldDescriptor(
      from, Feature::descriptor()->FindOneofByName("domain_info"));
  if (field == nullptr) return;
  if (field->message_type() == nullptr) {
    reflection->SetString(to, field, reflection->GetString(from, field));
  } else {
    reflection->MutableMessage(to, field)->CopyFrom(reflection->GetMessage(from, field));
  }
}

const v0::StringDomain* FindStringDomain(const Schema& schema, const std::string& name) {
  for (const auto& domain : schema.string_domain()) {
    if (domain.name() == name) return &domain;
  }
  return nullptr;
}

void CollectLeaves(const Path& parent, const Features& features,
                   std::vector<std::pair<Path, const Feature*>>* leaves) {
  for (const Feature& feature : features) {
    Path path = parent.Child(feature.name());
    if (feature.type() == v0::STRUCT) {
      CollectLeaves(path, feature.struct_domain().feature(), leaves);
    } else {
      leaves->emplace_back(std::move(path), &feature);
    }
  }
}

}  // namespace

StatusOr<const Feature*> GetFeature(const Schema& schema, const Path& path) {
  const Features* features = &schema.feature();
  const Feature* found = nullptr;
  for (const std::string& step : path.steps()) {
    if (found != nullptr && found->type() != v0::STRUCT) {
      return NotFoundError("feature '{}': '{}' is not a struct", path.ToString(), found->name());
    }
    const auto it = std::find_if(features->begin(), features->end(),
                                 [&](const Feature& f) { return f.name() == step; });
    if (it == features->end()) {
      return NotFoundError("feature '{}' is not in the schema: there is no '{}'",
                           path.ToString(), step);
    }
    found = &*it;
    features = &found->struct_domain().feature();
  }
  if (found == nullptr) return NotFoundError("the path of the feature is empty");
  return found;
}

StatusOr<Feature*> MutableFeature(Schema* schema, const Path& path) {
  BESSEMER_ASSIGN_OR_RETURN(const Feature* feature, GetFeature(*schema, path));
  return const_cast<Feature*>(feature);  // a part of *schema, which is ours to change
}

StatusOr<Feature> GetDomain(const Schema& schema, const Path& path) {
  BESSEMER_ASSIGN_OR_RETURN(const Feature* feature, GetFeature(schema, path));
  Feature result;
  if (feature->domain_info_case() == Feature::DOMAIN_INFO_NOT_SET) {
    return NotFoundError("feature '{}' has no domain", path.ToString());
  }
  if (feature->domain_info_case() != Feature::kDomain) {
    CopyDomain(*feature, &result);
    return result;
  }
  const auto* domain = FindStringDomain(schema, feature->domain());
  if (domain == nullptr) {
    return NotFoundError("feature '{}' names domain '{}', which the schema does not have",
                         path.ToString(), feature->domain());
  }
  *result.mutable_string_domain() = *domain;
  return result;
}

Status SetDomain(const Feature& domain, const Path& path, Schema* schema) {
  BESSEMER_ASSIGN_OR_RETURN(Feature* feature, MutableFeature(schema, path));
  if (feature->type() == v0::STRUCT) {
    return InvalidArgumentError("feature '{}' is a struct, whose domain is its fields",
                                path.ToString());
  }
  if (domain.domain_info_case() == Feature::DOMAIN_INFO_NOT_SET) {
    return InvalidArgumentError("no domain is given for feature '{}'", path.ToString());
  }
  if (domain.domain_info_case() == Feature::kDomain &&
      FindStringDomain(*schema, domain.domain()) == nullptr) {
    return NotFoundError("domain '{}' for feature '{}' is not in the schema", domain.domain(),
                         path.ToString());
  }
  feature->clear_domain_info();
  CopyDomain(domain, feature);
  return OkStatus();
}

std::vector<std::pair<Path, const Feature*>> LeafFeatures(const Schema& schema) {
  std::vector<std::pair<Path, const Feature*>> leaves;
  CollectLeaves(Path(), schema.feature(), &leaves);
  return leaves;
}

bool IsCategorical(const Feature& feature) {
  switch (feature.type()) {
    case v0::BYTES:
      return true;
    case v0::INT:
      return feature.int_domain().is_categorical() || feature.has_bool_domain() ||
             feature.has_natural_language_domain();
    case v0::FLOAT:
      return feature.float_domain().is_categorical();
    default:
      return false;
  }
}

bool IsMultivalent(const Feature& feature) {
  const auto& shape = feature.shape();
  const bool one = shape.dim_size() == 1 && shape.dim(0).size() == 1;
  return !one && feature.value_count().max() != 1;
}

Schema SchemaOfPaths(const std::vector<Path>& paths) {
  Schema schema;
  for (const Path& path : paths) {
    Features* features = schema.mutable_feature();
    Feature* last = nullptr;
    for (const std::string& step : path.steps()) {
      if (last != nullptr) features = last->mutable_struct_domain()->mutable_feature();
      const auto it = std::find_if(features->begin(), features->end(),
                                   [&](const Feature& f) { return f.name() == step; });
      last = it == features->end() ? features->Add() : &*it;
      last->set_name(step);
    }
  }
  return schema;
}

}  // namespace bessemer::schema
