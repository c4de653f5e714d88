#ifndef BESSEMER_EXPRESSION_GRAPH_H_
#define BESSEMER_EXPRESSION_GRAPH_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/expression/function.h"
#include "bessemer/expression/syntax.h"
#include "bessemer/expression/type.h"

namespace arrow {
class RecordBatch;
}  // namespace arrow

namespace bessemer::expression {

// One step of a bound expression. A node's inputs come before it.
struct Node {
  enum class Op { kInput, kConstant, kCall };

  Op op = Op::kConstant;
  Type type;
  std::string feature;                 // kInput
  Column constant;                     // kConstant
  const Function* function = nullptr;  // kCall
  std::vector<int> inputs;             // kCall: the values
  Json attrs = Json::object();         // kCall: the settings
  State state;                         // kCall: what the function prepared, once known

  bool is_analyzer() const { return op == Op::kCall && !function->analyzer.empty(); }
  bool is_constant() const { return op == Op::kConstant; }
};

// Typed expressions over shared nodes: equal sub-expressions are one node. Copies are independent.
// Const use is thread-safe.
class Graph {
 public:
  // The registry must outlive the graph.
  Graph(const FunctionRegistry* functions, InputTypes inputs)
      : functions_(functions), inputs_(std::move(inputs)) {}

  // Adds an expression; returns the index of its node. Errors carry line, column and a caret.
  StatusOr<int> Add(const Syntax& syntax, std::string_view text);
  StatusOr<int> Add(std::string_view text);

  const std::vector<Node>& nodes() const { return nodes_; }
  const InputTypes& inputs() const { return inputs_; }
  const FunctionRegistry& functions() const { return *functions_; }

  // Gives an analyzer's result: the node becomes a constant. Then Fold.
  Status SetConstant(int node, Column value);
  // Computes what depends on constants alone and prepares functions whose constants are all known.
  // Nodes keep their indices.
  Status Fold();
  CallContext ContextOf(const Node& node) const;

  // The features that the given nodes read, in order of first use.
  std::vector<std::string> FeaturesOf(const std::vector<int>& nodes) const;
  // Marks the given nodes and all that they need.
  std::vector<bool> NeededBy(const std::vector<int>& nodes) const;

  // The values of the given nodes over a batch. FAILED_PRECONDITION if one needs an analyzer that
  // has no result yet. A feature that the batch does not have is missing in every row: NOT_FOUND
  // if its type says that it never is.
  StatusOr<std::vector<Column>> Evaluate(const arrow::RecordBatch& batch,
                                         const std::vector<int>& nodes) const;

 private:
  friend class Binder;

  int Insert(Node node);
  StatusOr<Column> EvaluateNode(const Node& node, std::vector<Column> args,
                                int64_t num_rows) const;

  const FunctionRegistry* functions_;
  InputTypes inputs_;
  std::vector<Node> nodes_;
  std::map<std::string, int> index_;  // by structure
};

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_GRAPH_H_
