// Calling the signatures of a loaded SavedModel.
#include "bessemer/tensorflow/session.h"

namespace bessemer::tf {
namespace {

template <typename Map>
std::string Names(const Map& map) {
  std::vector<std::string> names;
  for (const auto& [name, value] : map) names.push_back(name);
  return fmt::format("{}", fmt::join(names, ", "));
}

// The names of the outputs asked for, and of their tensors.
struct Fetches {
  std::vector<std::string> names;
  std::vector<std::string> tensors;
};

StatusOr<Fetches> FindFetches(const std::string& signature_name, const Signature& signature,
                              const std::vector<std::string>& wanted) {
  Fetches fetches;
  if (wanted.empty()) {
    for (const auto& [name, output] : signature.outputs) {
      if (!output.is_dense()) continue;
      fetches.names.push_back(name);
      fetches.tensors.push_back(output.dense.name());
    }
    return fetches;
  }
  for (const std::string& name : wanted) {
    const auto output = signature.outputs.find(name);
    if (output == signature.outputs.end()) {
      return NotFoundError("signature '{}' has no output '{}'; it has: {}", signature_name, name,
                           Names(signature.outputs));
    }
    if (!output->second.is_dense()) {
      return InvalidArgumentError("output '{}' of signature '{}' is not dense", name,
                                  signature_name);
    }
    fetches.names.push_back(name);
    fetches.tensors.push_back(output->second.dense.name());
  }
  return fetches;
}

}  // namespace

StatusOr<const Signature*> Session::FindSignature(const std::string& name) const {
  const auto found = signatures_.find(name);
  if (found == signatures_.end()) {
    return NotFoundError("the SavedModel in {} has no signature '{}'; it has: {}", directory_, name,
                         Names(signatures_));
  }
  return &found->second;
}

StatusOr<std::map<std::string, HostTensor>> Session::Call(
    const std::string& signature_name, const std::map<std::string, HostTensor>& inputs,
    const std::vector<std::string>& wanted) {
  BESSEMER_ASSIGN_OR_RETURN(const Signature* signature, FindSignature(signature_name));
  std::vector<std::pair<std::string, HostTensor>> feeds;
  for (const auto& [name, tensor] : signature->inputs) {
    const auto given = inputs.find(name);
    if (given == inputs.end()) {
      return InvalidArgumentError("signature '{}' of {}: input '{}' is missing", signature_name,
                                  directory_, name);
    }
    if (!tensor.is_dense()) {
      return InvalidArgumentError("signature '{}' of {}: input '{}' is not dense", signature_name,
                                  directory_, name);
    }
    if (given->second.dtype() != tensor.dense.dtype) {
      return InvalidArgumentError("signature '{}' of {}: input '{}' takes {}, not {}",
                                  signature_name, directory_, name,
                                  ::tensorflow::DataType_Name(tensor.dense.dtype),
                                  ::tensorflow::DataType_Name(given->second.dtype()));
    }
    feeds.emplace_back(tensor.dense.name(), given->second);
  }
  for (const auto& [name, tensor] : inputs) {
    if (!signature->inputs.contains(name)) {
      return InvalidArgumentError("signature '{}' of {} has no input '{}'; it has: {}",
                                  signature_name, directory_, name, Names(signature->inputs));
    }
  }
  BESSEMER_ASSIGN_OR_RETURN(const Fetches fetches, FindFetches(signature_name, *signature, wanted));
  BESSEMER_ASSIGN_OR_RETURN(std::vector<HostTensor> values, Run(feeds, fetches.tensors));
  std::map<std::string, HostTensor> result;
  for (size_t i = 0; i < values.size(); ++i) result[fetches.names[i]] = std::move(values[i]);
  return result;
}

StatusOr<std::map<std::string, HostTensor>> Session::PredictExamples(
    const std::string& signature_name, std::span<const std::string> examples, int64_t batch_size,
    const std::vector<std::string>& wanted) {
  BESSEMER_ASSIGN_OR_RETURN(const Signature* signature, FindSignature(signature_name));
  if (signature->inputs.size() != 1 ||
      signature->inputs.begin()->second.dense.dtype != ::tensorflow::DT_STRING) {
    return InvalidArgumentError(
        "signature '{}' of {} does not take serialised examples: its inputs are {}; it needs one "
        "input of strings",
        signature_name, directory_, Names(signature->inputs));
  }
  BESSEMER_ASSIGN_OR_RETURN(const Fetches fetches, FindFetches(signature_name, *signature, wanted));
  BESSEMER_ASSIGN_OR_RETURN(
      const Callable callable,
      Prepare({signature->inputs.begin()->second.dense.name()}, fetches.tensors, {},
              fmt::format("signature '{}' of {}", signature_name, directory_)));
  std::vector<std::vector<HostTensor>> parts(fetches.names.size());
  const size_t step = static_cast<size_t>(std::max<int64_t>(1, batch_size));
  size_t begin = 0;
  do {
    const auto batch = examples.subspan(begin, std::min(step, examples.size() - begin));
    const HostTensor feed = HostTensor::Strings({batch.begin(), batch.end()});
    BESSEMER_ASSIGN_OR_RETURN(std::vector<HostTensor> values, callable.Run({&feed, 1}));
    for (size_t i = 0; i < values.size(); ++i) parts[i].push_back(std::move(values[i]));
    begin += batch.size();
  } while (begin < examples.size());
  std::map<std::string, HostTensor> result;
  for (size_t i = 0; i < parts.size(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN(result[fetches.names[i]], ConcatRows(parts[i]));
  }
  return result;
}

}  // namespace bessemer::tf
