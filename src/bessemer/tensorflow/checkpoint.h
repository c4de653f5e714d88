#ifndef BESSEMER_TENSORFLOW_CHECKPOINT_H_
#define BESSEMER_TENSORFLOW_CHECKPOINT_H_

#include <map>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/tensorflow/host_tensor.h"

namespace bessemer::tf {

// Writes a TensorFlow checkpoint (format "V2", one shard): `<prefix>.index`, a table in LevelDB's
// file format of name → BundleEntryProto, and `<prefix>.data-00000-of-00001`, the values. Needs
// no TensorFlow. INVALID_ARGUMENT for strings: variables are numbers.
Status WriteCheckpoint(const std::string& prefix, const std::map<std::string, HostTensor>& tensors);

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_CHECKPOINT_H_
