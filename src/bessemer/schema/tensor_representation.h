#ifndef BESSEMER_SCHEMA_TENSOR_REPRESENTATION_H_
#define BESSEMER_SCHEMA_TENSOR_REPRESENTATION_H_

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/schema/path.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

// How tensors are made of the columns of a dataset: a TensorRepresentation for each tensor, written
// into the schema or found from its features. Kinds: dense, sparse of a list of any length, sparse
// from index and value columns, ragged. All functions are pure.

namespace bessemer::schema {

using ::tensorflow::metadata::v0::TensorRepresentation;
using TensorRepresentations = std::map<std::string, TensorRepresentation>;  // by tensor

// Those of a group of the schema; nothing if it has no such group. The default group has no name.
std::optional<TensorRepresentations> FindTensorRepresentations(
    const ::tensorflow::metadata::v0::Schema& schema, std::string_view group = "");
// Replaces a group.
void SetTensorRepresentations(const TensorRepresentations& representations,
                              ::tensorflow::metadata::v0::Schema* schema,
                              const std::string& group = "");

struct RepresentationOptions {
  // Older schemas: fixed shapes come from value_count (min = max ≥ 1) in place of `shape`, and a
  // feature that may be missing gets a default, -1 or "". Sparse features mean nothing then.
  bool shape_by_value_count = false;
};

// From the features alone:
//  * sparse features become sparse tensors of their columns, of the size that the domains of the
//    index features give (-1: unknown);
//  * a feature with a fixed shape becomes a dense tensor;
//  * fields of a struct become ragged tensors named "struct.field";
//  * any other feature becomes a sparse tensor of one column, or ragged if the schema says so
//    (represent_variable_length_as_ragged).
// Features that are deprecated, disabled, planned, alpha, for debugging or derived for validation
// are left out. INVALID_ARGUMENT names the feature: a shape where presence.min_fraction is not 1; a
// sparse feature whose columns are not in the schema, or whose index domain is not 0 to a maximum;
// structs in structs.
StatusOr<TensorRepresentations> InferTensorRepresentations(
    const ::tensorflow::metadata::v0::Schema& schema, const RepresentationOptions& options = {});

// The default group, and inferred ones for the features that no tensor of it reads. A tensor of the
// group keeps its name against a feature of the same name.
StatusOr<TensorRepresentations> CompleteTensorRepresentations(
    const ::tensorflow::metadata::v0::Schema& schema, const RepresentationOptions& options = {});

// The columns a tensor is made of, indices before values; none if no kind is set.
std::vector<Path> SourceColumns(const TensorRepresentation& representation);
// The one that holds the values. INVALID_ARGUMENT if no kind is set.
StatusOr<Path> ValueColumn(const TensorRepresentation& representation);

// The part of a schema that some tensors need: the features of their columns, and the tensors in
// the default group, which is inferred if the schema has none. INVALID_ARGUMENT for tensors that
// are not in it, and columns that are not in the schema.
StatusOr<::tensorflow::metadata::v0::Schema> ProjectToTensors(
    const ::tensorflow::metadata::v0::Schema& schema, const std::set<std::string>& tensors,
    const RepresentationOptions& options = {});

// INVALID_ARGUMENT unless the tensors of a group read all features and nothing else; NOT_FOUND
// without the group.
Status CheckTensorRepresentations(const ::tensorflow::metadata::v0::Schema& schema,
                                  std::string_view group = "");

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_TENSOR_REPRESENTATION_H_
