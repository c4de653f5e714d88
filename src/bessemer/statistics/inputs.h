#ifndef BESSEMER_STATISTICS_INPUTS_H_
#define BESSEMER_STATISTICS_INPUTS_H_

#include <string>
#include <vector>

#include "bessemer/statistics/generate.h"

namespace bessemer::example_gen {
struct CsvOptions;
}

namespace bessemer::statistics {

// Opens files to compute statistics of. A path is a file, a folder or a pattern with `*` and `?`.
// What is in a file follows from its name, else from its first bytes: ".parquet" (each row group a
// source of its own), ".csv" and ".csv.gz" (with one header; types are those of all CSV files
// together), anything else TFRecords of tf.Example, gzip or not. NOT_FOUND if nothing matches;
// errors inside a file come when it is read and name it.
// `csv` says how CSV is read.
StatusOr<std::vector<SourceOpener>> OpenInputs(const std::vector<std::string>& paths,
                                               const example_gen::CsvOptions& csv);
StatusOr<std::vector<SourceOpener>> OpenInputs(const std::vector<std::string>& paths);

// TFRecords of tf.Example: records are read in order, decoded by whoever has time.
SourceOpener OpenExampleFile(std::string path);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_INPUTS_H_
