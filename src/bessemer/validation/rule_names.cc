#include <algorithm>

#include "bessemer/validation/rule_syntax.h"

namespace bessemer::validation {

namespace {

using Kind = RuleSyntax::Kind;

void CollectNames(const RuleSyntax& syntax, std::vector<std::string>* bound,
                  std::vector<std::string>* names) {
  const std::string dotted = DottedName(syntax);
  if (!dotted.empty()) {
    const std::string first = dotted.substr(0, dotted.find('.'));
    if (std::find(bound->begin(), bound->end(), first) == bound->end() &&
        std::find(names->begin(), names->end(), dotted) == names->end()) {
      names->push_back(dotted);
    }
    return;
  }
  const bool is_query = syntax.kind == Kind::kQuery && !syntax.text.empty();
  if (is_query) bound->push_back(syntax.text);
  for (const auto& arg : syntax.args) {
    if (arg != nullptr) CollectNames(*arg, bound, names);
  }
  if (is_query) bound->pop_back();
}

}  // namespace

Status RuleError(std::string_view text, size_t position, std::string_view message) {
  position = std::min(position, text.size());
  const size_t before = text.substr(0, position).rfind('\n');
  const size_t begin = before == std::string_view::npos ? 0 : before + 1;
  const size_t end = std::min(text.find('\n', position), text.size());
  const auto line = std::count(text.begin(), text.begin() + static_cast<int64_t>(position), '\n');
  return InvalidArgumentError("{}:{}: {}\n  {}\n  {}^", line + 1, position - begin + 1, message,
                              text.substr(begin, end - begin),
                              std::string(position - begin, ' '));
}

std::string DottedName(const RuleSyntax& syntax) {
  if (syntax.kind == Kind::kName) return syntax.text;
  if (syntax.kind != Kind::kField) return "";
  const std::string parent = DottedName(*syntax.args[0]);
  return parent.empty() ? "" : parent + "." + syntax.text;
}

std::vector<std::string> NamesOf(const RuleSyntax& syntax) {
  std::vector<std::string> bound;
  std::vector<std::string> names;
  CollectNames(syntax, &bound, &names);
  return names;
}

}  // namespace bessemer::validation
