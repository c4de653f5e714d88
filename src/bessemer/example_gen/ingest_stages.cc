#include "bessemer/example_gen/ingest_shard_internal.h"
#include "bessemer/example_gen/sequence_encoder.h"

namespace bessemer::example_gen {

StatusOr<RowStages> RowStages::Make(const IngestOptions& options, shaping::ShapingRules rules,
                                    std::vector<std::string> splits,
                                    std::vector<size_t> task_splits) {
  RowStages stages;
  if (!options.computed.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(stages.computed, ComputedColumns::Parse(options.computed));
  }
  if (!options.where.empty()) {
    StatusOr<std::unique_ptr<RowFilter>> filter = RowFilter::Parse(options.where);
    if (!filter.ok()) return WithContext(filter.status(), "where");
    stages.filter = *std::move(filter);
  }
  BESSEMER_ASSIGN_OR_RETURN(
      stages.shaper, shaping::RowShaper::Make(std::move(rules), std::move(splits),
                                              std::move(task_splits), options.scratch_dir));
  return stages;
}

Status RowStages::CheckNames() const {
  if (computed != nullptr) BESSEMER_RETURN_IF_ERROR(computed->CheckNames());
  return filter == nullptr ? OkStatus() : filter->CheckNames();
}

Status RowChunk::At(int64_t row, const Status& status) const {
  if (status.ok()) return status;
  const RowPlace where = place(row);
  return WithContext(status, fmt::format("{}: {} {}", where.file,
                                         records.empty() ? "row" : "record", where.line));
}

struct ChunkRecords::Encoders {
  std::optional<ExampleEncoder> example;
  std::optional<SequenceExampleEncoder> sequence;
};

ChunkRecords::ChunkRecords(const RowChunk& chunk, std::unique_ptr<Encoders> encoders)
    : chunk_(&chunk), encoders_(std::move(encoders)) {}
ChunkRecords::ChunkRecords(ChunkRecords&&) noexcept = default;
ChunkRecords& ChunkRecords::operator=(ChunkRecords&&) noexcept = default;
ChunkRecords::~ChunkRecords() = default;

StatusOr<ChunkRecords> ChunkRecords::Make(const RowChunk& chunk, OutputFormat format,
                                          MissingCell missing) {
  auto encoders = std::make_unique<Encoders>();
  const ExampleEncoderOptions options{.missing = missing};
  if (chunk.written != nullptr && format == OutputFormat::kSequenceExample) {
    BESSEMER_ASSIGN_OR_RETURN(encoders->sequence,
                              SequenceExampleEncoder::Make(chunk.written, options));
  } else if (chunk.written != nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(encoders->example, ExampleEncoder::Make(chunk.written, options));
  }
  return ChunkRecords(chunk, std::move(encoders));
}

std::string_view ChunkRecords::Of(int64_t row) {
  if (encoders_->example) return encoders_->example->Encode(row);
  if (encoders_->sequence) return encoders_->sequence->Encode(row);
  return chunk_->records[static_cast<size_t>(row)];
}

}  // namespace bessemer::example_gen
