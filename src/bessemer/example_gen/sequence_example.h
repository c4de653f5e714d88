#ifndef BESSEMER_EXAMPLE_GEN_SEQUENCE_EXAMPLE_H_
#define BESSEMER_EXAMPLE_GEN_SEQUENCE_EXAMPLE_H_

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/example_codec.h"

namespace bessemer::example_gen {

// The column that holds the feature lists of tf.SequenceExample records.
inline constexpr std::string_view kSequenceColumn = "##SEQUENCE##";

struct SequenceFeatures {
  std::vector<FeatureSpec> context;
  std::vector<FeatureSpec> sequence;  // empty: no sequence column
};

// Builds record batches from serialised tf.SequenceExample messages.
//
// Context features are columns as in ExampleDecoder. Feature lists are the fields, sorted by name,
// of a last column kSequenceColumn of type struct, which exists if any record of the batch has
// feature_lists: list<list<T>>, the outer list with a step for each feature, null where the record
// lacks the feature list; a step is null where its feature has no kind. A feature list without any
// kind in the batch is list<null>, unless its spec gives a kind. With given features exactly those
// become columns and fields.
//
// Not thread-safe.
class SequenceExampleDecoder {
 public:
  explicit SequenceExampleDecoder(std::optional<SequenceFeatures> features = std::nullopt);
  SequenceExampleDecoder(SequenceExampleDecoder&&) noexcept;
  SequenceExampleDecoder& operator=(SequenceExampleDecoder&&) noexcept;
  ~SequenceExampleDecoder();

  // Adds a row. Errors as ExampleDecoder::Append; after one only destruction is allowed.
  Status Append(std::string_view record);
  int64_t num_rows() const;  // since the last Finish
  // The rows since the last Finish; the decoder goes on with an empty batch.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Finish();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// One batch of all the records, with whatever features they have.
StatusOr<std::shared_ptr<arrow::RecordBatch>> DecodeSequenceExamples(
    const std::vector<std::string_view>& records);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SEQUENCE_EXAMPLE_H_
