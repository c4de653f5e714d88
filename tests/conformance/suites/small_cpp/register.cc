#include <compare>
#include <map>

#include "bessemer/columnar/utf8.h"
#include "bessemer/schema/path.h"
#include "bessemer/statistics/uniques_sketch.h"
#include "conformance/protos.h"
#include "conformance/suite.h"

// TFDV's C++ odds and ends: feature paths, UTF-8.

namespace bessemer::conformance::small_cpp {
namespace {

schema::Path PathOf(const Json& steps) {
  return schema::Path(steps.get<std::vector<std::string>>());
}

Verdict Serialize(const Json& in, const Json& expected) {
  schema::Path path = PathOf(in.at("steps"));
  std::string then = in.contains("then") && in["then"].is_string() ? in["then"] : Json("");
  while (!then.empty()) {  // ".GetParent()" and ".GetChild(\"name\")", one after the other
    constexpr std::string_view kParent = ".GetParent()";
    constexpr std::string_view kChild = ".GetChild(\"";
    const size_t end = then.find("\")");
    if (then.starts_with(kParent)) {
      path = path.Parent();
      then.erase(0, kParent.size());
    } else if (then.starts_with(kChild) && end != std::string::npos) {
      path = path.Child(then.substr(kChild.size(), end - kChild.size()));
      then.erase(0, end + 2);
    } else {
      return NotImplemented("what follows the path: " + then);
    }
  }
  return Same(expected.get<std::string>(), path.ToString());
}

Verdict ComparePaths(const Json& in, const Json& expected) {
  const auto order = PathOf(in.at(0)) <=> PathOf(in.at(1));
  return Same(expected.get<int>(), order < 0 ? -1 : order > 0 ? 1 : 0);
}

Verdict Relate(const Json& in, const Json& expected) {
  const schema::Path a = PathOf(in.at(0));
  const schema::Path b = PathOf(in.at(2));
  const std::map<std::string, bool> relations = {{"<", a < b},   {">", a > b},   {"<=", a <= b},
                                                 {">=", a >= b}, {"==", a == b}, {"!=", a != b}};
  return Same(expected.get<bool>(), relations.at(in.at(1)));
}

Verdict Parse(const std::string& text, const Json& expected) {
  const auto path = schema::Path::Parse(text);
  Verdict verdict;
  if (DecidedByError(expected.contains("error"), path.status(), &verdict)) return verdict;
  return Same(fmt::format("{}", fmt::join(PathOf(expected.at("steps")).steps(), "\n")),
              fmt::format("{}", fmt::join(path->steps(), "\n")));
}

Verdict RunPath(const Case& one) {
  const std::string op = one.json.at("op");
  const Json& in = one.json.at("input");
  const Json& expected = one.json.at("expected");
  if (op == "path_serialize") return Serialize(in, expected);
  if (op == "path_compare") return ComparePaths(in, expected);
  if (op == "path_relation") return Relate(in, expected);
  if (op == "path_deserialize") return Parse(in.get<std::string>(), expected);
  if (op == "path_roundtrip") return Parse(PathOf(in.at("steps")).ToString(), expected);
  return NotImplemented("operation " + op);
}

Verdict RunUtf8(const Case& one) {
  const Json& expected = one.json.at("expected");
  const bool valid = expected.is_boolean() ? expected.get<bool>()
                                           : expected.at("valid").get<bool>();
  return Same(valid, columnar::IsUtf8(BytesOfHex(one.json.at("input_hex"))));
}

bool HasOperation(const Case& one, std::string_view prefix) {
  return one.json.value("op", "").starts_with(prefix);
}

}  // namespace

void Register(SuiteRegistry& registry) {
  registry.Add({.file = "small_cpp",
                .kind = "path",
                .doc = "feature paths as text",
                .takes = [](const Case& one) { return HasOperation(one, "path_"); },
                .run = RunPath});
  registry.Add({.file = "small_cpp",
                .kind = "utf8",
                .doc = "which bytes are UTF-8",
                .takes = [](const Case& one) { return HasOperation(one, "is_valid_utf8"); },
                .run = RunUtf8});
}

}  // namespace bessemer::conformance::small_cpp
