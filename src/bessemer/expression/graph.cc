#include "bessemer/expression/graph.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>

#include "bessemer/base/json_text.h"
#include "bessemer/expression/binder.h"

namespace bessemer::expression {
namespace {

std::string KeyOf(const Node& node) {
  if (node.op == Node::Op::kInput) return "input " + node.feature;
  if (node.op == Node::Op::kConstant) return "constant " + JsonText(node.constant.ToJson());
  return fmt::format("{} {} {}", node.function->name, fmt::join(node.inputs, ","),
                     JsonText(node.attrs));
}

// Whether a value is, or will be once analysed, the same for all rows.
bool IsForAllRows(const Type& type) { return !type.per_row(); }

}  // namespace

StatusOr<int> Graph::Add(const Syntax& syntax, std::string_view text) {
  return Binder(*this, text).Bind(syntax);
}

StatusOr<int> Graph::Add(std::string_view text) {
  BESSEMER_ASSIGN_OR_RETURN(const auto syntax, ParseSyntax(text));
  return Add(*syntax, text);
}

int Graph::Insert(Node node) {
  const auto [found, inserted] = index_.emplace(KeyOf(node), static_cast<int>(nodes_.size()));
  if (inserted) nodes_.push_back(std::move(node));
  return found->second;
}

CallContext Graph::ContextOf(const Node& node) const {
  CallContext context;
  context.function = node.function;
  context.attrs = &node.attrs;
  for (const int input : node.inputs) {
    const Node& from = nodes_[input];
    context.types.push_back(from.type);
    context.constants.push_back(from.is_constant() ? &from.constant : nullptr);
  }
  return context;
}

Status Graph::SetConstant(int index, Column value) {
  Node& node = nodes_[index];
  if (!node.is_analyzer() || value.type() != node.type) {
    return InvalidArgumentError("node {} does not take a {}", index, value.type().ToString());
  }
  node.op = Node::Op::kConstant;
  node.constant = std::move(value);
  node.inputs.clear();
  return OkStatus();
}

Status Graph::Fold() {
  for (Node& node : nodes_) {
    if (node.op != Node::Op::kCall || node.is_analyzer()) continue;
    const bool ready = std::all_of(node.inputs.begin(), node.inputs.end(), [&](int input) {
      return !IsForAllRows(nodes_[input].type) || nodes_[input].is_constant();
    });
    if (ready && node.function->prepare && node.state == nullptr) {
      auto state = node.function->prepare(ContextOf(node));
      if (!state.ok()) return WithContext(state.status(), node.function->name);
      node.state = *std::move(state);
    }
    if (!ready || !IsForAllRows(node.type)) continue;
    std::vector<Column> args;
    for (const int input : node.inputs) args.push_back(nodes_[input].constant);
    BESSEMER_ASSIGN_OR_RETURN(Column value, EvaluateNode(node, std::move(args), 1));
    node.op = Node::Op::kConstant;
    node.constant = std::move(value);
    node.inputs.clear();
  }
  return OkStatus();
}

std::vector<bool> Graph::NeededBy(const std::vector<int>& nodes) const {
  std::vector<bool> needed(nodes_.size(), false);
  for (const int node : nodes) needed[node] = true;
  for (size_t i = nodes_.size(); i-- > 0;) {
    if (!needed[i]) continue;
    for (const int input : nodes_[i].inputs) needed[input] = true;
  }
  return needed;
}

std::vector<std::string> Graph::FeaturesOf(const std::vector<int>& nodes) const {
  const std::vector<bool> needed = NeededBy(nodes);
  std::vector<std::string> features;
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (needed[i] && nodes_[i].op == Node::Op::kInput) features.push_back(nodes_[i].feature);
  }
  return features;
}

}  // namespace bessemer::expression
