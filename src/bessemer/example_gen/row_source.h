#ifndef BESSEMER_EXAMPLE_GEN_ROW_SOURCE_H_
#define BESSEMER_EXAMPLE_GEN_ROW_SOURCE_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/csv_reader.h"
#include "bessemer/example_gen/examples.h"

// Rows from files of any of the formats that are read, and to Parquet: for tools.

namespace bessemer::example_gen {

enum class RowFormat { kCsv, kTFRecord, kParquet };

// By the name: .csv, .tsv (delimiter tab) and those with .gz are CSV; .parquet and .pq Parquet; all
// others TFRecords.
RowFormat FormatOf(std::string_view path);

struct RowFiles {
  RowFormat format = RowFormat::kTFRecord;
  std::vector<std::string> files;
};

// The files behind a path: a file, a pattern, a folder of files, or a folder of Split-* folders
// (all splits, sorted by name). NOT_FOUND if there are none, INVALID_ARGUMENT if formats are mixed.
StatusOr<RowFiles> FindRowFiles(const std::string& path);

// All rows of the files in order. Every batch has the same schema: for TFRecords all files are read
// once before to find it; INVALID_ARGUMENT if a feature has different kinds.
StatusOr<std::unique_ptr<columnar::BatchSource>> OpenRows(const RowFiles& files,
                                                          const CsvOptions& csv = {});

// The features of TFRecord files and their kinds, sorted by name.
StatusOr<std::vector<FeatureSpec>> FindFeatures(const std::vector<std::string>& files,
                                                int num_threads = 0);

// One Parquet file (zstd) of all batches; a source without batches gives INVALID_ARGUMENT. Returns
// the number of rows.
StatusOr<int64_t> WriteParquet(columnar::BatchSource& source, const std::string& path);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_SOURCE_H_
