#include <algorithm>

#include "bessemer/base/nearest_name.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/split_writer_internal.h"

namespace bessemer::example_gen {
namespace {

// Runs of blocks, by input split: shard s of it is [begins[s], begins[s + 1]).
using ShardBegins = std::vector<int64_t>;

ShardBegins CutIntoShards(const CsvInput& csv, int64_t begin, int64_t end,
                          const IngestOptions& options) {
  int64_t total = 0;
  for (int64_t block = begin; block < end; ++block) total += csv.block_bytes(block);
  const int64_t size =
      std::max(options.shard_bytes, (total + options.max_shards - 1) / options.max_shards);
  ShardBegins begins = {begin};
  int64_t filled = 0;
  for (int64_t block = begin; block < end; ++block) {
    // A shard is closed when the middle of the next block lies behind its end.
    const int64_t bytes = csv.block_bytes(block);
    if (filled > 0 && filled + bytes / 2 > size * static_cast<int64_t>(begins.size())) {
      begins.push_back(block);
    }
    filled += bytes;
  }
  begins.push_back(end);
  return begins;
}

// Which columns of a batch are written, under which names.
struct Selection {
  std::vector<int> columns;
  std::vector<std::string> names;
  int partition_column = -1;  // in the input's batch
};

StatusOr<Selection> SelectColumns(const std::vector<CsvColumn>& columns,
                                  const IngestOptions& options) {
  std::vector<std::string> known;
  for (const CsvColumn& column : columns) known.push_back(column.name);
  const auto find = [&](const std::string& name, std::string_view use) -> StatusOr<int> {
    const auto it = std::find(known.begin(), known.end(), name);
    if (it != known.end()) return static_cast<int>(it - known.begin());
    return InvalidArgumentError("{}: the input has no column '{}'{}", use, name,
                                SuggestName(name, known));
  };
  Selection selection;
  if (options.columns.empty()) {
    for (size_t i = 0; i < known.size(); ++i) selection.columns.push_back(static_cast<int>(i));
  }
  for (const std::string& name : options.columns) {
    BESSEMER_ASSIGN_OR_RETURN(const int column, find(name, "columns"));
    selection.columns.push_back(column);
  }
  std::vector<std::string> names = known;
  for (const auto& [from, to] : options.rename) {
    BESSEMER_ASSIGN_OR_RETURN(const int column, find(from, "rename"));
    names[static_cast<size_t>(column)] = to;
  }
  for (const int column : selection.columns) {
    selection.names.push_back(names[static_cast<size_t>(column)]);
  }
  if (!options.partition_feature.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(selection.partition_column,
                              find(options.partition_feature, "partition_feature_name"));
  }
  return selection;
}

std::shared_ptr<arrow::RecordBatch> Apply(const Selection& selection,
                                          const arrow::RecordBatch& batch) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (size_t i = 0; i < selection.columns.size(); ++i) {
    arrays.push_back(batch.column(selection.columns[i]));
    fields.push_back(arrow::field(selection.names[i], arrays.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch.num_rows(),
                                  std::move(arrays));
}

class CsvShard {
 public:
  CsvShard(const CsvInput& csv, const Selection& selection, const OutputPlan& plan)
      : csv_(csv), selection_(selection), plan_(plan), options_(plan.options()) {}

  Status Run(int64_t begin, int64_t end, SplitWriter* writer) {
    const std::unique_ptr<columnar::BatchSource> source = csv_.OpenBlocks(begin, end);
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, source->Next());
      if (batch == nullptr) return OkStatus();
      BESSEMER_RETURN_IF_ERROR(WriteBatch(*batch, writer));
      options_.progress->Advance(batch->num_rows());
      if (options_.progress->cancelled()) return CancelledError("stopped while writing examples");
    }
  }

  int64_t num_excluded() const { return num_excluded_; }

 private:
  Status WriteBatch(const arrow::RecordBatch& batch, SplitWriter* writer) {
    std::vector<uint8_t> keep;
    if (plan_.filter() != nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(keep, plan_.filter()->Keep(batch));
    }
    const ExampleEncoderOptions encoding{.missing = MissingCell::kEmptyList};
    BESSEMER_ASSIGN_OR_RETURN(ExampleEncoder encoder,
                              ExampleEncoder::Make(Apply(selection_, batch), encoding));
    std::optional<ExampleEncoder> keys;
    if (selection_.partition_column >= 0) {
      const Selection key{{selection_.partition_column}, {options_.partition_feature}, 0};
      BESSEMER_ASSIGN_OR_RETURN(keys, ExampleEncoder::Make(Apply(key, batch), encoding));
    }
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (!keep.empty() && !keep[static_cast<size_t>(row)]) {
        ++num_excluded_;
        continue;
      }
      std::optional<std::string_view> partition;
      if (keys) partition = keys->EncodeFeature(0, row);
      BESSEMER_RETURN_IF_ERROR(writer->Write(encoder.Encode(row), partition));
    }
    return OkStatus();
  }

  const CsvInput& csv_;
  const Selection& selection_;
  const OutputPlan& plan_;
  const IngestOptions& options_;
  int64_t num_excluded_ = 0;
};

}  // namespace

StatusOr<IngestResult> IngestCsv(const std::vector<ResolvedSplit>& input,
                                 const std::string& output_uri, const CsvOptions& csv_options,
                                 const IngestOptions& options) {
  std::vector<std::string> files;
  for (const ResolvedSplit& split : input) {
    files.insert(files.end(), split.files.begin(), split.files.end());
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<CsvInput> csv,
                            CsvInput::Open(files, csv_options));
  BESSEMER_ASSIGN_OR_RETURN(const Selection selection, SelectColumns(csv->columns(), options));

  std::vector<ShardBegins> shards;
  std::vector<int64_t> num_shards;
  size_t file = 0;
  for (const ResolvedSplit& split : input) {
    const int64_t begin = csv->first_block(file);
    file += split.files.size();
    shards.push_back(CutIntoShards(*csv, begin, csv->first_block(file), options));
    num_shards.push_back(static_cast<int64_t>(shards.back().size()) - 1);
  }
  BESSEMER_ASSIGN_OR_RETURN(const OutputPlan plan,
                            OutputPlan::Make(input, num_shards, output_uri, options));

  options.progress->Start("writing examples", csv->num_rows(), "rows");
  BESSEMER_ASSIGN_OR_RETURN(
      IngestResult result,
      RunTasks(plan, [&](int64_t task, SplitWriter& writer) -> StatusOr<int64_t> {
        const ShardBegins& begins = shards[plan.InputSplit(task)];
        const auto shard = static_cast<size_t>(plan.Shard(task));
        CsvShard work(*csv, selection, plan);
        BESSEMER_RETURN_IF_ERROR(work.Run(begins[shard], begins[shard + 1], &writer));
        return work.num_excluded();
      }));
  result.bad_rows = csv->bad_rows();
  result.columns = csv->columns();
  result.null_hints = csv->null_hints();
  return result;
}

}  // namespace bessemer::example_gen
