#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cstdio>

#include "bessemer/base/config.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/commands/examples/examples_internal.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/input_params.h"
#include "bessemer/io/publish.h"

namespace bessemer::cli::examples {
namespace {

// "train:2" into {"train": 2}.
Status AddSplit(const std::string& text, Json* splits) {
  const size_t colon = text.rfind(':');
  const char* end = text.data() + text.size();
  const char* digits = colon == std::string::npos ? end : text.data() + colon + 1;
  uint32_t buckets = 0;
  const auto [stop, error] = std::from_chars(digits, end, buckets);
  if (error != std::errc() || stop != end || buckets == 0) {
    return InvalidArgumentError("--split {}: must be name:buckets, e.g. train:2", text);
  }
  const std::string name = text.substr(0, colon);
  if (splits->contains(name)) return InvalidArgumentError("split '{}' is given twice", name);
  (*splits)[name] = buckets;
  return OkStatus();
}

StatusOr<example_gen::IngestOptions> ReadOptions(const SplitOptions& options) {
  Json params = Json::object();
  for (const std::string& split : options.splits) {
    if (!params.contains("splits")) params["splits"] = Json::object();
    BESSEMER_RETURN_IF_ERROR(AddSplit(split, &params["splits"]));
  }
  if (!options.by.empty()) params["partition_feature_name"] = options.by;
  BESSEMER_ASSIGN_OR_RETURN(const Json flags, ReadParamFlags(SplitParams(), options.params));
  params.update(flags);
  BESSEMER_ASSIGN_OR_RETURN(
      const ParamValues values,
      ParamValues::FromJson(example_gen::OutputParams(), params, "the flags"));
  return example_gen::ReadIngestOptions(values, 1);
}

}  // namespace

std::vector<Param> SplitParams() {
  std::vector<Param> params = example_gen::OutputParams();
  std::erase_if(params, [](const Param& param) {
    static const std::vector<std::string> kOthers = {"splits", "output_config",
                                                     "partition_feature_name", "output_data_format",
                                                     "on_bad_row"};
    return std::find(kOthers.begin(), kOthers.end(), param.name) != kOthers.end();
  });
  return params;
}

StatusOr<int> Split(const SplitOptions& options, Session& session) {
  BESSEMER_ASSIGN_OR_RETURN(example_gen::IngestOptions ingest, ReadOptions(options));
  ingest.scratch_dir = io::TemporaryFolder();
  if (options.source.skip_bad_rows) ingest.on_bad_row = example_gen::OnBadRow::kQuarantine;
  ingest.num_threads = session.num_threads;
  ingest.progress = &session.progress();
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<example_gen::RowInput> input,
                            OpenRows(options.from, options.source, session));
  BESSEMER_ASSIGN_OR_RETURN(
      const example_gen::IngestResult result,
      example_gen::IngestRows({{"all", input.get(), 0, input->num_blocks()}}, options.to, ingest));
  Json json = {{"splits", Json::object()}};
  for (const auto& split : result.splits) {
    json["splits"][split.name] = split.num_rows;
    if (!session.json) fmt::print("{:>12}  {}\n", split.num_rows, split.name);
  }
  const auto add = [&](bool asked, const char* name, int64_t rows, const char* what) {
    if (!asked) return;
    json[name] = rows;
    if (!session.json) fmt::print("{:>12}  ({})\n", rows, what);
  };
  const example_gen::shaping::ShapingRules& rules = ingest.shaping;
  add(result.filtered, "num_excluded_rows", result.num_excluded_rows, "excluded");
  add(rules.deduplicate.has_value(), "num_duplicate_rows", result.shaped.num_duplicates,
      "duplicates");
  add(rules.sample.has_value(), "num_unsampled_rows", result.shaped.num_unsampled, "not sampled");
  add(rules.balance && rules.balance->weight_feature.empty(), "num_unbalanced_rows",
      result.shaped.num_unbalanced, "dropped to balance");
  add(result.num_bad_rows > 0, "num_bad_rows", result.num_bad_rows, "bad, in quarantine/");
  if (!result.shaping.empty()) json["shaping"] = result.shaping;
  if (session.json) fmt::print("{}\n", JsonText(json));
  BESSEMER_RETURN_IF_ERROR(SaySkippedRows({input.get()}).status());
  for (const std::string& note : result.notes) {
    fmt::print(stderr, "note: {} (here: --null)\n", note);
  }
  return kExitOk;
}

}  // namespace bessemer::cli::examples
