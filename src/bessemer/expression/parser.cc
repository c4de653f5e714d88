#include <algorithm>

#include "bessemer/expression/lexer.h"
#include "bessemer/expression/syntax.h"

namespace bessemer::expression {
namespace {

using Node = std::unique_ptr<Syntax>;

constexpr int kMaxDepth = 200;
constexpr size_t kMaxBytes = 64 << 10;

struct BinaryOperator {
  std::string_view token;
  std::string_view function;
  int level;
};
// Levels: 1 or, 2 and, 3 not, 4 comparison, 5 sum, 6 product, 7 unary, 8 power.
constexpr BinaryOperator kOperators[] = {
    {"or", "or", 1},        {"and", "and", 2},         {"==", "equal", 4},
    {"!=", "not_equal", 4}, {"<", "less", 4},          {"<=", "less_equal", 4},
    {">", "greater", 4},    {">=", "greater_equal", 4}, {"+", "add", 5},
    {"-", "subtract", 5},   {"*", "multiply", 6},      {"/", "divide", 6},
    {"//", "floor_divide", 6}, {"%", "modulo", 6},
};

Node MakeCall(std::string_view name, int position) {
  auto node = std::make_unique<Syntax>();
  node->kind = Syntax::Kind::kCall;
  node->position = position;
  node->text = std::string(name);
  return node;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text), lexer_(text) {}

  StatusOr<Node> Parse() {
    BESSEMER_RETURN_IF_ERROR(Advance());
    if (token_.kind == Token::Kind::kEnd) return Error("the expression is empty");
    BESSEMER_ASSIGN_OR_RETURN(Node node, Level(1));
    if (token_.kind != Token::Kind::kEnd) {
      if (token_.Is("=")) return Error("equality is written '=='");
      return Error(fmt::format("expected an operator or the end, found {}", Found()));
    }
    return node;
  }

 private:
  Status Error(std::string_view message) const {
    return ErrorAt(StatusCode::kInvalidArgument, text_, token_.position, message);
  }

  std::string Found() const {
    switch (token_.kind) {
      case Token::Kind::kEnd:
        return "the end";
      case Token::Kind::kInt:
      case Token::Kind::kFloat:
        return "a number";
      case Token::Kind::kString:
        return "a text";
      default:
        return fmt::format("'{}'", token_.text);
    }
  }

  Status Advance() {
    BESSEMER_ASSIGN_OR_RETURN(token_, lexer_.Next());
    return OkStatus();
  }

  Status Expect(std::string_view op) {
    if (!token_.Is(op)) return Error(fmt::format("expected '{}', found {}", op, Found()));
    return Advance();
  }

  const BinaryOperator* OperatorAt(int level) const {
    if (token_.kind != Token::Kind::kOperator && token_.kind != Token::Kind::kName) return nullptr;
    for (const BinaryOperator& op : kOperators) {
      if (op.level == level && op.token == token_.text) return &op;
    }
    return nullptr;
  }

  StatusOr<Node> Level(int level) {
    if (level == 3 || level == 7) return Prefix(level);
    if (level == 8) return Power();
    BESSEMER_ASSIGN_OR_RETURN(Node left, Level(level + 1));
    while (const BinaryOperator* op = OperatorAt(level)) {
      Node call = MakeCall(op->function, token_.position);
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(Node right, Level(level + 1));
      call->args.push_back(std::move(left));
      call->args.push_back(std::move(right));
      left = std::move(call);
      if (level == 4 && OperatorAt(4) != nullptr) {
        return Error("comparisons do not chain; write a < b and b < c");
      }
      // A long chain of operators nests as deep as it is long, and is destroyed recursively.
      if (++num_operators_ > 2000) return Error("the expression has too many operators");
    }
    return left;
  }

  StatusOr<Node> Prefix(int level) {
    const bool is_not = level == 3 && token_.IsWord("not");
    const bool is_sign = level == 7 && (token_.Is("-") || token_.Is("+"));
    if (!is_not && !is_sign) return Level(level + 1);
    const bool keep = token_.Is("+");
    Node call = MakeCall(is_not ? "not" : "negate", token_.position);
    if (++depth_ > kMaxDepth) return Error("the expression is nested too deeply");
    BESSEMER_RETURN_IF_ERROR(Advance());
    BESSEMER_ASSIGN_OR_RETURN(Node operand, Level(level));
    --depth_;
    if (keep) return operand;
    if (is_sign && operand->kind == Syntax::Kind::kInt) {
      operand->int_value = -operand->int_value;
      operand->position = call->position;
      return operand;
    }
    if (is_sign && operand->kind == Syntax::Kind::kFloat) {
      operand->float_value = -operand->float_value;
      operand->position = call->position;
      return operand;
    }
    call->args.push_back(std::move(operand));
    return call;
  }

  StatusOr<Node> Power() {
    BESSEMER_ASSIGN_OR_RETURN(Node base, Primary());
    if (!token_.Is("**")) return base;
    Node call = MakeCall("power", token_.position);
    if (++depth_ > kMaxDepth) return Error("the expression is nested too deeply");
    BESSEMER_RETURN_IF_ERROR(Advance());
    BESSEMER_ASSIGN_OR_RETURN(Node exponent, Level(7));
    --depth_;
    call->args.push_back(std::move(base));
    call->args.push_back(std::move(exponent));
    return call;
  }

  StatusOr<Node> Primary() {
    if (++depth_ > kMaxDepth) return Error("the expression is nested too deeply");
    auto node = std::make_unique<Syntax>();
    node->position = token_.position;
    node->text = token_.text;
    node->int_value = token_.int_value;
    node->float_value = token_.float_value;
    const Token::Kind kind = token_.kind;
    if (kind == Token::Kind::kInt) {
      node->kind = Syntax::Kind::kInt;
    } else if (kind == Token::Kind::kFloat) {
      node->kind = Syntax::Kind::kFloat;
    } else if (kind == Token::Kind::kString) {
      node->kind = Syntax::Kind::kString;
    } else if (kind == Token::Kind::kQuotedName) {
      node->kind = Syntax::Kind::kFeature;
      if (node->text.empty()) return Error("a feature name is empty");
    } else if (token_.Is("(")) {
      BESSEMER_RETURN_IF_ERROR(Advance());
      BESSEMER_ASSIGN_OR_RETURN(node, Level(1));
      if (!token_.Is(")")) return Error(fmt::format("expected ')', found {}", Found()));
    } else if (token_.Is("[")) {
      BESSEMER_RETURN_IF_ERROR(Items(*node));
    } else if (kind == Token::Kind::kName) {
      --depth_;
      return Name(std::move(node));
    } else {
      return Error(fmt::format("expected a value, found {}", Found()));
    }
    BESSEMER_RETURN_IF_ERROR(Advance());
    --depth_;
    return node;
  }

  // Leaves the closing bracket to the caller.
  Status Items(Syntax& list) {
    list.kind = Syntax::Kind::kList;
    BESSEMER_RETURN_IF_ERROR(Advance());
    while (!token_.Is("]")) {
      BESSEMER_ASSIGN_OR_RETURN(Node item, Level(1));
      list.args.push_back(std::move(item));
      if (token_.Is("]")) break;
      if (!token_.Is(",")) return Error(fmt::format("expected ',' or ']', found {}", Found()));
      BESSEMER_RETURN_IF_ERROR(Advance());
    }
    return OkStatus();
  }

  StatusOr<Node> Name(Node node) {
    if (token_.IsWord("and") || token_.IsWord("or")) {
      return Error(fmt::format("expected a value, found '{}'", token_.text));
    }
    BESSEMER_RETURN_IF_ERROR(Advance());
    if (!token_.Is("(")) {
      node->kind = Syntax::Kind::kFeature;
      if (node->text == "true" || node->text == "false") {
        node->kind = Syntax::Kind::kInt;
        node->int_value = node->text == "true";
      }
      return node;
    }
    if (++depth_ > kMaxDepth) return Error("the expression is nested too deeply");
    node->kind = Syntax::Kind::kCall;
    BESSEMER_RETURN_IF_ERROR(Advance());
    while (!token_.Is(")")) {
      BESSEMER_RETURN_IF_ERROR(Argument(*node));
      if (token_.Is(")")) break;
      if (!token_.Is(",")) return Error(fmt::format("expected ',' or ')', found {}", Found()));
      BESSEMER_RETURN_IF_ERROR(Advance());
    }
    BESSEMER_RETURN_IF_ERROR(Expect(")"));
    --depth_;
    if (node->text == "feature") return Feature(std::move(node));
    return node;
  }

  Status Argument(Syntax& call) {
    const int start = token_.position;
    BESSEMER_ASSIGN_OR_RETURN(Node value, Level(1));
    if (token_.Is("=")) {
      if (value->kind != Syntax::Kind::kFeature) {
        return Error("before '=' stands the name of an argument; equality is written '=='");
      }
      BESSEMER_RETURN_IF_ERROR(Advance());
      for (const auto& [name, other] : call.keywords) {
        if (name == value->text) {
          return ErrorAt(StatusCode::kInvalidArgument, text_, start,
                         fmt::format("argument '{}' is given twice", name));
        }
      }
      std::string name = value->text;
      BESSEMER_ASSIGN_OR_RETURN(value, Level(1));
      call.keywords.emplace_back(std::move(name), std::move(value));
      return OkStatus();
    }
    if (!call.keywords.empty()) {
      return ErrorAt(StatusCode::kInvalidArgument, text_, start,
                     "arguments without a name come before named ones");
    }
    call.args.push_back(std::move(value));
    return OkStatus();
  }

  StatusOr<Node> Feature(Node call) {
    if (call->args.size() != 1 || !call->keywords.empty() ||
        call->args[0]->kind != Syntax::Kind::kString) {
      return ErrorAt(StatusCode::kInvalidArgument, text_, call->position,
                     "feature takes one text: feature(\"a name\")");
    }
    Node node = std::move(call->args[0]);
    node->kind = Syntax::Kind::kFeature;
    node->position = call->position;
    return node;
  }

  std::string_view text_;
  Lexer lexer_;
  Token token_;
  int depth_ = 0;
  int num_operators_ = 0;
};

}  // namespace

Status ErrorAt(StatusCode code, std::string_view text, int position, std::string_view message) {
  const size_t at = std::min<size_t>(std::max(position, 0), text.size());
  const size_t start = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;  // npos + 1 is 0
  const size_t end = std::min(text.find('\n', at), text.size());
  const int line = 1 + static_cast<int>(std::count(text.begin(), text.begin() + at, '\n'));
  const int column = static_cast<int>(at - start) + 1;
  return MakeStatus(code, fmt::format("{}:{}: {}\n  {}\n  {}^", line, column, message,
                                      text.substr(start, end - start),
                                      std::string(column - 1, ' ')));
}

StatusOr<Node> ParseSyntax(std::string_view text) {
  if (text.size() > kMaxBytes) {
    return InvalidArgumentError("an expression of {} bytes is too long; the limit is {}",
                                text.size(), kMaxBytes);
  }
  return Parser(text).Parse();
}

}  // namespace bessemer::expression
