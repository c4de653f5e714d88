#include "bessemer/transform/emission.h"
#include "bessemer/transform/library.h"

namespace bessemer::transform::strings {
namespace {

using expression::Kind;

void AddText(Library& library, std::string name, const char* op) {
  library.emitters.Add({.name = std::move(name), .emit = [op](Emission& e) {
                          e.Return(e.b.StringOp(op, e.value(0)));
                          return OkStatus();
                        }});
}

void AddJoin(Library& library, std::string name, const char* separator) {
  library.emitters.Add({.name = std::move(name), .emit = [separator](Emission& e) {
                          std::vector<tf::Tensor> parts;
                          for (size_t i = 0; i < e.num_args(); ++i) parts.push_back(e.value(i));
                          e.Return(e.b.StringJoin(parts, separator));
                          return OkStatus();
                        }});
}

tf::Tensor Length(Emission& e, const tf::Tensor& text) {
  return e.b.Cast(e.b.Op("StringLength", {text}, {}, ::tensorflow::DT_INT32),
                  ::tensorflow::DT_INT64);
}

// Substr refuses a start beyond the end.
Status EmitSubstr(Emission& e) {
  const tf::Tensor text = e.value(0);
  const tf::Tensor size = Length(e, text);
  const tf::Tensor start =
      e.b.Binary("Minimum", size, e.b.ConstInt64(e.attrs()["start"].get<int64_t>()));
  const tf::Tensor length =
      e.b.Binary("Minimum", size, e.b.ConstInt64(e.attrs()["length"].get<int64_t>()));
  e.Return(e.b.Op("Substr", {text, start, length}, {{"T", ::tensorflow::DT_INT64}},
                  ::tensorflow::DT_STRING));
  return OkStatus();
}

// Texts that are no numbers are replaced before StringToNumber sees them, which would fail.
void AddParse(Library& library, std::string name, const char* pattern, Kind kind) {
  library.emitters.Add({.name = std::move(name), .emit = [pattern, kind](Emission& e) {
    tf::Tensor text = e.b.StringOp("StringStrip", e.value(0));
    tf::Tensor valid = e.b.RegexFullMatch(text, pattern);
    text = e.b.RegexReplace(text, "^\\+", "", false);
    text = e.b.Select(valid, text, e.b.ConstString("0"));
    const tf::Tensor number = e.b.StringToNumber(text, DataTypeOf(kind));
    if (kind == Kind::kFloat) valid = e.b.And(valid, e.b.Test("IsFinite", number));
    e.Return(number, valid);
    return OkStatus();
  }});
}

}  // namespace

void Register(Library& library) {
  AddText(library, "lower", "StringLower");
  AddText(library, "upper", "StringUpper");
  AddText(library, "strip", "StringStrip");
  AddJoin(library, "concat", "");
  AddJoin(library, "cross", "_X_");
  AddParse(library, "parse_int", "[+-]?0*[0-9]{1,18}", Kind::kInt);
  AddParse(library, "parse_float",
           "[+-]?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]{1,3})?", Kind::kFloat);
  library.emitters.Add({.name = "length", .emit = [](Emission& e) {
                          e.Return(Length(e, e.value(0)));
                          return OkStatus();
                        }});
  library.emitters.Add({.name = "substr", .emit = EmitSubstr});
  library.emitters.Add({.name = "regex_match", .emit = [](Emission& e) {
                          e.Return(e.AsInt(e.b.RegexFullMatch(
                              e.value(0), e.attrs()["pattern"].get<std::string>())));
                          return OkStatus();
                        }});
  library.emitters.Add({.name = "string", .emit = [](Emission& e) {
                          const bool text = e.column(0).type.kind == Kind::kBytes;
                          e.Return(text ? e.value(0) : e.b.AsString(e.value(0)));
                          return OkStatus();
                        }});
  library.emitters.Add({.name = "hash", .emit = [](Emission& e) {
                          e.Return(e.b.HashBucketFast(e.value(0),
                                                      e.attrs()["buckets"].get<int64_t>()));
                          return OkStatus();
                        }});
}

}  // namespace bessemer::transform::strings
