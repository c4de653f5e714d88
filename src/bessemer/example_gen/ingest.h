#ifndef BESSEMER_EXAMPLE_GEN_INGEST_H_
#define BESSEMER_EXAMPLE_GEN_INGEST_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/row_input.h"
#include "bessemer/example_gen/span.h"
#include "bessemer/example_gen/split.h"
#include "bessemer/io/tfrecord.h"

// Rows of any source into the split folders of an Examples artifact. The way of a row:
//
//   RowInput            blocks of batches, or of serialised records          (sources/)
//   FeatureConverter    its columns as features                              (arrow_features.h)
//   RowFilter           which rows stay                                      (row_filter.h)
//   OutputPlan          which split a row belongs to, and its files          (split_writer_internal.h)
//   ExampleEncoder      the bytes of the example                             (example_codec.h)

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
  FeatureOptions features;  // how columns become features
  // Rows that examples cannot hold: an error that names the first, or set aside.
  OnBadRow on_bad_row = OnBadRow::kFail;
  std::string scratch_dir = "/tmp";
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
  int64_t num_bad_rows = 0;          // set aside, those of the inputs among them
  // TFX's name for what the records are: FORMAT_TF_EXAMPLE, FORMAT_TF_SEQUENCE_EXAMPLE or
  // FORMAT_PROTO.
  std::string payload_format = "FORMAT_TF_EXAMPLE";
  std::vector<std::string> notes;  // lines for people (RowInput::note)
};

// The rows of one input split: blocks [begin, end) of an input.
struct InputRows {
  std::string split;
  const RowInput* rows = nullptr;
  int64_t begin = 0;
  int64_t end = 0;
};

// The splits of an input that was opened with the files of all of them, in their order.
std::vector<InputRows> SplitsOf(const RowInput& rows, const std::vector<ResolvedSplit>& input);

// Rows to "<output_uri>/Split-<name>/data_tfrecord-…". Shards are runs of consecutive blocks, cut
// by their size: files read in the order of their names give the rows in input order. What is
// written does not depend on num_threads. Rows set aside go to
// "<output_uri>/quarantine/bad_rows.jsonl", in input order, if there are any. Memory is a few
// batches a thread.
//
// Inputs with records() are copied record by record: tf.Example and tf.SequenceExample in their
// deterministic form, others as they are; only `where` decodes them.
//
// INVALID_ARGUMENT for options that do not fit the columns, for a feature that inputs give
// different kinds, and for a bad row with kFail, naming file and row. After an error the folders may hold
// parts.
StatusOr<IngestResult> IngestRows(const std::vector<InputRows>& input,
                                  const std::string& output_uri, const IngestOptions& options);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_INGEST_H_
