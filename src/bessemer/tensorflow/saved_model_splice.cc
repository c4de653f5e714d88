#include <set>
#include <unordered_map>

#include "bessemer/io/file.h"
#include "bessemer/tensorflow/saved_model.h"
#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"

namespace bessemer::tf {
namespace {

// The tensors of a signature's input or output, in a fixed order.
std::vector<Tensor> Parts(const SignatureTensor& tensor) {
  if (tensor.sparse) {
    return {tensor.sparse->indices, tensor.sparse->values, tensor.sparse->dense_shape};
  }
  if (!tensor.components.empty()) return tensor.components;
  return {tensor.dense};
}

bool IsControl(std::string_view input) { return input.starts_with('^'); }

// The node an input of a NodeDef names.
std::string NodeOf(std::string_view input) {
  if (IsControl(input)) return std::string(input.substr(1));
  return ParseTensorName(input, ::tensorflow::DT_INVALID).node;
}

// A signature of a SavedModel and the part of its graph that some outputs need.
class Source {
 public:
  static StatusOr<Source> Open(const std::string& directory, const std::string& signature);
  // Collects what the outputs depend on, table initialisers included.
  Status Need(const std::vector<std::string>& outputs);

  const ::tensorflow::MetaGraphDef& meta_graph() const { return meta_graph_; }
  const Signature& signature() const { return signature_; }
  const std::set<std::string>& needed() const { return needed_; }
  const std::set<std::string>& needed_inputs() const { return needed_inputs_; }
  const std::vector<std::string>& needed_initializers() const { return needed_initializers_; }

 private:
  Status NeedNode(const std::string& name);
  std::vector<std::string> InitializerCandidates() const;
  bool Initializes(const ::tensorflow::NodeDef& node) const;
  Status Damaged(std::string_view node) const {
    return DataLossError("{}: its graph refers to node '{}', which it does not have", directory_,
                         node);
  }

  std::string directory_;
  std::string signature_name_;
  ::tensorflow::MetaGraphDef meta_graph_;
  Signature signature_;
  std::unordered_map<std::string, int> nodes_;         // name -> position
  std::unordered_map<std::string, std::string> inputs_;  // node -> signature input
  std::set<std::string> needed_, needed_inputs_;
  std::vector<std::string> needed_initializers_;
};

StatusOr<Source> Source::Open(const std::string& directory, const std::string& signature) {
  Source source;
  source.directory_ = directory;
  source.signature_name_ = signature;
  BESSEMER_ASSIGN_OR_RETURN(source.meta_graph_, ReadMetaGraph(directory));
  const auto& signatures = source.meta_graph_.signature_def();
  const auto found = signatures.find(signature);
  if (found == signatures.end()) {
    std::vector<std::string> names;
    for (const auto& [name, proto] : signatures) names.push_back(name);
    std::sort(names.begin(), names.end());
    return NotFoundError("the SavedModel in {} has no signature '{}'; it has: {}", directory,
                         signature, fmt::join(names, ", "));
  }
  source.signature_ = SignatureFromProto(found->second);
  const auto& graph = source.meta_graph_.graph_def();
  for (int i = 0; i < graph.node_size(); ++i) source.nodes_[graph.node(i).name()] = i;
  for (const auto& [name, input] : source.signature_.inputs) {
    for (const Tensor& part : Parts(input)) source.inputs_[part.node] = name;
  }
  return source;
}

Status Source::NeedNode(const std::string& root) {
  std::vector<std::string> stack = {root};
  while (!stack.empty()) {
    const std::string name = std::move(stack.back());
    stack.pop_back();
    if (const auto input = inputs_.find(name); input != inputs_.end()) {
      needed_inputs_.insert(input->second);
      continue;
    }
    if (!needed_.insert(name).second) continue;
    const auto found = nodes_.find(name);
    if (found == nodes_.end()) return Damaged(name);
    const auto& node = meta_graph_.graph_def().node(found->second);
    if (node.op() == "VarHandleOp" || node.op() == "VariableV2") {
      return InvalidArgumentError(
          "signature '{}' of {} uses the variable '{}'; only graphs without variables can be "
          "copied into another",
          signature_name_, directory_, name);
    }
    for (const std::string& input : node.input()) stack.push_back(NodeOf(input));
  }
  return OkStatus();
}

// Nodes that the SavedModel runs after loading, groups resolved.
std::vector<std::string> Source::InitializerCandidates() const {
  std::vector<std::string> stack;
  const auto& collections = meta_graph_.collection_def();
  for (const char* key : {"saved_model_main_op", "legacy_init_op", "table_initializer"}) {
    const auto collection = collections.find(key);
    if (collection == collections.end()) continue;
    for (const std::string& node : collection->second.node_list().value()) {
      stack.push_back(NodeOf(node));
    }
  }
  const auto init = meta_graph_.signature_def().find("__saved_model_init_op");
  if (init != meta_graph_.signature_def().end()) {
    for (const auto& [key, info] : init->second.outputs()) stack.push_back(NodeOf(info.name()));
  }
  std::vector<std::string> candidates;
  std::set<std::string> seen;
  while (!stack.empty()) {
    const std::string name = std::move(stack.back());
    stack.pop_back();
    const auto found = nodes_.find(name);
    if (found == nodes_.end() || !seen.insert(name).second) continue;
    bool has_data = false;
    for (const std::string& input : meta_graph_.graph_def().node(found->second).input()) {
      has_data |= !IsControl(input);
      if (IsControl(input)) stack.push_back(NodeOf(input));
    }
    if (has_data) candidates.push_back(name);
  }
  std::sort(candidates.begin(), candidates.end());
  return candidates;
}

// Whether a node takes a needed table (not only a constant that happens to be shared).
bool Source::Initializes(const ::tensorflow::NodeDef& node) const {
  for (const std::string& input : node.input()) {
    const std::string name = NodeOf(input);
    const auto found = nodes_.find(name);
    if (found == nodes_.end() || !needed_.contains(name)) continue;
    if (meta_graph_.graph_def().node(found->second).op().find("Table") != std::string::npos) {
      return true;
    }
  }
  return false;
}

Status Source::Need(const std::vector<std::string>& outputs) {
  for (const std::string& output : outputs) {
    const auto found = signature_.outputs.find(output);
    if (found == signature_.outputs.end()) {
      return NotFoundError("signature '{}' of {} has no output '{}'", signature_name_, directory_,
                           output);
    }
    for (const Tensor& part : Parts(found->second)) {
      BESSEMER_RETURN_IF_ERROR(NeedNode(part.node));
    }
  }
  for (const std::string& candidate : InitializerCandidates()) {
    if (!Initializes(meta_graph_.graph_def().node(nodes_.at(candidate)))) continue;
    needed_initializers_.push_back(candidate);
    BESSEMER_RETURN_IF_ERROR(NeedNode(candidate));
  }
  return OkStatus();
}

// The tensors that stand for the placeholders of the inputs, by placeholder node.
StatusOr<std::map<std::string, Tensor>> Replacements(const Source& source,
                                                     const SignatureTensors& inputs,
                                                     const std::string& where) {
  std::map<std::string, Tensor> replacements;
  for (const std::string& name : source.needed_inputs()) {
    const SignatureTensor& wanted = source.signature().inputs.at(name);
    const auto given = inputs.find(name);
    if (given == inputs.end()) {
      return InvalidArgumentError("{}: input '{}' is needed but not given", where, name);
    }
    const std::vector<Tensor> from = Parts(wanted), to = Parts(given->second);
    if (from.size() != to.size() || wanted.sparse.has_value() != given->second.sparse.has_value()) {
      return InvalidArgumentError("{}: input '{}' is {}, the given tensor is {}", where, name,
                                  wanted.sparse ? "sparse" : "dense",
                                  given->second.sparse ? "sparse" : "dense");
    }
    for (size_t i = 0; i < from.size(); ++i) {
      if (from[i].dtype != to[i].dtype) {
        return InvalidArgumentError("{}: input '{}' takes {}, not {}", where, name,
                                    ::tensorflow::DataType_Name(from[i].dtype),
                                    ::tensorflow::DataType_Name(to[i].dtype));
      }
      replacements[from[i].node] = to[i];
    }
  }
  return replacements;
}

// Gives copied nodes their new names and inputs.
class Renamer {
 public:
  Renamer(std::string prefix, std::map<std::string, Tensor> replacements)
      : prefix_(std::move(prefix)), replacements_(std::move(replacements)) {}

  Tensor Of(const Tensor& tensor) const {
    const auto found = replacements_.find(tensor.node);
    if (found != replacements_.end()) return found->second;
    return {prefix_ + tensor.node, tensor.index, tensor.dtype};
  }
  std::string OfNode(const std::string& node) const { return Of({.node = node}).node; }

  ::tensorflow::NodeDef OfNodeDef(const ::tensorflow::NodeDef& node) const {
    ::tensorflow::NodeDef copy = node;
    copy.set_name(prefix_ + node.name());
    copy.mutable_attr()->erase("_class");  // colocation with nodes by their old names
    for (std::string& input : *copy.mutable_input()) {
      if (IsControl(input)) {
        input = "^" + OfNode(NodeOf(input));
      } else {
        input = Of(ParseTensorName(input, ::tensorflow::DT_INVALID)).name();
      }
    }
    return copy;
  }

  SignatureTensor OfSignatureTensor(SignatureTensor tensor) const {
    if (tensor.is_dense()) tensor.dense = Of(tensor.dense);
    for (Tensor& component : tensor.components) component = Of(component);
    if (tensor.sparse) {
      tensor.sparse = SparseTensor{Of(tensor.sparse->indices), Of(tensor.sparse->values),
                                   Of(tensor.sparse->dense_shape)};
    }
    return tensor;
  }

 private:
  std::string prefix_;
  std::map<std::string, Tensor> replacements_;
};

}  // namespace

StatusOr<SignatureTensors> SpliceSavedModel(GraphBuilder& builder, const std::string& directory,
                                            const std::string& signature,
                                            const SignatureTensors& inputs,
                                            const std::vector<std::string>& outputs,
                                            std::string_view name) {
  BESSEMER_ASSIGN_OR_RETURN(Source source, Source::Open(directory, signature));
  BESSEMER_RETURN_IF_ERROR(source.Need(outputs));
  BESSEMER_ASSIGN_OR_RETURN(
      auto replacements,
      Replacements(source, inputs, fmt::format("signature '{}' of {}", signature, directory)));
  const Renamer renamer(builder.UniqueName(name) + "/", std::move(replacements));

  const auto& graph = source.meta_graph().graph_def();
  for (const auto& node : graph.node()) {
    if (!source.needed().contains(node.name())) continue;
    BESSEMER_RETURN_IF_ERROR(builder.AddNode(renamer.OfNodeDef(node)));
  }
  BESSEMER_RETURN_IF_ERROR(builder.AddFunctions(graph));
  for (const std::string& initializer : source.needed_initializers()) {
    builder.AddInitializer(renamer.OfNode(initializer));
  }
  for (const auto& asset : source.meta_graph().asset_file_def()) {
    const std::string node = NodeOf(asset.tensor_info().name());
    if (!source.needed().contains(node)) continue;
    const std::string path = fmt::format("{}/assets/{}", directory, asset.filename());
    BESSEMER_RETURN_IF_ERROR(builder.SetString(renamer.OfNode(node), path));
    builder.AddAsset({renamer.OfNode(node), path});
  }
  SignatureTensors result;
  for (const std::string& output : outputs) {
    result[output] = renamer.OfSignatureTensor(source.signature().outputs.at(output));
  }
  return result;
}

StatusOr<std::vector<std::string>> InputsNeeded(const std::string& directory,
                                                const std::string& signature,
                                                const std::vector<std::string>& outputs) {
  BESSEMER_ASSIGN_OR_RETURN(Source source, Source::Open(directory, signature));
  BESSEMER_RETURN_IF_ERROR(source.Need(outputs));
  return std::vector<std::string>(source.needed_inputs().begin(), source.needed_inputs().end());
}

}  // namespace bessemer::tf
