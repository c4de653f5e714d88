#ifndef BESSEMER_EXAMPLE_GEN_EXAMPLES_H_
#define BESSEMER_EXAMPLE_GEN_EXAMPLES_H_

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/row_input.h"
#include "bessemer/io/tfrecord.h"

// Reading and writing the files of an Examples artifact: TFRecords of tf.Example, or Parquet, in a
// folder per split. One file is one shard: the unit of parallel work. Of TFRecords of
// tf.SequenceExample the context features are read; SequenceExampleDecoder knows the rest.

namespace bessemer::example_gen {

struct ExamplesOptions {
  // As in ExampleDecoderOptions.
  std::optional<std::vector<FeatureSpec>> features;
  std::string raw_record_column;
  // A batch ends when it has this many rows or its records this many bytes.
  int64_t batch_rows = 8192;
  int64_t batch_bytes = 16 << 20;
};

// The records of one TFRecord file, gzip or not, as batches (see ExampleDecoder), or the rows of a
// Parquet file in the same form (see OpenParquetExamples). Batches of one
// file have the columns and kinds their own rows give, unless options.features fixes them. No batch
// is empty: a file without records gives none. Errors begin with the file and name the record.
StatusOr<std::unique_ptr<columnar::BatchSource>> OpenExamples(const std::string& file,
                                                              const ExamplesOptions& options = {});

// The rows of such a file as serialised tf.Examples, for who sends them on.
StatusOr<std::unique_ptr<RecordSource>> OpenExampleRecords(const std::string& file);

// The files of a split folder, in the order of their names. NOT_FOUND for a missing or empty
// folder.
StatusOr<std::vector<std::string>> ListExampleFiles(const std::string& split_uri);

// Opens each file and gives it to visit(shard, source), shards in parallel on up to `num_threads`
// threads (0: all processors). `visit` writes what it finds to a place of the shard's own.
Status VisitExampleFiles(
    const std::vector<std::string>& files, const ExamplesOptions& options, int num_threads,
    const std::function<Status(int64_t shard, columnar::BatchSource& source)>& visit);

// All batches of all files, in file order: for what fits in memory.
StatusOr<std::vector<std::shared_ptr<arrow::RecordBatch>>> ReadExamples(
    const std::vector<std::string>& files, const ExamplesOptions& options = {},
    int num_threads = 0);

// "data_tfrecord-00003-of-00012.gz"; ".gz" only with Compression::kGzip.
std::string ExampleFileName(int64_t shard, int64_t num_shards,
                            io::Compression compression = io::Compression::kGzip);

// Writes one shard of a split. Not thread-safe; different shards may be written by different
// threads.
class ExamplesWriter {
 public:
  // Creates "<split_uri>/data_tfrecord-….gz".
  static StatusOr<ExamplesWriter> Open(const std::string& split_uri, int64_t shard,
                                       int64_t num_shards,
                                       io::Compression compression = io::Compression::kGzip);

  Status WriteRecord(std::string_view record) { return writer_->Write(record); }
  // Every row as a tf.Example of the deterministic form.
  Status WriteBatch(const std::shared_ptr<arrow::RecordBatch>& batch,
                    const ExampleEncoderOptions& options = {});
  Status Close() { return writer_->Close(); }
  int64_t num_records() const { return writer_->num_records(); }

 private:
  explicit ExamplesWriter(std::unique_ptr<io::TFRecordWriter> writer)
      : writer_(std::move(writer)) {}
  std::unique_ptr<io::TFRecordWriter> writer_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_EXAMPLES_H_
