#include "bessemer/example_gen/sources/jsonl/jsonl_reader.h"

#include <arrow/type.h>

#include <algorithm>
#include <optional>

#include "bessemer/base/parallel.h"
#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/random_access_text.h"
#include "bessemer/example_gen/sources/jsonl/json_columns_internal.h"
#include "bessemer/example_gen/text_lines_internal.h"

namespace bessemer::example_gen::jsonl {
namespace {

constexpr int64_t kMaxMembers = 20000;

bool IsBlank(std::string_view line) {
  return line.find_first_not_of(" \t\r") == std::string_view::npos;
}

struct Block {
  LineBlock lines;
  int64_t num_rows = 0;
  std::vector<bool> bad;  // by line; empty: none is
};

class JsonlInput : public RowInput {
 public:
  JsonlInput(const std::vector<std::string>& files, const JsonlOptions& options)
      : paths_(files),
        options_(options),
        bad_rows_(std::make_unique<BadRows>(options.scratch_dir)) {}

  Status Open() {
    for (const auto& [path, type] : options_.column_types) {
      if (type != "INT" && type != "FLOAT" && type != "STRING") {
        return InvalidArgumentError("column_types: '{}' must be INT, FLOAT or STRING", path);
      }
      wanted_[path] = type == "INT"     ? JsonKind::kInt
                      : type == "FLOAT" ? JsonKind::kFloat
                                        : JsonKind::kString;
    }
    for (size_t file = 0; file < paths_.size(); ++file) {
      BESSEMER_ASSIGN_OR_RETURN(auto text,
                                RandomAccessText::Open(paths_[file], options_.scratch_dir));
      texts_.push_back(std::move(text));
      BESSEMER_ASSIGN_OR_RETURN(
          const std::vector<LineBlock> cut,
          CutIntoLines(*texts_.back(), file, options_.block_bytes, options_.num_threads));
      first_blocks_.push_back(num_blocks());
      for (const LineBlock& lines : cut) blocks_.push_back({.lines = lines});
    }
    first_blocks_.push_back(num_blocks());
    BESSEMER_RETURN_IF_ERROR(FindTypes());
    if (options_.on_bad_row == OnBadRow::kQuarantine) {
      BESSEMER_RETURN_IF_ERROR(SetBigIntegersAside());
    }
    return SetSchema();
  }

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }
  int64_t num_blocks() const override { return static_cast<int64_t>(blocks_.size()); }
  int64_t first_block(size_t file) const override { return first_blocks_[file]; }
  int64_t block_bytes(int64_t block) const override {
    const LineBlock& lines = blocks_[static_cast<size_t>(block)].lines;
    return lines.end - lines.begin;
  }
  int64_t num_rows() const override { return num_rows_; }
  const BadRows* bad_rows() const override { return bad_rows_.get(); }
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override;
  RowPlace PlaceOf(int64_t block, int64_t row) const override;

  StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadBlock(int64_t index) const;

 private:
  Status FindTypes();
  Status SetBigIntegersAside();
  Status SetSchema();
  Status InferBlock(int64_t index, std::optional<JsonType>* type);
  // What is wrong with a line, or "". Takes its types in.
  static std::string Infer(std::string_view line, const JsonPlace& place, JsonType* type);
  // Calls f(line, its index in the block) for the lines of a block that are neither blank nor bad;
  // until it returns false.
  template <typename F>
  Status VisitRows(const Block& block, F&& f) const;

  std::vector<std::string> paths_;
  JsonlOptions options_;
  WantedKinds wanted_;
  std::vector<std::unique_ptr<RandomAccessText>> texts_;
  std::vector<Block> blocks_;
  std::vector<int64_t> first_blocks_;
  std::optional<JsonType> type_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t num_rows_ = 0;
  std::unique_ptr<BadRows> bad_rows_;
};

std::string JsonlInput::Infer(std::string_view line, const JsonPlace& place, JsonType* type) {
  if (!columnar::IsUtf8(line)) return "not UTF-8";
  JsonCursor cursor(line);
  if (cursor.Peek() != '{') return "not a JSON object; each line must hold one";
  if (!type->Infer(cursor, place)) return cursor.fault();
  if (!cursor.AtEnd()) {
    cursor.Fail("something behind the object");
    return cursor.fault();
  }
  return "";
}

template <typename F>
Status JsonlInput::VisitRows(const Block& block, F&& f) const {
  thread_local std::string buffer;
  BESSEMER_RETURN_IF_ERROR(
      texts_[block.lines.file]->Read(block.lines.begin, block.lines.end, &buffer));
  LineCursor lines(buffer);
  std::string_view line;
  for (size_t i = 0; lines.Next(&line); ++i) {
    if (IsBlank(line) || (!block.bad.empty() && block.bad[i])) continue;
    if (!f(line, i)) break;
  }
  return OkStatus();
}

Status JsonlInput::InferBlock(int64_t index, std::optional<JsonType>* type) {
  Block& block = blocks_[static_cast<size_t>(index)];
  std::vector<BadRow> bad;
  std::vector<bool> is_bad = block.bad;
  type->emplace("", &wanted_);
  block.num_rows = 0;
  BESSEMER_RETURN_IF_ERROR(VisitRows(block, [&](std::string_view line, size_t i) {
    const JsonPlace place{block.lines.file, block.lines.first_line + static_cast<int64_t>(i)};
    std::string fault = Infer(line, place, &**type);
    if (fault.empty()) {
      ++block.num_rows;
      return true;
    }
    is_bad.resize(static_cast<size_t>(block.lines.num_lines));
    is_bad[i] = true;
    bad.push_back({{paths_[place.file], place.line}, std::move(fault), std::string(line)});
    return options_.on_bad_row == OnBadRow::kQuarantine;
  }));
  if (bad.empty()) return OkStatus();
  if (options_.on_bad_row == OnBadRow::kFail) {
    return InvalidArgumentError("{}:{}: {}; {}", bad[0].place.file, bad[0].place.line,
                                bad[0].reason, kBadRowAdvice);
  }
  BESSEMER_RETURN_IF_ERROR(bad_rows_->Add(index, bad));
  // Once more without them: a bad line may have left types before its fault.
  block.bad = std::move(is_bad);
  return InferBlock(index, type);
}

Status JsonlInput::FindTypes() {
  std::vector<std::optional<JsonType>> types(blocks_.size());
  options_.progress->Start("finding types", 0, "rows");
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(num_blocks(), options_.num_threads, [&](int64_t block) -> Status {
        const auto i = static_cast<size_t>(block);
        BESSEMER_RETURN_IF_ERROR(InferBlock(block, &types[i]));
        options_.progress->Advance(blocks_[i].num_rows);
        return options_.progress->cancelled() ? CancelledError("stopped while reading JSON")
                                              : OkStatus();
      }));
  type_.emplace("", &wanted_);
  num_rows_ = 0;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    type_->Merge(*types[i]);
    num_rows_ += blocks_[i].num_rows;
    types[i].reset();
    if (type_->num_members() > kMaxMembers) {
      return InvalidArgumentError("{}: the rows have more than {} different keys; are they data?",
                                  paths_[blocks_[i].lines.file], kMaxMembers);
    }
  }
  return OkStatus();
}

// Only when all rows have been seen is it known where integers outside int64 are no floats. Where
// that is so, their rows are bad ones.
Status JsonlInput::SetBigIntegersAside() {
  std::vector<std::string> paths;
  for (type_->FindBigIntegers(&paths); !paths.empty(); type_->FindBigIntegers(&paths)) {
    for (const std::string& path : paths) wanted_[path] = JsonKind::kInt;
    paths.clear();
    bad_rows_ = std::make_unique<BadRows>(options_.scratch_dir);
    for (Block& block : blocks_) block.bad.clear();
    BESSEMER_RETURN_IF_ERROR(FindTypes());
  }
  return OkStatus();
}

Status JsonlInput::SetSchema() {
  BESSEMER_RETURN_IF_ERROR(type_->Check(paths_));
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const auto& member : type_->members()) {
    fields.push_back(arrow::field(member->name(), member->ArrowType()));
  }
  schema_ = arrow::schema(std::move(fields));
  for (const auto& [path, kind] : options_.column_types) {
    if (path.find('.') == std::string::npos && type_->Find(path, 0) < 0) {
      return InvalidArgumentError("column_types: no row has '{}'", path);
    }
  }
  return OkStatus();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> JsonlInput::ReadBlock(int64_t index) const {
  const Block& block = blocks_[static_cast<size_t>(index)];
  const auto columns = JsonColumn::Members(*type_);
  int64_t num_rows = 0;
  std::string fault;
  BESSEMER_RETURN_IF_ERROR(VisitRows(block, [&](std::string_view line, size_t i) {
    JsonCursor cursor(line);
    if (JsonColumn::AppendMembers(cursor, *type_, columns)) {
      ++num_rows;
      return true;
    }
    fault = fmt::format("{}:{}: {}", paths_[block.lines.file],
                        block.lines.first_line + static_cast<int64_t>(i), cursor.fault());
    return false;
  }));
  if (!fault.empty()) return UnavailableError("{}", fault);
  if (num_rows != block.num_rows) {
    return UnavailableError("{}: the file changed while it was read", paths_[block.lines.file]);
  }
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& column : columns) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Array> array,
                                    column->builder()->Finish());
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(schema_, num_rows, std::move(arrays));
}

class OneBatch : public columnar::BatchSource {
 public:
  OneBatch(const JsonlInput& input, int64_t block) : input_(input), block_(block) {}
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    if (done_) return nullptr;
    done_ = true;
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, input_.ReadBlock(block_));
    if (batch->num_rows() == 0) return nullptr;
    return batch;
  }

 private:
  const JsonlInput& input_;
  int64_t block_;
  bool done_ = false;
};

StatusOr<std::unique_ptr<columnar::BatchSource>> JsonlInput::OpenBlock(int64_t block) const {
  return std::make_unique<OneBatch>(*this, block);
}

RowPlace JsonlInput::PlaceOf(int64_t index, int64_t row) const {
  const Block& block = blocks_[static_cast<size_t>(index)];
  RowPlace place{paths_[block.lines.file], block.lines.first_line};
  // Rare enough to read the block once more. A failure to do so leaves the block's first line.
  (void)VisitRows(block, [&](std::string_view, size_t i) {
    place.line = block.lines.first_line + static_cast<int64_t>(i);
    return row-- > 0;
  });
  return place;
}

}  // namespace

StatusOr<std::unique_ptr<RowInput>> OpenJsonl(const std::vector<std::string>& files,
                                              const JsonlOptions& options) {
  if (files.empty()) return InvalidArgumentError("no JSON files are given");
  if (options.block_bytes < 1) return InvalidArgumentError("block_bytes must be at least 1");
  auto input = std::make_unique<JsonlInput>(files, options);
  BESSEMER_RETURN_IF_ERROR(input->Open());
  return input;
}

}  // namespace bessemer::example_gen::jsonl
