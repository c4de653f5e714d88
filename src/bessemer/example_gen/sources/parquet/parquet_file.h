#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_PARQUET_PARQUET_FILE_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_PARQUET_PARQUET_FILE_H_

#include <memory>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/columnar_files.h"

namespace bessemer::example_gen::parquet {

// A Parquet file; its row groups are blocks. DATA_LOSS for one that is damaged.
StatusOr<std::unique_ptr<ColumnarFile>> OpenParquetFile(const std::string& path);

// One Parquet file (zstd) of all batches; a source without batches gives INVALID_ARGUMENT. Returns
// the number of rows.
StatusOr<int64_t> WriteParquet(columnar::BatchSource& source, const std::string& path);

}  // namespace bessemer::example_gen::parquet

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_PARQUET_PARQUET_FILE_H_
