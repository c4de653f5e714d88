#include <algorithm>
#include <map>
#include <optional>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/ingest_shard_internal.h"
#include "bessemer/example_gen/split_writer_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

// What all blocks together may hold while they are read, unless a single one holds more.
// Writers of Parquet hold row groups, too.
constexpr int64_t kOpenBytes = 256 << 20;
constexpr int64_t kOpenBytesBesideParquet = 128 << 20;

// Runs of blocks: shard s is [begins[s], begins[s + 1]).
using ShardBegins = std::vector<int64_t>;

ShardBegins CutIntoShards(const InputRows& input, const IngestOptions& options) {
  int64_t total = 0;
  for (int64_t block = input.begin; block < input.end; ++block) {
    total += input.rows->block_bytes(block);
  }
  const int64_t size =
      std::max(options.shard_bytes, (total + options.max_shards - 1) / options.max_shards);
  ShardBegins begins = {input.begin};
  int64_t filled = 0;
  for (int64_t block = input.begin; block < input.end; ++block) {
    // A shard is closed when the middle of the next block lies behind its end.
    const int64_t bytes = input.rows->block_bytes(block);
    if (filled > 0 && filled + bytes / 2 > size * static_cast<int64_t>(begins.size())) {
      begins.push_back(block);
    }
    filled += bytes;
  }
  begins.push_back(input.end);
  return begins;
}

// Whether the rows of an input are copied as records.
bool CopiesRecords(const RowInput& rows, const IngestOptions& options) {
  const auto& balance = options.shaping.balance;
  return rows.records() != nullptr && options.computed.empty() &&
         options.output != OutputFormat::kParquet && !(balance && !balance->weight_feature.empty());
}

StatusOr<std::string> PayloadFormat(const std::vector<InputRows>& input,
                                    const IngestOptions& options) {
  std::string format;
  for (const InputRows& split : input) {
    const RecordAccess* records = split.rows->records();
    const bool copies = CopiesRecords(*split.rows, options);
    std::string own = "FORMAT_TF_EXAMPLE";
    if (options.output == OutputFormat::kParquet) {
      own = "FORMAT_PARQUET";
    } else if (options.output == OutputFormat::kSequenceExample ||
               (copies && records->kind() == RecordKind::kSequenceExample)) {
      own = "FORMAT_TF_SEQUENCE_EXAMPLE";
    }
    if (records != nullptr && records->kind() == RecordKind::kOther) {
      if (!copies || options.output == OutputFormat::kSequenceExample) {
        return InvalidArgumentError(
            "split '{}' holds records that are no examples: they can be copied, but not turned "
            "into other formats or given columns",
            split.split);
      }
      own = "FORMAT_PROTO";
    }
    if (!format.empty() && own != format) {
      return InvalidArgumentError("split '{}' holds {}, the splits before it {}", split.split, own,
                                  format);
    }
    format = own;
    const bool selects = !options.columns.empty() || !options.rename.empty();
    if (selects && copies && records->kind() != RecordKind::kExample) {
      return InvalidArgumentError("columns and rename need features, but the records are {}",
                                  format);
    }
  }
  return format.empty() ? "FORMAT_TF_EXAMPLE" : format;
}

// Splits that come from several queries must agree on what a feature is.
Status CheckKinds(const std::vector<InputRows>& input,
                  const std::vector<std::optional<FeaturePlan>>& plans) {
  std::map<std::string, std::pair<ValueKind, std::string>> known;
  for (size_t i = 0; i < plans.size(); ++i) {
    if (!plans[i]) continue;
    for (const FeatureSpec& feature : plans[i]->OutputFeatures()) {
      if (feature.kind == ValueKind::kNone) continue;
      const auto [it, added] = known.try_emplace(feature.name, feature.kind, input[i].split);
      if (!added && it->second.first != feature.kind) {
        return InvalidArgumentError("feature '{}' holds {} values in split '{}' and {} in '{}'",
                                    feature.name, ValueKindName(it->second.first),
                                    it->second.second, ValueKindName(feature.kind),
                                    input[i].split);
      }
    }
  }
  return OkStatus();
}

// Rows set aside by the inputs and on the way, block by block. Each input once, even if several
// splits share it. Returns how many.
StatusOr<int64_t> WriteQuarantine(const std::vector<InputRows>& input,
                                  const std::vector<std::unique_ptr<BadRows>>& converted,
                                  const std::string& path) {
  int64_t num_rows = 0;
  std::unique_ptr<io::OutputStream> out;
  const auto write = [&](const BadRows* bad, int64_t block) -> Status {
    if (bad == nullptr) return OkStatus();
    BESSEMER_ASSIGN_OR_RETURN(const std::string lines, bad->Lines(block));
    if (lines.empty()) return OkStatus();
    if (out == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(out, io::OpenOutput(path));
    }
    num_rows += std::count(lines.begin(), lines.end(), '\n');
    return out->Write(lines);
  };
  for (size_t i = 0; i < input.size(); ++i) {
    for (int64_t block = input[i].begin; block < input[i].end; ++block) {
      BESSEMER_RETURN_IF_ERROR(write(input[i].rows->bad_rows(), block));
      BESSEMER_RETURN_IF_ERROR(write(converted[i].get(), block));
    }
  }
  if (out != nullptr) BESSEMER_RETURN_IF_ERROR(out->Close());
  return num_rows;
}

int64_t KnownRows(const std::vector<InputRows>& input) {
  int64_t total = 0;
  const RowInput* last = nullptr;
  for (const InputRows& split : input) {
    if (split.rows == last) continue;  // splits of one input
    last = split.rows;
    if (split.rows->num_rows() < 0) return 0;
    total += split.rows->num_rows();
  }
  return total;
}

}  // namespace

std::vector<InputRows> SplitsOf(const RowInput& rows, const std::vector<ResolvedSplit>& input) {
  std::vector<InputRows> splits;
  size_t file = 0;
  for (const ResolvedSplit& split : input) {
    const int64_t begin = rows.first_block(file);
    file += split.files.size();
    splits.push_back({split.name, &rows, begin, rows.first_block(file)});
  }
  return splits;
}

namespace {

// One run of IngestRows.
class Ingest {
 public:
  Ingest(std::vector<InputRows> input, const IngestOptions& options)
      : input_(std::move(input)),
        options_(options),
        open_blocks_(options.output == OutputFormat::kParquet ? kOpenBytesBesideParquet
                                                              : kOpenBytes) {}

  StatusOr<IngestResult> Run(const std::string& output_uri) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string payload_format, PayloadFormat(input_, options_));
    BESSEMER_RETURN_IF_ERROR(DecodeWhereNeeded());
    std::vector<int64_t> num_shards;
    for (const InputRows& split : input_) {
      shards_.push_back(CutIntoShards(split, options_));
      num_shards.push_back(static_cast<int64_t>(shards_.back().size()) - 1);
      bad_rows_.push_back(std::make_unique<BadRows>(options_.scratch_dir));
    }
    BESSEMER_ASSIGN_OR_RETURN(plan_, OutputPlan::Make(input_, num_shards, output_uri, options_));
    shaping::ShapingRules rules = options_.shaping;
    if (auto* hash = std::get_if<shaping::HashSplit>(&rules.split)) {
      hash->absent_is_error = input_[0].rows->missing_cell() != MissingCell::kEmptyList;
    }
    BESSEMER_ASSIGN_OR_RETURN(stages_, RowStages::Make(options_, std::move(rules), plan_.splits(),
                                                       plan_.InputSplits()));
    features_.resize(input_.size());
    for (size_t i = 0; i < input_.size(); ++i) {
      if (input_[i].rows->records() != nullptr) continue;
      BESSEMER_ASSIGN_OR_RETURN(features_[i],
                                FeaturePlan::Make(*input_[i].rows, options_, stages_));
    }
    BESSEMER_RETURN_IF_ERROR(CheckKinds(input_, features_));
    if (stages_.shaper->needs_survey()) BESSEMER_RETURN_IF_ERROR(Survey());
    BESSEMER_ASSIGN_OR_RETURN(IngestResult result, Write());
    BESSEMER_ASSIGN_OR_RETURN(
        result.num_bad_rows,
        WriteQuarantine(input_, bad_rows_, io::JoinPath(output_uri, "quarantine/bad_rows.jsonl")));
    result.payload_format = payload_format;
    for (const InputRows& split : input_) {
      const std::string note = split.rows->note();
      if (!note.empty() && (result.notes.empty() || result.notes.back() != note)) {
        result.notes.push_back(note);
      }
    }
    return result;
  }

 private:
  // Records that cannot be copied are read as columns.
  Status DecodeWhereNeeded() {
    std::map<const RowInput*, const RowInput*> known;
    for (InputRows& split : input_) {
      if (split.rows->records() == nullptr || CopiesRecords(*split.rows, options_)) continue;
      const RowInput*& columns = known[split.rows];
      if (columns == nullptr) {
        BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<RowInput> decoded,
                                  RecordsAsColumns(*split.rows, options_.num_threads));
        columns = decoded.get();
        decoded_.push_back(std::move(decoded));
      }
      split.rows = columns;
    }
    return OkStatus();
  }

  ShardContext ContextOf(int64_t task) {
    const size_t split = plan_.InputSplit(task);
    return {&input_[split], &options_, &stages_, features_[split] ? &*features_[split] : nullptr,
            bad_rows_[split].get(), &open_blocks_};
  }

  StatusOr<int64_t> Read(int64_t task, const ShardContext& context, RowSink& sink) const {
    const ShardBegins& begins = shards_[plan_.InputSplit(task)];
    const auto shard = static_cast<size_t>(plan_.Shard(task));
    const auto read = context.features == nullptr ? ReadRecords : ReadBatches;
    return read(context, begins[shard], begins[shard + 1], sink);
  }

  Status Survey() {
    options_.progress->Start("surveying rows", KnownRows(input_), "rows");
    BESSEMER_RETURN_IF_ERROR(
        ParallelFor(plan_.num_tasks(), options_.num_threads, [&](int64_t task) -> Status {
          const ShardContext context = ContextOf(task);
          SurveySink sink(context, task);
          BESSEMER_RETURN_IF_ERROR(Read(task, context, sink).status());
          return sink.Close();
        }));
    BESSEMER_RETURN_IF_ERROR(stages_.CheckNames());
    BESSEMER_RETURN_IF_ERROR(CheckRuleNames());
    return stages_.shaper->Resolve(options_.num_threads);
  }

  StatusOr<IngestResult> Write() {
    options_.progress->Start("writing examples", KnownRows(input_), "rows");
    IngestResult result = plan_.EmptyResult();
    std::vector<IngestResult> parts(static_cast<size_t>(plan_.num_tasks()), result);
    BESSEMER_RETURN_IF_ERROR(
        ParallelFor(plan_.num_tasks(), options_.num_threads, [&](int64_t task) -> Status {
          const ShardContext context = ContextOf(task);
          BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<SplitWriter> writer,
                                    SplitWriter::Open(plan_, context, task));
          IngestResult& part = parts[static_cast<size_t>(task)];
          BESSEMER_ASSIGN_OR_RETURN(part.num_excluded_rows, Read(task, context, *writer));
          BESSEMER_RETURN_IF_ERROR(writer->Close());
          writer->Count(&part);
          return OkStatus();
        }));
    BESSEMER_RETURN_IF_ERROR(stages_.CheckNames());
    result.filtered = stages_.filter != nullptr;
    for (const IngestResult& part : parts) {
      result.num_excluded_rows += part.num_excluded_rows;
      for (size_t i = 0; i < result.splits.size(); ++i) {
        result.splits[i].num_rows += part.splits[i].num_rows;
      }
    }
    BESSEMER_RETURN_IF_ERROR(CheckRuleNames());
    result.shaped = stages_.shaper->counts();
    result.shaping = stages_.shaper->Report();
    return result;
  }

  // The features of records are known only when all have been read; an input without rows has none.
  Status CheckRuleNames() const {
    for (const auto& features : features_) {
      if (features) return OkStatus();  // checked by FeaturePlan
    }
    return stages_.shaper->CheckNames();
  }

  std::vector<InputRows> input_;
  const IngestOptions& options_;
  std::vector<std::unique_ptr<RowInput>> decoded_;
  std::vector<ShardBegins> shards_;
  std::vector<std::unique_ptr<BadRows>> bad_rows_;
  ByteBudget open_blocks_;
  OutputPlan plan_;
  RowStages stages_;
  std::vector<std::optional<FeaturePlan>> features_;
};

}  // namespace

StatusOr<IngestResult> IngestRows(const std::vector<InputRows>& input,
                                  const std::string& output_uri, const IngestOptions& options) {
  return Ingest(input, options).Run(output_uri);
}

}  // namespace bessemer::example_gen
