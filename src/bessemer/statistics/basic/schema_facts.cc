#include "bessemer/statistics/basic/schema_facts.h"

#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::statistics::basic {
namespace {

using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;
using ::tensorflow::metadata::v0::StringDomain;

Categorical CategoricalOf(const StringDomain& domain) {
  switch (domain.is_categorical()) {
    case StringDomain::CATEGORICAL_YES:
      return Categorical::kYes;
    case StringDomain::CATEGORICAL_NO:
      return Categorical::kNo;
    default:
      return Categorical::kUnspecified;
  }
}

void ReadLeaf(const Schema& schema, const FeaturePath& path, const Feature& feature,
              SchemaFacts* facts) {
  if (feature.has_image_domain()) facts->bytes.insert(path);
  if (feature.type() == ::tensorflow::metadata::v0::INT &&
      ((feature.has_int_domain() && feature.int_domain().is_categorical()) ||
       feature.has_bool_domain() || feature.has_natural_language_domain())) {
    facts->categorical_numbers[path] = FeatureType::kInt;
  }
  if (feature.type() == ::tensorflow::metadata::v0::FLOAT && feature.has_float_domain() &&
      feature.float_domain().is_categorical()) {
    facts->categorical_numbers[path] = FeatureType::kFloat;
  }
  if (feature.has_string_domain()) {
    facts->categorical_strings[path] = CategoricalOf(feature.string_domain());
  } else if (feature.has_domain()) {
    for (const StringDomain& domain : schema.string_domain()) {
      if (domain.name() == feature.domain()) {
        facts->categorical_strings[path] = CategoricalOf(domain);
      }
    }
  }
}

template <typename Features>
void ReadFeatures(const Schema& schema, const FeaturePath& parent, const Features& features,
                  SchemaFacts* facts) {
  for (const Feature& feature : features) {
    FeaturePath path = parent;
    path.push_back(feature.name());
    if (feature.type() == ::tensorflow::metadata::v0::STRUCT) {
      ReadFeatures(schema, path, feature.struct_domain().feature(), facts);
    } else {
      ReadLeaf(schema, path, feature, facts);
    }
  }
}

}  // namespace

SchemaFacts SchemaFacts::Of(const Schema* schema) {
  SchemaFacts facts;
  if (schema != nullptr) ReadFeatures(*schema, {}, schema->feature(), &facts);
  return facts;
}

}  // namespace bessemer::statistics::basic
