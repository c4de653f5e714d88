#ifndef BESSEMER_EXAMPLE_GEN_INGEST_SHARD_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_INGEST_SHARD_INTERNAL_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/byte_budget.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/batch_expression.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/row_filter.h"

namespace bessemer::example_gen {

// What is done to rows whatever shard they are in. Thread-safe.
struct RowStages {
  std::unique_ptr<ComputedColumns> computed;  // null: none
  std::unique_ptr<RowFilter> filter;          // null: every row is kept
  std::unique_ptr<shaping::RowShaper> shaper;

  // INVALID_ARGUMENT for expressions that are none and rules that cannot be followed. `rules`,
  // `splits` and `task_splits` as RowShaper::Make.
  static StatusOr<RowStages> Make(const IngestOptions& options, shaping::ShapingRules rules,
                                  std::vector<std::string> splits,
                                  std::vector<size_t> task_splits);
  // NOT_FOUND for names that no row has had; after all rows have been read.
  Status CheckNames() const;
};

// Which columns of an input become which features of the examples. Immutable; thread-safe.
class FeaturePlan {
 public:
  // INVALID_ARGUMENT for names that the input does not have and features that cannot be written.
  static StatusOr<FeaturePlan> Make(const RowInput& rows, const IngestOptions& options,
                                    const RowStages& stages);

  // Everything that is wanted of a batch, under the names of the input, and what is computed of it.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Convert(const arrow::RecordBatch& batch,
                                                        std::vector<RowFault>* faults) const;
  // What is written of a converted batch, under the names of the output.
  std::shared_ptr<arrow::RecordBatch> Written(const arrow::RecordBatch& converted) const;
  // Its schema.
  const std::shared_ptr<arrow::Schema>& written_schema() const { return written_schema_; }

  // The features written and their kinds, in order.
  std::vector<FeatureSpec> OutputFeatures() const;

 private:
  explicit FeaturePlan(FeatureConverter converter) : converter_(std::move(converter)) {}
  StatusOr<int> Want(const std::string& name, std::string_view use);
  Status WantIfKnown(const std::string& name);
  Status ChooseWritten(const IngestOptions& options);
  Status FindWrittenSchema(const arrow::Schema& input);

  FeatureConverter converter_;
  ComputedColumns* computed_ = nullptr;
  std::vector<int> wanted_;         // features of the converter
  std::vector<int> written_;        // columns of a converted batch: wanted_, then computed ones
  std::vector<std::string> names_;  // of those in the output
  std::shared_ptr<arrow::Schema> written_schema_;
};

// Rows on their way, in the order of the input: either columns or records.
struct RowChunk {
  int64_t num_rows = 0;
  // Features under their names in the input; null if nothing looks at them.
  std::shared_ptr<arrow::RecordBatch> columns;
  // What is written: features under their names in the output, or else records.
  std::shared_ptr<arrow::RecordBatch> written;
  std::vector<std::string_view> records;
  std::vector<uint8_t> keep;  // a byte a row; empty: all stay

  std::function<RowPlace(int64_t row)> place;

  bool Keeps(int64_t row) const { return keep.empty() || keep[static_cast<size_t>(row)] != 0; }
  // An error of a row, with its place; OK stays OK.
  Status At(int64_t row, const Status& status) const;
};

// What takes the rows of a shard: a survey, or the writer of its files.
class RowSink {
 public:
  virtual ~RowSink() = default;
  virtual Status Take(const RowChunk& chunk) = 0;
};

// The records of a chunk.
class ChunkRecords {
 public:
  static StatusOr<ChunkRecords> Make(const RowChunk& chunk, OutputFormat format,
                                     MissingCell missing);
  ChunkRecords(ChunkRecords&&) noexcept;
  ChunkRecords& operator=(ChunkRecords&&) noexcept;
  ~ChunkRecords();
  // Valid until the next call.
  std::string_view Of(int64_t row);

 private:
  struct Encoders;
  ChunkRecords(const RowChunk& chunk, std::unique_ptr<Encoders> encoders);
  const RowChunk* chunk_;
  std::unique_ptr<Encoders> encoders_;
};

// What the shards of one input split have in common.
struct ShardContext {
  const InputRows* input = nullptr;
  const IngestOptions* options = nullptr;
  const RowStages* stages = nullptr;
  const FeaturePlan* features = nullptr;  // null: rows are records
  BadRows* bad_rows = nullptr;            // of rows that examples cannot hold
  ByteBudget* open_blocks = nullptr;      // what all blocks that are read may hold
};

// Gives the rows of blocks [begin, end) to a sink; returns how many the filter excluded. For inputs
// whose rows are columns, and for records.
StatusOr<int64_t> ReadBatches(const ShardContext& context, int64_t begin, int64_t end,
                              RowSink& sink);
StatusOr<int64_t> ReadRecords(const ShardContext& context, int64_t begin, int64_t end,
                              RowSink& sink);

// The rows of an input with records() as one without: decoded, in one schema. `rows` must live
// longer. Reads everything, if the schema is not known.
StatusOr<std::unique_ptr<RowInput>> RecordsAsColumns(const RowInput& rows, int num_threads);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_INGEST_SHARD_INTERNAL_H_
