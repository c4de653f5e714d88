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
// long, all that is wanted is fetched by a few and held, unless it is much.
struct ParquetReading {
  // `bytes`: what is wanted of the file, as it is stored.
  ParquetReading(std::string_view path, int64_t bytes) {
    const bool remote = io::IsRemote(path);
    const bool fetch = remote && bytes <= kMostFetched;
    arrow.set_pre_buffer(fetch);
    if (fetch) return;
    pages.enable_buffered_stream();
    pages.set_buffer_size(remote ? kRemoteBufferBytes : kBufferBytes);
  }

  static constexpr int64_t kMostFetched = 64 << 20;
  // Of a column, read ahead.
  static constexpr int64_t kBufferBytes = 32 << 10;
  static constexpr int64_t kRemoteBufferBytes = 512 << 10;
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

// What some columns of a row group take as they are stored.
inline int64_t ParquetStoredBytes(const ::parquet::RowGroupMetaData& group,
                                  const std::vector<int>& leaves) {
  int64_t bytes = 0;
  for (const int leaf : leaves) {
    constexpr int64_t kMostBytes = int64_t{1} << 40;  // of damaged metadata
    bytes += std::clamp<int64_t>(group.ColumnChunk(leaf)->total_compressed_size(), 0, kMostBytes);
  }
  return bytes;
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
