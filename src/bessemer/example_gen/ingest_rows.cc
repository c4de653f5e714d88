#include <algorithm>
#include <map>
#include <optional>

#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/ingest_shard_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

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

StatusOr<std::string> PayloadFormat(const std::vector<InputRows>& input,
                                    const IngestOptions& options) {
  std::string format;
  for (const InputRows& split : input) {
    const RecordAccess* records = split.rows->records();
    std::string own = "FORMAT_TF_EXAMPLE";
    if (records != nullptr && records->kind() == RecordKind::kSequenceExample) {
      own = "FORMAT_TF_SEQUENCE_EXAMPLE";
    } else if (records != nullptr && records->kind() == RecordKind::kOther) {
      own = "FORMAT_PROTO";
    }
    if (!format.empty() && own != format) {
      return InvalidArgumentError("split '{}' holds {}, the splits before it {}", split.split, own,
                                  format);
    }
    format = own;
  }
  const bool selects = !options.columns.empty() || !options.rename.empty();
  if (format != "FORMAT_TF_EXAMPLE" && selects) {
    return InvalidArgumentError("columns and rename need features, but the records are {}", format);
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

StatusOr<IngestResult> IngestRows(const std::vector<InputRows>& input,
                                  const std::string& output_uri, const IngestOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string payload_format, PayloadFormat(input, options));
  std::vector<ShardBegins> shards;
  std::vector<int64_t> num_shards;
  std::vector<std::unique_ptr<BadRows>> bad_rows;
  for (const InputRows& split : input) {
    shards.push_back(CutIntoShards(split, options));
    num_shards.push_back(static_cast<int64_t>(shards.back().size()) - 1);
    bad_rows.push_back(std::make_unique<BadRows>(options.scratch_dir));
  }
  BESSEMER_ASSIGN_OR_RETURN(const OutputPlan plan,
                            OutputPlan::Make(input, num_shards, output_uri, options));
  std::vector<std::optional<FeaturePlan>> features(input.size());
  for (size_t i = 0; i < input.size(); ++i) {
    if (input[i].rows->records() != nullptr) continue;
    BESSEMER_ASSIGN_OR_RETURN(features[i],
                              FeaturePlan::Make(*input[i].rows, options, plan.filter()));
  }
  BESSEMER_RETURN_IF_ERROR(CheckKinds(input, features));

  options.progress->Start("writing examples", KnownRows(input), "rows");
  BESSEMER_ASSIGN_OR_RETURN(
      IngestResult result,
      RunTasks(plan, [&](int64_t task, SplitWriter& writer) -> StatusOr<int64_t> {
        const size_t split = plan.InputSplit(task);
        const auto shard = static_cast<size_t>(plan.Shard(task));
        const int64_t begin = shards[split][shard];
        const int64_t end = shards[split][shard + 1];
        ShardContext context{&input[split], &plan, nullptr, bad_rows[split].get()};
        if (input[split].rows->records() != nullptr) {
          return WriteRecords(context, begin, end, writer);
        }
        context.features = &*features[split];
        return WriteBatches(context, begin, end, writer);
      }));
  BESSEMER_ASSIGN_OR_RETURN(
      result.num_bad_rows,
      WriteQuarantine(input, bad_rows, io::JoinPath(output_uri, "quarantine/bad_rows.jsonl")));
  result.payload_format = payload_format;
  for (const InputRows& split : input) {
    const std::string note = split.rows->note();
    if (!note.empty() && (result.notes.empty() || result.notes.back() != note)) {
      result.notes.push_back(note);
    }
  }
  return result;
}

}  // namespace bessemer::example_gen
