#include <google/protobuf/stubs/logging.h>

#include <algorithm>
#include <bit>

#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/wire_internal.h"
#include "bessemer/proto/serialize.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::example_gen {
namespace {

// Reads what a deterministic serialiser writes, and nothing else: the tags that are wanted in the
// order that is wanted, every number in its shortest form.
class StrictCursor {
 public:
  explicit StrictCursor(std::string_view bytes) : rest_(bytes) {}
  bool AtEnd() const { return rest_.empty(); }

  bool TakeTag(uint32_t tag) {
    if (rest_.empty() || static_cast<uint8_t>(rest_[0]) != tag) return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool TakeVarint(uint64_t* value) {
    wire::Cursor in(rest_);
    if (!in.ReadVarint(value)) return false;
    const size_t size = std::max<size_t>(1, (static_cast<size_t>(std::bit_width(*value)) + 6) / 7);
    // In a longer form the last byte of the shortest one says that more follows; in the form of ten
    // bytes the last holds one bit.
    const auto last = static_cast<uint8_t>(rest_[size - 1]);
    rest_.remove_prefix(size);
    return last < 0x80 && (size < 10 || last == 1);
  }
  bool TakeBytes(uint32_t tag, std::string_view* bytes) {
    uint64_t size;
    if (!TakeTag(tag) || !TakeVarint(&size) || size > rest_.size()) return false;
    *bytes = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return true;
  }

 private:
  std::string_view rest_;
};

bool IsCanonicalList(std::string_view list, ValueKind kind) {
  StrictCursor in(list);
  std::string_view part;
  if (kind == ValueKind::kBytes) {
    while (!in.AtEnd()) {
      if (!in.TakeBytes(wire::Tag(1, wire::kBytes), &part)) return false;
    }
    return true;
  }
  if (in.AtEnd()) return true;
  if (!in.TakeBytes(wire::Tag(1, wire::kBytes), &part) || part.empty() || !in.AtEnd()) return false;
  if (kind == ValueKind::kFloat) return part.size() % 4 == 0;
  StrictCursor numbers(part);
  uint64_t number;
  while (!numbers.AtEnd()) {
    if (!numbers.TakeVarint(&number)) return false;
  }
  return true;
}

bool IsCanonicalFeature(std::string_view feature) {
  if (feature.empty()) return true;
  StrictCursor in(feature);
  std::string_view list;
  const auto tag = static_cast<uint8_t>(feature[0]);
  if (tag != wire::kFeatureBytes && tag != wire::kFeatureFloat && tag != wire::kFeatureInt64) {
    return false;
  }
  return in.TakeBytes(tag, &list) && in.AtEnd() &&
         IsCanonicalList(list, static_cast<ValueKind>(tag >> 3));
}

// May say no to a record that is canonical, never yes to one that is not.
bool IsCanonical(std::string_view record) {
  if (record.empty()) return true;
  StrictCursor in(record);
  std::string_view features;
  if (!in.TakeBytes(wire::kExampleFeatures, &features) || !in.AtEnd()) return false;
  StrictCursor entries(features);
  std::string_view previous;
  bool first = true;
  while (!entries.AtEnd()) {
    std::string_view entry, key, value;
    if (!entries.TakeBytes(wire::kFeaturesEntry, &entry)) return false;
    StrictCursor fields(entry);
    if (!fields.TakeBytes(wire::kEntryKey, &key) || !fields.TakeBytes(wire::kEntryValue, &value) ||
        !fields.AtEnd() || (!first && previous >= key) || !columnar::IsUtf8(key) ||
        !IsCanonicalFeature(value)) {
      return false;
    }
    previous = key;
    first = false;
  }
  return true;
}

// Calls visit(name, feature) for the entries of a record of deterministic form.
template <typename Visit>
void VisitFeatures(std::string_view record, Visit&& visit) {
  wire::Cursor in(record);
  uint32_t tag;
  std::string_view features, entry, name, value;
  if (!in.ReadTag(&tag) || tag != wire::kExampleFeatures || !in.ReadBytes(&features)) return;
  wire::Cursor entries(features);
  while (entries.ReadTag(&tag) && tag == wire::kFeaturesEntry && entries.ReadBytes(&entry)) {
    wire::Cursor fields(entry);
    if (!fields.ReadTag(&tag) || !fields.ReadBytes(&name) || !fields.ReadTag(&tag) ||
        !fields.ReadBytes(&value)) {
      return;
    }
    visit(name, value);
  }
}

void AppendField(uint8_t tag, std::string_view bytes, std::string* out) {
  *out += static_cast<char>(tag);
  uint64_t size = bytes.size();
  for (; size >= 0x80; size >>= 7) *out += static_cast<char>(size | 0x80);
  *out += static_cast<char>(size);
  out->append(bytes);
}

using Entries = std::vector<std::pair<std::string_view, std::string_view>>;

std::string_view Assemble(const Entries& entries, std::string* storage) {
  std::string features;
  std::string bytes;
  for (const auto& [name, feature] : entries) {
    bytes.clear();
    AppendField(wire::kEntryKey, name, &bytes);
    AppendField(wire::kEntryValue, feature, &bytes);
    AppendField(wire::kFeaturesEntry, bytes, &features);
  }
  storage->clear();
  AppendField(wire::kExampleFeatures, features, storage);
  return *storage;
}

template <typename Message>
StatusOr<std::string_view> Reserialize(std::string_view record, std::string_view name,
                                       std::string* storage) {
  Message message;
  const google::protobuf::LogSilencer quiet;  // a damaged record is our caller's to report
  if (record.size() > INT32_MAX ||
      !message.ParseFromArray(record.data(), static_cast<int>(record.size()))) {
    return DataLossError("not a {}, or damaged", name);
  }
  *storage = proto::Serialize(message);
  return *storage;
}

}  // namespace

StatusOr<std::string_view> CanonicalExample(std::string_view record, std::string* storage) {
  if (IsCanonical(record)) return record;
  return Reserialize<::tensorflow::Example>(record, "tf.Example", storage);
}

StatusOr<std::string_view> CanonicalSequenceExample(std::string_view record, std::string* storage) {
  return Reserialize<::tensorflow::SequenceExample>(record, "tf.SequenceExample", storage);
}

std::optional<std::string_view> FindFeature(std::string_view record, std::string_view key) {
  std::optional<std::string_view> found;
  VisitFeatures(record, [&](std::string_view name, std::string_view feature) {
    if (name == key) found = feature;
  });
  return found;
}

StatusOr<std::string_view> SelectFeatures(
    std::string_view record, const std::vector<std::string>& names,
    const std::map<std::string, std::string, std::less<>>& rename, std::string* storage) {
  Entries kept;
  VisitFeatures(record, [&](std::string_view name, std::string_view feature) {
    if (!names.empty() && std::find(names.begin(), names.end(), name) == names.end()) return;
    const auto renamed = rename.find(name);
    kept.emplace_back(renamed == rename.end() ? name : renamed->second, feature);
  });
  std::sort(kept.begin(), kept.end());
  for (size_t i = 1; i < kept.size(); ++i) {
    if (kept[i].first == kept[i - 1].first) {
      return InvalidArgumentError("two features would be named '{}'", kept[i].first);
    }
  }
  return Assemble(kept, storage);
}

std::string_view WithoutEmptyFeatures(std::string_view record, std::string* storage) {
  Entries kept;
  VisitFeatures(record, [&](std::string_view name, std::string_view feature) {
    if (feature.size() > 2) kept.emplace_back(name, feature);  // a kind and length 0 are two bytes
  });
  return Assemble(kept, storage);
}

}  // namespace bessemer::example_gen
