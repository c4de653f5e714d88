#include <algorithm>
#include <cctype>

#include "bessemer/statistics/slice_query.h"

namespace bessemer::statistics {
namespace {

constexpr int kMaxDepth = 100;

std::string Lower(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

bool IsNameByte(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || (c & 0x80) != 0;
}

}  // namespace

// Recursive descent; every rule returns the text of the expression language it stands for.
class SliceQueryParser {
 public:
  explicit SliceQueryParser(std::string_view text) : text_(text) { Advance(); }

  StatusOr<SliceQuery> Query() {
    BESSEMER_RETURN_IF_ERROR(Expect("select"));
    BESSEMER_RETURN_IF_ERROR(Expect("struct"));
    BESSEMER_RETURN_IF_ERROR(Expect("("));
    do {
      BESSEMER_RETURN_IF_ERROR(ParseItem());
    } while (Take(","));
    BESSEMER_RETURN_IF_ERROR(Expect(")"));
    if (Take("from")) {
      do {
        BESSEMER_RETURN_IF_ERROR(ParseSource());
      } while (Take(",") || (Take("cross") && Take("join")));
    }
    if (Take("where")) {
      BESSEMER_ASSIGN_OR_RETURN(query_.condition_, Or());
    }
    Take(";");
    if (kind_ != Kind::kEnd) return Error("expected the end of the query");
    for (const SliceQuery::Source& source : query_.sources_) query_.features_.erase(source.alias);
    query_.text_ = std::string(text_);
    return std::move(query_);
  }

 private:
  enum class Kind { kEnd, kName, kQuotedName, kNumber, kText, kOperator };
  using Text = StatusOr<std::string>;

  Status Error(std::string_view message) const {
    const std::string found = kind_ == Kind::kEnd ? "the end" : fmt::format("'{}'", token_);
    return InvalidArgumentError("slice query, at byte {}: {}, found {}: {}", begin_, message, found,
                                text_);
  }

  void Advance() {
    while (at_ < text_.size() && std::isspace(static_cast<unsigned char>(text_[at_]))) ++at_;
    begin_ = at_;
    token_.clear();
    if (at_ == text_.size()) {
      kind_ = Kind::kEnd;
      return;
    }
    const char c = text_[at_];
    if (c == '\'' || c == '"' || c == '`') {
      Quoted(c);
    } else if (std::isdigit(static_cast<unsigned char>(c))) {
      kind_ = Kind::kNumber;
      while (at_ < text_.size() && (IsNameByte(text_[at_]) || text_[at_] == '.' ||
                                    ((text_[at_] == '-' || text_[at_] == '+') &&
                                     (text_[at_ - 1] == 'e' || text_[at_ - 1] == 'E')))) {
        token_ += text_[at_++];
      }
    } else if (IsNameByte(c)) {
      kind_ = Kind::kName;
      while (at_ < text_.size() && IsNameByte(text_[at_])) token_ += text_[at_++];
    } else {
      kind_ = Kind::kOperator;
      static constexpr std::string_view kLong[] = {"<=", ">=", "!=", "<>"};
      const std::string_view two = text_.substr(at_, 2);
      const bool is_long = std::find(std::begin(kLong), std::end(kLong), two) != std::end(kLong);
      token_ = is_long ? std::string(two) : std::string(1, c);
      at_ += token_.size();
    }
  }

  void Quoted(char quote) {
    kind_ = quote == '`' ? Kind::kQuotedName : Kind::kText;
    ++at_;
    while (at_ < text_.size() && text_[at_] != quote) {
      if (text_[at_] == '\\' && at_ + 1 < text_.size()) token_ += text_[at_++];
      token_ += text_[at_++];
    }
    if (at_ < text_.size()) {
      ++at_;
    } else {
      kind_ = Kind::kOperator;  // no closing quote: fits nowhere
    }
  }

  bool Is(std::string_view word) const {
    return (kind_ == Kind::kName && Lower(token_) == word) ||
           (kind_ == Kind::kOperator && token_ == word);
  }
  bool Take(std::string_view word) {
    if (!Is(word)) return false;
    Advance();
    return true;
  }
  Status Expect(std::string_view word) {
    if (Take(word)) return OkStatus();
    return Error(fmt::format("expected {}", word));
  }
  StatusOr<std::string> Name() {
    if (kind_ != Kind::kName && kind_ != Kind::kQuotedName) return Error("expected a name");
    std::string name = token_;
    Advance();
    return name;
  }

  Status ParseItem() {
    const bool plain = kind_ == Kind::kName || kind_ == Kind::kQuotedName;
    last_name_.clear();
    BESSEMER_ASSIGN_OR_RETURN(std::string expression, Or());
    std::string name = plain ? last_name_ : "";
    if (Take("as")) {
      BESSEMER_ASSIGN_OR_RETURN(name, Name());
    } else if (expression != fmt::format("feature({})", QuotedText(name))) {
      return Error("an item that is not the name of a feature needs 'AS name'");
    }
    query_.items_.push_back({std::move(expression), std::move(name)});
    return OkStatus();
  }

  // example.f [AS a], UNNEST(example.f) [AS a]; UNNEST([example]) AS e stands for the row itself.
  Status ParseSource() {
    const bool unnest = Take("unnest");
    if (unnest) BESSEMER_RETURN_IF_ERROR(Expect("("));
    const bool row = unnest && Take("[");
    BESSEMER_RETURN_IF_ERROR(Expect("example"));
    std::string feature;
    if (row) {
      BESSEMER_RETURN_IF_ERROR(Expect("]"));
    } else {
      BESSEMER_RETURN_IF_ERROR(Expect("."));
      BESSEMER_ASSIGN_OR_RETURN(feature, Name());
    }
    if (unnest) BESSEMER_RETURN_IF_ERROR(Expect(")"));
    std::string alias = feature;
    const bool as = Take("as");
    const bool bare = kind_ == Kind::kName && !Is("where") && !Is("cross");
    if (as || bare) {
      BESSEMER_ASSIGN_OR_RETURN(alias, Name());
    }
    if (row) {
      row_names_.insert(alias);
    } else {
      query_.sources_.push_back({std::move(feature), std::move(alias)});
    }
    return OkStatus();
  }

  Text Or() {
    BESSEMER_ASSIGN_OR_RETURN(std::string left, And());
    while (Take("or")) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string right, And());
      left = fmt::format("({} or {})", left, right);
    }
    return left;
  }

  Text And() {
    BESSEMER_ASSIGN_OR_RETURN(std::string left, Not());
    while (Take("and")) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string right, Not());
      left = fmt::format("({} and {})", left, right);
    }
    return left;
  }

  Text Not() {
    if (!Take("not")) return Comparison();
    if (++depth_ > kMaxDepth) return Error("the query nests too deeply");
    BESSEMER_ASSIGN_OR_RETURN(const std::string operand, Not());
    --depth_;
    return fmt::format("(not {})", operand);
  }

  Text Comparison() {
    BESSEMER_ASSIGN_OR_RETURN(const std::string left, Sum());
    if (Take("is")) {
      const bool negated = Take("not");
      BESSEMER_RETURN_IF_ERROR(Expect("null"));
      return fmt::format("{}({})", negated ? "is_present" : "is_missing", left);
    }
    const bool negated = Take("not");
    std::string result;
    if (Take("in")) {
      BESSEMER_ASSIGN_OR_RETURN(result, AnyOf(left));
    } else if (Take("between")) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string low, Sum());
      BESSEMER_RETURN_IF_ERROR(Expect("and"));
      BESSEMER_ASSIGN_OR_RETURN(const std::string high, Sum());
      result = fmt::format("({0} >= {1} and {0} <= {2})", left, low, high);
    } else if (negated) {
      return Error("expected IN or BETWEEN");
    } else {
      static const std::map<std::string, std::string> operators = {
          {"=", "=="}, {"!=", "!="}, {"<>", "!="}, {"<", "<"}, {"<=", "<="}, {">", ">"},
          {">=", ">="}};
      const auto it = kind_ == Kind::kOperator ? operators.find(token_) : operators.end();
      if (it == operators.end()) return left;
      Advance();
      BESSEMER_ASSIGN_OR_RETURN(const std::string right, Sum());
      return fmt::format("({} {} {})", left, it->second, right);
    }
    return negated ? fmt::format("(not {})", result) : result;
  }

  Text AnyOf(const std::string& left) {
    BESSEMER_RETURN_IF_ERROR(Expect("("));
    std::string result;
    do {
      BESSEMER_ASSIGN_OR_RETURN(const std::string right, Or());
      result += fmt::format("{}{} == {}", result.empty() ? "" : " or ", left, right);
    } while (Take(","));
    BESSEMER_RETURN_IF_ERROR(Expect(")"));
    return fmt::format("({})", result);
  }

  Text Sum() {
    BESSEMER_ASSIGN_OR_RETURN(std::string left, Product());
    while (Is("+") || Is("-")) {
      const std::string op = token_;
      Advance();
      BESSEMER_ASSIGN_OR_RETURN(const std::string right, Product());
      left = fmt::format("({} {} {})", left, op, right);
    }
    return left;
  }

  Text Product() {
    BESSEMER_ASSIGN_OR_RETURN(std::string left, Primary());
    while (Is("*") || Is("/") || Is("%")) {
      const std::string op = token_;
      Advance();
      BESSEMER_ASSIGN_OR_RETURN(const std::string right, Primary());
      left = fmt::format("({} {} {})", left, op, right);
    }
    return left;
  }

  Text Primary() {
    if (++depth_ > kMaxDepth) return Error("the query nests too deeply");
    Text result = PrimaryInside();
    --depth_;
    return result;
  }

  Text PrimaryInside() {
    if (Take("-")) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string operand, Primary());
      return fmt::format("(-{})", operand);
    }
    if (Take("(")) {
      BESSEMER_ASSIGN_OR_RETURN(std::string inner, Or());
      BESSEMER_RETURN_IF_ERROR(Expect(")"));
      return inner;
    }
    if (Take("case")) return Case();
    if (kind_ == Kind::kNumber || kind_ == Kind::kText) {
      std::string literal = kind_ == Kind::kText ? QuotedText(token_) : token_;
      Advance();
      return literal;
    }
    if (Is("true") || Is("false")) {
      std::string literal = Lower(token_);
      Advance();
      return literal;
    }
    return NameOrCall();
  }

  Text NameOrCall() {
    const bool quoted = kind_ == Kind::kQuotedName;
    BESSEMER_ASSIGN_OR_RETURN(std::string name, Name());
    if (!quoted && Take("(")) {
      std::string call = Lower(name) + "(";
      while (!Is(")")) {
        BESSEMER_ASSIGN_OR_RETURN(const std::string argument, Or());
        call += argument;
        if (!Take(",")) break;
        call += ", ";
      }
      BESSEMER_RETURN_IF_ERROR(Expect(")"));
      return call + ")";
    }
    // example.f, or e.f where e stands for the row.
    if (Take(".")) {
      BESSEMER_ASSIGN_OR_RETURN(name, Name());
    }
    last_name_ = name;
    query_.features_.insert(name);
    return fmt::format("feature({})", QuotedText(name));
  }

  Text Case() {
    std::string subject;
    if (!Is("when")) {
      BESSEMER_ASSIGN_OR_RETURN(subject, Or());
    }
    std::string result;
    std::string closing;
    while (Take("when")) {
      BESSEMER_ASSIGN_OR_RETURN(std::string condition, Or());
      if (!subject.empty()) condition = fmt::format("({} == {})", subject, condition);
      BESSEMER_RETURN_IF_ERROR(Expect("then"));
      BESSEMER_ASSIGN_OR_RETURN(const std::string value, Or());
      result += fmt::format("if({}, {}, ", condition, value);
      closing += ")";
    }
    if (result.empty()) return Error("expected WHEN");
    BESSEMER_RETURN_IF_ERROR(Expect("else"));
    BESSEMER_ASSIGN_OR_RETURN(const std::string otherwise, Or());
    BESSEMER_RETURN_IF_ERROR(Expect("end"));
    return result + otherwise + closing;
  }

  // As a literal of the expression language; the token keeps its own escapes.
  static std::string QuotedText(std::string_view token) {
    std::string text = "\"";
    for (size_t i = 0; i < token.size(); ++i) {
      if (token[i] == '\\' && i + 1 < token.size()) {
        text += token[i++];
        text += token[i];
      } else {
        if (token[i] == '"') text += '\\';
        text += token[i];
      }
    }
    return text + "\"";
  }

  std::string_view text_;
  size_t at_ = 0;
  size_t begin_ = 0;
  Kind kind_ = Kind::kEnd;
  std::string token_;
  int depth_ = 0;
  std::string last_name_;
  std::set<std::string> row_names_;
  SliceQuery query_;
};

bool SliceQuery::IsQuery(std::string_view text) {
  const size_t begin = text.find_first_not_of(" \t\r\n");
  return begin != std::string_view::npos && Lower(text.substr(begin, 6)) == "select" &&
         begin + 6 < text.size() && !IsNameByte(text[begin + 6]);
}

StatusOr<SliceQuery> SliceQuery::Parse(std::string_view text) {
  return SliceQueryParser(text).Query();
}

}  // namespace bessemer::statistics
