#ifndef BESSEMER_VALIDATION_EXAMPLE_RECORDS_H_
#define BESSEMER_VALIDATION_EXAMPLE_RECORDS_H_

#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

// Serialised tf.Examples taken apart without parsing them into objects.

namespace bessemer::validation {

// A feature of a record: its name and its serialised tf.Feature.
struct RecordFeature {
  std::string_view name;
  std::string_view value;
};

// The features of a record of deterministic form (see CanonicalExample), sorted by name. The views
// point into the record. DATA_LOSS for other bytes.
Status SplitRecord(std::string_view record, std::vector<RecordFeature>* features);

// The first feature of that name, or null. Logarithmic.
const RecordFeature* FindByName(const std::vector<RecordFeature>& features, std::string_view name);

enum class RecordKind { kNone, kBytes, kFloat, kInt64 };

// What a tf.Feature of deterministic form holds: its kind, and the serialised list within.
struct RecordValues {
  RecordKind kind = RecordKind::kNone;
  std::string_view list;
  // Without kind, or with a kind and no value.
  bool empty() const { return list.empty(); }
};
RecordValues ValuesOf(std::string_view feature);

// The values of a list of bytes. DATA_LOSS for bytes that are no such list.
StatusOr<std::vector<std::string_view>> BytesOf(const RecordValues& values);

// A serialised tf.Feature with its floats rounded to so many decimal digits: to the nearest, and
// half way to the even digit, of the exact binary value. Other kinds stay as they are. The result
// lives in `storage` or is `feature` itself.
std::string_view RoundFloats(std::string_view feature, int digits, std::string* storage);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_EXAMPLE_RECORDS_H_
