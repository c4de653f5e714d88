#include "bessemer/schema/path.h"

#include "tensorflow_metadata/proto/v0/path.pb.h"

namespace bessemer::schema {
namespace {

constexpr std::string_view kSpecial = ".()'";

// The length of the unquoted step at the start of `text`; 0: none stands there.
size_t PlainStepLength(std::string_view text) {
  if (text.empty()) return 0;
  if (text[0] == '(') {
    const size_t end = text.find_first_of("()", 1);
    return end != std::string_view::npos && text[end] == ')' ? end + 1 : 0;
  }
  const size_t end = text.find_first_of(kSpecial);
  return end == std::string_view::npos ? text.size() : end;
}

// The length of the quoted step at the start of `text`; 0: none stands there.
size_t QuotedStepLength(std::string_view text) {
  if (text.empty() || text[0] != '\'') return 0;
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] != '\'') continue;
    if (i + 1 == text.size() || text[i + 1] != '\'') return i + 1;
    ++i;
  }
  return 0;
}

std::string Unquote(std::string_view quoted) {
  std::string step;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    step += quoted[i];
    if (quoted[i] == '\'') ++i;
  }
  return step;
}

}  // namespace

Path Path::FromProto(const ::tensorflow::metadata::v0::Path& proto) {
  return Path(std::vector<std::string>(proto.step().begin(), proto.step().end()));
}

::tensorflow::metadata::v0::Path Path::ToProto() const {
  ::tensorflow::metadata::v0::Path proto;
  for (const std::string& step : steps_) proto.add_step(step);
  return proto;
}

StatusOr<Path> Path::Parse(std::string_view text) {
  std::vector<std::string> steps;
  for (size_t begin = 0; begin < text.size() || !steps.empty();) {
    const std::string_view rest = text.substr(begin);
    size_t length = PlainStepLength(rest);
    if (length > 0) {
      steps.emplace_back(rest.substr(0, length));
    } else {
      length = QuotedStepLength(rest);
      if (length > 0) steps.push_back(Unquote(rest.substr(0, length)));
    }
    if (length == 0 || (length < rest.size() && rest[length] != '.')) {
      return InvalidArgumentError(
          "feature path \"{}\": no well-formed step at byte {}: quote a step that holds . ( ) ' "
          "with single quotes and double the quotes inside",
          text, begin);
    }
    if (length == rest.size()) break;
    begin += length + 1;
  }
  return Path(std::move(steps));
}

std::string Path::ToString() const {
  std::string text;
  for (size_t i = 0; i < steps_.size(); ++i) {
    const std::string& step = steps_[i];
    if (i > 0) text += '.';
    if (!step.empty() && PlainStepLength(step) == step.size()) {
      text += step;
      continue;
    }
    text += '\'';
    for (const char c : step) {
      text += c;
      if (c == '\'') text += c;
    }
    text += '\'';
  }
  return text;
}

Path Path::Child(std::string_view step) const {
  Path child = *this;
  child.steps_.emplace_back(step);
  return child;
}

Path Path::Parent() const {
  Path parent = *this;
  if (!parent.steps_.empty()) parent.steps_.pop_back();
  return parent;
}

}  // namespace bessemer::schema
