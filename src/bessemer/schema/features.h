#ifndef BESSEMER_SCHEMA_FEATURES_H_
#define BESSEMER_SCHEMA_FEATURES_H_

#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/schema/path.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

// Asking a schema about its features, and setting their domains. Pure functions over one schema;
// pointers point into it.

namespace bessemer::schema {

using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

// NOT_FOUND names the step that is missing, or is no struct.
StatusOr<const Feature*> GetFeature(const Schema& schema, const Path& path);
StatusOr<Feature*> MutableFeature(Schema* schema, const Path& path);

// The domain of a feature: a Feature of which only that is set; one of the schema that the feature
// names is put in its place. NOT_FOUND: no such feature, no domain, or no domain of that name.
StatusOr<Feature> GetDomain(const Schema& schema, const Path& path);
// Replaces the domain of a feature by that of `domain`. INVALID_ARGUMENT for a struct, and for
// `domain` without one; NOT_FOUND for a name that is no domain of the schema.
Status SetDomain(const Feature& domain, const Path& path, Schema* schema);

// All features that hold values, those of structs too, in the order of the schema.
std::vector<std::pair<Path, const Feature*>> LeafFeatures(const Schema& schema);

// Bytes; integers whose domain says so, or is bool or natural language; floats whose domain says
// so.
bool IsCategorical(const Feature& feature);
// Not fixed to one value: neither shape [1] nor a value_count of at most 1.
bool IsMultivalent(const Feature& feature);

// A schema in which these paths are, without types: a stand-in where only paths matter.
Schema SchemaOfPaths(const std::vector<Path>& paths);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_FEATURES_H_
