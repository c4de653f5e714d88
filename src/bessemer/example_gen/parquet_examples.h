#ifndef BESSEMER_EXAMPLE_GEN_PARQUET_EXAMPLES_H_
#define BESSEMER_EXAMPLE_GEN_PARQUET_EXAMPLES_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/examples.h"

// Examples as Parquet instead of TFRecords: a column per feature.

namespace bessemer::example_gen {

// "data_parquet-00003-of-00012.parquet", TFX's name.
std::string ParquetFileName(int64_t shard, int64_t num_shards);
// Whether a file of examples is Parquet, by its name.
bool IsParquetFile(std::string_view path);

// Writes one shard of a split: Snappy, row groups of 65,536 rows. Not thread-safe; different shards
// may be written by different threads.
class ParquetExamplesWriter {
 public:
  // Creates "<split_uri>/data_parquet-….parquet". INVALID_ARGUMENT for types Parquet cannot hold.
  static StatusOr<ParquetExamplesWriter> Open(const std::string& split_uri, int64_t shard,
                                              int64_t num_shards,
                                              const std::shared_ptr<arrow::Schema>& schema);
  ParquetExamplesWriter(ParquetExamplesWriter&&) noexcept;
  ParquetExamplesWriter& operator=(ParquetExamplesWriter&&) noexcept;
  ~ParquetExamplesWriter();

  // These rows of the batch, which has the schema, in the order given.
  Status Write(const std::shared_ptr<arrow::RecordBatch>& batch, const std::vector<int64_t>& rows);
  Status Close();
  int64_t num_rows() const;

 private:
  struct Impl;
  explicit ParquetExamplesWriter(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

// What OpenExamples gives for a Parquet file: its columns as lists of int64, float or binary, null
// where they are null; a column without any kind is of type null. The raw record of a row is its
// tf.Example. Columns of integers, floats, strings and binaries, or lists of these, are features;
// others are an error that names the column.
StatusOr<std::unique_ptr<columnar::BatchSource>> OpenParquetExamples(
    const std::string& file, const ExamplesOptions& options);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_PARQUET_EXAMPLES_H_
