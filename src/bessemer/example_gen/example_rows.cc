#include "bessemer/example_gen/example_rows.h"

#include <arrow/record_batch.h>

#include <optional>

#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/example_codec.h"

namespace bessemer::example_gen {
namespace {

// The rows of a block, encoded one by one.
class EncodedRows : public RecordSource {
 public:
  EncodedRows(const RowInput& rows, const FeatureConverter& converter, int64_t block,
              std::unique_ptr<columnar::BatchSource> source)
      : rows_(rows), converter_(converter), block_(block), source_(std::move(source)) {}

  StatusOr<bool> Next(std::string_view* record) override {
    while (!encoder_ || row_ == encoder_->num_rows()) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, NextBatch());
      if (!more) return false;
    }
    *record = encoder_->Encode(row_++);
    return true;
  }

 private:
  StatusOr<bool> NextBatch() {
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, source_->Next());
    if (batch == nullptr) return false;
    std::vector<RowFault> faults;
    BESSEMER_ASSIGN_OR_RETURN(auto features, converter_.Convert(*batch, &faults));
    if (!faults.empty()) {
      const RowPlace place = rows_.PlaceOf(block_, first_ + faults[0].row);
      return InvalidArgumentError("{}:{}: feature '{}': {}", place.file, place.line,
                                  faults[0].feature, faults[0].reason);
    }
    BESSEMER_ASSIGN_OR_RETURN(
        encoder_, ExampleEncoder::Make(std::move(features), {.missing = rows_.missing_cell()}));
    row_ = 0;
    first_ += batch->num_rows();
    return true;
  }

  const RowInput& rows_;
  const FeatureConverter& converter_;
  int64_t block_;
  std::unique_ptr<columnar::BatchSource> source_;
  std::optional<ExampleEncoder> encoder_;
  int64_t row_ = 0;    // of the batch
  int64_t first_ = 0;  // row of the block behind the batch
};

class ExampleRows : public RowInput, public RecordAccess {
 public:
  explicit ExampleRows(std::unique_ptr<RowInput> rows)
      : rows_(std::move(rows)), converter_(rows_->schema()) {}

  const std::shared_ptr<arrow::Schema>& schema() const override { return unknown_; }
  int64_t num_blocks() const override { return rows_->num_blocks(); }
  int64_t first_block(size_t file) const override { return rows_->first_block(file); }
  int64_t block_bytes(int64_t block) const override { return rows_->block_bytes(block); }
  int64_t block_rows(int64_t block) const override { return rows_->block_rows(block); }
  int64_t open_bytes(int64_t block) const override { return rows_->open_bytes(block); }
  int64_t num_rows() const override { return rows_->num_rows(); }
  RowPlace PlaceOf(int64_t block, int64_t row) const override { return rows_->PlaceOf(block, row); }
  MissingCell missing_cell() const override { return rows_->missing_cell(); }
  const BadRows* bad_rows() const override { return rows_->bad_rows(); }
  std::string note() const override { return rows_->note(); }
  const RecordAccess* records() const override { return this; }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override {
    BESSEMER_ASSIGN_OR_RETURN(auto records, OpenRecords(block));
    return std::make_unique<Decoded>(std::move(records));
  }

  RecordKind kind() const override { return RecordKind::kExample; }
  StatusOr<std::unique_ptr<RecordSource>> OpenRecords(int64_t block) const override {
    BESSEMER_ASSIGN_OR_RETURN(auto source, rows_->OpenBlock(block));
    return std::make_unique<EncodedRows>(*rows_, converter_, block, std::move(source));
  }
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Decode(
      const std::vector<std::string_view>& records) const override {
    return DecodeExamples(records);
  }

 private:
  class Decoded : public columnar::BatchSource {
   public:
    explicit Decoded(std::unique_ptr<RecordSource> records) : records_(std::move(records)) {}
    StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
      constexpr size_t kRows = 4096;
      std::vector<std::string> kept;
      std::string_view record;
      while (kept.size() < kRows) {
        BESSEMER_ASSIGN_OR_RETURN(const bool more, records_->Next(&record));
        if (!more) break;
        kept.emplace_back(record);
      }
      if (kept.empty()) return nullptr;
      return DecodeExamples({kept.begin(), kept.end()});
    }

   private:
    std::unique_ptr<RecordSource> records_;
  };

  const std::unique_ptr<RowInput> rows_;
  const FeatureConverter converter_;
  const std::shared_ptr<arrow::Schema> unknown_;
};

}  // namespace

std::unique_ptr<RowInput> AsExamples(std::unique_ptr<RowInput> rows) {
  if (rows->records() != nullptr) return rows;
  return std::make_unique<ExampleRows>(std::move(rows));
}

}  // namespace bessemer::example_gen
