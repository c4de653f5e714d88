#include "bessemer/schema/schema_model.h"

#include <algorithm>
#include <utility>

namespace bessemer::schema {

using ::google::protobuf::RepeatedPtrField;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::LifecycleStage;
using ::tensorflow::metadata::v0::Schema;
using ::tensorflow::metadata::v0::SparseFeature;
using ::tensorflow::metadata::v0::StringDomain;
using ::tensorflow::metadata::v0::WeightedFeature;

namespace {

template <typename Map>
auto* FindIn(const Map& map, const std::string& key) {
  const auto found = map.find(key);
  return found == map.end() ? nullptr : found->second;
}

template <typename Names>
bool Holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void ClearReferences(const std::string& domain, RepeatedPtrField<Feature>* features) {
  for (Feature& feature : *features) {
    if (feature.has_domain() && feature.domain() == domain) feature.clear_domain_info();
    if (feature.has_struct_domain()) {
      ClearReferences(domain, feature.mutable_struct_domain()->mutable_feature());
    }
  }
}

void AddRequired(const Path& parent, const RepeatedPtrField<Feature>& features,
                 const Schema& schema, const Environment& environment, std::vector<Path>* paths) {
  for (const Feature& feature : features) {
    const Path path = parent.Child(feature.name());
    if (IsRequired(feature, schema, environment)) paths->push_back(path);
    if (!IsInactive(feature)) {
      AddRequired(path, feature.struct_domain().feature(), schema, environment, paths);
    }
  }
}

}  // namespace

bool IsInactive(LifecycleStage stage) {
  switch (stage) {
    case ::tensorflow::metadata::v0::PLANNED:
    case ::tensorflow::metadata::v0::ALPHA:
    case ::tensorflow::metadata::v0::DEPRECATED:
    case ::tensorflow::metadata::v0::DEBUG_ONLY:
    case ::tensorflow::metadata::v0::DISABLED:
      return true;
    default:
      return false;
  }
}

// `deprecated` is itself deprecated, but schemas in use have it.
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
bool IsInactive(const Feature& feature) {
  return feature.deprecated() || IsInactive(feature.lifecycle_stage());
}

bool IsInactive(const SparseFeature& feature) {
  return feature.deprecated() || IsInactive(feature.lifecycle_stage());
}

#pragma GCC diagnostic pop

bool IsInactive(const WeightedFeature& feature) { return IsInactive(feature.lifecycle_stage()); }

bool IsInEnvironment(const Feature& feature, const Schema& schema,
                     const Environment& environment) {
  if (!environment.has_value()) return true;
  if (Holds(feature.in_environment(), *environment)) return true;
  if (Holds(feature.not_in_environment(), *environment)) return false;
  return Holds(schema.default_environment(), *environment);
}

bool IsRequired(const Feature& feature, const Schema& schema, const Environment& environment) {
  if (IsInactive(feature)) return false;
  const auto& presence = feature.presence();
  if (presence.min_count() <= 0 && presence.min_fraction() <= 0) return false;
  return IsInEnvironment(feature, schema, environment);
}

std::string_view DomainKind(const Feature& feature) {
  static const auto* const oneof = Feature::descriptor()->FindOneofByName("domain_info");
  const auto* const field = Feature::GetReflection()->GetOneofFieldDescriptor(feature, oneof);
  return field == nullptr ? std::string_view() : std::string_view(field->name());
}

SchemaModel::SchemaModel(Schema schema) : schema_(std::move(schema)) { Reindex(); }

void SchemaModel::Reindex() {
  features_.clear();
  sparse_.clear();
  weighted_.clear();
  IndexFeatures(Path(), *schema_.mutable_feature());
  IndexSparse(Path(), *schema_.mutable_sparse_feature());
  for (WeightedFeature& feature : *schema_.mutable_weighted_feature()) {
    weighted_.emplace(Path({feature.name()}).ToString(), &feature);
  }
  IndexDomains();
}

void SchemaModel::IndexFeatures(const Path& parent, RepeatedPtrField<Feature>& features) {
  for (Feature& feature : features) {
    const Path path = parent.Child(feature.name());
    // Of two entries of one path the first is meant, with its children.
    if (!features_.emplace(path.ToString(), &feature).second) continue;
    if (feature.has_struct_domain()) {
      IndexFeatures(path, *feature.mutable_struct_domain()->mutable_feature());
      IndexSparse(path, *feature.mutable_struct_domain()->mutable_sparse_feature());
    }
  }
}

void SchemaModel::IndexSparse(const Path& parent, RepeatedPtrField<SparseFeature>& features) {
  for (SparseFeature& feature : features) {
    sparse_.emplace(parent.Child(feature.name()).ToString(), &feature);
  }
}

void SchemaModel::IndexDomains() {
  domains_.clear();
  for (StringDomain& domain : *schema_.mutable_string_domain()) {
    domains_.emplace(domain.name(), &domain);
  }
}

Feature* SchemaModel::FindFeature(const Path& path) const {
  return FindIn(features_, path.ToString());
}
SparseFeature* SchemaModel::FindSparse(const Path& path) const {
  return FindIn(sparse_, path.ToString());
}
WeightedFeature* SchemaModel::FindWeighted(const Path& path) const {
  return FindIn(weighted_, path.ToString());
}
StringDomain* SchemaModel::FindDomain(std::string_view name) const {
  return FindIn(domains_, std::string(name));
}

bool SchemaModel::Contains(const Path& path) const {
  const std::string key = path.ToString();
  return features_.contains(key) || sparse_.contains(key) || weighted_.contains(key);
}

bool SchemaModel::IsInactive(const Path& path) const {
  if (const Feature* feature = FindFeature(path)) return schema::IsInactive(*feature);
  if (const SparseFeature* sparse = FindSparse(path)) return schema::IsInactive(*sparse);
  return false;
}

std::vector<Path> SchemaModel::RequiredPaths(const Environment& environment) const {
  std::vector<Path> paths;
  AddRequired(Path(), schema_.feature(), schema_, environment, &paths);
  return paths;
}

Feature* SchemaModel::AddFeature(const Path& path) {
  Feature* feature = nullptr;
  if (path.size() == 1) {
    feature = schema_.add_feature();
  } else {
    Feature* parent = FindFeature(path.Parent());
    if (parent == nullptr) return nullptr;
    feature = parent->mutable_struct_domain()->add_feature();
  }
  feature->set_name(path.last());
  features_.emplace(path.ToString(), feature);
  return feature;
}

StringDomain* SchemaModel::AddDomain(std::string_view wanted) {
  std::string name(wanted);
  for (int i = 2; domains_.contains(name); ++i) name = fmt::format("{}{}", wanted, i);
  StringDomain* domain = schema_.add_string_domain();
  domain->set_name(name);
  domains_.emplace(name, domain);
  return domain;
}

void SchemaModel::RemoveDomain(const std::string& name) {
  ClearReferences(name, schema_.mutable_feature());
  auto* domains = schema_.mutable_string_domain();
  const auto named = [&](const StringDomain& domain) { return domain.name() == name; };
  domains->erase(std::remove_if(domains->begin(), domains->end(), named), domains->end());
  IndexDomains();
}

}  // namespace bessemer::schema
