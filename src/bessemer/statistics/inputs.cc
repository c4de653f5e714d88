#include "bessemer/statistics/inputs.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <numeric>
#include <set>

#include "bessemer/base/parallel.h"
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
// their own, read batch by batch. So are those of more rows: repeated values take next to nothing
// as they are stored, and gigabytes once they are read.
constexpr int64_t kSmallBlockBytes = 2 << 20;
constexpr int64_t kSmallBlockRows = 65536;
// Rows of more columns than this are read in parts, of so many columns. Each of these holds a
// dictionary and a page, of a MiB at most as files are written, encoded and decoded.
constexpr size_t kFewColumns = 64;
constexpr size_t kPartColumns = 16;

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

// Columns of such types are described as the features they would be written as, where a value that
// examples cannot hold counts as missing; all others as they are.
class Converter {
 public:
  Converter() = default;
  // For batches of these columns of the rows.
  Converter(const RowInput& rows, const std::vector<int>& columns) {
    if (rows.schema() == nullptr) return;
    arrow::FieldVector foreign;
    for (size_t i = 0; i < columns.size(); ++i) {
      const auto& field = rows.schema()->field(columns[i]);
      const bool is_foreign = HasForeignType(*field->type());
      (is_foreign ? foreign_ : own_).push_back(static_cast<int>(i));
      if (is_foreign) foreign.push_back(field);
    }
    if (foreign.empty()) return;
    features_ = std::make_shared<example_gen::FeatureConverter>(
        arrow::schema(std::move(foreign)), example_gen::FeatureOptions{.nested_lists = true});
  }

  StatusOr<std::shared_ptr<arrow::RecordBatch>> operator()(
      StatusOr<std::shared_ptr<arrow::RecordBatch>> batch) const {
    if (features_ == nullptr || !batch.ok()) return batch;
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto foreign, (*batch)->SelectColumns(foreign_));
    std::vector<example_gen::RowFault> faults;
    BESSEMER_ASSIGN_OR_RETURN(const auto features, features_->Convert(*foreign, &faults));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(auto result, (*batch)->SelectColumns(own_));
    for (int i = 0; i < features->num_columns(); ++i) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(
          result, result->AddColumn(result->num_columns(), features->schema()->field(i),
                                    features->column(i)));
    }
    return result;
  }

 private:
  std::shared_ptr<const example_gen::FeatureConverter> features_;  // null: nothing to convert
  std::vector<int> own_, foreign_;
};

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
      return converter(ReadWhole(*rows, block));
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
      return converter(batch);
    });
  }

 private:
  RowsPtr rows_;
  Converter converter_;
  std::unique_ptr<columnar::BatchSource> source_;
};

SourceOpener OpenOneBlock(const RowsPtr& rows, const Converter& converter, int64_t block) {
  // Stored records are read run by run. Those that are made of rows (AsExamples), whose number is
  // known, hold what these are read from.
  const bool is_stored = rows->records() != nullptr && rows->block_rows(block) < 0;
  const int64_t open_bytes = is_stored ? 0 : rows->open_bytes(block);
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

// The columns to read, if reading them by themselves is possible and of use.
std::vector<int> ColumnsApart(const RowInput& rows, const StatisticsOptions& options) {
  if (!rows.reads_columns() || !DatasetStatisticsState::TakesColumnParts(options)) return {};
  std::vector<int> columns;
  std::set<std::string> names;
  const auto& allowed = options.feature_allowlist;
  for (int i = 0; i < rows.schema()->num_fields(); ++i) {
    const std::string& name = rows.schema()->field(i)->name();
    if (!names.insert(name).second) return {};  // an error, which batches of all columns give
    if (allowed.empty() || std::find(allowed.begin(), allowed.end(), name) != allowed.end()) {
      columns.push_back(i);
    }
  }
  const bool all = columns.size() == names.size();
  return all && columns.size() <= kFewColumns ? std::vector<int>() : columns;
}

// Columns cut into parts, each of all shards: open(shard, columns) opens some columns of one, which
// holds open_bytes(shard, columns). The
// shards of as many parts as there are threads alternate, so that threads need not wait for each
// other's states and few parts are under way: tables of text grow large one after the other.
template <typename OpenBytes, typename Open>
std::vector<SourceOpener> OpenParts(const std::vector<int>& columns, size_t num_shards,
                                    const OpenBytes& open_bytes, const Open& open) {
  std::vector<SourceOpener> sources;
  const size_t num_parts = (columns.size() + kPartColumns - 1) / kPartColumns;
  const auto at_once = static_cast<size_t>(DefaultNumThreads());
  for (size_t first = 0; first < num_parts; first += at_once) {
    for (size_t shard = 0; shard < num_shards; ++shard) {
      for (size_t part = first; part < std::min(first + at_once, num_parts); ++part) {
        const auto at = [&](size_t p) {
          return columns.begin() + static_cast<int64_t>(columns.size() * p / num_parts);
        };
        const std::vector<int> own(at(part), at(part + 1));
        sources.emplace_back([open, shard, own] { return open(shard, own); },
                             open_bytes(shard, own),
                             ColumnPart{static_cast<int>(part), static_cast<int>(columns.size())});
      }
    }
  }
  return sources;
}

std::vector<SourceOpener> OpenBlockParts(const RowsPtr& rows, const std::vector<int>& columns) {
  const auto open_bytes = [&rows](size_t block, const std::vector<int>& own) {
    return rows->column_open_bytes(static_cast<int64_t>(block), own);
  };
  return OpenParts(columns, static_cast<size_t>(rows->num_blocks()), open_bytes,
                   [rows](size_t block, const std::vector<int>& own)
                       -> StatusOr<std::unique_ptr<LazySource>> {
                     BESSEMER_ASSIGN_OR_RETURN(
                         auto source, rows->OpenColumns(static_cast<int64_t>(block), own));
                     return std::make_unique<BlockSource>(rows, Converter(*rows, own),
                                                          std::move(source));
                   });
}

// Of a file, of which one row group is open at a time; of some columns or all.
int64_t LargestBlock(const RowInput& rows, size_t file, const std::vector<int>* columns = nullptr) {
  int64_t bytes = 0;
  for (int64_t block = rows.first_block(file); block < rows.first_block(file + 1); ++block) {
    bytes = std::max(bytes, columns == nullptr ? rows.open_bytes(block)
                                               : rows.column_open_bytes(block, *columns));
  }
  return bytes;
}

// The same for files of examples, which are read as these. `rows` knows their columns.
std::vector<SourceOpener> OpenExampleParts(const RowsPtr& rows,
                                           const std::vector<std::string>& files,
                                           const std::vector<int>& columns) {
  const auto open_bytes = [&rows](size_t file, const std::vector<int>& own) {
    return LargestBlock(*rows, file, &own);
  };
  return OpenParts(columns, files.size(), open_bytes,
                   [rows, files](size_t file, const std::vector<int>& own)
                       -> StatusOr<std::unique_ptr<LazySource>> {
                     std::vector<example_gen::FeatureSpec> features;
                     for (const int column : own) {
                       features.push_back({rows->schema()->field(column)->name()});
                     }
                     BESSEMER_ASSIGN_OR_RETURN(
                         auto source,
                         example_gen::OpenExamples(files[file], {.features = features}));
                     return LazySourceOf(std::move(source));
                   });
}

StatusOr<std::unique_ptr<LazySource>> OpenExampleFile(const std::string& path, bool is_sequence) {
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
  return OpenOneBlock(rows, Converter(), 0)();
}

}  // namespace

std::vector<SourceOpener> OpenRows(std::shared_ptr<const RowInput> rows,
                                   const StatisticsOptions& options) {
  if (const auto columns = ColumnsApart(*rows, options); !columns.empty()) {
    return OpenBlockParts(rows, columns);
  }
  std::vector<SourceOpener> sources;
  std::vector<int> all(rows->schema() == nullptr ? 0 : rows->schema()->num_fields());
  std::iota(all.begin(), all.end(), 0);
  const Converter converter(*rows, all);
  const auto is_small = [&](int64_t block) {
    return rows->records() == nullptr && rows->block_bytes(block) <= kSmallBlockBytes &&
           rows->block_rows(block) <= kSmallBlockRows;
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

StatusOr<std::vector<SourceOpener>> OpenExampleFiles(const std::vector<std::string>& files,
                                                     std::string_view payload_format,
                                                     const StatisticsOptions& options) {
  const bool is_parquet = !files.empty() && std::all_of(files.begin(), files.end(),
                                                        [](const std::string& file) {
                                                          return example_gen::IsParquetFile(file);
                                                        });
  RowsPtr parquet_rows;
  if (is_parquet) {
    BESSEMER_ASSIGN_OR_RETURN(const auto* parquet, example_gen::FindFileSource("parquet"));
    BESSEMER_ASSIGN_OR_RETURN(parquet_rows, example_gen::OpenRowFiles({parquet, files}));
    const std::vector<int> columns = ColumnsApart(*parquet_rows, options);
    if (!columns.empty()) return OpenExampleParts(parquet_rows, files, columns);
  }
  const bool is_sequence = payload_format == "FORMAT_TF_SEQUENCE_EXAMPLE";
  std::vector<SourceOpener> sources;
  for (size_t i = 0; i < files.size(); ++i) {
    const auto open = [file = files[i], is_sequence] { return OpenExampleFile(file, is_sequence); };
    sources.emplace_back(open, parquet_rows == nullptr ? 0 : LargestBlock(*parquet_rows, i));
  }
  return sources;
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

StatusOr<std::vector<SourceOpener>> OpenInputs(const std::vector<std::string>& paths,
                                               const StatisticsOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const auto groups, FindInputs(paths));
  std::vector<SourceOpener> sources;
  for (const example_gen::RowFiles& group : groups) {
    BESSEMER_ASSIGN_OR_RETURN(RowsPtr rows, example_gen::OpenRowFiles(group));
    for (SourceOpener& source : OpenRows(std::move(rows), options)) {
      sources.push_back(std::move(source));
    }
  }
  return sources;
}

}  // namespace bessemer::statistics
