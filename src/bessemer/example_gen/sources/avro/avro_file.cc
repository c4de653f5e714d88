#include "bessemer/example_gen/sources/avro/avro_file.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <map>
#include <utility>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/random_access_text.h"
#include "bessemer/example_gen/sources/avro/avro_columns_internal.h"

namespace bessemer::example_gen::avro {
namespace {

constexpr std::string_view kMagic("Obj\x01", 4);
constexpr int64_t kMarkerSize = 16;
constexpr int64_t kMaxBlock = int64_t{1} << 30;
constexpr int64_t kMaxHeader = 16 << 20;
constexpr int64_t kMaxRecords = int64_t{1} << 60;  // so that counting them does not overflow

// A block of the container.
struct Piece {
  int64_t begin = 0;  // of its content
  int64_t size = 0;
  int64_t num_records = 0;
  int64_t first_record = 0;
};

class AvroFile : public ColumnarFile {
 public:
  AvroFile(std::string path, const AvroOptions& options)
      : path_(std::move(path)), options_(options) {}

  Status Open() {
    BESSEMER_ASSIGN_OR_RETURN(text_, RandomAccessText::Open(path_, options_.scratch_dir));
    BESSEMER_ASSIGN_OR_RETURN(const int64_t begin, ReadHeader());
    BESSEMER_RETURN_IF_ERROR(FindPieces(begin));
    for (size_t i = 0; i < pieces_.size(); ++i) {
      if (i == 0 || blocks_.back().bytes >= options_.block_bytes) {
        first_pieces_.push_back(i);
        blocks_.push_back({.bytes = 0, .num_rows = 0});
      }
      blocks_.back().bytes += pieces_[i].size;
      blocks_.back().num_rows += pieces_[i].num_records;
    }
    // Damaged blocks are found only when they are read.
    if (options_.skip_damaged) {
      for (Block& block : blocks_) block.num_rows = -1;
    }
    first_pieces_.push_back(pieces_.size());
    return OkStatus();
  }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(
      int64_t block, const BadRowPlace& bad) const override;

  int64_t RowsBefore(int64_t block) const override {
    return pieces_[first_piece(block)].first_record;
  }

  // The records of a piece of a block, all of them or none.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadPiece(const Piece& piece) const;
  size_t first_piece(int64_t block) const { return first_pieces_[static_cast<size_t>(block)]; }
  const Piece& piece(size_t index) const { return pieces_[index]; }
  const std::string& path() const { return path_; }
  bool skips_damaged() const { return options_.skip_damaged; }

 private:
  StatusOr<int64_t> ReadHeader();
  Status ReadMetadata(AvroCursor& cursor, std::map<std::string, std::string>* metadata) const;
  Status FindPieces(int64_t begin);
  StatusOr<bool> FindMarker(int64_t from, int64_t* behind) const;
  Status Damaged(int64_t byte, std::string_view what) const {
    return DataLossError("{}: record {} at byte {}: {}", path_, num_records_, byte, what);
  }

  const std::string path_;
  const AvroOptions options_;
  std::unique_ptr<RandomAccessText> text_;
  std::shared_ptr<AvroSchema> avro_schema_;
  std::string codec_;
  std::string marker_;
  std::vector<Piece> pieces_;
  std::vector<size_t> first_pieces_;  // of each block
  int64_t num_records_ = 0;
};

Status AvroFile::ReadMetadata(AvroCursor& cursor,
                              std::map<std::string, std::string>* metadata) const {
  while (true) {
    int64_t count, bytes;
    if (!cursor.ReadLong(&count) || count == INT64_MIN) return OutOfRangeError("cut off");
    if (count == 0) return OkStatus();
    if (count < 0 && !cursor.ReadLong(&bytes)) return OutOfRangeError("cut off");
    for (int64_t i = 0; i < std::abs(count); ++i) {
      std::string_view key, value;
      if (!cursor.ReadBytes(&key) || !cursor.ReadBytes(&value)) return OutOfRangeError("cut off");
      (*metadata)[std::string(key)] = std::string(value);
    }
  }
}

// Returns where the first block begins.
StatusOr<int64_t> AvroFile::ReadHeader() {
  std::string start;
  std::map<std::string, std::string> metadata;
  int64_t end = 0;
  for (int64_t wanted = 1 << 16;; wanted *= 8) {
    BESSEMER_RETURN_IF_ERROR(text_->Read(0, std::min(wanted, text_->size()), &start));
    if (!std::string_view(start).starts_with(kMagic)) {
      return DataLossError("{}: not an Avro container file", path_);
    }
    AvroCursor cursor(std::string_view(start).substr(kMagic.size()));
    metadata.clear();
    std::string_view marker;
    if (ReadMetadata(cursor, &metadata).ok() && cursor.ReadRaw(kMarkerSize, &marker)) {
      marker_ = marker;
      end = static_cast<int64_t>(kMagic.size()) + cursor.position();
      break;
    }
    if (wanted >= std::min(text_->size(), kMaxHeader)) {
      return DataLossError("{}: the header is cut off or damaged", path_);
    }
  }
  codec_ = metadata["avro.codec"];
  StatusOr<std::shared_ptr<AvroSchema>> parsed = ParseAvroSchema(metadata["avro.schema"]);
  if (!parsed.ok()) return WithContext(parsed.status(), path_);
  avro_schema_ = *std::move(parsed);
  schema_ = arrow::schema(ArrowTypeOf(*avro_schema_)->fields());
  // A codec that is not known is so whatever the blocks hold.
  if (const auto known = DecompressAvroBlock(codec_, "");
      !known.ok() && Message(known.status()).find("is not known") != std::string_view::npos) {
    return WithContext(known.status(), path_);
  }
  return end;
}

// Looks for the next sync marker; `behind` is then the byte after it.
StatusOr<bool> AvroFile::FindMarker(int64_t from, int64_t* behind) const {
  std::string window;
  int64_t width = 1 << 12;  // the next is mostly near, and there may be many to look for
  for (int64_t begin = from; begin < text_->size(); begin += std::exchange(width, 1 << 20)) {
    BESSEMER_RETURN_IF_ERROR(
        text_->Read(begin, std::min(begin + width + kMarkerSize - 1, text_->size()), &window));
    const size_t found = window.find(marker_);
    if (found != std::string::npos) {
      *behind = begin + static_cast<int64_t>(found) + kMarkerSize;
      return true;
    }
  }
  return false;
}

// Walks the headers of the container's blocks.
Status AvroFile::FindPieces(int64_t begin) {
  std::string bytes;
  while (begin < text_->size()) {
    BESSEMER_RETURN_IF_ERROR(text_->Read(begin, std::min(begin + 20, text_->size()), &bytes));
    AvroCursor cursor(bytes);
    Piece piece;
    Status fault;
    const bool header = cursor.ReadLong(&piece.num_records) && cursor.ReadLong(&piece.size);
    piece.begin = begin + cursor.position();
    piece.first_record = num_records_;
    if (!header) {
      fault = Damaged(begin, "a block header that is cut off or damaged");
    } else if (piece.num_records < 0 || piece.num_records > kMaxRecords - num_records_ ||
               piece.size < 0 || piece.size > kMaxBlock) {
      fault = Damaged(begin, fmt::format("a block of {} records in {} bytes (damaged?)",
                                         piece.num_records, piece.size));
    } else if (piece.begin + piece.size + kMarkerSize > text_->size()) {
      fault = Damaged(begin, "the file ends inside a block (truncated?)");
    } else {
      const int64_t end = piece.begin + piece.size;
      BESSEMER_RETURN_IF_ERROR(text_->Read(end, end + kMarkerSize, &bytes));
      if (bytes != marker_) fault = Damaged(end, "no sync marker behind the block (damaged)");
    }
    if (fault.ok()) {
      num_records_ += piece.num_records;
      pieces_.push_back(piece);
      begin = piece.begin + piece.size + kMarkerSize;
      continue;
    }
    if (!options_.skip_damaged) return fault;
    // A piece that cannot be read stands for what lies up to the next marker.
    int64_t behind = text_->size();
    BESSEMER_ASSIGN_OR_RETURN(const bool found, FindMarker(begin, &behind));
    pieces_.push_back({begin, (found ? behind - kMarkerSize : behind) - begin, -1, num_records_});
    ++num_records_;  // so that places of what follows lie behind
    begin = behind;
  }
  return OkStatus();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> AvroFile::ReadPiece(const Piece& piece) const {
  if (piece.num_records < 0) {
    return InvalidArgumentError("{} bytes without a readable block header", piece.size);
  }
  std::string stored;
  BESSEMER_RETURN_IF_ERROR(text_->Read(piece.begin, piece.begin + piece.size, &stored));
  BESSEMER_ASSIGN_OR_RETURN(const std::string content,
                            DecompressAvroBlock(codec_, std::move(stored)));
  AvroCursor cursor(content);
  const std::unique_ptr<AvroColumn> rows = MakeAvroColumn(*avro_schema_);
  for (int64_t i = 0; i < piece.num_records; ++i) {
    const int64_t at = cursor.position();
    if (const Status status = rows->Append(cursor); !status.ok()) {
      return WithContext(status, fmt::format("record {} of the block, byte {} of its content", i,
                                             at));
    }
  }
  if (!cursor.AtEnd()) {
    return InvalidArgumentError("bytes behind the last record of the block");
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto array, rows->builder()->Finish());
  BESSEMER_ASSIGN_OR_RETURN_ARROW(auto batch, arrow::RecordBatch::FromStructArray(array));
  return batch;
}

class AvroBlock : public columnar::BatchSource {
 public:
  AvroBlock(const AvroFile& file, int64_t block, const BadRowPlace& bad)
      : file_(file), next_(file.first_piece(block)), end_(file.first_piece(block + 1)), bad_(bad) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (next_ < end_) {
      const Piece& piece = file_.piece(next_++);
      StatusOr<std::shared_ptr<arrow::RecordBatch>> batch = file_.ReadPiece(piece);
      if (batch.ok() || batch.status().code() == StatusCode::kUnavailable) return batch;
      const std::string reason(Message(batch.status()));
      if (!file_.skips_damaged() || bad_.rows == nullptr) {
        return DataLossError("{}: record {} at byte {}: {}", file_.path(), piece.first_record,
                             piece.begin, reason);
      }
      BESSEMER_RETURN_IF_ERROR(bad_.rows->Add(
          bad_.block,
          {{{file_.path(), piece.first_record},
            piece.num_records < 0
                ? reason
                : fmt::format("{} records lost: {}", piece.num_records, reason),
            ""}}));
    }
    return nullptr;
  }

 private:
  const AvroFile& file_;
  size_t next_;
  size_t end_;
  const BadRowPlace bad_;
};

StatusOr<std::unique_ptr<columnar::BatchSource>> AvroFile::OpenBlock(
    int64_t block, const BadRowPlace& bad) const {
  return std::make_unique<AvroBlock>(*this, block, bad);
}

}  // namespace

StatusOr<std::unique_ptr<ColumnarFile>> OpenAvroFile(const std::string& path,
                                                     const AvroOptions& options) {
  auto file = std::make_unique<AvroFile>(path, options);
  BESSEMER_RETURN_IF_ERROR(file->Open());
  return file;
}

}  // namespace bessemer::example_gen::avro
