#include "bessemer/example_gen/columnar_files.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/schema_union.h"

namespace bessemer::example_gen {
namespace {

class ConformedBatches : public columnar::BatchSource {
 public:
  ConformedBatches(std::unique_ptr<columnar::BatchSource> source,
                   std::shared_ptr<arrow::Schema> schema, std::string path, int64_t num_rows)
      : source_(std::move(source)),
        schema_(std::move(schema)),
        path_(std::move(path)),
        num_rows_(num_rows) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, source_->Next());
      if (batch == nullptr) {
        if (num_rows_ < 0 || num_read_ == num_rows_) return nullptr;
        return DataLossError("{}: {} rows where the file tells of {} (damaged?)", path_, num_read_,
                             num_rows_);
      }
      if (batch->num_rows() == 0) continue;
      num_read_ += batch->num_rows();
      StatusOr<std::shared_ptr<arrow::RecordBatch>> conformed = ConformBatch(batch, schema_);
      if (!conformed.ok()) return WithContext(conformed.status(), path_);
      return conformed;
    }
  }

 private:
  std::unique_ptr<columnar::BatchSource> source_;
  std::shared_ptr<arrow::Schema> schema_;
  std::string path_;
  int64_t num_rows_;  // -1: not known
  int64_t num_read_ = 0;
};

class ColumnarFiles : public RowInput {
 public:
  explicit ColumnarFiles(const std::string& scratch_dir)
      : bad_rows_(std::make_unique<BadRows>(scratch_dir)) {}

  Status Open(const std::vector<std::string>& paths, int num_threads, const ColumnarOpener& open) {
    paths_ = paths;
    files_.resize(paths.size());
    BESSEMER_RETURN_IF_ERROR(ParallelFor(
        static_cast<int64_t>(paths.size()), num_threads, [&](int64_t i) -> Status {
          const auto at = static_cast<size_t>(i);
          BESSEMER_ASSIGN_OR_RETURN(files_[at], open(paths[at]));
          return OkStatus();
        }));
    std::vector<std::shared_ptr<arrow::Schema>> schemas;
    for (const auto& file : files_) {
      schemas.push_back(file->schema());
      first_blocks_.push_back(num_blocks_);
      num_blocks_ += static_cast<int64_t>(file->blocks().size());
      for (const ColumnarFile::Block& block : file->blocks()) {
        num_rows_ = num_rows_ < 0 || block.num_rows < 0 ? -1 : num_rows_ + block.num_rows;
      }
    }
    first_blocks_.push_back(num_blocks_);
    BESSEMER_ASSIGN_OR_RETURN(schema_, UnifySchemas(schemas, paths));
    return OkStatus();
  }

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t num_blocks() const override { return num_blocks_; }
  int64_t first_block(size_t file) const override { return first_blocks_[file]; }
  int64_t num_rows() const override { return num_rows_; }

  int64_t block_bytes(int64_t block) const override {
    return BlockOf(block).bytes;
  }
  int64_t block_rows(int64_t block) const override { return BlockOf(block).num_rows; }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override {
    const size_t file = FileOf(block);
    BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<columnar::BatchSource> source,
                              files_[file]->OpenBlock(block - first_blocks_[file],
                                                      {bad_rows_.get(), block}));
    return std::make_unique<ConformedBatches>(std::move(source), schema_, paths_[file],
                                              BlockOf(block).num_rows);
  }

  bool reads_columns() const override {
    return std::all_of(files_.begin(), files_.end(),
                       [](const auto& file) { return file->reads_columns(); });
  }

  int64_t open_bytes(int64_t block) const override {
    const size_t file = FileOf(block);
    return files_[file]->OpenBytes(block - first_blocks_[file]);
  }
  int64_t column_open_bytes(int64_t block, const std::vector<int>& columns) const override {
    const size_t file = FileOf(block);
    return files_[file]->ColumnOpenBytes(block - first_blocks_[file], ColumnsIn(file, columns));
  }

  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenColumns(
      int64_t block, const std::vector<int>& columns) const override {
    const size_t file = FileOf(block);
    arrow::FieldVector fields;
    for (const int column : columns) fields.push_back(schema_->field(column));
    const std::vector<int> own = ColumnsIn(file, columns);
    BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<columnar::BatchSource> source,
                              files_[file]->OpenColumns(block - first_blocks_[file], own));
    return std::make_unique<ConformedBatches>(std::move(source), arrow::schema(std::move(fields)),
                                              paths_[file], BlockOf(block).num_rows);
  }

  const BadRows* bad_rows() const override { return bad_rows_.get(); }

  RowPlace PlaceOf(int64_t block, int64_t row) const override {
    const size_t file = FileOf(block);
    return {paths_[file], files_[file]->RowsBefore(block - first_blocks_[file]) + row};
  }

 private:
  const ColumnarFile::Block& BlockOf(int64_t block) const {
    const size_t file = FileOf(block);
    return files_[file]->blocks()[static_cast<size_t>(block - first_blocks_[file])];
  }
  // Columns of the union as those of a file, ascending; it may lack some.
  std::vector<int> ColumnsIn(size_t file, const std::vector<int>& columns) const {
    std::vector<int> own;
    for (const int column : columns) {
      const int at = files_[file]->schema()->GetFieldIndex(schema_->field(column)->name());
      if (at >= 0) own.push_back(at);
    }
    std::sort(own.begin(), own.end());
    return own;
  }
  size_t FileOf(int64_t block) const {
    const auto after = std::upper_bound(first_blocks_.begin(), first_blocks_.end(), block);
    return static_cast<size_t>(after - first_blocks_.begin()) - 1;
  }

  std::vector<std::string> paths_;
  std::vector<std::unique_ptr<ColumnarFile>> files_;
  std::vector<int64_t> first_blocks_;
  int64_t num_blocks_ = 0;
  int64_t num_rows_ = 0;
  std::shared_ptr<arrow::Schema> schema_;
  std::unique_ptr<BadRows> bad_rows_;
};

}  // namespace

int64_t ColumnarFile::RowsBefore(int64_t block) const {
  int64_t rows = 0;
  for (size_t before = 0; before < static_cast<size_t>(block); ++before) {
    rows += std::max<int64_t>(0, blocks_[before].num_rows);
  }
  return rows;
}

StatusOr<std::unique_ptr<columnar::BatchSource>> ColumnarFile::OpenColumns(
    int64_t, const std::vector<int>&) const {
  return InvalidArgumentError("the format does not keep columns apart");
}

StatusOr<std::unique_ptr<RowInput>> OpenColumnarFiles(const std::vector<std::string>& files,
                                                      int num_threads,
                                                      const ColumnarOpener& open,
                                                      const std::string& scratch_dir) {
  auto input = std::make_unique<ColumnarFiles>(scratch_dir);
  BESSEMER_RETURN_IF_ERROR(input->Open(files, num_threads, open));
  return input;
}

}  // namespace bessemer::example_gen
