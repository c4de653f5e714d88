#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_PARQUET_PARQUET_FILE_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_PARQUET_PARQUET_FILE_H_

#include <memory>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/source.h"

namespace bessemer::example_gen::parquet {

// Parquet files; their row groups are blocks. Those of so many columns that much memory would be
// held while they are read are read a part of the columns at a time, and the parts wait in
// `request.scratch_dir`. DATA_LOSS for a damaged file.
StatusOr<std::unique_ptr<RowInput>> OpenParquetFiles(const FileRequest& request);

// One Parquet file (zstd) of all batches; a source without batches gives INVALID_ARGUMENT. Returns
// the number of rows.
StatusOr<int64_t> WriteParquet(columnar::BatchSource& source, const std::string& path);

}  // namespace bessemer::example_gen::parquet

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_PARQUET_PARQUET_FILE_H_
