#ifndef BESSEMER_EXAMPLE_GEN_PARQUET_WRITER_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_PARQUET_WRITER_INTERNAL_H_

#include <arrow/status.h>
#include <arrow/type_fwd.h>
#include <arrow/util/type_fwd.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace parquet::arrow {
class FileWriter;
}

namespace bessemer::example_gen {

// Batches as Parquet in bounded memory, whatever the number of columns: a row group is held as
// batches until it is whole, and then written column by column. 65,536 rows of images would be
// gigabytes: row groups are of about `group_bytes` as batches hold them; a row of more is a group
// of its own. Where groups end depends on what batches hold, not on who made them. Errors are
// Arrow's; it also throws.
class ParquetWriter {
 public:
  struct Options {
    ::arrow::Compression::type codec;
    int64_t group_bytes;
    int64_t group_rows = 1 << 20;
  };

  // `out` stays the caller's to close, after Close.
  ParquetWriter(std::shared_ptr<::arrow::Schema> schema,
                std::shared_ptr<::arrow::io::OutputStream> out, const Options& options);
  ParquetWriter(ParquetWriter&&) noexcept;
  ParquetWriter& operator=(ParquetWriter&&) noexcept;
  ~ParquetWriter();

  ::arrow::Status Write(const ::arrow::RecordBatch& batch);
  ::arrow::Status Close();

 private:
  ::arrow::Status Open();
  ::arrow::Status WriteGroup();

  std::shared_ptr<::arrow::Schema> schema_;
  std::shared_ptr<::arrow::io::OutputStream> out_;
  std::unique_ptr<::parquet::arrow::FileWriter> writer_;  // from the first row group
  Options options_;
  std::vector<std::shared_ptr<::arrow::RecordBatch>> group_;  // the rows that wait
  int64_t group_bytes_ = 0;
  int64_t group_rows_ = 0;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_PARQUET_WRITER_INTERNAL_H_
