#ifndef BESSEMER_EXAMPLE_GEN_PARQUET_READING_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_PARQUET_READING_INTERNAL_H_

#include <parquet/metadata.h>
#include <parquet/properties.h>
#include <parquet/schema.h>

#include <algorithm>
#include <string_view>
#include <vector>

#include "bessemer/columnar/large_buffers.h"
#include "bessemer/example_gen/batch_rows_internal.h"
#include "bessemer/io/object_uri.h"

namespace bessemer::example_gen {

// How Parquet files are read, by where they are. From a disk a column is read page by page, as it
// is needed: a whole row group need not fit memory. From an object store, where each request takes
// long, all columns of a row group that are wanted are fetched by a few.
struct ParquetReading {
  explicit ParquetReading(std::string_view path) {
    const bool remote = io::IsRemote(path);
    arrow.set_pre_buffer(remote);
    if (remote) return;
    pages.enable_buffered_stream();
    pages.set_buffer_size(kBufferBytes);
  }

  static constexpr int64_t kBufferBytes = 32 << 10;  // of a column, read ahead
  ::parquet::ReaderProperties pages{columnar::LargeBufferPool()};
  ::parquet::ArrowReaderProperties arrow;
};

// The leaf columns below some columns, ascending, of a file: as many as they hold if nested.
inline std::vector<int> ParquetLeaves(const ::parquet::SchemaDescriptor& schema,
                                      const std::vector<int>& columns) {
  std::vector<int> leaves;
  for (int leaf = 0; leaf < schema.num_columns(); ++leaf) {
    const int column = schema.group_node()->FieldIndex(*schema.GetColumnRoot(leaf));
    if (std::binary_search(columns.begin(), columns.end(), column)) leaves.push_back(leaf);
  }
  return leaves;
}

// How many rows of a row group are read together.
inline int64_t ParquetBatchRows(const ::parquet::RowGroupMetaData& group,
                                const std::vector<int>& leaves) {
  double bytes = 0;
  for (const int leaf : leaves) {
    bytes += static_cast<double>(group.ColumnChunk(leaf)->total_uncompressed_size());
  }
  return BatchRows(bytes / std::max(1.0, static_cast<double>(group.num_rows())),
                   static_cast<double>(leaves.size()));
}

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_PARQUET_READING_INTERNAL_H_
