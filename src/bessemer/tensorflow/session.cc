#include "bessemer/tensorflow/session.h"


#include "bessemer/io/file.h"
#include "bessemer/io/tree.h"
#include "bessemer/tensorflow/c_api_internal.h"
#include "bessemer/tensorflow/graph_builder.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/protobuf/config.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace bessemer::tf {
namespace {

struct TensorDeleter {
  const CApi* api;
  void operator()(TF_Tensor* tensor) const { api->DeleteTensor(tensor); }
};
using CTensor = std::unique_ptr<TF_Tensor, TensorDeleter>;

CTensor ToC(const CApi& api, const HostTensor& tensor) {
  const int num_dims = static_cast<int>(tensor.shape().size());
  if (tensor.dtype() != ::tensorflow::DT_STRING) {
    // TensorFlow may keep the memory longer than the run: it shares ownership.
    auto* owner = new HostTensor(tensor);
    return CTensor(api.NewTensor(static_cast<TF_DataType>(tensor.dtype()), tensor.shape().data(),
                                 num_dims, const_cast<void*>(tensor.data()), tensor.num_bytes(),
                                 [](void*, size_t, void* arg) {
                                   delete static_cast<HostTensor*>(arg);
                                 },
                                 owner),
                   {&api});
  }
  CTensor result(api.AllocateTensor(TF_STRING, tensor.shape().data(), num_dims,
                                    tensor.strings().size() * sizeof(TF_TString)),
                 {&api});
  auto* out = static_cast<TF_TString*>(api.TensorData(result.get()));
  for (const std::string& value : tensor.strings()) {
    TF_TString_Init(out);
    TF_TString_Copy(out++, value.data(), value.size());
  }
  return result;
}

HostTensor FromC(const CApi& api, TF_Tensor* raw) {
  std::shared_ptr<TF_Tensor> tensor(raw, TensorDeleter{&api});
  Shape shape(api.NumDims(raw));
  for (size_t i = 0; i < shape.size(); ++i) shape[i] = api.Dim(raw, static_cast<int>(i));
  const auto dtype = static_cast<DataType>(api.TensorType(raw));
  void* data = api.TensorData(raw);
  if (dtype != ::tensorflow::DT_STRING) {
    return HostTensor::Wrap(dtype, std::move(shape), std::shared_ptr<void>(tensor, data),
                            static_cast<int64_t>(api.TensorByteSize(raw)));
  }
  HostTensor result = HostTensor::Make(dtype, std::move(shape));
  const auto* in = static_cast<const TF_TString*>(data);
  for (std::string& value : *result.mutable_strings()) {
    value.assign(TF_TString_GetDataPointer(in), TF_TString_GetSize(in));
    ++in;
  }
  return result;
}

// As TF_NewSession wants its options: a serialised ConfigProto.
TF_SessionOptions* MakeOptions(const CApi& api, const SessionOptions& options, CStatus& status) {
  ::tensorflow::ConfigProto config;
  config.set_intra_op_parallelism_threads(options.num_threads);
  config.set_inter_op_parallelism_threads(options.num_threads);
  if (options.num_threads > 0) config.set_use_per_session_threads(true);
  const std::string bytes = config.SerializeAsString();
  TF_SessionOptions* result = api.NewSessionOptions();
  api.SetConfig(result, bytes.data(), bytes.size(), status.get());
  return result;
}

}  // namespace

struct Session::State {
  explicit State(const CApi* api) : api(api), graph(api->NewGraph()) {}
  ~State() {
    CStatus status(*api);
    if (session != nullptr) {
      api->CloseSession(session, status.get());
      api->DeleteSession(session, status.get());
    }
    api->DeleteGraph(graph);
  }

  Status Import(const ::tensorflow::GraphDef& graph_def,
                const std::vector<std::pair<std::string, Tensor>>& bindings);
  StatusOr<TF_Output> Find(std::string_view name) const;

  const CApi* api;
  TF_Graph* graph;
  TF_Session* session = nullptr;
};

struct Callable::Plan {
  std::vector<TF_Output> feeds, fetches;
  std::vector<TF_Operation*> targets;
  std::string purpose;
};

Status Session::State::Import(const ::tensorflow::GraphDef& graph_def,
                              const std::vector<std::pair<std::string, Tensor>>& bindings) {
  std::string bytes;
  if (!graph_def.SerializeToString(&bytes)) {
    return InvalidArgumentError("the graph is larger than 2 GiB");
  }
  TF_ImportGraphDefOptions* options = api->NewImportGraphDefOptions();
  for (const auto& [node, tensor] : bindings) {
    const StatusOr<TF_Output> output = Find(tensor.name());
    if (!output.ok()) {
      api->DeleteImportGraphDefOptions(options);
      return output.status();
    }
    api->ImportGraphDefOptionsAddInputMapping(options, node.c_str(), 0, *output);
  }
  TF_Buffer* buffer = api->NewBufferFromString(bytes.data(), bytes.size());
  CStatus status(*api);
  api->GraphImportGraphDef(graph, buffer, options, status.get());
  api->DeleteBuffer(buffer);
  api->DeleteImportGraphDefOptions(options);
  return status.ToStatus("TensorFlow refuses the graph");
}

StatusOr<TF_Output> Session::State::Find(std::string_view name) const {
  const Tensor tensor = ParseTensorName(name, ::tensorflow::DT_INVALID);
  TF_Operation* operation = api->GraphOperationByName(graph, tensor.node.c_str());
  if (operation == nullptr) return NotFoundError("the graph has no node '{}'", tensor.node);
  const int outputs = api->OperationNumOutputs(operation);
  if (tensor.index >= outputs && outputs > 0) {
    return NotFoundError("node '{}' has {} outputs; there is no '{}'", tensor.node, outputs, name);
  }
  return TF_Output{operation, tensor.index};
}

namespace {

// TensorFlow loads a model whose variables are gone and fails in the first call.
Status CheckVariables(const ::tensorflow::MetaGraphDef& meta_graph,
                             const std::string& directory) {
  const std::string index = io::JoinPath(directory, "variables/variables.index");
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(index));
  if (there) return OkStatus();
  for (const auto& node : meta_graph.graph_def().node()) {
    if (node.op() != "VarHandleOp" && node.op() != "VariableV2") continue;
    return DataLossError("the SavedModel in {} is not complete: it has variables, but no {}",
                         directory, index);
  }
  return OkStatus();
}

}  // namespace

Session::Session(std::unique_ptr<State> state) : state_(std::move(state)) {}
Session::~Session() = default;

StatusOr<std::unique_ptr<Session>> Session::Create(const ::tensorflow::GraphDef& graph,
                                                   const SessionOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const CApi* api, GetCApi());
  auto state = std::make_unique<State>(api);
  BESSEMER_RETURN_IF_ERROR(state->Import(graph, {}));
  CStatus status(*api);
  TF_SessionOptions* c_options = MakeOptions(*api, options, status);
  state->session = api->NewSession(state->graph, c_options, status.get());
  api->DeleteSessionOptions(c_options);
  BESSEMER_RETURN_IF_ERROR(status.ToStatus("TensorFlow cannot make a session"));
  return std::unique_ptr<Session>(new Session(std::move(state)));
}

StatusOr<std::unique_ptr<Session>> Session::Create(const GraphBuilder& builder,
                                                   const SessionOptions& options) {
  BESSEMER_RETURN_IF_ERROR(builder.status());
  return Create(builder.graph(), options);
}

StatusOr<std::unique_ptr<Session>> Session::Load(const std::string& given,
                                                 const SessionOptions& options) {
  // TensorFlow reads all of a model while it loads it, and knows local paths only.
  BESSEMER_ASSIGN_OR_RETURN(const io::LocalCopy copy, io::LocalCopy::Make(given));
  const std::string& directory = copy.path();
  BESSEMER_ASSIGN_OR_RETURN(const ::tensorflow::MetaGraphDef meta_graph, ReadMetaGraph(directory));
  BESSEMER_RETURN_IF_ERROR(CheckVariables(meta_graph, directory));
  BESSEMER_ASSIGN_OR_RETURN(Signatures signatures, ReadSignatures(directory));
  BESSEMER_ASSIGN_OR_RETURN(const CApi* api, GetCApi());
  auto state = std::make_unique<State>(api);
  CStatus status(*api);
  TF_SessionOptions* c_options = MakeOptions(*api, options, status);
  // TensorFlow wants the very set of tags.
  std::vector<const char*> tags;
  for (const std::string& tag : meta_graph.meta_info_def().tags()) tags.push_back(tag.c_str());
  state->session = api->LoadSessionFromSavedModel(c_options, nullptr, directory.c_str(),
                                                  tags.data(), static_cast<int>(tags.size()),
                                                  state->graph, nullptr, status.get());
  api->DeleteSessionOptions(c_options);
  BESSEMER_RETURN_IF_ERROR(
      status.ToStatus(fmt::format("the SavedModel in {} cannot be loaded", directory)));
  auto session = std::unique_ptr<Session>(new Session(std::move(state)));
  session->signatures_ = std::move(signatures);
  session->directory_ = given;
  return session;
}

Status Session::Extend(const GraphBuilder& more,
                       const std::vector<std::pair<std::string, Tensor>>& bindings) {
  BESSEMER_RETURN_IF_ERROR(more.status());
  return state_->Import(more.graph(), bindings);
}

StatusOr<std::vector<Tensor>> Session::AddGradients(const Tensor& y, const std::vector<Tensor>& xs,
                                                    const std::string& prefix) {
  const CApi& api = *state_->api;
  BESSEMER_ASSIGN_OR_RETURN(TF_Output c_y, state_->Find(y.name()));
  std::vector<TF_Output> c_xs, gradients(xs.size());
  for (const Tensor& x : xs) {
    BESSEMER_ASSIGN_OR_RETURN(const TF_Output c_x, state_->Find(x.name()));
    c_xs.push_back(c_x);
  }
  CStatus status(api);
  api.AddGradientsWithPrefix(state_->graph, prefix.c_str(), &c_y, 1, c_xs.data(),
                             static_cast<int>(c_xs.size()), nullptr, status.get(),
                             gradients.data());
  BESSEMER_RETURN_IF_ERROR(status.ToStatus(fmt::format("gradients of '{}'", y.name())));
  std::vector<Tensor> result;
  for (size_t i = 0; i < xs.size(); ++i) {
    if (gradients[i].oper == nullptr) {
      return InvalidArgumentError("'{}' does not depend on '{}': it has no gradient", y.name(),
                                  xs[i].name());
    }
    result.push_back({api.OperationName(gradients[i].oper), gradients[i].index,
                      static_cast<DataType>(api.OperationOutputType(gradients[i]))});
  }
  return result;
}

StatusOr<Callable> Session::Prepare(const std::vector<std::string>& feeds,
                                    const std::vector<std::string>& fetches,
                                    const std::vector<std::string>& targets,
                                    std::string_view purpose) {
  auto plan = std::make_unique<Callable::Plan>();
  plan->purpose = purpose;
  for (const std::string& name : feeds) {
    BESSEMER_ASSIGN_OR_RETURN(const TF_Output output, state_->Find(name));
    plan->feeds.push_back(output);
  }
  for (const std::string& name : fetches) {
    BESSEMER_ASSIGN_OR_RETURN(const TF_Output output, state_->Find(name));
    plan->fetches.push_back(output);
  }
  for (const std::string& name : targets) {
    BESSEMER_ASSIGN_OR_RETURN(const TF_Output output, state_->Find(name));
    plan->targets.push_back(output.oper);
  }
  return Callable(this, std::move(plan));
}

StatusOr<std::vector<HostTensor>> Session::Run(
    const std::vector<std::pair<std::string, HostTensor>>& feeds,
    const std::vector<std::string>& fetches, const std::vector<std::string>& targets) {
  std::vector<std::string> names;
  std::vector<HostTensor> values;
  for (const auto& [name, value] : feeds) {
    names.push_back(name);
    values.push_back(value);
  }
  BESSEMER_ASSIGN_OR_RETURN(const Callable callable,
                            Prepare(names, fetches, targets, "running the graph"));
  return callable.Run(values);
}

Callable::Callable(Session* session, std::unique_ptr<Plan> plan)
    : session_(session), plan_(std::move(plan)) {}
Callable::Callable(Callable&&) noexcept = default;
Callable::~Callable() = default;

StatusOr<std::vector<HostTensor>> Callable::Run(std::span<const HostTensor> feeds) const {
  const CApi& api = *session_->state_->api;
  if (feeds.size() != plan_->feeds.size()) {
    return InvalidArgumentError("{}: {} values for {} inputs", plan_->purpose, feeds.size(),
                                plan_->feeds.size());
  }
  std::vector<CTensor> owners;
  std::vector<TF_Tensor*> inputs, outputs(plan_->fetches.size());
  owners.reserve(feeds.size());
  for (size_t i = 0; i < feeds.size(); ++i) {
    const auto wanted = static_cast<DataType>(api.OperationOutputType(plan_->feeds[i]));
    if (feeds[i].dtype() != wanted) {
      return InvalidArgumentError("{}: input '{}' takes {}, not {}", plan_->purpose,
                                  api.OperationName(plan_->feeds[i].oper),
                                  ::tensorflow::DataType_Name(wanted),
                                  ::tensorflow::DataType_Name(feeds[i].dtype()));
    }
    owners.push_back(ToC(api, feeds[i]));
    inputs.push_back(owners.back().get());
  }
  CStatus status(api);
  api.SessionRun(session_->state_->session, nullptr, plan_->feeds.data(), inputs.data(),
                 static_cast<int>(inputs.size()), plan_->fetches.data(), outputs.data(),
                 static_cast<int>(outputs.size()), plan_->targets.data(),
                 static_cast<int>(plan_->targets.size()), nullptr, status.get());
  BESSEMER_RETURN_IF_ERROR(status.ToStatus(plan_->purpose));
  std::vector<HostTensor> results;
  results.reserve(outputs.size());
  for (TF_Tensor* output : outputs) results.push_back(FromC(api, output));
  return results;
}

}  // namespace bessemer::tf
