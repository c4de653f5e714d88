#ifndef BESSEMER_TRANSFORM_TRANSFORM_FN_H_
#define BESSEMER_TRANSFORM_TRANSFORM_FN_H_

#include <string>

#include "bessemer/base/status.h"
#include "bessemer/transform/transform_graph.h"

// Transforms on disk, as TensorFlow Transform lays them out.

namespace bessemer::transform {

inline constexpr char kSignature[] = "transform_signature";
inline constexpr char kStateFile[] = "bessemer_transform.json";

// Writes the transform as a SavedModel of standard TensorFlow ops, of the TensorFlow 1 form, with
// the tag `transform` and the one signature `transform_signature`: raw features in, outputs out. A
// raw feature with a shape in the schema is a dense tensor [batch, dims…], any other a sparse one;
// an output with as many values in every row is dense ([batch] or [batch, size]), others sparse.
// Vocabularies are assets. Each output depends only on the features its expression reads.
// FAILED_PRECONDITION before analysis.
Status WriteTransformFn(const TransformGraph& graph, const std::string& directory);

// Writes transform_fn/, metadata/schema.pbtxt, transformed_metadata/{schema.pbtxt, asset_map} and
// our own state file, which LoadTransform reads, into a directory.
Status WriteTransform(const TransformGraph& graph, const std::string& directory);

// NOT_FOUND if the directory holds no state file: a transform written by TensorFlow Transform
// itself is a SavedModel only, to be run by TensorFlow.
StatusOr<TransformGraph> LoadTransform(const std::string& directory,
                                       const Library& library = StandardLibrary());

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_TRANSFORM_FN_H_
