#ifndef BESSEMER_EXAMPLE_GEN_INGEST_SHARD_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_INGEST_SHARD_INTERNAL_H_

#include <string>
#include <vector>

#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/split_writer_internal.h"

namespace bessemer::example_gen {

// Which columns of an input become which features of the examples. Immutable; thread-safe.
class FeaturePlan {
 public:
  // INVALID_ARGUMENT for names that the input does not have and features that cannot be written.
  // `filter` may be null.
  static StatusOr<FeaturePlan> Make(const RowInput& rows, const IngestOptions& options,
                                    const RowFilter* filter);

  // Everything that is wanted of a batch, under the names of the input.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Convert(const arrow::RecordBatch& batch,
                                                        std::vector<RowFault>* faults) const {
    return converter_.Convert(batch, wanted_, faults);
  }
  // What is written of a converted batch, under the names of the output.
  std::shared_ptr<arrow::RecordBatch> Written(const arrow::RecordBatch& converted) const;
  // The partition feature alone, or null if there is none.
  std::shared_ptr<arrow::RecordBatch> Partition(const arrow::RecordBatch& converted) const;

  // The features written and their kinds, in order.
  std::vector<FeatureSpec> OutputFeatures() const;

 private:
  explicit FeaturePlan(FeatureConverter converter) : converter_(std::move(converter)) {}
  StatusOr<int> Want(const std::string& name, std::string_view use);

  FeatureConverter converter_;
  std::vector<int> wanted_;         // features of the converter
  std::vector<int> written_;        // indices into wanted_
  std::vector<std::string> names_;  // of those in the output
  int partition_ = -1;              // index into wanted_
};

// What the shards of one input split have in common.
struct ShardContext {
  const InputRows* input = nullptr;
  const OutputPlan* plan = nullptr;
  const FeaturePlan* features = nullptr;  // of inputs without records()
  BadRows* bad_rows = nullptr;            // of rows that examples cannot hold
};

// Writes the rows of blocks [begin, end); returns how many the filter excluded. For inputs without
// records(), and with them.
StatusOr<int64_t> WriteBatches(const ShardContext& context, int64_t begin, int64_t end,
                               SplitWriter& writer);
StatusOr<int64_t> WriteRecords(const ShardContext& context, int64_t begin, int64_t end,
                               SplitWriter& writer);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_INGEST_SHARD_INTERNAL_H_
