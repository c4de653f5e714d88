#include <re2/re2.h>

#include <algorithm>

#include "bessemer/expression/kernels.h"

// Texts are bytes: lengths and positions count bytes, letters are those of ASCII.

namespace bessemer::expression::text {
namespace {

const Argument kX = {.name = "x", .accepts = Accepts::kBytes, .doc = "a text"};

Function Letters(std::string name, std::string doc, char first, char last, int shift) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {kX},
          .result = Kind::kBytes,
          .kernel = [=](const KernelCall& call) {
            std::string changed;
            return Map<std::string_view, std::string_view>(call, [&](std::string_view x) {
              changed.assign(x);
              for (char& c : changed) {
                if (c >= first && c <= last) c = static_cast<char>(c + shift);
              }
              return call.out->Keep(changed);
            });
          }};
}

Status Strip(const KernelCall& call) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  return Map<std::string_view, std::string_view>(call, [&](std::string_view x) {
    while (!x.empty() && is_space(x.front())) x.remove_prefix(1);
    while (!x.empty() && is_space(x.back())) x.remove_suffix(1);
    return x;
  });
}

Status Concat(const KernelCall& call) {
  std::string joined;
  std::string_view* out = call.out->MutableBytes();
  for (int64_t i = 0; i < call.size; ++i) {
    joined.clear();
    for (const Operand& arg : call.args) joined += arg.bytes[i * arg.stride];
    out[i] = call.out->Keep(joined);
  }
  return OkStatus();
}

Status Substr(const KernelCall& call) {
  const size_t start = (*call.attrs)["start"].get<int64_t>();
  const size_t length = (*call.attrs)["length"].get<int64_t>();
  return Map<std::string_view, std::string_view>(call, [&](std::string_view x) {
    return x.substr(std::min(start, x.size()), length);
  });
}

Status CheckSubstr(const Json& attrs) {
  if (attrs["start"].get<int64_t>() >= 0 && attrs["length"].get<int64_t>() >= 0) return OkStatus();
  return InvalidArgumentError("start and length must not be negative");
}

std::shared_ptr<re2::RE2> Compile(const Json& attrs) {
  return std::make_shared<re2::RE2>(attrs["pattern"].get<std::string>(), re2::RE2::Quiet);
}

Status CheckPattern(const Json& attrs) {
  const auto pattern = Compile(attrs);
  if (pattern->ok()) return OkStatus();
  return InvalidArgumentError("the pattern is not a regular expression: {}", pattern->error());
}

Status RegexMatch(const KernelCall& call) {
  const auto& pattern = *static_cast<const re2::RE2*>(call.state);
  return Map<std::string_view, int64_t>(call, [&](std::string_view x) {
    return static_cast<int64_t>(
        re2::RE2::FullMatch(re2::StringPiece(x.data(), x.size()), pattern));
  });
}

}  // namespace

void Register(FunctionRegistry& registry) {
  registry.Add(Letters("lower", "With the letters A-Z as a-z.", 'A', 'Z', 'a' - 'A'));
  registry.Add(Letters("upper", "With the letters a-z as A-Z.", 'a', 'z', 'A' - 'a'));
  registry.Add({.name = "strip",
                .doc = "Without white space at both ends.",
                .arguments = {kX},
                .result = Kind::kBytes,
                .kernel = Strip});
  registry.Add({.name = "length",
                .doc = "The number of bytes.",
                .arguments = {kX},
                .result = Kind::kInt,
                .kernel = [](const KernelCall& call) {
                  return Map<std::string_view, int64_t>(call, [](std::string_view x) {
                    return static_cast<int64_t>(x.size());
                  });
                }});
  registry.Add({.name = "concat",
                .doc = "The texts one after the other; ints as decimal text.",
                .arguments = {{.name = "x", .accepts = Accepts::kText, .doc = "texts"}},
                .variadic = true,
                .result = Kind::kBytes,
                .kernel = Concat});
  registry.Add({.name = "substr",
                .doc = "`length` bytes from byte `start` on (0: the first); fewer where the text "
                       "ends.",
                .arguments = {kX,
                              {.name = "start", .accepts = Accepts::kInt, .doc = "from 0",
                               .constant = true},
                              {.name = "length", .accepts = Accepts::kInt, .doc = "in bytes",
                               .constant = true}},
                .result = Kind::kBytes,
                .kernel = Substr,
                .check = CheckSubstr});
  registry.Add({.name = "regex_match",
                .doc = "1 if the whole text matches the pattern (RE2 syntax), else 0.",
                .arguments = {kX,
                              {.name = "pattern", .accepts = Accepts::kBytes,
                               .doc = "a regular expression", .constant = true}},
                .result = Kind::kInt,
                .kernel = RegexMatch,
                .check = CheckPattern,
                .prepare = [](const CallContext& context) -> StatusOr<State> {
                  return State(Compile(*context.attrs));
                }});
}

}  // namespace bessemer::expression::text
