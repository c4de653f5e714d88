#ifndef BESSEMER_EXAMPLE_GEN_PARQUET_READING_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_PARQUET_READING_INTERNAL_H_

#include <parquet/properties.h>

#include <string_view>

namespace bessemer::example_gen {

// How Parquet files are read, by where they are. From a disk a column is read page by page, as it
// is needed: a whole row group need not fit memory. From an object store, where each request takes
// long, all columns of a row group that are wanted are fetched by a few.
struct ParquetReading {
  explicit ParquetReading(std::string_view path) {
    const bool remote = path.find("://") != std::string_view::npos;
    arrow.set_pre_buffer(remote);
    if (remote) return;
    pages.enable_buffered_stream();
    pages.set_buffer_size(kBufferBytes);
  }

  static constexpr int64_t kBufferBytes = 32 << 10;  // of a column, read ahead
  ::parquet::ReaderProperties pages;
  ::parquet::ArrowReaderProperties arrow;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_PARQUET_READING_INTERNAL_H_
