#include "bessemer/statistics/inputs.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/example_gen/parquet_examples.h"
#include "bessemer/example_gen/record_files.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/io/file.h"

namespace bessemer::statistics {
namespace {

using example_gen::RowInput;
using RowsPtr = std::shared_ptr<const RowInput>;

// Blocks of at most this size are decoded whole by whoever has time; larger ones are sources of
// their own, read batch by batch.
constexpr int64_t kSmallBlockBytes = 2 << 20;

// Types that statistics do not walk, at any depth.
bool HasForeignType(const arrow::DataType& type) {
  switch (type.id()) {
    case arrow::Type::MAP:
    case arrow::Type::LIST_VIEW:
    case arrow::Type::LARGE_LIST_VIEW:
    case arrow::Type::EXTENSION:
    case arrow::Type::DECIMAL32:
    case arrow::Type::DECIMAL64:
      return true;
    default:
      break;
  }
  return std::any_of(type.fields().begin(), type.fields().end(),
                     [](const auto& field) { return HasForeignType(*field->type()); });
}

// Rows of such types are described as the features they would be written as. A value that examples
// cannot hold counts as missing.
using Converter = std::shared_ptr<const example_gen::FeatureConverter>;

Converter ConverterFor(const RowInput& rows) {
  if (rows.schema() == nullptr) return nullptr;
  for (const auto& field : rows.schema()->fields()) {
    if (!HasForeignType(*field->type())) continue;
    return std::make_shared<example_gen::FeatureConverter>(
        rows.schema(), example_gen::FeatureOptions{.nested_lists = true});
  }
  return nullptr;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> Converted(
    const Converter& converter, StatusOr<std::shared_ptr<arrow::RecordBatch>> batch) {
  if (converter == nullptr || !batch.ok()) return batch;
  std::vector<example_gen::RowFault> faults;
  return converter->Convert(**batch, &faults);
}

// Runs of records, still to be decoded.
class RecordsSource : public LazySource {
 public:
  RecordsSource(RowsPtr rows, int64_t block, std::unique_ptr<example_gen::RecordSource> records)
      : rows_(std::move(rows)), block_(block), records_(std::move(records)) {}

  StatusOr<LazyBatch> Next() override {
    auto run = std::make_shared<example_gen::RecordRun>();
    BESSEMER_ASSIGN_OR_RETURN(*run, example_gen::ReadRun(*records_));
    if (run->ends.empty()) return LazyBatch();
    const int64_t first = num_records_;
    num_records_ += static_cast<int64_t>(run->ends.size());
    return LazyBatch([rows = rows_, block = block_, first, run = std::move(run)] {
      StatusOr<std::shared_ptr<arrow::RecordBatch>> batch = rows->records()->Decode(run->Views());
      if (batch.ok()) return batch;
      return StatusOr<std::shared_ptr<arrow::RecordBatch>>(
          example_gen::InRecords(batch.status(), rows->PlaceOf(block, first)));
    });
  }

 private:
  RowsPtr rows_;
  int64_t block_;
  std::unique_ptr<example_gen::RecordSource> records_;
  int64_t num_records_ = 0;
};

StatusOr<std::shared_ptr<arrow::RecordBatch>> ReadWhole(const RowInput& rows, int64_t block) {
  BESSEMER_ASSIGN_OR_RETURN(const auto source, rows.OpenBlock(block));
  arrow::RecordBatchVector batches;
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, source->Next());
    if (batch == nullptr) break;
    batches.push_back(std::move(batch));
  }
  if (batches.size() == 1) return batches[0];
  if (batches.empty()) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(auto empty, arrow::RecordBatch::MakeEmpty(rows.schema()));
    return empty;
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(auto whole, arrow::ConcatenateRecordBatches(batches));
  return whole;
}

// Consecutive small blocks: any thread decodes any of them.
class SmallBlocks : public LazySource {
 public:
  SmallBlocks(RowsPtr rows, Converter converter, int64_t begin, int64_t end)
      : rows_(std::move(rows)), converter_(std::move(converter)), next_(begin), end_(end) {}
  StatusOr<LazyBatch> Next() override {
    if (next_ == end_) return LazyBatch();
    return LazyBatch([rows = rows_, converter = converter_, block = next_++] {
      return Converted(converter, ReadWhole(*rows, block));
    });
  }

 private:
  RowsPtr rows_;
  Converter converter_;
  int64_t next_;
  int64_t end_;
};

// Keeps the input while its batches are read.
class BlockSource : public LazySource {
 public:
  BlockSource(RowsPtr rows, Converter converter,
              std::unique_ptr<columnar::BatchSource> source)
      : rows_(std::move(rows)), converter_(std::move(converter)), source_(std::move(source)) {}
  StatusOr<LazyBatch> Next() override {
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, source_->Next());
    if (batch == nullptr) return LazyBatch();
    return LazyBatch([converter = converter_, batch = std::move(batch)] {
      return Converted(converter, batch);
    });
  }

 private:
  RowsPtr rows_;
  Converter converter_;
  std::unique_ptr<columnar::BatchSource> source_;
};

SourceOpener OpenOneBlock(const RowsPtr& rows, const Converter& converter, int64_t block) {
  // Pages are held encoded and decoded.
  const int64_t open_bytes = rows->records() != nullptr ? 0 : 2 * rows->block_bytes(block);
  const auto open = [rows, converter, block]() -> StatusOr<std::unique_ptr<LazySource>> {
    if (rows->records() != nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(auto records, rows->records()->OpenRecords(block));
      return std::make_unique<RecordsSource>(rows, block, std::move(records));
    }
    BESSEMER_ASSIGN_OR_RETURN(auto source, rows->OpenBlock(block));
    return std::make_unique<BlockSource>(rows, converter, std::move(source));
  };
  return SourceOpener(open, open_bytes);
}

}  // namespace

std::vector<SourceOpener> OpenRows(std::shared_ptr<const RowInput> rows) {
  std::vector<SourceOpener> sources;
  const Converter converter = ConverterFor(*rows);
  const auto is_small = [&](int64_t block) {
    return rows->records() == nullptr && rows->block_bytes(block) <= kSmallBlockBytes;
  };
  for (int64_t block = 0; block < rows->num_blocks();) {
    if (!is_small(block)) {
      sources.push_back(OpenOneBlock(rows, converter, block++));
      continue;
    }
    int64_t end = block;
    while (end < rows->num_blocks() && is_small(end)) ++end;
    sources.push_back([rows, converter, block, end]() -> StatusOr<std::unique_ptr<LazySource>> {
      return std::make_unique<SmallBlocks>(rows, converter, block, end);
    });
    block = end;
  }
  return sources;
}

SourceOpener OpenExampleFile(std::string path, std::string_view payload_format) {
  const bool is_sequence = payload_format == "FORMAT_TF_SEQUENCE_EXAMPLE";
  return [path = std::move(path), is_sequence]() -> StatusOr<std::unique_ptr<LazySource>> {
    if (example_gen::IsParquetFile(path)) {
      BESSEMER_ASSIGN_OR_RETURN(auto source, example_gen::OpenExamples(path));
      return LazySourceOf(std::move(source));
    }
    using example_gen::RecordFiles;
    using example_gen::RecordKind;
    const auto decode = [](const auto& records) { return example_gen::DecodeExamples(records); };
    BESSEMER_ASSIGN_OR_RETURN(
        RowsPtr rows, is_sequence ? RecordFiles::Open({path}, RecordKind::kSequenceExample,
                                                      example_gen::DecodeSequenceExamples)
                                  : RecordFiles::Open({path}, RecordKind::kExample, decode));
    return OpenOneBlock(rows, nullptr, 0)();
  };
}

StatusOr<std::vector<example_gen::RowFiles>> FindInputs(const std::vector<std::string>& paths,
                                                        const std::string& format) {
  std::vector<std::string> files;
  for (const std::string& pattern : paths) {
    StatusOr<std::vector<std::string>> found = io::ListFiles(pattern);
    if (!found.ok()) {
      // The splits of an Examples artifact, maybe.
      StatusOr<std::vector<std::string>> splits =
          io::ListFiles(io::JoinPath(pattern, "Split-*/*"));
      if (!splits.ok()) return found.status();
      found = std::move(splits);
    }
    files.insert(files.end(), found->begin(), found->end());
  }
  if (format.empty()) return example_gen::GroupBySource(files);
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::Source* source,
                            example_gen::FindFileSource(format));
  return std::vector<example_gen::RowFiles>{{source, std::move(files)}};
}

StatusOr<std::vector<SourceOpener>> OpenInputs(const std::vector<std::string>& paths) {
  BESSEMER_ASSIGN_OR_RETURN(const auto groups, FindInputs(paths));
  std::vector<SourceOpener> sources;
  for (const example_gen::RowFiles& group : groups) {
    BESSEMER_ASSIGN_OR_RETURN(RowsPtr rows, example_gen::OpenRowFiles(group));
    for (SourceOpener& source : OpenRows(std::move(rows))) sources.push_back(std::move(source));
  }
  return sources;
}

}  // namespace bessemer::statistics
