#include "bessemer/example_gen/sources/orc/orc_file.h"

#include <arrow/adapters/orc/adapter.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/large_buffers.h"
#include "bessemer/example_gen/arrow_file_internal.h"
#include "bessemer/example_gen/batch_rows_internal.h"
#include "bessemer/io/arrow_file.h"

namespace bessemer::example_gen::orc {
namespace {

using arrow::adapters::orc::ORCFileReader;

constexpr std::string_view kFormat = "ORC";
// A file says how large rows are as they are stored; compressed, which may be this much less.
constexpr double kCompression = 4;

StatusOr<std::unique_ptr<ORCFileReader>> OpenReader(const std::shared_ptr<io::StorageFile>& file) {
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::unique_ptr<ORCFileReader> reader,
                                  ORCFileReader::Open(file, columnar::LargeBufferPool()));
  return reader;
}

// Where a stripe begins, and how many of its rows are read together.
struct StripeRows {
  int64_t first = 0;
  int64_t number = 0;
  int64_t of_batch = 0;
};

class Stripe : public columnar::BatchSource {
 public:
  Stripe(std::string path, StripeRows rows) : path_(std::move(path)), rows_(rows) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (rows_.number <= 0) return nullptr;  // its first row is another's
    if (file_ == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(file_, io::OpenRandomAccess(path_));
    }
    return ReadingFile(path_, kFormat, *file_,
                       [&]() -> StatusOr<std::shared_ptr<arrow::RecordBatch>> {
      if (reader_ == nullptr) {
        BESSEMER_ASSIGN_OR_RETURN(reader_, OpenReader(file_));
        BESSEMER_RETURN_IF_ARROW_ERROR(reader_->Seek(rows_.first));
        BESSEMER_ASSIGN_OR_RETURN_ARROW(batches_, reader_->NextStripeReader(rows_.of_batch));
      }
      std::shared_ptr<arrow::RecordBatch> batch;
      if (batches_ == nullptr) return batch;
      BESSEMER_RETURN_IF_ARROW_ERROR(batches_->ReadNext(&batch));
      return batch;
    });
  }

 private:
  std::string path_;
  const StripeRows rows_;
  std::shared_ptr<io::StorageFile> file_;
  std::unique_ptr<ORCFileReader> reader_;  // outlives its batches
  std::shared_ptr<arrow::RecordBatchReader> batches_;
};

class OrcFile : public ColumnarFile {
 public:
  explicit OrcFile(std::string path) : path_(std::move(path)) {}

  Status Open() {
    BESSEMER_ASSIGN_OR_RETURN(const auto file, io::OpenRandomAccess(path_));
    return ReadingFile(path_, kFormat, *file, [&]() -> Status {
      BESSEMER_ASSIGN_OR_RETURN(const auto reader, OpenReader(file));
      BESSEMER_ASSIGN_OR_RETURN_ARROW(schema_, reader->ReadSchema());
      for (int64_t i = 0; i < reader->NumberOfStripes(); ++i) {
        const auto stripe = reader->GetStripeInformation(i);
        blocks_.push_back({.bytes = stripe.length, .num_rows = stripe.num_rows});
        const double of_row = kCompression * static_cast<double>(stripe.length) /
                              std::max(1.0, static_cast<double>(stripe.num_rows));
        rows_.push_back({stripe.first_row_id, stripe.num_rows,
                         BatchRows(of_row, schema_->num_fields())});
      }
      return OkStatus();
    });
  }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block,
                                                             const BadRowPlace&) const override {
    return std::make_unique<Stripe>(path_, rows_[static_cast<size_t>(block)]);
  }

 private:
  std::string path_;
  std::vector<StripeRows> rows_;
};

}  // namespace

StatusOr<std::unique_ptr<ColumnarFile>> OpenOrcFile(const std::string& path) {
  auto file = std::make_unique<OrcFile>(path);
  BESSEMER_RETURN_IF_ERROR(file->Open());
  return file;
}

}  // namespace bessemer::example_gen::orc
