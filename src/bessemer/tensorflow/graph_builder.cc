#include "bessemer/tensorflow/graph_builder.h"

#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/node_def.pb.h"
#include "tensorflow/core/framework/tensor.pb.h"

#include "bessemer/proto/serialize.h"

namespace bessemer::tf {
namespace {

// The producer version written into graphs: ops of that version are known to every TensorFlow 2.x.
constexpr int kProducerVersion = 1087;

bool IsNameCharacter(char c, bool first) {
  const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  return letter || c == '.' || (!first && (c == '_' || c == '-' || c == '/' || c == '>'));
}

// As a node of a graph may be called: [A-Za-z0-9.][A-Za-z0-9_.\-/>]*.
std::string ValidName(std::string_view wish) {
  std::string name;
  for (const char c : wish) name += IsNameCharacter(c, /*first=*/false) ? c : '_';
  if (name.empty() || !IsNameCharacter(name[0], /*first=*/true)) name.insert(0, "n");
  return name;
}

}  // namespace

GraphBuilder::GraphBuilder() : graph_(std::make_unique<::tensorflow::GraphDef>()) {
  graph_->mutable_versions()->set_producer(kProducerVersion);
}
GraphBuilder::~GraphBuilder() = default;
GraphBuilder::GraphBuilder(GraphBuilder&&) noexcept = default;
GraphBuilder& GraphBuilder::operator=(GraphBuilder&&) noexcept = default;

void GraphBuilder::Fail(Status status) {
  if (status_.ok()) status_ = std::move(status);
}

bool GraphBuilder::HasNode(std::string_view name) const { return nodes_.contains(name); }

std::string GraphBuilder::UniqueName(std::string_view wish) {
  const std::string base = scope_ + ValidName(wish);
  if (!nodes_.contains(base)) return base;
  int& suffix = next_suffix_[base];
  for (;;) {
    std::string name = fmt::format("{}_{}", base, ++suffix);
    if (!nodes_.contains(name)) return name;
  }
}

GraphBuilder::Scope GraphBuilder::Enter(std::string_view name) {
  const size_t length = scope_.size();
  scope_ += ValidName(name) + "/";
  return Scope(this, length);
}

::tensorflow::NodeDef* GraphBuilder::NewNode(std::string_view op, const std::vector<Tensor>& inputs,
                                             const Attrs& attrs, std::string_view name) {
  const std::string unique = UniqueName(name.empty() ? op : name);
  for (const Tensor& input : inputs) {
    if (!nodes_.contains(input.node)) {
      Fail(InvalidArgumentError("input '{}' of node '{}' ({}) is not in the graph", input.node,
                                unique, op));
    }
  }
  nodes_[unique] = graph_->node_size();
  ::tensorflow::NodeDef* node = graph_->add_node();
  node->set_name(unique);
  node->set_op(std::string(op));
  for (const Tensor& input : inputs) {
    node->add_input(input.index == 0 ? input.node : input.name());
  }
  for (const auto& [key, value] : attrs) {
    if (!node->mutable_attr()->insert({key, value.proto()}).second) {
      Fail(InvalidArgumentError("attribute '{}' of node '{}' ({}) is given twice", key, unique,
                                op));
    }
  }
  return node;
}

Tensor GraphBuilder::Op(std::string_view op, const std::vector<Tensor>& inputs, const Attrs& attrs,
                        DataType dtype, std::string_view name) {
  return {NewNode(op, inputs, attrs, name)->name(), 0, dtype};
}

std::vector<Tensor> GraphBuilder::MultiOp(std::string_view op, const std::vector<Tensor>& inputs,
                                          const Attrs& attrs, const std::vector<DataType>& dtypes,
                                          std::string_view name) {
  const std::string node = NewNode(op, inputs, attrs, name)->name();
  std::vector<Tensor> outputs;
  for (const DataType dtype : dtypes) {
    outputs.push_back({node, static_cast<int>(outputs.size()), dtype});
  }
  return outputs;
}

std::string GraphBuilder::Target(std::string_view op, const std::vector<Tensor>& inputs,
                                 const Attrs& attrs, const std::vector<std::string>& control_nodes,
                                 std::string_view name) {
  const std::string node = NewNode(op, inputs, attrs, name)->name();
  for (const std::string& control : control_nodes) AddControlInput({.node = node}, control);
  return node;
}

void GraphBuilder::AddControlInput(const Tensor& tensor, std::string_view control_node) {
  const auto node = nodes_.find(tensor.node);
  if (node == nodes_.end() || !nodes_.contains(control_node)) {
    return Fail(InvalidArgumentError("control input '{}' of node '{}': not in the graph",
                                     control_node, tensor.node));
  }
  graph_->mutable_node(node->second)->add_input(fmt::format("^{}", control_node));
}

Status GraphBuilder::AddNode(const ::tensorflow::NodeDef& node) {
  if (nodes_.contains(node.name())) {
    return InvalidArgumentError("the graph already has a node '{}'", node.name());
  }
  nodes_[node.name()] = graph_->node_size();
  *graph_->add_node() = node;
  return OkStatus();
}

Status GraphBuilder::AddFunctions(const ::tensorflow::GraphDef& graph) {
  for (const auto& function : graph.library().function()) {
    bool known = false;
    for (const auto& other : graph_->library().function()) {
      if (other.signature().name() != function.signature().name()) continue;
      if (proto::Serialize(other) != proto::Serialize(function)) {
        return InvalidArgumentError("the graph already has another function '{}'",
                                    function.signature().name());
      }
      known = true;
    }
    if (!known) *graph_->mutable_library()->add_function() = function;
  }
  return OkStatus();
}

Status GraphBuilder::SetString(std::string_view node, std::string_view value) {
  const auto found = nodes_.find(node);
  if (found != nodes_.end()) {
    ::tensorflow::NodeDef* def = graph_->mutable_node(found->second);
    const auto dtype = def->attr().find("dtype");
    if (def->op() == "Const" && dtype != def->attr().end() &&
        dtype->second.type() == ::tensorflow::DT_STRING) {
      auto* tensor = (*def->mutable_attr())["value"].mutable_tensor();
      tensor->clear_tensor_content();
      tensor->clear_string_val();
      tensor->add_string_val(std::string(value));
      return OkStatus();
    }
  }
  return InvalidArgumentError("'{}' is not a string constant of the graph", node);
}

StatusOr<::tensorflow::GraphDef> GraphBuilder::Finish() const {
  BESSEMER_RETURN_IF_ERROR(status_);
  return *graph_;
}

}  // namespace bessemer::tf
