#include "bessemer/validation/example_records.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <cstring>

namespace bessemer::validation {

namespace {

constexpr uint8_t kField1 = 0x0a;  // field 1, a run of bytes
constexpr uint8_t kField2 = 0x12;
constexpr uint8_t kField3 = 0x1a;

// Takes a tag of one byte and the bytes behind it off the front.
bool TakeField(std::string_view* bytes, uint8_t* tag, std::string_view* value) {
  if (bytes->empty()) return false;
  *tag = static_cast<uint8_t>((*bytes)[0]);
  uint64_t size = 0;
  size_t at = 1;
  for (int shift = 0;; shift += 7) {
    if (at == bytes->size() || shift > 56) return false;
    const auto byte = static_cast<uint8_t>((*bytes)[at++]);
    size |= static_cast<uint64_t>(byte & 127) << shift;
    if (byte < 128) break;
  }
  if (size > bytes->size() - at) return false;
  *value = bytes->substr(at, size);
  bytes->remove_prefix(at + size);
  return true;
}

Status NotAnExample() { return DataLossError("the record is not a tf.Example"); }

float Rounded(float value, int digits) {
  if (!std::isfinite(value)) return value;
  const double wide = value;
  if (digits <= 15) {
    const double scale = std::pow(10.0, digits);
    const double scaled = wide * scale;
    const double low = std::floor(scaled);
    // Far enough from half way that the error of the product does not matter.
    if (std::abs(scaled) < 1e15 && std::abs(scaled - low - 0.5) > 1e-3 && scale < 1e16) {
      const double whole = scaled - low < 0.5 ? low : low + 1;
      return static_cast<float>(std::copysign(whole / scale, wide));
    }
  }
  char text[400];
  std::snprintf(text, sizeof(text), "%.*f", std::min(digits, 150), wide);
  return static_cast<float>(std::strtod(text, nullptr));
}

}  // namespace

Status SplitRecord(std::string_view record, std::vector<RecordFeature>* features) {
  features->clear();
  uint8_t tag = 0;
  std::string_view map;
  if (record.empty()) return OkStatus();
  if (!TakeField(&record, &tag, &map) || tag != kField1) return NotAnExample();
  std::string_view entry;
  while (!map.empty()) {
    if (!TakeField(&map, &tag, &entry)) return NotAnExample();
    if (tag != kField1) continue;  // a field unknown to us
    RecordFeature feature;
    std::string_view part;
    while (!entry.empty()) {
      if (!TakeField(&entry, &tag, &part)) return NotAnExample();
      if (tag == kField1) feature.name = part;
      if (tag == kField2) feature.value = part;
    }
    features->push_back(feature);
  }
  return OkStatus();
}

const RecordFeature* FindByName(const std::vector<RecordFeature>& features, std::string_view name) {
  const auto found =
      std::lower_bound(features.begin(), features.end(), name,
                       [](const RecordFeature& f, std::string_view n) { return f.name < n; });
  return found == features.end() || found->name != name ? nullptr : &*found;
}

RecordValues ValuesOf(std::string_view feature) {
  uint8_t tag = 0;
  std::string_view list;
  RecordValues values;
  if (!TakeField(&feature, &tag, &list)) return values;
  if (tag == kField1) values.kind = RecordKind::kBytes;
  if (tag == kField2) values.kind = RecordKind::kFloat;
  if (tag == kField3) values.kind = RecordKind::kInt64;
  if (values.kind != RecordKind::kNone) values.list = list;
  return values;
}

StatusOr<std::vector<std::string_view>> BytesOf(const RecordValues& values) {
  std::vector<std::string_view> result;
  std::string_view rest = values.list;
  uint8_t tag = 0;
  std::string_view value;
  while (!rest.empty()) {
    if (!TakeField(&rest, &tag, &value)) return NotAnExample();
    if (tag == kField1) result.push_back(value);
  }
  return result;
}

std::string_view RoundFloats(std::string_view feature, int digits, std::string* storage) {
  const RecordValues values = ValuesOf(feature);
  if (values.kind != RecordKind::kFloat) return feature;
  uint8_t tag = 0;
  std::string_view packed;
  std::string_view rest = values.list;
  if (!TakeField(&rest, &tag, &packed) || tag != kField1) return feature;
  *storage = std::string(feature);
  char* at = storage->data() + (packed.data() - feature.data());
  for (size_t i = 0; i + sizeof(float) <= packed.size(); i += sizeof(float)) {
    float value;
    std::memcpy(&value, at + i, sizeof(value));
    value = Rounded(value, digits);
    std::memcpy(at + i, &value, sizeof(value));
  }
  return *storage;
}

}  // namespace bessemer::validation
