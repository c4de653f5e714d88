#ifndef BESSEMER_EXAMPLE_GEN_SEQUENCE_ENCODER_H_
#define BESSEMER_EXAMPLE_GEN_SEQUENCE_ENCODER_H_

#include <arrow/record_batch.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/example_codec.h"

namespace bessemer::example_gen {

// Serialises rows as tf.SequenceExample in the deterministic form.
//
// Columns of lists of lists, and the fields of a struct column kSequenceColumn, are feature lists:
// the outer list holds the steps, each a feature. A null row has no such feature list; a null step
// is a feature without kind. All other columns are context features as in ExampleEncoder. What
// SequenceExampleDecoder gives is encoded to records that it decodes to the same.
//
// Keeps the batch alive. Not thread-safe.
class SequenceExampleEncoder {
 public:
  // INVALID_ARGUMENT as ExampleEncoder::Make.
  static StatusOr<SequenceExampleEncoder> Make(const std::shared_ptr<arrow::RecordBatch>& batch,
                                               ExampleEncoderOptions options = {});
  SequenceExampleEncoder(SequenceExampleEncoder&&) noexcept;
  SequenceExampleEncoder& operator=(SequenceExampleEncoder&&) noexcept;
  ~SequenceExampleEncoder();

  int64_t num_rows() const;
  // The record of a row of the batch; valid until the next call.
  std::string_view Encode(int64_t row);

 private:
  struct Impl;
  explicit SequenceExampleEncoder(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SEQUENCE_ENCODER_H_
