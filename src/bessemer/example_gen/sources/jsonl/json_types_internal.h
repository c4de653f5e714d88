#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_TYPES_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_TYPES_INTERNAL_H_

#include <arrow/type_fwd.h>

#include <compare>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/sources/jsonl/json_cursor_internal.h"

namespace bessemer::example_gen::jsonl {

// Ordered so that of two number kinds the larger holds both.
enum class JsonKind : uint8_t { kNull, kBool, kInt, kBigInt, kFloat, kString, kList, kObject };

std::string_view JsonKindName(JsonKind kind);  // "an integer"

// Kinds that are asked for, by path ("a.b"; the values of a list have the path of the list): kInt,
// kFloat or kString.
using WantedKinds = std::map<std::string, JsonKind, std::less<>>;

// Where a value stands.
struct JsonPlace {
  size_t file = 0;
  int64_t line = 0;
  auto operator<=>(const JsonPlace&) const = default;
};

// What the values at one place of the rows are, over all rows seen. A tree: elements of lists,
// members of objects.
class JsonType {
 public:
  JsonType(std::string path, const WantedKinds* wanted);

  // Takes the value at the cursor in. False with the cursor's fault() if it is no JSON, or not what
  // was asked for; a value that does not fit those before it is kept for Check.
  bool Infer(JsonCursor& cursor, const JsonPlace& place, int depth = 0);

  // Makes this the type of the rows of both, those of `other` behind.
  void Merge(const JsonType& other);

  // INVALID_ARGUMENT for the first value in the files (`files` are their names) that does not fit,
  // or that is an integer outside int64 where no value is a float.
  Status Check(const std::vector<std::string>& files) const;
  // The paths at which there are integers outside int64 and all values are integers.
  void FindBigIntegers(std::vector<std::string>* paths) const;
  int64_t num_members() const;  // in this and below

  JsonKind kind() const { return kind_; }
  bool as_text() const { return wanted_kind_ == JsonKind::kString; }
  const JsonType* element() const { return element_.get(); }  // null before the first element
  const std::vector<std::unique_ptr<JsonType>>& members() const { return members_; }
  const std::string& name() const { return name_; }  // of a member
  const std::string& path() const { return path_; }
  // The index of a member, or -1. `guess` is tried first.
  int Find(std::string_view name, size_t guess) const;

  std::shared_ptr<arrow::DataType> ArrowType() const;

 private:
  bool InferObject(JsonCursor& cursor, const JsonPlace& place, int depth);
  const JsonType* FirstFault() const;
  const JsonPlace& FaultPlace() const { return clash_ == JsonKind::kNull ? place_ : clash_place_; }
  Status Fault(const std::vector<std::string>& files) const;
  bool Accept(JsonKind kind, const JsonPlace& place, JsonCursor& cursor);
  void Note(JsonKind kind, const JsonPlace& place);
  JsonType* AddMember(std::string_view name);

  std::string path_;
  std::string name_;
  const WantedKinds* wanted_;
  JsonKind wanted_kind_ = JsonKind::kNull;  // kNull: nothing is asked for
  JsonKind kind_ = JsonKind::kNull;
  JsonPlace place_;  // of the first value of this kind
  // The first value that does not fit.
  JsonKind clash_ = JsonKind::kNull;  // kNull: none
  JsonPlace clash_place_;
  std::unique_ptr<JsonType> element_;
  std::vector<std::unique_ptr<JsonType>> members_;  // in order of appearance
  std::unordered_map<std::string_view, int> index_;  // of their names
  int64_t object_ = 0;                               // counts objects
  int64_t seen_in_ = 0;                              // the last object with this member
};

}  // namespace bessemer::example_gen::jsonl

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_TYPES_INTERNAL_H_
