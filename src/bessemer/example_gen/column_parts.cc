#include <arrow/io/file.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <arrow/util/compression.h>
#include <unistd.h>

#include <algorithm>
#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/large_buffers.h"
#include "bessemer/example_gen/column_parts_internal.h"
#include "bessemer/example_gen/scratch_file_internal.h"

namespace bessemer::example_gen {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

// Batches that wait in a scratch file.
class SpooledPart : public columnar::BatchSource {
 public:
  // Reads `part` to its end.
  static StatusOr<std::unique_ptr<SpooledPart>> Make(columnar::BatchSource& part,
                                                     const std::string& folder) {
    auto spooled = std::make_unique<SpooledPart>();
    spooled->folder_ = folder;
    BESSEMER_ASSIGN_OR_RETURN(const int fd, OpenScratchFile(folder));
    auto file = arrow::io::FileOutputStream::Open(fd);  // closes it
    BESSEMER_RETURN_IF_ERROR(spooled->InFile(file.status()));
    BESSEMER_RETURN_IF_ERROR(spooled->Write(part, *file));
    if (lseek(fd, 0, SEEK_SET) != 0) return InternalError("{}: cannot rewind", folder);
    const int again = dup(fd);
    if (again < 0) return UnavailableError("{}: no descriptor is left", folder);
    auto in = arrow::io::ReadableFile::Open(again, columnar::LargeBufferPool());
    BESSEMER_RETURN_IF_ERROR(spooled->InFile(in.status()));
    spooled->in_ = *std::move(in);
    return spooled;
  }

  StatusOr<Batch> Next() override {
    if (num_batches_ == 0) return Batch();  // perhaps of no schema
    if (reader_ == nullptr) {
      auto reader = arrow::ipc::RecordBatchStreamReader::Open(in_, ReadOptions());
      BESSEMER_RETURN_IF_ERROR(InFile(reader.status()));
      reader_ = *std::move(reader);
    }
    Batch batch;
    BESSEMER_RETURN_IF_ERROR(InFile(reader_->ReadNext(&batch)));
    return batch;
  }

 private:
  static arrow::ipc::IpcReadOptions ReadOptions() {
    auto options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = false;  // blocks are read in parallel
    options.memory_pool = columnar::LargeBufferPool();
    return options;
  }

  Status Write(columnar::BatchSource& part,
               const std::shared_ptr<arrow::io::FileOutputStream>& file) {
    auto options = arrow::ipc::IpcWriteOptions::Defaults();
    options.use_threads = false;
    options.memory_pool = columnar::LargeBufferPool();
    BESSEMER_ASSIGN_OR_RETURN_ARROW(options.codec,
                                    arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME));
    std::shared_ptr<arrow::ipc::RecordBatchWriter> writer;
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const Batch batch, part.Next());
      if (batch == nullptr) break;
      if (writer == nullptr) {
        auto made = arrow::ipc::MakeStreamWriter(file, batch->schema(), options);
        BESSEMER_RETURN_IF_ERROR(InFile(made.status()));
        writer = *std::move(made);
      }
      BESSEMER_RETURN_IF_ERROR(InFile(writer->WriteRecordBatch(*batch)));
      ++num_batches_;
    }
    return writer == nullptr ? OkStatus() : InFile(writer->Close());
  }

  Status InFile(const arrow::Status& status) const {
    return WithContext(FromArrow(status), folder_);
  }

  std::string folder_;
  int64_t num_batches_ = 0;
  std::shared_ptr<arrow::io::ReadableFile> in_;
  std::shared_ptr<arrow::RecordBatchReader> reader_;
};

// The columns of several sources side by side.
class SideBySide : public columnar::BatchSource {
 public:
  SideBySide(std::vector<std::unique_ptr<columnar::BatchSource>> parts, std::string name)
      : parts_(std::move(parts)), heads_(parts_.size()), name_(std::move(name)) {}

  StatusOr<Batch> Next() override {
    int64_t rows = INT64_MAX;
    size_t num_ended = 0;
    for (size_t i = 0; i < parts_.size(); ++i) {
      while (heads_[i] == nullptr || heads_[i]->num_rows() == 0) {
        BESSEMER_ASSIGN_OR_RETURN(heads_[i], parts_[i]->Next());
        if (heads_[i] == nullptr) break;
      }
      if (heads_[i] == nullptr) {
        ++num_ended;
      } else {
        rows = std::min(rows, heads_[i]->num_rows());
      }
    }
    if (num_ended == parts_.size()) return Batch();
    if (num_ended > 0) return DataLossError("{}: columns are of different lengths", name_);
    arrow::FieldVector fields;
    arrow::ArrayVector columns;
    for (Batch& head : heads_) {
      for (int column = 0; column < head->num_columns(); ++column) {
        fields.push_back(head->schema()->field(column));
        columns.push_back(head->column(column)->Slice(0, rows));
      }
      head = head->num_rows() == rows ? nullptr : head->Slice(rows);
    }
    return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), rows, std::move(columns));
  }

 private:
  std::vector<std::unique_ptr<columnar::BatchSource>> parts_;
  std::vector<Batch> heads_;  // what is left of each part's batch
  std::string name_;
};

}  // namespace

StatusOr<std::unique_ptr<columnar::BatchSource>> ReadByParts(size_t num_parts,
                                                             const PartOpener& open,
                                                             const std::string& scratch_dir,
                                                             const std::string& name) {
  std::vector<std::unique_ptr<columnar::BatchSource>> parts;
  for (size_t part = 0; part + 1 < num_parts; ++part) {
    BESSEMER_ASSIGN_OR_RETURN(const auto source, open(part));
    BESSEMER_ASSIGN_OR_RETURN(auto spooled, SpooledPart::Make(*source, scratch_dir));
    parts.push_back(std::move(spooled));
  }
  BESSEMER_ASSIGN_OR_RETURN(auto last, open(num_parts - 1));
  if (num_parts == 1) return last;
  parts.push_back(std::move(last));
  return std::make_unique<SideBySide>(std::move(parts), name);
}

}  // namespace bessemer::example_gen
