#ifndef BESSEMER_TENSORFLOW_C_API_INTERNAL_H_
#define BESSEMER_TENSORFLOW_C_API_INTERNAL_H_

#include <tensorflow/c/c_api.h>

#include <memory>
#include <string>

#include "bessemer/base/status.h"

namespace bessemer::tf {

// The functions of TensorFlow's C API that we call, by their name without "TF_".
#define BESSEMER_TF_FUNCTIONS(X) \
  X(Version) X(NewStatus) X(DeleteStatus) X(GetCode) X(Message) X(NewBuffer) \
  X(NewBufferFromString) X(DeleteBuffer) X(NewTensor) X(AllocateTensor) X(DeleteTensor) \
  X(TensorType) X(NumDims) X(Dim) X(TensorByteSize) X(TensorData) X(NewGraph) X(DeleteGraph) \
  X(NewImportGraphDefOptions) X(DeleteImportGraphDefOptions) \
  X(ImportGraphDefOptionsAddInputMapping) X(GraphImportGraphDef) X(GraphOperationByName) \
  X(OperationName) X(OperationNumOutputs) X(OperationOutputType) X(AddGradientsWithPrefix) \
  X(NewSessionOptions) X(DeleteSessionOptions) X(SetConfig) X(NewSession) \
  X(LoadSessionFromSavedModel) X(CloseSession) X(DeleteSession) X(SessionRun)

struct CApi {
#define BESSEMER_TF_MEMBER(name) decltype(&TF_##name) name = nullptr;
  BESSEMER_TF_FUNCTIONS(BESSEMER_TF_MEMBER)
#undef BESSEMER_TF_MEMBER
};

// The loaded table; the pointer lives for ever. Errors as LoadRuntime.
StatusOr<const CApi*> GetCApi();

// Loads from a given folder, without the cache: what GetCApi does once.
StatusOr<CApi> LoadCApi(const std::string& directory);

// A TF_Status that converts. `what` begins the message.
class CStatus {
 public:
  explicit CStatus(const CApi& api) : api_(api), status_(api.NewStatus()) {}
  ~CStatus() { api_.DeleteStatus(status_); }
  CStatus(const CStatus&) = delete;
  TF_Status* get() { return status_; }
  Status ToStatus(std::string_view what) const;

 private:
  const CApi& api_;
  TF_Status* status_;
};

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_C_API_INTERNAL_H_
