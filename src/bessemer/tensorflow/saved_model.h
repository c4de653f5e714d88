#ifndef BESSEMER_TENSORFLOW_SAVED_MODEL_H_
#define BESSEMER_TENSORFLOW_SAVED_MODEL_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/tensorflow/graph_builder.h"
#include "bessemer/tensorflow/host_tensor.h"
#include "bessemer/tensorflow/signature.h"

namespace bessemer::tf {

// SavedModels of the TensorFlow 1 form: one graph, named signatures, files beside it. Every
// TensorFlow (also 2.x's tf.saved_model.load, Serving and the C API) reads them. Nothing here
// loads TensorFlow.

// The values of the graph's variables by node name of their handle.
using VariableValues = std::map<std::string, HostTensor>;

// Writes saved_model.pb (tag "serve"), assets/ and variables/ into `directory`, which is made and
// should be empty. The builder gains the nodes that restore variables and run the initialisers,
// so it is taken by value. Assets are copied; two of one name but different content get different
// names. INVALID_ARGUMENT for a mistake kept by the builder, for a variable without a value or
// with one of another type or shape, and for a signature that names a node that is not there;
// NOT_FOUND for an asset that is not there.
Status WriteSavedModel(GraphBuilder builder, const Signatures& signatures,
                       const VariableValues& variables, const std::string& directory);

// What a spliced signature takes and gives.
using SignatureTensors = std::map<std::string, SignatureTensor>;

// Copies of the SavedModel in `directory` what `outputs` of `signature` need into the builder,
// below a scope `name`; its placeholders are replaced by `inputs`. Initialisers of the tables
// used and their assets come along; variables do not (INVALID_ARGUMENT if one is needed). Returns
// the outputs. NOT_FOUND for an unknown signature or output; INVALID_ARGUMENT if a needed input
// is not given, is of another type or encoding, naming it.
StatusOr<SignatureTensors> SpliceSavedModel(GraphBuilder& builder, const std::string& directory,
                                            const std::string& signature,
                                            const SignatureTensors& inputs,
                                            const std::vector<std::string>& outputs,
                                            std::string_view name);

// The inputs of `signature` that `outputs` depend on, sorted. Errors as above.
StatusOr<std::vector<std::string>> InputsNeeded(const std::string& directory,
                                                const std::string& signature,
                                                const std::vector<std::string>& outputs);

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_SAVED_MODEL_H_
