#ifndef BESSEMER_EXAMPLE_GEN_EXAMPLE_CODEC_H_
#define BESSEMER_EXAMPLE_GEN_EXAMPLE_CODEC_H_

#include <arrow/record_batch.h>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

// Serialised tf.Example records to and from Arrow columns, without message objects in between.

namespace bessemer::example_gen {

// The three kinds of tf.Feature, or none of them.
enum class ValueKind : uint8_t { kNone, kBytes, kFloat, kInt64 };

std::string_view ValueKindName(ValueKind kind);  // "none", "bytes", "float", "int64"
// null, list<binary>, list<float>, list<int64>.
std::shared_ptr<arrow::DataType> ColumnType(ValueKind kind);

struct FeatureSpec {
  std::string name;
  ValueKind kind = ValueKind::kNone;  // kNone: whatever the records hold
};

struct ExampleDecoderOptions {
  // Exactly these columns in this order (a name given twice counts once), others are passed over; a
  // feature no record has is a column of nulls. Without a value: every feature found, sorted by
  // name.
  std::optional<std::vector<FeatureSpec>> features;
  // When not empty, a last column of type binary with this name holds each record as it was read.
  std::string raw_record_column;
};

// Builds record batches from serialised tf.Example messages.
//
// A feature becomes a column of list<int64>, list<float> or list<binary>. A row is null where the
// record lacks the feature or has it with no kind set, and an empty list where a kind is set but
// holds no value. A feature that has no kind in any record of the batch is a column of type null,
// unless its FeatureSpec gives a kind. The order of features inside a record is arbitrary. As in
// protobuf, of a repeated key or repeated oneof member the last counts, lists of one member are
// joined, and unknown fields are ignored.
//
// Not thread-safe. About 30 ns per feature value.
class ExampleDecoder {
 public:
  explicit ExampleDecoder(ExampleDecoderOptions options = {});
  ExampleDecoder(ExampleDecoder&&) noexcept;
  ExampleDecoder& operator=(ExampleDecoder&&) noexcept;
  ~ExampleDecoder();

  // Adds a row. DATA_LOSS for bytes that are not a tf.Example; INVALID_ARGUMENT for a feature that
  // has another kind than in an earlier row of the batch or than its FeatureSpec;
  // RESOURCE_EXHAUSTED when a column passes 2^31 bytes or values: finish the batch earlier.
  // Messages name the record, counted from 0 over the decoder's life, and the feature. After an
  // error only destruction is allowed.
  Status Append(std::string_view record);

  int64_t num_rows() const;   // since the last Finish
  int64_t num_bytes() const;  // of the records since the last Finish

  // The rows since the last Finish; the decoder goes on with an empty batch.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One batch of all the records.
StatusOr<std::shared_ptr<arrow::RecordBatch>> DecodeExamples(
    const std::vector<std::string_view>& records, ExampleDecoderOptions options = {});

// What an encoder writes for a null row of a column that has a kind.
enum class MissingCell {
  kOmit,       // no entry: decoding gives the null back
  kNoKind,     // an entry whose Feature has no kind: what tfx_bsl writes for Arrow nulls
  kEmptyList,  // an entry with the column's kind and no value: what TFX writes for an empty CSV
               // cell
};

struct ExampleEncoderOptions {
  MissingCell missing = MissingCell::kOmit;
};

// Serialises rows as tf.Example in the deterministic form: map entries sorted by key bytes, numeric
// lists packed. Equal rows give equal bytes.
//
// Columns may be plain (a null is missing) or list or large_list (a null row is missing, a null
// inside a list is an error at Make), of any integer type (int64 list; uint64 above 2^63 - 1 is an
// error), float or double (rounded to the nearest float), string or binary, large or not. A column
// of type null, or of lists of null, is an entry without kind, or absent with kOmit.
//
// Keeps the batch alive. Not thread-safe.
class ExampleEncoder {
 public:
  // INVALID_ARGUMENT for duplicate column names or other types, naming the column.
  static StatusOr<ExampleEncoder> Make(std::shared_ptr<arrow::RecordBatch> batch,
                                       ExampleEncoderOptions options = {});
  ExampleEncoder(ExampleEncoder&&) noexcept;
  ExampleEncoder& operator=(ExampleEncoder&&) noexcept;
  ~ExampleEncoder();

  int64_t num_rows() const;
  // The record of a row of the batch; valid until the next call.
  std::string_view Encode(int64_t row);
  // The tf.Feature alone of one cell, or no value where Encode omits it; valid until the next call.
  std::optional<std::string_view> EncodeFeature(int column, int64_t row);

 private:
  struct Impl;
  explicit ExampleEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// The deterministic form of a record, unknown fields kept: what parsing and serialising again
// gives. Returns `record` itself if it has that form already, else a view into `storage`. DATA_LOSS
// for bytes that are not a tf.Example.
StatusOr<std::string_view> CanonicalExample(std::string_view record, std::string* storage);

// The same of a tf.SequenceExample, which is parsed every time.
StatusOr<std::string_view> CanonicalSequenceExample(std::string_view record, std::string* storage);

// The bytes of the tf.Feature of a key in a record of deterministic form, or no value.
std::optional<std::string_view> FindFeature(std::string_view record, std::string_view key);

// A record of deterministic form with only the features of these names (empty: all), some of them
// under another name; the result is deterministic, lives in `storage`, and keeps no unknown fields
// beside the features. INVALID_ARGUMENT if two features get one name.
StatusOr<std::string_view> SelectFeatures(
    std::string_view record, const std::vector<std::string>& names,
    const std::map<std::string, std::string, std::less<>>& rename, std::string* storage);

// A record of deterministic form without the features that hold no value; lives in `storage`.
std::string_view WithoutEmptyFeatures(std::string_view record, std::string* storage);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_EXAMPLE_CODEC_H_
