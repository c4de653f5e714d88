#ifndef BESSEMER_SCHEMA_FEATURE_SPEC_H_
#define BESSEMER_SCHEMA_FEATURE_SPEC_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/schema/tensor_representation.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

// Feature specifications: what TensorFlow's tf.io.parse_example is told to make tensors of records,
// and the schemas that say the same. All functions are pure.

namespace bessemer::schema {

using ::tensorflow::metadata::v0::FeatureType;  // INT: int64, FLOAT: float32, BYTES: string

// tf.io.FixedLenFeature: a dense tensor.
struct FixedLenFeature {
  using Value = std::variant<int64_t, float, std::string>;
  FeatureType type = {};
  std::vector<int64_t> shape;  // of one record
  std::optional<Value> default_value;  // of every element; none: the feature must be there
  friend bool operator==(const FixedLenFeature&, const FixedLenFeature&) = default;
};
// tf.io.VarLenFeature: a sparse tensor of a list of any length.
struct VarLenFeature {
  FeatureType type = {};
  friend bool operator==(const VarLenFeature&, const VarLenFeature&) = default;
};
// tf.io.SparseFeature: values, and an index feature for each dimension.
struct SparseFeature {
  FeatureType type = {};
  std::string value_key;
  std::vector<std::string> index_keys;
  std::vector<int64_t> size;  // of each dimension; -1: unknown
  bool already_sorted = false;
  friend bool operator==(const SparseFeature&, const SparseFeature&) = default;
};
// tf.io.RaggedFeature: values, and how they are cut, from the outside in.
struct RaggedFeature {
  using Partition = std::variant<int64_t, std::string>;  // uniform length; feature of row lengths
  FeatureType type = {};
  std::string value_key;
  std::vector<Partition> partitions;
  bool int32_row_splits = false;
  friend bool operator==(const RaggedFeature&, const RaggedFeature&) = default;
};
using ParsedFeature = std::variant<FixedLenFeature, VarLenFeature, SparseFeature, RaggedFeature>;
using FeatureSpec = std::map<std::string, ParsedFeature>;

// One tensor. INVALID_ARGUMENT for a type that is not INT, FLOAT or BYTES, a default of another
// type, a ragged tensor within structs, no kind.
StatusOr<ParsedFeature> ParsedFeatureOf(const TensorRepresentation& representation,
                                        FeatureType type);

// The tensors of the default group of a schema of tf.SequenceExample records: features of its
// struct become sequence features. INVALID_ARGUMENT without a default group.
struct SequenceFeatureSpec {
  FeatureSpec context;
  FeatureSpec sequence;
};
StatusOr<SequenceFeatureSpec> SequenceFeatureSpecOf(
    const ::tensorflow::metadata::v0::Schema& schema);

// All tensors of a schema (CompleteTensorRepresentations; of a schema with a struct, context and
// sequence features together), and the domains of their values. A domain is a Feature of which only
// the domain is set; a domain of the schema that a feature names is put in its place.
struct FeatureSpecAndDomains {
  FeatureSpec spec;
  std::map<std::string, ::tensorflow::metadata::v0::Feature> domains;
};
StatusOr<FeatureSpecAndDomains> FeatureSpecOf(const ::tensorflow::metadata::v0::Schema& schema);

// The schema that FeatureSpecOf reads so, features in the order of tensors' names. INVALID_ARGUMENT
// for a fixed length feature with a default, which schemas cannot say.
StatusOr<::tensorflow::metadata::v0::Schema> SchemaOf(
    const FeatureSpec& spec,
    const std::map<std::string, ::tensorflow::metadata::v0::Feature>& domains = {});

// What parse_example is to be called with for the tensors of a schema of tf.Example records: it
// names what it parses by column, so tensors get other names where they are made of several.
struct ExampleParsing {
  FeatureSpec spec;                             // by name for the parser
  std::map<std::string, std::string> tensors;   // name for the parser to name of tensor
};
// INVALID_ARGUMENT for a schema without features, and where a column is parsed in two ways.
StatusOr<ExampleParsing> ExampleParsingOf(const ::tensorflow::metadata::v0::Schema& schema);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_FEATURE_SPEC_H_
