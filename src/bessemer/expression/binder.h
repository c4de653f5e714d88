#ifndef BESSEMER_EXPRESSION_BINDER_H_
#define BESSEMER_EXPRESSION_BINDER_H_

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/expression/graph.h"

namespace bessemer::expression {

// Turns syntax into nodes of a graph: finds functions, orders arguments, converts kinds, infers
// types.
class Binder {
 public:
  Binder(Graph& graph, std::string_view text) : graph_(graph), text_(text) {}
  StatusOr<int> Bind(const Syntax& syntax);
  // The errors of Bind that depend on no feature: functions, their arguments and settings.
  Status Check(const Syntax& syntax) const;

 private:
  // What the argument names of a function with a definition stand for.
  struct Bound {
    int node = -1;  // a value
    Json constant;  // a setting
  };
  using Scope = std::map<std::string, Bound, std::less<>>;

  struct Arguments {
    std::vector<const Syntax*> values;
    std::map<std::string, const Syntax*> settings;
  };

  Status Fail(const Syntax& at, const Status& status) const;
  StatusOr<int> BindCall(const Syntax& call);
  StatusOr<int> BindSetting(const Json& value);
  StatusOr<int> BindList(const Syntax& list);
  StatusOr<int> BindDefinition(const Syntax& call, const Function& function,
                               const std::vector<int>& values, const Json& settings);
  StatusOr<const Function*> FindFunction(const Syntax& call) const;
  StatusOr<Arguments> Arrange(const Syntax& call, const Function& function) const;
  StatusOr<Json> Settings(const Syntax& call, const Function& function,
                          const Arguments& arguments) const;
  StatusOr<Json> Literal(const Syntax& syntax) const;
  Status Convert(const Syntax& call, const Function& function, const Arguments& arguments,
                 std::vector<int>& values);
  StatusOr<int> ConvertTo(int node, Kind kind);
  StatusOr<int> MakeCall(const Function& function, std::vector<int> values, Json settings);
  const Type& type(int node) const { return graph_.nodes_[node].type; }

  Graph& graph_;
  std::string_view text_;
  const Scope* scope_ = nullptr;  // inside a definition
  int definition_depth_ = 0;
};

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_BINDER_H_
