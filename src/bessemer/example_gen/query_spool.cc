#include "bessemer/example_gen/query_spool.h"

#include <arrow/array/concatenate.h>
#include <arrow/compute/cast.h>
#include <arrow/io/file.h>
#include <arrow/io/memory.h>
#include <arrow/ipc/dictionary.h>
#include <arrow/ipc/options.h>
#include <arrow/ipc/reader.h>
#include <arrow/ipc/writer.h>
#include <arrow/record_batch.h>
#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <set>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/row_hash_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

// A message of the IPC format: one record batch.
struct Block {
  int64_t position = 0;
  int64_t bytes = 0;
  int64_t first_row = 0;
};

class SpooledRows : public RowInput {
 public:
  std::shared_ptr<arrow::Schema> schema_;
  std::shared_ptr<arrow::io::ReadableFile> file;
  std::vector<Block> blocks;
  int64_t rows = 0;
  std::string hash;

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t num_blocks() const override { return static_cast<int64_t>(blocks.size()); }
  int64_t first_block(size_t index) const override { return index == 0 ? 0 : num_blocks(); }
  int64_t block_bytes(int64_t block) const override {
    return blocks[static_cast<size_t>(block)].bytes;
  }
  int64_t num_rows() const override { return rows; }
  RowPlace PlaceOf(int64_t block, int64_t row) const override {
    return {"the query's result", blocks[static_cast<size_t>(block)].first_row + row};
  }
  std::string content_hash() const override { return hash; }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override;
};

class OneBlock : public columnar::BatchSource {
 public:
  OneBlock(const SpooledRows& input, Block block)
      : schema_(input.schema_), file_(input.file), block_(block) {}

  StatusOr<Batch> Next() override {
    if (done_) return Batch();
    done_ = true;
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const std::shared_ptr<arrow::Buffer> bytes,
                                    file_->ReadAt(block_.position, block_.bytes));
    arrow::io::BufferReader reader(bytes);
    arrow::ipc::IpcReadOptions options = arrow::ipc::IpcReadOptions::Defaults();
    options.use_threads = false;  // blocks are read in parallel
    const arrow::ipc::DictionaryMemo no_dictionaries;
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        Batch batch, arrow::ipc::ReadRecordBatch(schema_, &no_dictionaries, options, &reader));
    return batch;
  }

 private:
  const std::shared_ptr<arrow::Schema> schema_;
  const std::shared_ptr<arrow::io::ReadableFile> file_;
  const Block block_;
  bool done_ = false;
};

StatusOr<std::unique_ptr<columnar::BatchSource>> SpooledRows::OpenBlock(int64_t block) const {
  return std::make_unique<OneBlock>(*this, blocks[static_cast<size_t>(block)]);
}

// The type with dictionaries replaced by what they hold.
std::shared_ptr<arrow::DataType> Decoded(const std::shared_ptr<arrow::DataType>& type) {
  const auto decoded_field = [&] {
    const auto& field = type->field(0);
    return field->WithType(Decoded(field->type()));
  };
  switch (type->id()) {
    case arrow::Type::DICTIONARY:
      return Decoded(static_cast<const arrow::DictionaryType&>(*type).value_type());
    case arrow::Type::LIST:
      return arrow::list(decoded_field());
    case arrow::Type::LARGE_LIST:
      return arrow::large_list(decoded_field());
    default:
      return type;
  }
}

class Spooler {
 public:
  explicit Spooler(const QuerySpoolOptions& options) : options_(options) {}

  Status Start(const std::shared_ptr<arrow::Schema>& schema) {
    if (schema->num_fields() == 0) return InvalidArgumentError("the query has no columns");
    from_ = schema;
    arrow::FieldVector fields;
    std::set<std::string> names;
    for (const auto& field : schema->fields()) {
      if (!names.insert(field->name()).second) {
        return InvalidArgumentError(
            "the query has two columns called '{}'; name one of them otherwise with AS",
            field->name());
      }
      fields.push_back(field->WithType(Decoded(field->type())));
    }
    result_->schema_ = arrow::schema(std::move(fields));
    BESSEMER_ASSIGN_OR_RETURN(hasher_, RowHasher::Make(*result_->schema_));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(ipc_.codec,
                                    arrow::util::Codec::Create(arrow::Compression::LZ4_FRAME));
    ipc_.use_threads = false;
    return OpenFile();
  }

  Status Add(const Batch& batch) {
    if (!batch->schema()->Equals(*from_, /*check_metadata=*/false)) {
      return InternalError("a batch of the query has columns {}, not {}",
                           batch->schema()->ToString(), from_->ToString());
    }
    for (int64_t begin = 0; begin < batch->num_rows(); begin += options_.block_rows) {
      BESSEMER_ASSIGN_OR_RETURN(const Batch piece,
                                Decode(*batch->Slice(begin, options_.block_rows)));
      BESSEMER_RETURN_IF_ERROR(AddPiece(piece));
      options_.progress->Advance(piece->num_rows());
      if (options_.progress->cancelled()) return CancelledError("the query was interrupted");
    }
    return OkStatus();
  }

  StatusOr<std::unique_ptr<RowInput>> Finish() {
    BESSEMER_RETURN_IF_ERROR(EndBlock());
    BESSEMER_RETURN_IF_ERROR(InFile(out_->Close()));
    result_->hash = hasher_->FinishHex();
    return std::unique_ptr<RowInput>(std::move(result_));
  }

 private:
  Status OpenFile() {
    BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(options_.scratch_dir));
    path_ = io::JoinPath(options_.scratch_dir, "query_XXXXXX");
    const int descriptor = mkstemp(path_.data());
    if (descriptor < 0) {
      return UnavailableError("{}: cannot make a scratch file: {}", path_, std::strerror(errno));
    }
    auto out = arrow::io::FileOutputStream::Open(descriptor);
    auto in = arrow::io::ReadableFile::Open(path_);
    unlink(path_.c_str());
    BESSEMER_RETURN_IF_ERROR(InFile(out.status()));
    BESSEMER_RETURN_IF_ERROR(InFile(in.status()));
    out_ = *std::move(out);
    result_->file = *std::move(in);
    return OkStatus();
  }

  Status InFile(const arrow::Status& status) const { return WithContext(FromArrow(status), path_); }

  StatusOr<Batch> Decode(const arrow::RecordBatch& batch) const {
    arrow::ArrayVector columns = batch.columns();
    for (int i = 0; i < batch.num_columns(); ++i) {
      const auto& type = result_->schema_->field(i)->type();
      if (from_->field(i)->type()->Equals(*type)) continue;
      BESSEMER_ASSIGN_OR_RETURN_ARROW(columns[static_cast<size_t>(i)],
                                      arrow::compute::Cast(*columns[static_cast<size_t>(i)], type));
    }
    return arrow::RecordBatch::Make(result_->schema_, batch.num_rows(), std::move(columns));
  }

  Status AddPiece(const Batch& piece) {
    row_bytes_.assign(static_cast<size_t>(piece->num_rows()), 0);
    hasher_->Update(*piece, row_bytes_.data());
    int64_t begin = 0;
    for (int64_t row = 0; row < piece->num_rows(); ++row) {
      pending_bytes_ += row_bytes_[static_cast<size_t>(row)];
      ++pending_rows_;
      if (pending_bytes_ < options_.block_bytes && pending_rows_ < options_.block_rows) continue;
      pending_.push_back(piece->Slice(begin, row + 1 - begin));
      begin = row + 1;
      BESSEMER_RETURN_IF_ERROR(EndBlock());
    }
    if (begin < piece->num_rows()) pending_.push_back(piece->Slice(begin));
    return OkStatus();
  }

  Status EndBlock() {
    if (pending_.empty()) return OkStatus();
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const Batch block, arrow::ConcatenateRecordBatches(pending_));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const int64_t position, out_->Tell());
    int32_t metadata_bytes = 0;
    int64_t body_bytes = 0;
    BESSEMER_RETURN_IF_ERROR(InFile(
        arrow::ipc::WriteRecordBatch(*block, 0, out_.get(), &metadata_bytes, &body_bytes, ipc_)));
    result_->blocks.push_back({position, metadata_bytes + body_bytes, result_->rows});
    result_->rows += block->num_rows();
    pending_.clear();
    pending_rows_ = pending_bytes_ = 0;
    return OkStatus();
  }

  const QuerySpoolOptions& options_;
  std::shared_ptr<arrow::Schema> from_;  // of the engine's batches
  std::unique_ptr<SpooledRows> result_ = std::make_unique<SpooledRows>();
  std::optional<RowHasher> hasher_;
  arrow::ipc::IpcWriteOptions ipc_ = arrow::ipc::IpcWriteOptions::Defaults();
  std::string path_;
  std::shared_ptr<arrow::io::FileOutputStream> out_;
  // The block that is being filled.
  arrow::RecordBatchVector pending_;
  int64_t pending_rows_ = 0;
  int64_t pending_bytes_ = 0;
  std::vector<int64_t> row_bytes_;  // of the piece at hand
};

}  // namespace

StatusOr<std::unique_ptr<RowInput>> SpoolQuery(const std::shared_ptr<arrow::Schema>& schema,
                                               columnar::BatchSource& rows,
                                               const QuerySpoolOptions& options) {
  Spooler spooler(options);
  BESSEMER_RETURN_IF_ERROR(spooler.Start(schema));
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const Batch batch, rows.Next());
    if (batch == nullptr) return spooler.Finish();
    BESSEMER_RETURN_IF_ERROR(spooler.Add(batch));
  }
}

StatusOr<std::string> ContentHashOf(const RowInput& rows) {
  if (std::string hash = rows.content_hash(); !hash.empty()) return hash;
  BESSEMER_ASSIGN_OR_RETURN(RowHasher hasher, RowHasher::Make(*rows.schema()));
  std::vector<int64_t> row_bytes;
  for (int64_t block = 0; block < rows.num_blocks(); ++block) {
    BESSEMER_ASSIGN_OR_RETURN(const auto source, rows.OpenBlock(block));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const Batch batch, source->Next());
      if (batch == nullptr) break;
      row_bytes.assign(static_cast<size_t>(batch->num_rows()), 0);
      hasher.Update(*batch, row_bytes.data());
    }
  }
  return hasher.FinishHex();
}

}  // namespace bessemer::example_gen
