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
#include "bessemer/example_gen/shaping/row_shaper.h"
#include "bessemer/example_gen/shaping/rules.h"
#include "bessemer/io/tfrecord.h"

// Rows of any source into the split folders of an Examples artifact. The way of a row:
//
//   RowInput            blocks of batches, or of serialised records          (sources/)
//   FeatureConverter    its columns as features                              (arrow_features.h)
//   ComputedColumns     features made of others                              (batch_expression.h)
//   RowFilter           which rows stay                                      (row_filter.h)
//   RowShaper           which of them stay, and in which split               (shaping/)
//   SplitWriter         the files of a shard: tf.Example, tf.SequenceExample, Parquet

namespace bessemer::example_gen {

// What is written. Records that are read as they are (records()) stay tf.Example or
// tf.SequenceExample whichever of the two is asked for, since one reads as the other: the features
// of the first are the context of the second.
enum class OutputFormat { kExample, kSequenceExample, kParquet };

struct IngestOptions {
  // Which rows stay, and how those of the one input split are split again. Without a rule of
  // splitting each input split becomes one of the output.
  shaping::ShapingRules shaping;
  // The features to keep, by their names in the input, or of computed ones; empty: all.
  std::vector<std::string> columns;
  std::vector<std::pair<std::string, std::string>> rename;  // from, to
  // Features computed by expression: name, expression over those of the input and computed ones
  // before it. `where` and the rules of shaping may use them, too.
  std::vector<std::pair<std::string, std::string>> computed;
  // An expression over the features under their names in the input: only rows for which it is true
  // are kept. "": every row.
  std::string where;
  OutputFormat output = OutputFormat::kExample;
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
  shaping::ShapingCounts shaped;     // rows the rules of shaping dropped
  Json shaping = Json::object();     // see RowShaper::Report
  int64_t num_bad_rows = 0;          // set aside, those of the inputs among them
  // TFX's name for what the rows are: FORMAT_TF_EXAMPLE, FORMAT_TF_SEQUENCE_EXAMPLE, FORMAT_PROTO
  // or FORMAT_PARQUET.
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

// Rows to "<output_uri>/Split-<name>/data_tfrecord-…" or "…/data_parquet-…". Shards are runs of
// consecutive blocks, cut by their size: files read in the order of their names give the rows in
// input order. What is written does not depend on num_threads. Rows set aside go to
// "<output_uri>/quarantine/bad_rows.jsonl", in input order, if there are any. Memory is a few
// batches a thread, and what RowShaper takes. Rules that need all rows (RowShaper::needs_survey)
// read the input once more.
//
// Inputs with records() are copied record by record: tf.Example and tf.SequenceExample in their
// deterministic form, others as they are; they are decoded only for what looks at features. They
// are encoded anew, features without kind left out, where records cannot be copied: for computed
// columns, weights and Parquet.
//
// INVALID_ARGUMENT for options that do not fit the columns, for a feature that inputs give
// different kinds, and for a bad row with kFail, naming file and row. After an error the folders
// may hold parts.
StatusOr<IngestResult> IngestRows(const std::vector<InputRows>& input,
                                  const std::string& output_uri, const IngestOptions& options);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_INGEST_H_
