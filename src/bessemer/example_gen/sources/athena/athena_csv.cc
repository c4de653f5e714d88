#include <arrow/record_batch.h>
#include <arrow/table_builder.h>
#include <arrow/type.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/sources/athena/athena_query_internal.h"
#include "bessemer/example_gen/typed_text.h"

namespace bessemer::example_gen::athena {
namespace {

constexpr size_t kReadBytes = 1 << 20;
constexpr int64_t kBatchRows = 8192;

struct Cell {
  std::string text;
  bool quoted = false;
};

class ResultCsv : public columnar::BatchSource {
 public:
  ResultCsv(std::unique_ptr<io::InputStream> in, std::shared_ptr<arrow::Schema> schema,
            std::unique_ptr<arrow::RecordBatchBuilder> builder)
      : in_(std::move(in)), schema_(std::move(schema)), builder_(std::move(builder)) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (line_ == 0) {
      BESSEMER_ASSIGN_OR_RETURN(const bool header, ReadRecord());
      if (!header) return std::shared_ptr<arrow::RecordBatch>();
      BESSEMER_RETURN_IF_ERROR(CheckHeader());
    }
    int64_t rows = 0;
    for (; rows < kBatchRows; ++rows) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, ReadRecord());
      if (!more) break;
      BESSEMER_RETURN_IF_ERROR(AppendRecord());
    }
    if (rows == 0) return std::shared_ptr<arrow::RecordBatch>();
    BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::RecordBatch> batch, builder_->Flush());
    return batch;
  }

 private:
  Status Damaged(std::string_view what) const {
    return DataLossError("{}: record {}: {}", in_->path(), line_, what);
  }

  Status CheckHeader() const {
    if (num_cells_ != static_cast<size_t>(schema_->num_fields())) {
      return Damaged(
          fmt::format("{} columns, but the query has {}", num_cells_, schema_->num_fields()));
    }
    return OkStatus();
  }

  Status AppendRecord() {
    if (num_cells_ != static_cast<size_t>(schema_->num_fields())) {
      return Damaged(fmt::format("{} cells instead of {}", num_cells_, schema_->num_fields()));
    }
    for (size_t i = 0; i < num_cells_; ++i) {
      arrow::ArrayBuilder& column = *builder_->GetField(static_cast<int>(i));
      const Cell& cell = cells_[i];
      const Status status = cell.text.empty() && !cell.quoted
                                ? FromArrow(column.AppendNull())
                                : AppendTypedText(cell.text, column, BytesForm::kHex);
      if (!status.ok()) {
        return Damaged(fmt::format("column '{}': {}", schema_->field(static_cast<int>(i))->name(),
                                   Message(status)));
      }
    }
    return OkStatus();
  }

  // The next byte, or -1 at the end.
  StatusOr<int> Get() {
    if (position_ == size_) {
      buffer_.resize(kReadBytes);
      BESSEMER_ASSIGN_OR_RETURN(size_, in_->Read(buffer_.data(), buffer_.size()));
      position_ = 0;
      if (size_ == 0) return -1;
    }
    return static_cast<unsigned char>(buffer_[position_++]);
  }

  Cell& NewCell() {
    if (num_cells_ == cells_.size()) cells_.emplace_back();
    Cell& cell = cells_[num_cells_++];
    cell.text.clear();
    cell.quoted = false;
    return cell;
  }

  // Reads a record into cells_; false at the end.
  StatusOr<bool> ReadRecord() {
    num_cells_ = 0;
    BESSEMER_ASSIGN_OR_RETURN(int c, Get());
    if (c < 0) return false;
    ++line_;
    Cell* cell = &NewCell();
    while (true) {
      if (c == '"' && cell->text.empty() && !cell->quoted) {
        cell->quoted = true;
        BESSEMER_ASSIGN_OR_RETURN(c, ReadQuoted(&cell->text));
        continue;
      }
      if (c < 0 || c == '\n') return true;
      if (c == ',') {
        cell = &NewCell();
      } else if (c != '\r') {
        if (cell->quoted) return Damaged("text behind a closing quote");
        cell->text.push_back(static_cast<char>(c));
      }
      BESSEMER_ASSIGN_OR_RETURN(c, Get());
    }
  }

  // Up to the closing quote; the byte behind it.
  StatusOr<int> ReadQuoted(std::string* text) {
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(int c, Get());
      if (c < 0) return Damaged("the file ends inside quotes");
      if (c == '"') {
        BESSEMER_ASSIGN_OR_RETURN(c, Get());
        if (c != '"') return c;
      }
      text->push_back(static_cast<char>(c));
    }
  }

  std::unique_ptr<io::InputStream> in_;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<arrow::RecordBatchBuilder> builder_;
  std::string buffer_;
  size_t position_ = 0, size_ = 0;
  std::vector<Cell> cells_;
  size_t num_cells_ = 0;
  int64_t line_ = 0;  // records read, the header among them
};

}  // namespace

StatusOr<std::unique_ptr<columnar::BatchSource>> OpenResultCsv(
    std::unique_ptr<io::InputStream> in, std::shared_ptr<arrow::Schema> schema) {
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      auto builder, arrow::RecordBatchBuilder::Make(schema, arrow::default_memory_pool()));
  return std::make_unique<ResultCsv>(std::move(in), std::move(schema), std::move(builder));
}

}  // namespace bessemer::example_gen::athena
