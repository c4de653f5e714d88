#ifndef BESSEMER_SCHEMA_SCHEMA_MODEL_H_
#define BESSEMER_SCHEMA_SCHEMA_MODEL_H_

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bessemer/schema/path.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

// Finding and editing the parts of a schema.

namespace bessemer::schema {

// What schemas call an environment, e.g. "SERVING"; none: all features are meant.
using Environment = std::optional<std::string>;

// Whether features of this stage are left out of validation: PLANNED, ALPHA, DEPRECATED, DEBUG_ONLY
// and DISABLED.
bool IsInactive(::tensorflow::metadata::v0::LifecycleStage stage);
// The same for an entry; the old field `deprecated` counts as well.
bool IsInactive(const ::tensorflow::metadata::v0::Feature& feature);
bool IsInactive(const ::tensorflow::metadata::v0::SparseFeature& feature);
bool IsInactive(const ::tensorflow::metadata::v0::WeightedFeature& feature);

// `in_environment` wins over `not_in_environment`, which wins over the schema's defaults. Without
// an environment every feature is in.
bool IsInEnvironment(const ::tensorflow::metadata::v0::Feature& feature,
                     const ::tensorflow::metadata::v0::Schema& schema,
                     const Environment& environment);
// Active, with a presence above zero, and in the environment.
bool IsRequired(const ::tensorflow::metadata::v0::Feature& feature,
                const ::tensorflow::metadata::v0::Schema& schema, const Environment& environment);

// The name of the field of the oneof `domain_info` that is set; "" if none is.
std::string_view DomainKind(const ::tensorflow::metadata::v0::Feature& feature);

// A schema with its entries by path and name. Where a schema holds two entries of one path, the
// first is meant. Pointers into the schema stay valid until the entry is removed. Not thread-safe
// while it is being edited.
class SchemaModel {
 public:
  explicit SchemaModel(::tensorflow::metadata::v0::Schema schema);
  SchemaModel(const SchemaModel&) = delete;
  SchemaModel& operator=(const SchemaModel&) = delete;

  const ::tensorflow::metadata::v0::Schema& proto() const { return schema_; }
  ::tensorflow::metadata::v0::Schema& mutable_proto() { return schema_; }

  // Null: there is none.
  ::tensorflow::metadata::v0::Feature* FindFeature(const Path& path) const;
  ::tensorflow::metadata::v0::SparseFeature* FindSparse(const Path& path) const;
  ::tensorflow::metadata::v0::WeightedFeature* FindWeighted(const Path& path) const;
  ::tensorflow::metadata::v0::StringDomain* FindDomain(std::string_view name) const;

  // Any of the three kinds.
  bool Contains(const Path& path) const;
  // Of the feature at the path, else of the sparse feature; false if there is neither.
  bool IsInactive(const Path& path) const;
  // The paths of required features in the order of the schema; children of inactive features are
  // left out, those of features that are merely not required are not.
  std::vector<Path> RequiredPaths(const Environment& environment) const;

  // Adds an empty feature of that path; null if its parent is not in the schema.
  ::tensorflow::metadata::v0::Feature* AddFeature(const Path& path);
  // Adds an empty domain. Its name is the wanted one or, if that is taken, with the first free
  // number from 2 behind it.
  ::tensorflow::metadata::v0::StringDomain* AddDomain(std::string_view wanted);
  // Removes a domain and the references to it.
  void RemoveDomain(const std::string& name);
  // Finds the features anew after `mutable_proto` or an entry has been edited by hand so that
  // entries moved, were added or went away.
  void Reindex();

 private:
  using Features = google::protobuf::RepeatedPtrField<::tensorflow::metadata::v0::Feature>;
  void IndexFeatures(const Path& parent, Features& features);
  void IndexSparse(
      const Path& parent,
      google::protobuf::RepeatedPtrField<::tensorflow::metadata::v0::SparseFeature>& features);
  void IndexDomains();

  ::tensorflow::metadata::v0::Schema schema_;
  // By text form of the path.
  std::unordered_map<std::string, ::tensorflow::metadata::v0::Feature*> features_;
  std::unordered_map<std::string, ::tensorflow::metadata::v0::SparseFeature*> sparse_;
  std::unordered_map<std::string, ::tensorflow::metadata::v0::WeightedFeature*> weighted_;
  std::unordered_map<std::string, ::tensorflow::metadata::v0::StringDomain*> domains_;
};

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_SCHEMA_MODEL_H_
