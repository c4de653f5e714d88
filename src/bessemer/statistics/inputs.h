#ifndef BESSEMER_STATISTICS_INPUTS_H_
#define BESSEMER_STATISTICS_INPUTS_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/statistics/generate.h"

namespace bessemer::example_gen {
class RowInput;
struct RowFiles;
}  // namespace bessemer::example_gen

namespace bessemer::statistics {

// Files to compute statistics of, by format. A path is a file, a folder (of files, or of folders
// Split-*) or a pattern with `*` and `?`; the format of each file is found as row_files.h says, or
// is `format` if that is not empty. NOT_FOUND if nothing matches.
StatusOr<std::vector<example_gen::RowFiles>> FindInputs(const std::vector<std::string>& paths,
                                                        const std::string& format = "");

// The rows of files, read with the defaults of their formats, for GenerateStatistics with these
// options.
StatusOr<std::vector<SourceOpener>> OpenInputs(const std::vector<std::string>& paths,
                                               const StatisticsOptions& options = {});

// The rows of an input: records are read in order and decoded by whoever has time, other blocks are
// read independently. Of a format that keeps columns apart only those that the options ask for are
// read, and many columns in parts, where the options allow both: it bounds what reading holds.
std::vector<SourceOpener> OpenRows(std::shared_ptr<const example_gen::RowInput> rows,
                                   const StatisticsOptions& options);

// Files of an Examples artifact, opened when their turn comes: TFRecords of the payload format that
// the artifact has, by TFX's name ("": FORMAT_TF_EXAMPLE), or Parquet, whose columns are read as
// OpenRows reads them.
StatusOr<std::vector<SourceOpener>> OpenExampleFiles(const std::vector<std::string>& files,
                                                     std::string_view payload_format,
                                                     const StatisticsOptions& options);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_INPUTS_H_
