#ifndef BESSEMER_VALIDATION_RULE_CURSOR_INTERNAL_H_
#define BESSEMER_VALIDATION_RULE_CURSOR_INTERNAL_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "bessemer/validation/rule_lexer.h"
#include "bessemer/validation/rule_syntax.h"

namespace bessemer::validation {

// What the parser of rules stands on: the token at hand, and making nodes.
class RuleCursor {
 protected:
  using Node = std::unique_ptr<RuleSyntax>;
  using Kind = RuleSyntax::Kind;
  static constexpr int kMaxDepth = 100;
  static constexpr int kMaxNodes = 5000;

  explicit RuleCursor(std::string_view text) : text_(text), lexer_(text) {}

  Status Error(std::string_view message) const {
    return RuleError(text_, token_.position, message);
  }
  std::string Found() const {
    return token_.kind == RuleToken::Kind::kEnd ? "the end" : fmt::format("'{}'", token_.text);
  }
  Status Advance() {
    BESSEMER_ASSIGN_OR_RETURN(token_, lexer_.Next());
    return OkStatus();
  }
  Status Expect(std::string_view op) {
    if (!token_.Is(op)) return Error(fmt::format("expected '{}', found {}", op, Found()));
    return Advance();
  }
  Status ExpectWord(std::string_view word) {
    if (!token_.IsWord(word)) return Error(fmt::format("expected '{}', found {}", word, Found()));
    return Advance();
  }
  // Advances over it; false if another token stands there.
  StatusOr<bool> Accept(std::string_view op) {
    if (!token_.Is(op)) return false;
    BESSEMER_RETURN_IF_ERROR(Advance());
    return true;
  }
  StatusOr<bool> AcceptWord(std::string_view word) {
    if (!token_.IsWord(word)) return false;
    BESSEMER_RETURN_IF_ERROR(Advance());
    return true;
  }

  StatusOr<Node> Make(Kind kind, std::string text, size_t position) {
    if (++num_nodes_ > kMaxNodes) return Error("the expression is too long");
    auto node = std::make_unique<RuleSyntax>();
    node->kind = kind;
    node->text = std::move(text);
    node->position = position;
    return node;
  }
  StatusOr<Node> Call(std::string name, size_t position, Node a, Node b = nullptr,
                      Node c = nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(Node call, Make(Kind::kCall, std::move(name), position));
    call->args.push_back(std::move(a));
    if (b != nullptr) call->args.push_back(std::move(b));
    if (c != nullptr) call->args.push_back(std::move(c));
    return call;
  }

  std::string_view text_;
  RuleLexer lexer_;
  RuleToken token_;
  int depth_ = 0;
  int num_nodes_ = 0;
  bool more_ = false;
};

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_RULE_CURSOR_INTERNAL_H_
