#include "bessemer/example_gen/sources/orc/orc_file.h"

#include <arrow/adapters/orc/adapter.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_file_internal.h"
#include "bessemer/io/arrow_file.h"

namespace bessemer::example_gen::orc {
namespace {

using arrow::adapters::orc::ORCFileReader;

constexpr int64_t kBatchRows = 16384;
constexpr std::string_view kFormat = "ORC";

StatusOr<std::unique_ptr<ORCFileReader>> OpenReader(const std::shared_ptr<io::StorageFile>& file) {
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::unique_ptr<ORCFileReader> reader,
                                  ORCFileReader::Open(file, arrow::default_memory_pool()));
  return reader;
}

// A stripe, which is decoded as a whole and handed out in pieces.
class Stripe : public columnar::BatchSource {
 public:
  Stripe(std::string path, int64_t stripe) : path_(std::move(path)), stripe_(stripe) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (batch_ == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(const auto file, io::OpenRandomAccess(path_));
      const auto read = [&]() -> StatusOr<std::shared_ptr<arrow::RecordBatch>> {
        BESSEMER_ASSIGN_OR_RETURN(const auto reader, OpenReader(file));
        BESSEMER_ASSIGN_OR_RETURN_ARROW(auto batch, reader->ReadStripe(stripe_));
        return batch;
      };
      BESSEMER_ASSIGN_OR_RETURN(batch_, ReadingFile(path_, kFormat, *file, read));
    }
    if (next_ >= batch_->num_rows()) return nullptr;
    next_ += kBatchRows;
    return batch_->Slice(next_ - kBatchRows, kBatchRows);
  }

 private:
  std::string path_;
  int64_t stripe_;
  std::shared_ptr<arrow::RecordBatch> batch_;
  int64_t next_ = 0;
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
      }
      return OkStatus();
    });
  }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block,
                                                             const BadRowPlace&) const override {
    return std::make_unique<Stripe>(path_, block);
  }

 private:
  std::string path_;
};

}  // namespace

StatusOr<std::unique_ptr<ColumnarFile>> OpenOrcFile(const std::string& path) {
  auto file = std::make_unique<OrcFile>(path);
  BESSEMER_RETURN_IF_ERROR(file->Open());
  return file;
}

}  // namespace bessemer::example_gen::orc
