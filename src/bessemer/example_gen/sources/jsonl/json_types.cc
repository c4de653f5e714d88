#include <arrow/type.h>

#include <algorithm>

#include "bessemer/example_gen/sources/jsonl/json_types_internal.h"

namespace bessemer::example_gen::jsonl {
namespace {

bool IsNumber(JsonKind kind) { return kind >= JsonKind::kInt && kind <= JsonKind::kFloat; }

bool IsScalar(JsonKind kind) { return kind < JsonKind::kList; }

// Whether a value of a kind may stand where `wanted` is asked for.
bool Fits(JsonKind kind, JsonKind wanted) {
  if (wanted == JsonKind::kString) return IsScalar(kind);
  return IsNumber(kind) && (wanted == JsonKind::kFloat || kind == JsonKind::kInt);
}

std::string At(const std::vector<std::string>& files, const JsonPlace& place) {
  return fmt::format("{}:{}", files[place.file], place.line);
}

}  // namespace

std::string_view JsonKindName(JsonKind kind) {
  switch (kind) {
    case JsonKind::kNull:
      return "null";
    case JsonKind::kBool:
      return "a boolean";
    case JsonKind::kInt:
    case JsonKind::kBigInt:
      return "an integer";
    case JsonKind::kFloat:
      return "a number";
    case JsonKind::kString:
      return "a string";
    case JsonKind::kList:
      return "a list";
    case JsonKind::kObject:
      break;
  }
  return "an object";
}

JsonType::JsonType(std::string path, const WantedKinds* wanted)
    : path_(std::move(path)), wanted_(wanted) {
  const auto found = wanted_->find(path_);
  if (found != wanted_->end()) wanted_kind_ = found->second;
}

// Notes a value of a kind other than null, which the cursor has passed or stands at.
bool JsonType::Accept(JsonKind kind, const JsonPlace& place, JsonCursor& cursor) {
  if (wanted_kind_ != JsonKind::kNull && kind != JsonKind::kList) {
    if (!Fits(kind, wanted_kind_)) {
      return cursor.Fail(kind == JsonKind::kBigInt
                             ? fmt::format("'{}' is an integer that does not fit 64 bits", path_)
                             : fmt::format("'{}' is {}, which does not fit the type column_types "
                                           "gives it", path_, JsonKindName(kind)));
    }
    kind = wanted_kind_;
  }
  Note(kind, place);
  return true;
}

void JsonType::Note(JsonKind kind, const JsonPlace& place) {
  if (clash_ != JsonKind::kNull) return;  // what is behind the first clash says nothing
  if (kind_ == kind) return;
  if (kind_ == JsonKind::kNull || (IsNumber(kind_) && IsNumber(kind))) {
    if (kind > kind_) {
      kind_ = kind;
      place_ = place;
    }
  } else {
    clash_ = kind;
    clash_place_ = place;
  }
}

JsonType* JsonType::AddMember(std::string_view name) {
  auto member = std::make_unique<JsonType>(
      path_.empty() ? std::string(name) : fmt::format("{}.{}", path_, name), wanted_);
  member->name_ = name;
  index_.emplace(member->name_, static_cast<int>(members_.size()));
  members_.push_back(std::move(member));
  return members_.back().get();
}

int JsonType::Find(std::string_view name, size_t guess) const {
  if (guess < members_.size() && members_[guess]->name_ == name) return static_cast<int>(guess);
  const auto found = index_.find(name);
  return found == index_.end() ? -1 : found->second;
}

bool JsonType::InferObject(JsonCursor& cursor, const JsonPlace& place, int depth) {
  const int64_t object = ++object_;
  size_t guess = 0;
  return cursor.TakeObject([&](std::string_view key) {
    const int index = Find(key, guess);
    JsonType* const member =
        index < 0 ? AddMember(key) : members_[static_cast<size_t>(index)].get();
    guess = index < 0 ? members_.size() : static_cast<size_t>(index) + 1;
    if (member->seen_in_ == object) return cursor.Fail(fmt::format("the key '{}' twice", key));
    member->seen_in_ = object;
    return member->Infer(cursor, place, depth + 1);
  });
}

bool JsonType::Infer(JsonCursor& cursor, const JsonPlace& place, int depth) {
  if (depth > JsonCursor::kMaxDepth) return cursor.Fail("lists and objects more than 64 deep");
  switch (cursor.Peek()) {
    case '{':
      if (!Accept(JsonKind::kObject, place, cursor)) return false;
      if (kind_ != JsonKind::kObject) return cursor.SkipValue(depth);
      return InferObject(cursor, place, depth);
    case '[':
      if (!Accept(JsonKind::kList, place, cursor)) return false;
      if (kind_ != JsonKind::kList) return cursor.SkipValue(depth);
      if (element_ == nullptr) element_ = std::make_unique<JsonType>(path_, wanted_);
      return cursor.TakeList([&] { return element_->Infer(cursor, place, depth + 1); });
    case '"': {
      std::string_view text;
      if (!cursor.TakeString(&text)) return false;
      return Accept(JsonKind::kString, place, cursor);
    }
    case 't':
    case 'f':
      if (!cursor.TakeWord(cursor.Peek() == 't' ? "true" : "false")) return false;
      return Accept(JsonKind::kBool, place, cursor);
    case 'n':
      return cursor.TakeWord("null");
    default: {
      JsonNumber number;
      if (!cursor.TakeNumber(&number)) return false;
      return Accept(number.kind == JsonNumber::Kind::kInt      ? JsonKind::kInt
                    : number.kind == JsonNumber::Kind::kBigInt ? JsonKind::kBigInt
                                                               : JsonKind::kFloat,
                    place, cursor);
    }
  }
}

const JsonType* JsonType::FirstFault() const {
  const JsonType* first = clash_ != JsonKind::kNull || kind_ == JsonKind::kBigInt ? this : nullptr;
  const auto consider = [&](const JsonType* other) {
    if (other == nullptr) return;
    if (first == nullptr || other->FaultPlace() < first->FaultPlace()) first = other;
  };
  if (element_ != nullptr) consider(element_->FirstFault());
  for (const auto& member : members_) consider(member->FirstFault());
  return first;
}

Status JsonType::Check(const std::vector<std::string>& files) const {
  const JsonType* const first = FirstFault();
  return first == nullptr ? OkStatus() : first->Fault(files);
}

Status JsonType::Fault(const std::vector<std::string>& files) const {
  if (clash_ == JsonKind::kNull) {
    return InvalidArgumentError(
        "{}: '{}' is an integer that does not fit 64 bits; read it with column_types as STRING or "
        "FLOAT, or set the row aside (on_bad_row: quarantine, or --skip-bad-rows)",
        At(files, place_), path_);
  }
  const bool scalars = IsScalar(clash_) && IsScalar(kind_);
  return InvalidArgumentError(
      "{}: '{}' is {}, but {} in {}{}", At(files, clash_place_), path_, JsonKindName(clash_),
      JsonKindName(kind_), At(files, place_),
      scalars ? fmt::format("; column_types: {{{}: STRING}} reads both as text", path_)
              : "; give all rows one kind");
}

void JsonType::FindBigIntegers(std::vector<std::string>* paths) const {
  if (clash_ == JsonKind::kNull && kind_ == JsonKind::kBigInt) paths->push_back(path_);
  if (element_ != nullptr) element_->FindBigIntegers(paths);
  for (const auto& member : members_) member->FindBigIntegers(paths);
}

void JsonType::Merge(const JsonType& other) {
  if (other.kind_ != JsonKind::kNull) Note(other.kind_, other.place_);
  if (clash_ == JsonKind::kNull && other.clash_ != JsonKind::kNull) {
    clash_ = other.clash_;
    clash_place_ = other.clash_place_;
  }
  if (other.element_ != nullptr) {
    if (element_ == nullptr) element_ = std::make_unique<JsonType>(path_, wanted_);
    element_->Merge(*other.element_);
  }
  size_t guess = 0;
  for (const auto& member : other.members_) {
    const int index = Find(member->name_, guess);
    JsonType* const mine =
        index < 0 ? AddMember(member->name_) : members_[static_cast<size_t>(index)].get();
    guess = index < 0 ? members_.size() : static_cast<size_t>(index) + 1;
    mine->Merge(*member);
  }
}

int64_t JsonType::num_members() const {
  int64_t count = element_ == nullptr ? 0 : element_->num_members();
  for (const auto& member : members_) count += 1 + member->num_members();
  return count;
}

std::shared_ptr<arrow::DataType> JsonType::ArrowType() const {
  switch (kind_) {
    case JsonKind::kNull:
      return arrow::null();
    case JsonKind::kBool:
      return arrow::boolean();
    case JsonKind::kInt:
    case JsonKind::kBigInt:
      return arrow::int64();
    case JsonKind::kFloat:
      return arrow::float64();
    case JsonKind::kString:
      return arrow::utf8();
    case JsonKind::kList:
      return arrow::list(element_ == nullptr ? arrow::null() : element_->ArrowType());
    case JsonKind::kObject:
      break;
  }
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const auto& member : members_) {
    fields.push_back(arrow::field(member->name_, member->ArrowType()));
  }
  return arrow::struct_(std::move(fields));
}

}  // namespace bessemer::example_gen::jsonl
