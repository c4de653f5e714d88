#ifndef BESSEMER_EXAMPLE_GEN_INGEST_H_
#define BESSEMER_EXAMPLE_GEN_INGEST_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/csv_reader.h"
#include "bessemer/example_gen/span.h"
#include "bessemer/example_gen/split.h"
#include "bessemer/io/tfrecord.h"

// Input files into the split folders of an Examples artifact.

namespace bessemer::example_gen {

struct IngestOptions {
  // How to split the rows of the one input split. Empty: each input split becomes one of the
  // output.
  std::vector<SplitBuckets> splits;
  std::string partition_feature;  // "": the whole record decides
  std::vector<std::string>
      columns;  // the features to keep, by their names in the input; empty: all
  std::vector<std::pair<std::string, std::string>> rename;  // from, to
  // An expression over the features under their names in the input: only rows for which it is true
  // are kept. "": every row.
  std::string where;
  // A shard holds about this much input, or more if there would be more than max_shards of a split.
  int64_t shard_bytes = 16 << 20;
  int64_t max_shards = 128;
  io::Compression compression = io::Compression::kGzip;
  int num_threads = 0;  // 0: all processors
  Progress* progress = &Progress::None();
};

struct IngestResult {
  struct Split {
    std::string name;
    int64_t num_rows = 0;
    int64_t num_shards = 0;
  };
  std::vector<Split> splits;
  bool filtered = false;             // there was a `where`
  int64_t num_excluded_rows = 0;     // by it
  std::vector<BadRow> bad_rows;      // CSV with OnBadRow::kQuarantine
  std::vector<CsvColumn> columns;    // CSV: what was read
  std::vector<NullHint> null_hints;  // CSV
};

// CSV files to "<output_uri>/Split-<name>/data_tfrecord-…". Types are those of all input splits
// together (see CsvInput). A missing cell becomes an empty list of its column's kind, a column
// without any value a feature without kind, as TFX writes them. Shards are runs of consecutive
// rows, cut by input size: files read in the order of their names give the rows in input order.
// What is written does not depend on num_threads. After an error the folders may hold parts.
StatusOr<IngestResult> IngestCsv(const std::vector<ResolvedSplit>& input,
                                 const std::string& output_uri, const CsvOptions& csv,
                                 const IngestOptions& options);

// TFRecord files of tf.Example likewise, each record in its deterministic form. One input file
// gives one shard. DATA_LOSS names the file and the record that is damaged.
StatusOr<IngestResult> IngestExamples(const std::vector<ResolvedSplit>& input,
                                      const std::string& output_uri, const IngestOptions& options);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_INGEST_H_
