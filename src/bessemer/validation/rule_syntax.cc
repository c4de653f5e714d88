#include "bessemer/validation/rule_syntax.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "bessemer/validation/rule_cursor_internal.h"

namespace bessemer::validation {

namespace {

constexpr size_t kMaxBytes = 64 << 10;

// The words that cannot stand for a feature. Those that only follow a value can: `end`.
constexpr std::string_view kReserved[] = {"and", "or", "not", "between",
                                          "in",  "is", "like", "case"};

class Parser : private RuleCursor {
 public:
  explicit Parser(std::string_view text) : RuleCursor(text) {}

  StatusOr<Node> Parse() {
    BESSEMER_RETURN_IF_ERROR(Advance());
    if (token_.kind == RuleToken::Kind::kEnd) return Error("the expression is empty");
    BESSEMER_ASSIGN_OR_RETURN(Node node, Or());
    if (token_.kind != RuleToken::Kind::kEnd) {
      return Error(fmt::format("expected an operator or the end, found {}", Found()));
    }
    return node;
  }

 private:
  StatusOr<Node> Or() {
    BESSEMER_ASSIGN_OR_RETURN(Node left, And());
    while (token_.IsWord("or")) {
      const size_t position = token_.position;
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(Node right, And());
      BESSEMER_ASSIGN_OR_RETURN(left, Call("or", position, std::move(left), std::move(right)));
    }
    return left;
  }

  StatusOr<Node> And() {
    BESSEMER_ASSIGN_OR_RETURN(Node left, Not());
    while (token_.IsWord("and")) {
      const size_t position = token_.position;
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(Node right, Not());
      BESSEMER_ASSIGN_OR_RETURN(left, Call("and", position, std::move(left), std::move(right)));
    }
    return left;
  }

  StatusOr<Node> Not() {
    const size_t position = token_.position;
    BESSEMER_ASSIGN_OR_RETURN(const bool is_not, AcceptWord("not"));
    if (!is_not) return Comparison();
    if (++depth_ > kMaxDepth) return Error("the expression is nested too deeply");
    BESSEMER_ASSIGN_OR_RETURN(Node operand, Not());
    --depth_;
    return Call("not", position, std::move(operand));
  }

  StatusOr<Node> Comparison() {
    BESSEMER_ASSIGN_OR_RETURN(Node left, Sum());
    const size_t position = token_.position;
    for (const std::string_view op : {"=", "==", "!=", "<>", "<", "<=", ">", ">="}) {
      if (!token_.Is(op)) continue;
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(Node right, Sum());
      const std::string name(op == "==" ? "=" : op == "<>" ? "!=" : op);
      return Call(name, position, std::move(left), std::move(right));
    }
    if (token_.IsWord("is")) return IsNull(std::move(left));
    BESSEMER_ASSIGN_OR_RETURN(const bool is_not, AcceptWord("not"));
    StatusOr<Node> node;
    if (token_.IsWord("between")) {
      node = Between(std::move(left));
    } else if (token_.IsWord("in")) {
      node = In(std::move(left));
    } else if (token_.IsWord("like")) {
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(Node pattern, Sum());
      node = Call("like", position, std::move(left), std::move(pattern));
    } else if (is_not) {
      return Error(fmt::format("expected 'between', 'in' or 'like', found {}", Found()));
    } else {
      return left;
    }
    if (!node.ok() || !is_not) return node;
    return Call("not", position, *std::move(node));
  }

  StatusOr<Node> IsNull(Node left) {
    const size_t position = token_.position;
    BESSEMER_RETURN_IF_ERROR(Advance());
    BESSEMER_ASSIGN_OR_RETURN(const bool is_not, AcceptWord("not"));
    BESSEMER_RETURN_IF_ERROR(ExpectWord("null"));
    BESSEMER_ASSIGN_OR_RETURN(Node node, Call("is_null", position, std::move(left)));
    if (is_not) return Call("not", position, std::move(node));
    return node;
  }

  StatusOr<Node> Between(Node left) {
    const size_t position = token_.position;
    BESSEMER_RETURN_IF_ERROR(Advance());
    BESSEMER_ASSIGN_OR_RETURN(Node low, Sum());
    BESSEMER_RETURN_IF_ERROR(ExpectWord("and"));
    BESSEMER_ASSIGN_OR_RETURN(Node high, Sum());
    return Call("between", position, std::move(left), std::move(low), std::move(high));
  }

  StatusOr<Node> In(Node left) {
    BESSEMER_ASSIGN_OR_RETURN(Node call, Call("in", token_.position, std::move(left)));
    BESSEMER_RETURN_IF_ERROR(Advance());
    if (token_.IsWord("unnest")) {
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_RETURN_IF_ERROR(Expect("("));
      BESSEMER_ASSIGN_OR_RETURN(Node list, Or());
      call->text = "in_list";
      call->args.push_back(std::move(list));
      BESSEMER_RETURN_IF_ERROR(Expect(")"));
      return call;
    }
    BESSEMER_RETURN_IF_ERROR(Expect("("));
    if (token_.IsWord("select")) {
      BESSEMER_ASSIGN_OR_RETURN(Node query, Query());
      call->text = "in_list";
      call->args.push_back(std::move(query));
    } else {
      do {
        BESSEMER_ASSIGN_OR_RETURN(Node item, Or());
        call->args.push_back(std::move(item));
        BESSEMER_ASSIGN_OR_RETURN(more_, Accept(","));
      } while (more_);
    }
    BESSEMER_RETURN_IF_ERROR(Expect(")"));
    return call;
  }

  StatusOr<Node> Sum() {
    BESSEMER_ASSIGN_OR_RETURN(Node left, Product());
    while (token_.Is("+") || token_.Is("-") || token_.Is("||")) {
      const RuleToken op = token_;
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(Node right, Product());
      BESSEMER_ASSIGN_OR_RETURN(left,
                                Call(op.text, op.position, std::move(left), std::move(right)));
    }
    return left;
  }

  StatusOr<Node> Product() {
    BESSEMER_ASSIGN_OR_RETURN(Node left, Unary());
    while (token_.Is("*") || token_.Is("/") || token_.Is("//") || token_.Is("%")) {
      const RuleToken op = token_;
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(Node right, Unary());
      BESSEMER_ASSIGN_OR_RETURN(left,
                                Call(op.text, op.position, std::move(left), std::move(right)));
    }
    return left;
  }

  StatusOr<Node> Unary() {
    if (++depth_ > kMaxDepth) return Error("the expression is nested too deeply");
    const RuleToken op = token_;
    StatusOr<Node> node;
    if (op.Is("-") || op.Is("+")) {
      BESSEMER_RETURN_IF_ERROR(Advance());
      node = Unary();
      if (node.ok() && op.Is("-")) node = Negate(*std::move(node), op.position);
    } else {
      node = Power();
    }
    --depth_;
    return node;
  }

  StatusOr<Node> Negate(Node operand, size_t position) {
    if (operand->kind == Kind::kLiteral) {
      if (auto* whole = std::get_if<int64_t>(&operand->value)) {
        *whole = static_cast<int64_t>(-static_cast<uint64_t>(*whole));
        return operand;
      }
      if (auto* number = std::get_if<double>(&operand->value)) {
        *number = -*number;
        return operand;
      }
    }
    return Call("negate", position, std::move(operand));
  }

  StatusOr<Node> Power() {
    BESSEMER_ASSIGN_OR_RETURN(Node base, Postfix());
    const size_t position = token_.position;
    BESSEMER_ASSIGN_OR_RETURN(const bool is_power, Accept("**"));
    if (!is_power) return base;
    BESSEMER_ASSIGN_OR_RETURN(Node exponent, Unary());
    return Call("**", position, std::move(base), std::move(exponent));
  }

  StatusOr<Node> Postfix() {
    BESSEMER_ASSIGN_OR_RETURN(Node node, Primary());
    while (token_.Is(".") || token_.Is("[")) {
      const size_t position = token_.position;
      const bool is_field = token_.Is(".");
      BESSEMER_RETURN_IF_ERROR(Advance());
      Node outer;
      if (is_field) {
        if (token_.kind != RuleToken::Kind::kName &&
            token_.kind != RuleToken::Kind::kQuotedName) {
          return Error(fmt::format("expected the name of a field, found {}", Found()));
        }
        BESSEMER_ASSIGN_OR_RETURN(outer, Make(Kind::kField, token_.text, position));
        outer->args.push_back(std::move(node));
        BESSEMER_RETURN_IF_ERROR(Advance());
      } else {
        BESSEMER_ASSIGN_OR_RETURN(outer, Index(std::move(node), position));
      }
      node = std::move(outer);
    }
    return node;
  }

  StatusOr<Node> Index(Node list, size_t position) {
    BESSEMER_ASSIGN_OR_RETURN(Node node, Make(Kind::kIndex, "", position));
    BESSEMER_ASSIGN_OR_RETURN(Node index, Or());
    if (index->kind == Kind::kCall && index->args.size() == 1) {
      for (const std::string_view how : {"offset", "ordinal", "safe_offset", "safe_ordinal"}) {
        if (index->text == how) {
          node->text = how;
          index = std::move(index->args[0]);
          break;
        }
      }
    }
    node->args.push_back(std::move(list));
    node->args.push_back(std::move(index));
    BESSEMER_RETURN_IF_ERROR(Expect("]"));
    return node;
  }

  StatusOr<Node> Primary() {
    const RuleToken token = token_;
    switch (token.kind) {
      case RuleToken::Kind::kEnd:
        return Error("expected a value, found the end");
      case RuleToken::Kind::kOperator:
        return Group();
      case RuleToken::Kind::kName:
        return Word();
      case RuleToken::Kind::kQuotedName: {
        BESSEMER_RETURN_IF_ERROR(Advance());
        return Make(Kind::kName, token.text, token.position);
      }
      default:
        break;
    }
    BESSEMER_ASSIGN_OR_RETURN(Node node, Make(Kind::kLiteral, "", token.position));
    if (token.kind == RuleToken::Kind::kString) {
      node->value = token.text;
    } else if (token.kind == RuleToken::Kind::kFloat) {
      node->value = std::strtod(token.text.c_str(), nullptr);
    } else {
      int64_t whole = 0;
      const char* end = token.text.data() + token.text.size();
      if (std::from_chars(token.text.data(), end, whole).ec != std::errc()) {
        return Error("this integer is too large");
      }
      node->value = whole;
    }
    BESSEMER_RETURN_IF_ERROR(Advance());
    return node;
  }

  StatusOr<Node> Group() {
    if (!token_.Is("(")) return Error(fmt::format("expected a value, found {}", Found()));
    BESSEMER_RETURN_IF_ERROR(Advance());
    BESSEMER_ASSIGN_OR_RETURN(Node node, token_.IsWord("select") ? Query() : Or());
    BESSEMER_RETURN_IF_ERROR(Expect(")"));
    return node;
  }

  StatusOr<Node> Word() {
    const RuleToken name = token_;
    const std::string lower = LowerCase(name.text);
    if (lower == "case") return Case();
    if (std::find(std::begin(kReserved), std::end(kReserved), lower) != std::end(kReserved)) {
      return Error(fmt::format("expected a value, found '{}'; a feature of that name is written "
                               "`{}`",
                               name.text, name.text));
    }
    BESSEMER_RETURN_IF_ERROR(Advance());
    if (token_.Is("(")) return Arguments(lower, name.position);
    if (lower != "true" && lower != "false" && lower != "null") {
      return Make(Kind::kName, name.text, name.position);
    }
    BESSEMER_ASSIGN_OR_RETURN(Node node, Make(Kind::kLiteral, "", name.position));
    if (lower != "null") node->value = lower == "true";
    return node;
  }

  StatusOr<Node> Arguments(const std::string& name, size_t position) {
    BESSEMER_ASSIGN_OR_RETURN(Node call, Make(Kind::kCall, name, position));
    BESSEMER_RETURN_IF_ERROR(Advance());
    BESSEMER_ASSIGN_OR_RETURN(const bool is_empty, Accept(")"));
    if (is_empty) return call;
    if (token_.IsWord("select")) {
      BESSEMER_ASSIGN_OR_RETURN(Node query, Query());
      call->args.push_back(std::move(query));
      BESSEMER_RETURN_IF_ERROR(Expect(")"));
      return call;
    }
    do {
      BESSEMER_RETURN_IF_ERROR(Argument(call.get()));
      BESSEMER_ASSIGN_OR_RETURN(more_, Accept(","));
    } while (more_);
    BESSEMER_RETURN_IF_ERROR(Expect(")"));
    return call;
  }

  Status Argument(RuleSyntax* call) {
    if (token_.Is("*") && call->text == "count" && call->args.empty()) return Advance();
    BESSEMER_ASSIGN_OR_RETURN(Node argument, Or());
    // name = value is an option of the function; but a condition where one belongs.
    const bool may_be_option =
        call->text != "if" && call->text != "coalesce" && !call->args.empty();
    if (may_be_option && argument->kind == Kind::kCall && argument->text == "=" &&
        argument->args[0]->kind == Kind::kName && argument->args[1]->kind == Kind::kLiteral) {
      call->keywords.emplace_back(argument->args[0]->text, std::move(argument->args[1]));
      return OkStatus();
    }
    call->args.push_back(std::move(argument));
    if (call->text != "cast" || !token_.IsWord("as")) return OkStatus();
    BESSEMER_RETURN_IF_ERROR(Advance());
    BESSEMER_ASSIGN_OR_RETURN(Node type, Make(Kind::kLiteral, "", token_.position));
    type->value = LowerCase(token_.text);
    call->args.push_back(std::move(type));
    return Advance();
  }

  StatusOr<Node> Case() {
    BESSEMER_ASSIGN_OR_RETURN(Node node, Make(Kind::kCall, "case", token_.position));
    BESSEMER_RETURN_IF_ERROR(Advance());
    if (!token_.IsWord("when")) return Error(fmt::format("expected 'when', found {}", Found()));
    while (token_.IsWord("when")) {
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(Node condition, Or());
      BESSEMER_RETURN_IF_ERROR(ExpectWord("then"));
      BESSEMER_ASSIGN_OR_RETURN(Node value, Or());
      node->args.push_back(std::move(condition));
      node->args.push_back(std::move(value));
    }
    Node otherwise;
    if (token_.IsWord("else")) {
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(otherwise, Or());
    } else {
      BESSEMER_ASSIGN_OR_RETURN(otherwise, Make(Kind::kLiteral, "", token_.position));
    }
    node->args.push_back(std::move(otherwise));
    BESSEMER_RETURN_IF_ERROR(ExpectWord("end"));
    return node;
  }

  StatusOr<Node> Query() {
    if (++depth_ > kMaxDepth) return Error("the expression is nested too deeply");
    BESSEMER_ASSIGN_OR_RETURN(Node query, Make(Kind::kQuery, "", token_.position));
    BESSEMER_RETURN_IF_ERROR(Advance());
    BESSEMER_ASSIGN_OR_RETURN(Node select, Or());
    BESSEMER_RETURN_IF_ERROR(ExpectWord("from"));
    BESSEMER_RETURN_IF_ERROR(ExpectWord("unnest"));
    BESSEMER_RETURN_IF_ERROR(Expect("("));
    BESSEMER_ASSIGN_OR_RETURN(Node list, Or());
    BESSEMER_RETURN_IF_ERROR(Expect(")"));
    BESSEMER_RETURN_IF_ERROR(AcceptWord("as").status());
    if (token_.kind == RuleToken::Kind::kName && !token_.IsWord("where")) {
      query->text = token_.text;
      BESSEMER_RETURN_IF_ERROR(Advance());
    }
    Node where;
    BESSEMER_ASSIGN_OR_RETURN(const bool has_where, AcceptWord("where"));
    if (has_where) {
      BESSEMER_ASSIGN_OR_RETURN(where, Or());
    }
    query->args.push_back(std::move(select));
    query->args.push_back(std::move(list));
    query->args.push_back(std::move(where));
    --depth_;
    return query;
  }
};

}  // namespace

StatusOr<std::unique_ptr<RuleSyntax>> ParseRule(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return InvalidArgumentError("the expression has {} bytes; at most {} are read", text.size(),
                                kMaxBytes);
  }
  return Parser(text).Parse();
}

}  // namespace bessemer::validation
