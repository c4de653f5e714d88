#ifndef BESSEMER_EXAMPLE_GEN_RECORD_FILES_H_
#define BESSEMER_EXAMPLE_GEN_RECORD_FILES_H_

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen {

// TFRecord files, one block each, of whatever messages: a file is read in order, its records
// decoded by whoever has time. Files may be compressed (see io/compression.h).
class RecordFiles : public RowInput, public RecordAccess {
 public:
  // Records to columns. Thread-safe; errors name the record, counted from 0.
  using Decoder = std::function<StatusOr<std::shared_ptr<arrow::RecordBatch>>(
      const std::vector<std::string_view>& records)>;

  // `schema` is null if only the records tell. NOT_FOUND for a missing file; what is wrong inside
  // shows when it is read.
  static StatusOr<std::unique_ptr<RecordFiles>> Open(
      std::vector<std::string> files, RecordKind kind, Decoder decoder,
      std::shared_ptr<arrow::Schema> schema = nullptr);

  // The same for records that are no examples: rows are columns only, those of `schema`.
  static StatusOr<std::unique_ptr<RecordFiles>> OpenDecoded(std::vector<std::string> files,
                                                            Decoder decoder,
                                                            std::shared_ptr<arrow::Schema> schema);

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t num_blocks() const override { return static_cast<int64_t>(files_.size()); }
  int64_t first_block(size_t file) const override { return static_cast<int64_t>(file); }
  int64_t block_bytes(int64_t block) const override { return sizes_[static_cast<size_t>(block)]; }
  int64_t num_rows() const override { return -1; }
  int64_t open_bytes(int64_t block) const override;
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override;
  RowPlace PlaceOf(int64_t block, int64_t row) const override;
  // Null and an empty list differ in the records already.
  MissingCell missing_cell() const override { return MissingCell::kOmit; }

  const RecordAccess* records() const override { return columns_only_ ? nullptr : this; }
  RecordKind kind() const override { return kind_; }
  StatusOr<std::unique_ptr<RecordSource>> OpenRecords(int64_t block) const override;
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Decode(
      const std::vector<std::string_view>& records) const override {
    return decoder_(records);
  }

 private:
  RecordFiles() = default;
  std::vector<std::string> files_;
  std::vector<int64_t> sizes_;
  RecordKind kind_ = RecordKind::kExample;
  bool columns_only_ = false;
  Decoder decoder_;
  std::shared_ptr<arrow::Schema> schema_;
};

// A run of records, copied out of their source.
struct RecordRun {
  std::string bytes;
  std::vector<size_t> ends;
  std::vector<std::string_view> Views() const;
};

// The next records, up to 4,096 or 8 MiB; none at the end.
StatusOr<RecordRun> ReadRun(RecordSource& source);

// An error of RecordAccess::Decode with the file, and the record its numbers count from.
Status InRecords(const Status& status, const RowPlace& first);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_RECORD_FILES_H_
