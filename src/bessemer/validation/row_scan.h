#ifndef BESSEMER_VALIDATION_ROW_SCAN_H_
#define BESSEMER_VALIDATION_ROW_SCAN_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <tuple>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/validation/row_validator.h"

namespace bessemer::example_gen {
class RowInput;
}

// The rows of files that break the schema: counted, shown, written out.

namespace bessemer::validation {

enum class RowOutput {
  // Examples as they are, with three features more: bessemer.file, bessemer.row and, a text for
  // each finding, bessemer.anomalies. What is no tf.Example becomes one with bessemer.record.
  kTFRecord,
  kJsonLines,  // {"file", "row", "findings": [{feature, type, severity, rule, text}], "example"}
  kCsv,        // a line for each finding: file, row, feature, type, severity, rule, text
};

// By the name: .jsonl and .json, .csv, all others TFRecord.
RowOutput RowOutputOf(std::string_view path);

struct RowScanOptions {
  std::string out = {};     // rows are written here; empty: nowhere
  int64_t limit = 0;        // at most so many rows are written; 0: all
  int64_t num_samples = 0;  // so many of the first rows are kept in the result
  int num_threads = 0;      // 0: all processors
  std::string scratch_dir = {};  // must exist; empty: the system's folder for such files
  Progress* progress = &Progress::None();  // counts rows
};

struct BadRowSample {
  std::string file;
  int64_t row = 0;  // of text its line, from 1; of other formats the row of the file, from 0
  std::vector<RowFinding> findings;
};

struct RowScanResult {
  struct Count {
    int64_t num_rows = 0;
    Severity severity = ::tensorflow::metadata::v0::AnomalyInfo::ERROR;
    std::string example;  // the text of the first
  };
  using Key = std::tuple<std::string, AnomalyType, std::string>;  // feature, type, rule

  int64_t num_rows = 0;
  int64_t num_bad_rows = 0;
  std::map<Key, Count> counts;
  std::vector<BadRowSample> samples;
};

// Checks every row of files of any format (see GroupBySource). The result and what is written are
// the same for any number of threads: rows in the order of the files of each format. A record that
// is no tf.Example is a finding (UNEXPECTED_DATA_TYPE of the feature ""); so is a feature of
// another kind than in its neighbours. Rows that their format does not allow (CSV with a cell too
// many) are UNEXPECTED_DATA_TYPE too and come last, with their text as bessemer.record. Errors name
// the file: damage around records, rules that do not fit. The output appears whole or not at all.
StatusOr<RowScanResult> ScanRows(const std::vector<std::string>& files,
                                 const RowValidator& validator, const RowScanOptions& options);
// The same of rows that were opened, e.g. with parameters of their format, or of a query.
StatusOr<RowScanResult> ScanRows(std::vector<std::unique_ptr<example_gen::RowInput>> inputs,
                                 const RowValidator& validator, const RowScanOptions& options);

// The first findings a line each, then the counts, most frequent first.
std::string RowScanText(const RowScanResult& result);
// {"num_rows", "num_bad_rows", "counts": [{feature, type, severity, rule, rows, example}],
// "rows": [{file, row, findings}]}.
Json RowScanJson(const RowScanResult& result);

// As anomalies of the data: each of the schema's own kind once at its feature, with the number of
// rows; rules by ReportRowRule.
::tensorflow::metadata::v0::Anomalies AnomaliesOf(const RowScanResult& result,
                                                  const std::vector<Rule>& rules);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_ROW_SCAN_H_
