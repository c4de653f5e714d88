#include <arrow/builder.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/split_writer_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {

using shaping::TaskShaper;

StatusOr<OutputPlan> OutputPlan::Make(const std::vector<InputRows>& input,
                                      const std::vector<int64_t>& num_shards,
                                      const std::string& output_uri, const IngestOptions& options) {
  OutputPlan plan;
  plan.options_ = &options;
  plan.output_uri_ = output_uri;
  plan.num_shards_ = num_shards;
  plan.splits_again_ = !std::holds_alternative<std::monostate>(options.shaping.split);
  if (plan.splits_again_) {
    if (input.size() != 1) {
      return InvalidArgumentError(
          "the input has {} splits already, so it cannot be split by hash as well", input.size());
    }
    plan.names_ = shaping::SplitNames(options.shaping.split);
  } else {
    for (const InputRows& rows : input) {
      BESSEMER_RETURN_IF_ERROR(CheckSplitName(rows.split));
      plan.names_.push_back(rows.split);
    }
  }
  for (size_t split = 0; split < input.size(); ++split) {
    for (int64_t shard = 0; shard < num_shards[split]; ++shard) {
      plan.tasks_.emplace_back(split, shard);
    }
  }
  return plan;
}

std::vector<size_t> OutputPlan::InputSplits() const {
  std::vector<size_t> splits;
  for (const auto& [split, shard] : tasks_) splits.push_back(split);
  return splits;
}

std::string OutputPlan::SplitUri(size_t output_split) const {
  return io::JoinPath(output_uri_, "Split-" + names_[output_split]);
}

std::vector<size_t> OutputPlan::OutputSplits(int64_t task) const {
  if (!splits_again_) return {InputSplit(task)};
  std::vector<size_t> splits(names_.size());
  for (size_t i = 0; i < splits.size(); ++i) splits[i] = i;
  return splits;
}

IngestResult OutputPlan::EmptyResult() const {
  IngestResult result;
  for (size_t i = 0; i < names_.size(); ++i) {
    result.splits.push_back({.name = names_[i], .num_shards = num_shards_[splits_again_ ? 0 : i]});
  }
  return result;
}

Status SurveySink::Take(const RowChunk& chunk) {
  if (shaper_.needs_columns()) BESSEMER_RETURN_IF_ERROR(task_.StartBatch(*chunk.columns));
  std::optional<ChunkRecords> records;
  if (shaper_.surveys_records()) {
    BESSEMER_ASSIGN_OR_RETURN(records, ChunkRecords::Make(chunk, context_.options->output,
                                                          context_.input->rows->missing_cell()));
  }
  for (int64_t row = 0; row < chunk.num_rows; ++row) {
    if (!chunk.Keeps(row)) continue;
    const Status status = task_.Survey(row, records ? records->Of(row) : std::string_view());
    if (!status.ok()) return chunk.At(row, status);
  }
  return OkStatus();
}

StatusOr<std::unique_ptr<SplitWriter>> SplitWriter::Open(const OutputPlan& plan,
                                                         const ShardContext& context,
                                                         int64_t task) {
  std::unique_ptr<SplitWriter> writer(new SplitWriter(plan, context, task));
  BESSEMER_RETURN_IF_ERROR(writer->OpenFiles(task));
  return writer;
}

Status SplitWriter::OpenFiles(int64_t task) {
  const bool parquet = plan_.options().output == OutputFormat::kParquet;
  std::shared_ptr<arrow::Schema> schema;
  if (parquet) {
    schema = context_.features->written_schema();
    if (!shaper_.weight_feature().empty()) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(
          schema, schema->AddField(schema->num_fields(),
                                   arrow::field(shaper_.weight_feature(), arrow::float32())));
    }
  }
  splits_ = plan_.OutputSplits(task);
  for (size_t i = 0; i < splits_.size(); ++i) {
    place_of_split_[splits_[i]] = static_cast<int>(i);
    const std::string uri = plan_.SplitUri(splits_[i]);
    if (parquet) {
      BESSEMER_ASSIGN_OR_RETURN(ParquetExamplesWriter file,
                                ParquetExamplesWriter::Open(uri, plan_.Shard(task),
                                                            plan_.NumShards(task), schema));
      columns_.push_back(std::move(file));
    } else {
      BESSEMER_ASSIGN_OR_RETURN(
          ExamplesWriter file, ExamplesWriter::Open(uri, plan_.Shard(task), plan_.NumShards(task),
                                                    plan_.options().compression));
      records_.push_back(std::move(file));
    }
  }
  return OkStatus();
}

// Finds the split of each row of a chunk. `records` may be null if the shaper wants none.
Status SplitWriter::Route(const RowChunk& chunk, ChunkRecords* records) {
  if (shaper_.needs_columns()) BESSEMER_RETURN_IF_ERROR(task_.StartBatch(*chunk.columns));
  routes_.assign(static_cast<size_t>(chunk.num_rows), TaskShaper::kDropped);
  const bool wants_records = shaper_.routes_records();
  for (int64_t row = 0; row < chunk.num_rows; ++row) {
    if (!chunk.Keeps(row)) continue;
    const StatusOr<int> split =
        task_.Route(row, wants_records ? records->Of(row) : std::string_view());
    if (!split.ok()) return chunk.At(row, split.status());
    routes_[static_cast<size_t>(row)] = *split;
  }
  return OkStatus();
}

// The chunk with a column of weights.
Status SplitWriter::AddWeights(const RowChunk& chunk, RowChunk* weighted) {
  arrow::FloatBuilder builder;
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.Reserve(chunk.num_rows));
  for (int64_t row = 0; row < chunk.num_rows; ++row) {
    float weight = 1;
    if (const int split = routes_[static_cast<size_t>(row)]; split != TaskShaper::kDropped) {
      const StatusOr<float> found = task_.Weight(row, split);
      if (!found.ok()) return chunk.At(row, found.status());
      weight = *found;
    }
    builder.UnsafeAppend(weight);
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const std::shared_ptr<arrow::Array> weights, builder.Finish());
  *weighted = chunk;
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      weighted->written, chunk.written->AddColumn(chunk.written->num_columns(),
                                                  shaper_.weight_feature(), weights));
  return OkStatus();
}

Status SplitWriter::Take(const RowChunk& chunk) {
  const bool parquet = plan_.options().output == OutputFormat::kParquet;
  const MissingCell missing = context_.input->rows->missing_cell();
  std::optional<ChunkRecords> records;
  if (!parquet || shaper_.routes_records()) {
    BESSEMER_ASSIGN_OR_RETURN(records,
                              ChunkRecords::Make(chunk, plan_.options().output, missing));
  }
  const bool weighs = !shaper_.weight_feature().empty();
  if (!parquet && !weighs) return WriteRecords(chunk, *records);
  BESSEMER_RETURN_IF_ERROR(Route(chunk, records ? &*records : nullptr));
  RowChunk weighted;
  if (weighs) BESSEMER_RETURN_IF_ERROR(AddWeights(chunk, &weighted));
  const RowChunk& written = weighs ? weighted : chunk;
  if (parquet) return WriteColumns(written);
  BESSEMER_ASSIGN_OR_RETURN(ChunkRecords encoded,
                            ChunkRecords::Make(written, plan_.options().output, missing));
  for (int64_t row = 0; row < chunk.num_rows; ++row) {
    const int split = routes_[static_cast<size_t>(row)];
    if (split == TaskShaper::kDropped) continue;
    const auto file = static_cast<size_t>(place_of_split_[static_cast<size_t>(split)]);
    BESSEMER_RETURN_IF_ERROR(records_[file].WriteRecord(encoded.Of(row)));
  }
  return OkStatus();
}

// The usual way: each record is made once, routed and written.
Status SplitWriter::WriteRecords(const RowChunk& chunk, ChunkRecords& records) {
  if (shaper_.needs_columns()) BESSEMER_RETURN_IF_ERROR(task_.StartBatch(*chunk.columns));
  const bool wants_records = shaper_.routes_records();
  for (int64_t row = 0; row < chunk.num_rows; ++row) {
    if (!chunk.Keeps(row)) continue;
    std::string_view record;
    if (wants_records) record = records.Of(row);
    const StatusOr<int> split = task_.Route(row, record);
    if (!split.ok()) return chunk.At(row, split.status());
    if (*split == TaskShaper::kDropped) continue;
    if (!wants_records) record = records.Of(row);
    const auto file = static_cast<size_t>(place_of_split_[static_cast<size_t>(*split)]);
    BESSEMER_RETURN_IF_ERROR(records_[file].WriteRecord(record));
  }
  return OkStatus();
}

Status SplitWriter::WriteColumns(const RowChunk& chunk) {
  std::vector<std::vector<int64_t>> rows(columns_.size());
  for (int64_t row = 0; row < chunk.num_rows; ++row) {
    const int split = routes_[static_cast<size_t>(row)];
    if (split == TaskShaper::kDropped) continue;
    rows[static_cast<size_t>(place_of_split_[static_cast<size_t>(split)])].push_back(row);
  }
  for (size_t file = 0; file < columns_.size(); ++file) {
    BESSEMER_RETURN_IF_ERROR(columns_[file].Write(chunk.written, rows[file]));
  }
  return OkStatus();
}

Status SplitWriter::Close() {
  task_.EndRoute();
  for (ExamplesWriter& file : records_) BESSEMER_RETURN_IF_ERROR(file.Close());
  for (ParquetExamplesWriter& file : columns_) BESSEMER_RETURN_IF_ERROR(file.Close());
  return OkStatus();
}

void SplitWriter::Count(IngestResult* result) const {
  for (size_t i = 0; i < splits_.size(); ++i) {
    result->splits[splits_[i]].num_rows +=
        records_.empty() ? columns_[i].num_rows() : records_[i].num_records();
  }
}

}  // namespace bessemer::example_gen
