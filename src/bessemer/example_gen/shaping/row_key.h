#ifndef BESSEMER_EXAMPLE_GEN_SHAPING_ROW_KEY_H_
#define BESSEMER_EXAMPLE_GEN_SHAPING_ROW_KEY_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/hash.h"
#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/example_codec.h"

// What a row is recognised by: the values of some of its features.

namespace bessemer::example_gen::shaping {

// A feature that a batch does not have is missing in all its rows: batches of records have the
// columns that their own records give. In errors `use` comes first.

// The column of a feature. INVALID_ARGUMENT for one that is no feature column.
StatusOr<columnar::FeatureColumn> FindColumn(const arrow::RecordBatch& batch,
                                             const std::string& feature, std::string_view use);

// The values of some features as bytes that are equal exactly when the values are; a feature
// without values is as an absent one. Not thread-safe; keeps the columns alive.
class RowKey {
 public:
  // `keep_kind`: missing values of an integer column differ from those of a bytes column, as in
  // TFX's partition key.
  static StatusOr<RowKey> Make(const arrow::RecordBatch& batch,
                               const std::vector<std::string>& features, std::string_view use,
                               bool keep_kind = false);

  // Of one feature: its tf.Feature in deterministic form, or "" if it is missing. Of several: those
  // one behind the other, each after its length. Valid until the next call.
  std::string_view Of(int64_t row);
  // None of the features has a value.
  bool IsMissing(int64_t row) const;
  // The first feature is null.
  bool IsAbsent(int64_t row) const;

 private:
  RowKey(ExampleEncoder encoder, std::vector<columnar::FeatureColumn> columns, bool keep_kind)
      : encoder_(std::move(encoder)), columns_(std::move(columns)), keep_kind_(keep_kind) {}
  std::string_view Feature(size_t i, int64_t row);
  bool HasValue(size_t i, int64_t row) const;

  ExampleEncoder encoder_;
  std::vector<columnar::FeatureColumn> columns_;
  bool keep_kind_;
  std::string key_;
};

// A feature with at most one value a row, as text: what classes and splits by value are named by.
// Integers in decimal digits, floats in the fewest that give the same float back, bytes as they
// are. Not thread-safe.
class RowText {
 public:
  static StatusOr<RowText> Make(const arrow::RecordBatch& batch, const std::string& feature,
                                std::string_view use);

  // Valid until the next call; no value where the feature has none. INVALID_ARGUMENT for more than
  // one.
  StatusOr<std::optional<std::string_view>> Of(int64_t row);

 private:
  RowText(columnar::FeatureColumn column, std::string what)
      : column_(std::move(column)), what_(std::move(what)) {}

  columnar::FeatureColumn column_;
  std::string what_;
  std::string text_;
};

// A feature with at most one value a row, put in order: integers, floats, or text that is a date or
// a date and time of ISO 8601 ("2013-11-05", "2013-11-05T08:30:00.25+02:00", also with a space
// instead of T; without an offset: UTC). Stateless but for the column.
class ValueOrder {
 public:
  enum class Kind { kInteger, kFloat, kTime };

  static StatusOr<ValueOrder> Make(const arrow::RecordBatch& batch, const std::string& feature,
                                   std::string_view use);

  // A number that orders rows as their values do; equal values have equal ones. INVALID_ARGUMENT
  // for more than one value, NaN, or text that is no time.
  StatusOr<std::optional<uint64_t>> Of(int64_t row) const;
  // No value: the column is empty, so nothing tells.
  std::optional<Kind> kind() const { return kind_; }

  // The place in that order of a value that is written in a configuration, so that a row lies
  // before it exactly if its value is less. INVALID_ARGUMENT for a date among numbers and the like.
  static StatusOr<uint64_t> Place(const Json& value, Kind kind);
  // A place as such a value.
  static Json Value(uint64_t place, Kind kind);

 private:
  ValueOrder(columnar::FeatureColumn column, std::string what)
      : column_(std::move(column)), what_(std::move(what)) {}

  columnar::FeatureColumn column_;
  std::string what_;
  std::optional<Kind> kind_;
};

// Microseconds since 1970-01-01 UTC of such a text, or no value.
std::optional<int64_t> ParseTime(std::string_view text);

}  // namespace bessemer::example_gen::shaping

#endif  // BESSEMER_EXAMPLE_GEN_SHAPING_ROW_KEY_H_
