#include "bessemer/example_gen/input_params.h"

namespace bessemer::example_gen {
namespace {

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

const Json& Member(const Json& object, const char* key) {
  static const Json kNull;
  if (!object.is_object()) return kNull;
  const auto it = object.find(key);
  return it == object.end() ? kNull : *it;
}

// TFX's Input message: {splits: [{name, pattern}]}.
Status ReadInputConfig(const ParamValues& params, InputSelection* selection) {
  const Json& splits = Member(params.Value("input_config"), "splits");
  if (!splits.is_array() || splits.empty()) {
    return params.Error("input_config", "needs splits: a list of {name, pattern}");
  }
  for (const Json& split : splits) {
    InputSplit read{TextOf(Member(split, "name")), TextOf(Member(split, "pattern"))};
    if (read.name.empty() || read.pattern.empty()) {
      return params.Error("input_config", "each split needs a name and a pattern");
    }
    selection->splits.push_back(std::move(read));
  }
  return OkStatus();
}

Status ReadShortInput(const ParamValues& params, InputSelection* selection) {
  const Json& input = params.Value("input");
  if (input.is_string()) {
    selection->splits.push_back({"single_split", input.get<std::string>()});
    return OkStatus();
  }
  if (!input.is_object() || input.empty()) {
    return params.Error("input", "must be a path, a pattern, or a map of split to pattern");
  }
  for (const auto& [name, pattern] : input.items()) {
    if (!pattern.is_string()) return params.Error("input", "each split needs a path or pattern");
    selection->splits.push_back({name, pattern.get<std::string>()});
  }
  return OkStatus();
}

Status ReadSpan(const ParamValues& params, InputSelection* selection) {
  if (params.Has("span")) selection->span = params.Int("span");
  if (!params.Has("range_config")) return OkStatus();
  const Json& config = params.Value("range_config");
  if (const Json& range = Member(config, "static_range"); range.is_object()) {
    const Json& start = Member(range, "start_span_number");
    const Json& end = Member(range, "end_span_number");
    if (!start.is_number_integer() || start != end) {
      return params.Error("range_config",
                          "a static_range needs start_span_number and an equal end_span_number");
    }
    selection->span = start.get<int64_t>();
    return OkStatus();
  }
  const Json& range = Member(config, "rolling_range");
  const Json& start = Member(range, "start_span_number");
  if (Member(range, "num_spans") != 1 || (!start.is_null() && start != 0)) {
    return params.Error("range_config",
                        "needs a static_range, or a rolling_range with num_spans 1 and no start");
  }
  return OkStatus();
}

Status AddBuckets(const ParamValues& params, const char* param, const std::string& name,
                  const Json& buckets, IngestOptions* options) {
  if (!buckets.is_number_integer() || buckets.get<int64_t>() < 1 ||
      buckets.get<int64_t>() > UINT32_MAX) {
    return params.Error(param,
                        fmt::format("split '{}' needs a number of buckets of at least 1", name));
  }
  options->splits.push_back({name, static_cast<uint32_t>(buckets.get<int64_t>())});
  return OkStatus();
}

Status ReadSplits(const ParamValues& params, size_t num_input_splits, IngestOptions* options) {
  options->partition_feature = params.String("partition_feature_name");
  if (params.Has("splits")) {
    for (const auto& [name, buckets] : params.Value("splits").items()) {
      BESSEMER_RETURN_IF_ERROR(AddBuckets(params, "splits", name, buckets, options));
    }
  } else if (params.Has("output_config")) {
    const Json& config = Member(params.Value("output_config"), "split_config");
    const Json& splits = Member(config, "splits");
    for (const Json& split : splits.is_array() ? splits : Json::array()) {
      BESSEMER_RETURN_IF_ERROR(AddBuckets(params, "output_config", TextOf(Member(split, "name")),
                                          Member(split, "hash_buckets"), options));
    }
    if (const std::string feature = TextOf(Member(config, "partition_feature_name"));
        !feature.empty()) {
      options->partition_feature = feature;
    }
  }
  if (num_input_splits > 1 && !options->splits.empty()) {
    const char* param = params.Has("splits") ? "splits" : "output_config";
    return params.Error(param, "the input has splits already, so it cannot be split by hash");
  }
  if (num_input_splits == 1 && options->splits.empty()) {
    options->splits = {{"train", 2}, {"eval", 1}};
  }
  const StatusOr<HashSplitter> checked = options->splits.empty()
                                             ? StatusOr<HashSplitter>(HashSplitter())
                                             : HashSplitter::Make(options->splits);
  return checked.ok() ? OkStatus() : params.Error("splits", Message(checked.status()));
}

}  // namespace

std::vector<Param> InputParams() {
  std::vector<Param> params = {
      {.name = "input",
       .type = ParamType::kAny,
       .doc = "A file, folder or pattern ({SPAN}, {VERSION}, {YYYY}{MM}{DD}, *, ?), or a map of "
              "split to such."},
      {.name = "input_base", .doc = "Folder that patterns are relative to."},
      {.name = "input_config",
       .type = ParamType::kMap,
       .doc = "TFX's form of input: {splits: [{name, pattern}]}."},
      {.name = "span",
       .type = ParamType::kInt,
       .doc = "The span to take; none: the latest.",
       .min = 0},
      {.name = "range_config",
       .type = ParamType::kMap,
       .doc = "TFX's form of span: {static_range: {start_span_number, end_span_number}}."},
      {.name = "fingerprint",
       .default_value = "content",
       .doc = "What tells inputs apart: their content, or TFX's counts and modification times.",
       .choices = {"content", "tfx"}},
  };
  const std::vector<Param> output = OutputParams();
  params.insert(params.end(), output.begin(), output.end());
  return params;
}

std::vector<Param> OutputParams() {
  return {
      {.name = "splits",
       .type = ParamType::kMap,
       .doc =
           "Output splits and their hash buckets, e.g. {train: 2, eval: 1}, which is the default "
           "for an input without splits."},
      {.name = "output_config",
       .type = ParamType::kMap,
       .doc = "TFX's form of splits: {split_config: {splits: [{name, hash_buckets}], "
              "partition_feature_name}}."},
      {.name = "partition_feature_name",
       .doc = "Rows equal in this feature come into one split; none: the whole row decides."},
      {.name = "columns", .type = ParamType::kList, .doc = "Features to keep; none: all."},
      {.name = "rename", .type = ParamType::kMap, .doc = "New names of features: {from: to}."},
      {.name = "where",
       .doc = "An expression; rows for which it is not true are excluded and counted."},
      {.name = "timestamp_unit",
       .default_value = "us",
       .doc = "What timestamps, times and durations are counted in as integers.",
       .choices = {"s", "ms", "us", "ns"}},
      {.name = "nulls_in_lists",
       .default_value = "fail",
       .doc = "A null inside a list: makes its row a bad one, or is left out of the list.",
       .choices = {"fail", "drop"}},
      {.name = "on_bad_row",
       .default_value = "fail",
       .doc = "Rows that break their format or that examples cannot hold: an error, or left out "
              "and written to quarantine/bad_rows.jsonl.",
       .choices = {"fail", "quarantine"}},
  };
}

StatusOr<InputSelection> ReadInputSelection(const ParamValues& params) {
  InputSelection selection;
  selection.base = params.String("input_base");
  if (params.Has("input") && params.Has("input_config")) {
    return params.Error("input_config", "give either input or input_config");
  }
  if (params.Has("input_config")) {
    BESSEMER_RETURN_IF_ERROR(ReadInputConfig(params, &selection));
  } else if (params.Has("input")) {
    BESSEMER_RETURN_IF_ERROR(ReadShortInput(params, &selection));
  } else if (!selection.base.empty()) {
    selection.splits.push_back({"single_split", "*"});
  } else {
    return InvalidArgumentError("no input: give 'input', a file, folder or pattern");
  }
  BESSEMER_RETURN_IF_ERROR(ReadSpan(params, &selection));
  return selection;
}

StatusOr<IngestOptions> ReadIngestOptions(const ParamValues& params, size_t num_input_splits) {
  IngestOptions options;
  BESSEMER_RETURN_IF_ERROR(ReadSplits(params, num_input_splits, &options));
  options.columns = params.Strings("columns");
  if (params.Has("rename")) {
    for (const auto& [from, to] : params.Value("rename").items()) {
      if (!to.is_string()) return params.Error("rename", "must be a map of name to name");
      options.rename.emplace_back(from, to.get<std::string>());
    }
  }
  options.where = params.String("where");
  const std::string unit = params.String("timestamp_unit");
  options.features.timestamp_unit = unit == "s"    ? arrow::TimeUnit::SECOND
                                    : unit == "ms" ? arrow::TimeUnit::MILLI
                                    : unit == "ns" ? arrow::TimeUnit::NANO
                                                   : arrow::TimeUnit::MICRO;
  options.features.drop_nulls_in_lists = params.String("nulls_in_lists") == "drop";
  options.features.tfx_compat = params.Has("tfx_compat") && params.Bool("tfx_compat");
  if (params.String("on_bad_row") == "quarantine") options.on_bad_row = OnBadRow::kQuarantine;
  return options;
}

StatusOr<Json> ResolveInputParams(const ParamValues& params, io::FileHashes& hashes) {
  BESSEMER_ASSIGN_OR_RETURN(const InputSelection selection, ReadInputSelection(params));
  BESSEMER_ASSIGN_OR_RETURN(const ResolvedInput input,
                            ResolveInput(selection.base, selection.splits,
                                         selection.span
                                             ? SpanRange::Static(*selection.span, *selection.span)
                                             : SpanRange()));
  const bool as_tfx = params.String("fingerprint") == "tfx";
  BESSEMER_ASSIGN_OR_RETURN(const std::string fingerprint,
                            as_tfx ? TfxFingerprint(input.splits)
                                   : ContentFingerprint(input.splits, hashes));
  Json json = {{"span", input.span}};
  if (input.version) json["version"] = *input.version;
  json["input_fingerprint"] = fingerprint;
  json["splits"] = Json::array();
  for (const ResolvedSplit& split : input.splits) {
    json["splits"].push_back(
        {{"name", split.name}, {"pattern", split.pattern}, {"files", split.files}});
  }
  return json;
}

StatusOr<ResolvedInput> ResolvedFromJson(const Json& resolved) {
  const Json& splits = Member(resolved, "splits");
  if (!splits.is_array() || !Member(resolved, "span").is_number_integer()) {
    return InternalError("the input was not resolved before the run");
  }
  ResolvedInput input;
  input.span = resolved.at("span").get<int64_t>();
  if (const Json& version = Member(resolved, "version"); version.is_number_integer()) {
    input.version = version.get<int64_t>();
  }
  for (const Json& split : splits) {
    ResolvedSplit read{TextOf(Member(split, "name")), TextOf(Member(split, "pattern")), {}};
    const Json& files = Member(split, "files");
    for (const Json& file : files.is_array() ? files : Json::array()) {
      read.files.push_back(TextOf(file));
    }
    input.splits.push_back(std::move(read));
  }
  return input;
}

ExamplesDescription DescribeExamples(const Json& resolved, const IngestOptions& options,
                                     const IngestResult& result) {
  ExamplesDescription description;
  const auto add_number = [&](const char* name) {
    if (const Json& number = Member(resolved, name); number.is_number_integer()) {
      description.numbers.emplace_back(name, number.get<int64_t>());
    }
  };
  add_number("span");
  add_number("version");
  int64_t total = 0;
  std::string parts;
  for (const IngestResult::Split& split : result.splits) {
    description.split_names.push_back(split.name);
    description.numbers.emplace_back("num_rows_" + split.name, split.num_rows);
    parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", split.num_rows, split.name);
    total += split.num_rows;
  }
  description.numbers.emplace_back("num_rows", total);
  description.texts = {{"input_fingerprint", TextOf(Member(resolved, "input_fingerprint"))},
                       {"payload_format", result.payload_format},
                       {"file_format", "tfrecords_gzip"}};
  description.summary = fmt::format("{} examples: {}", total, parts);
  if (result.filtered) {
    description.numbers.emplace_back("num_excluded_rows", result.num_excluded_rows);
    description.summary += fmt::format("; {} rows excluded", result.num_excluded_rows);
  }
  if (options.on_bad_row == OnBadRow::kQuarantine) {
    description.numbers.emplace_back("num_bad_rows", result.num_bad_rows);
  }
  if (result.num_bad_rows > 0) {
    description.summary += fmt::format("; {} bad rows in quarantine", result.num_bad_rows);
  }
  for (const std::string& note : result.notes) description.summary += "\n" + note;
  return description;
}

}  // namespace bessemer::example_gen
