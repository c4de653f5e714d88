#include "bessemer/example_gen/input_params.h"

#include "bessemer/base/json_member.h"
#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/shaping/shaping_params.h"
#include "bessemer/example_gen/span_params.h"

namespace bessemer::example_gen {
namespace {

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// TFX's Input message: {splits: [{name, pattern}]}.
Status ReadInputConfig(const ParamValues& params, InputSelection* selection) {
  const Json& splits = JsonMember(params.Value("input_config"), "splits");
  if (!splits.is_array() || splits.empty()) {
    return params.Error("input_config", "needs splits: a list of {name, pattern}");
  }
  for (const Json& split : splits) {
    InputSplit read{TextOf(JsonMember(split, "name")), TextOf(JsonMember(split, "pattern"))};
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

Status AddBuckets(const ParamValues& params, const char* param, const std::string& name,
                  const Json& buckets, shaping::HashSplit* hash) {
  if (!buckets.is_number_integer() || buckets.get<int64_t>() < 1 ||
      buckets.get<int64_t>() > UINT32_MAX) {
    return params.Error(param,
                        fmt::format("split '{}' needs a number of buckets of at least 1", name));
  }
  hash->splits.push_back({name, static_cast<uint32_t>(buckets.get<int64_t>())});
  return OkStatus();
}

// splits or output_config: whether either is given.
StatusOr<bool> ReadHashSplit(const ParamValues& params, size_t num_input_splits,
                             shaping::HashSplit* hash) {
  hash->partition_feature = params.String("partition_feature_name");
  if (params.Has("splits")) {
    for (const auto& [name, buckets] : params.Value("splits").items()) {
      BESSEMER_RETURN_IF_ERROR(AddBuckets(params, "splits", name, buckets, hash));
    }
  } else if (params.Has("output_config")) {
    const Json& config = JsonMember(params.Value("output_config"), "split_config");
    const Json& splits = JsonMember(config, "splits");
    for (const Json& split : splits.is_array() ? splits : Json::array()) {
      BESSEMER_RETURN_IF_ERROR(AddBuckets(params, "output_config",
                                          TextOf(JsonMember(split, "name")),
                                          JsonMember(split, "hash_buckets"), hash));
    }
    if (const std::string feature = TextOf(JsonMember(config, "partition_feature_name"));
        !feature.empty()) {
      hash->partition_feature = feature;
    }
  }
  const bool given = !hash->splits.empty();
  if (num_input_splits > 1 && given) {
    const char* param = params.Has("splits") ? "splits" : "output_config";
    return params.Error(param, "the input has splits already, so it cannot be split by hash");
  }
  if (num_input_splits == 1 && !given) hash->splits = {{"train", 2}, {"eval", 1}};
  if (hash->splits.empty()) {
    if (!hash->partition_feature.empty()) {
      return params.Error("partition_feature_name", "needs splits with hash buckets");
    }
    return given;
  }
  const Status checked = HashSplitter::Make(hash->splits).status();
  if (!checked.ok()) return params.Error("splits", Message(checked));
  return given;
}

// columns: a list of names and of {name: expression}, or a map of the latter, which adds columns to
// all others.
Status ReadColumns(const ParamValues& params, IngestOptions* options) {
  if (!params.Has("columns")) return OkStatus();
  const Json& columns = params.Value("columns");
  const auto add = [&](const Json& map, bool selects) -> Status {
    for (const auto& [name, expression] : map.items()) {
      if (!expression.is_string()) {
        return params.Error("columns", fmt::format("'{}' must be an expression, not {}", name,
                                                   JsonText(expression)));
      }
      options->computed.emplace_back(name, expression.get<std::string>());
      if (selects) options->columns.push_back(name);
    }
    return OkStatus();
  };
  if (columns.is_object()) return add(columns, false);
  if (!columns.is_array()) {
    return params.Error("columns", "must be a list of names, or a map of name to expression");
  }
  for (const Json& column : columns) {
    if (column.is_object()) {
      BESSEMER_RETURN_IF_ERROR(add(column, true));
    } else if (column.is_string()) {
      options->columns.push_back(column.get<std::string>());
    } else {
      options->columns.push_back(JsonText(column));
    }
  }
  return OkStatus();
}

Status ReadOutput(const ParamValues& params, IngestOptions* options) {
  std::string format = params.String("output_format");
  if (params.Has("output_data_format")) {
    const int64_t number = params.Int("output_data_format");
    if (number != 6 && number != 7 && number != 15) {
      return params.Error("output_data_format",
                          fmt::format("must be 6 (tf.Example), 7 (tf.SequenceExample) or 15 "
                                      "(Parquet), not {}",
                                      number));
    }
    format = number == 6 ? "tf_example" : number == 7 ? "tf_sequence_example" : "parquet";
  }
  if (params.Has("payload_format") && params.String("payload_format") == "FORMAT_PARQUET") {
    const bool by_number = params.Has("output_data_format");
    // tf_example is also what output_format is if nobody says anything.
    if (by_number ? format != "parquet" : format == "tf_sequence_example") {
      return params.Error(by_number ? "output_data_format" : "output_format",
                          fmt::format("must be {} for a payload_format of FORMAT_PARQUET; "
                                      "ParquetExampleGen makes examples of Parquet",
                                      by_number ? "15" : "parquet"));
    }
    format = "parquet";
  }
  options->output = format == "parquet"               ? OutputFormat::kParquet
                    : format == "tf_sequence_example" ? OutputFormat::kSequenceExample
                                                      : OutputFormat::kExample;
  if (params.String("output_compression") == "none") {
    options->compression = io::Compression::kNone;
  }
  return OkStatus();
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
      {.name = "fingerprint",
       .default_value = "content",
       .doc = "What tells inputs apart: their content, or TFX's counts and modification times.",
       .choices = {"content", "tfx"}},
  };
  for (const std::vector<Param>& more : {SpanParams(), OutputParams()}) {
    params.insert(params.end(), more.begin(), more.end());
  }
  return params;
}

std::vector<Param> OutputParams() {
  std::vector<Param> params = {
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
      {.name = "columns",
       .type = ParamType::kAny,
       .doc = "Features to keep, and computed ones: a list of names and {name: expression}; or a "
              "map of these, beside all features. None: all."},
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
      {.name = "output_format",
       .default_value = "tf_example",
       .doc = "What is written: TFRecords of tf.Example, or of tf.SequenceExample (nested lists "
              "are feature lists), or Parquet.",
       .choices = {"tf_example", "tf_sequence_example", "parquet"}},
      {.name = "output_data_format",
       .type = ParamType::kInt,
       .doc = "TFX's form of output_format: 6, 7 or 15."},
      {.name = "output_compression",
       .default_value = "gzip",
       .doc = "Of TFRecords.",
       .choices = {"gzip", "none"}},
  };
  const std::vector<Param> rules = shaping::ShapingParams();
  params.insert(params.end(), rules.begin(), rules.end());
  return params;
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
  BESSEMER_ASSIGN_OR_RETURN(selection.spans, ReadSpanRange(params));
  return selection;
}

StatusOr<IngestOptions> ReadIngestOptions(const ParamValues& params, size_t num_input_splits) {
  IngestOptions options;
  shaping::HashSplit hash;
  BESSEMER_ASSIGN_OR_RETURN(const bool given, ReadHashSplit(params, num_input_splits, &hash));
  BESSEMER_ASSIGN_OR_RETURN(options.shaping, shaping::ReadShapingRules(params, hash, given));
  BESSEMER_RETURN_IF_ERROR(ReadColumns(params, &options));
  BESSEMER_RETURN_IF_ERROR(ReadOutput(params, &options));
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
                            ResolveInput(selection.base, selection.splits, selection.spans));
  const bool as_tfx = params.String("fingerprint") == "tfx";
  BESSEMER_ASSIGN_OR_RETURN(const std::string fingerprint,
                            as_tfx ? TfxFingerprint(input.splits)
                                   : ContentFingerprint(input.splits, hashes));
  Json json = {{"span", input.span}};
  if (input.version) json["version"] = *input.version;
  for (size_t i = 0; input.spans.size() > 1 && i < input.spans.size(); ++i) {
    json["spans"].push_back(input.spans[i].span);
  }
  json["input_fingerprint"] = fingerprint;
  json["splits"] = Json::array();
  for (const ResolvedSplit& split : input.splits) {
    json["splits"].push_back(
        {{"name", split.name}, {"pattern", split.pattern}, {"files", split.files}});
  }
  return json;
}

StatusOr<ResolvedInput> ResolvedFromJson(const Json& resolved) {
  const Json& splits = JsonMember(resolved, "splits");
  if (!splits.is_array() || !JsonMember(resolved, "span").is_number_integer()) {
    return InternalError("the input was not resolved before the run");
  }
  ResolvedInput input;
  input.span = resolved.at("span").get<int64_t>();
  if (const Json& version = JsonMember(resolved, "version"); version.is_number_integer()) {
    input.version = version.get<int64_t>();
  }
  for (const Json& split : splits) {
    ResolvedSplit read{TextOf(JsonMember(split, "name")), TextOf(JsonMember(split, "pattern")), {}};
    const Json& files = JsonMember(split, "files");
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
    if (const Json& number = JsonMember(resolved, name); number.is_number_integer()) {
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
  description.texts = {{"input_fingerprint", TextOf(JsonMember(resolved, "input_fingerprint"))},
                       {"payload_format", result.payload_format}};
  if (options.output != OutputFormat::kParquet) {
    description.texts.emplace_back(
        "file_format",
        options.compression == io::Compression::kGzip ? "tfrecords_gzip" : "tfrecords");
  }
  if (const Json& spans = JsonMember(resolved, "spans"); !spans.is_null()) {
    description.texts.emplace_back("spans", JsonText(spans));
  }
  if (!result.shaping.empty()) {
    description.texts.emplace_back("shaping", JsonText(result.shaping));
  }
  description.summary = fmt::format("{} examples: {}", total, parts);
  if (result.filtered) {
    description.numbers.emplace_back("num_excluded_rows", result.num_excluded_rows);
    description.summary += fmt::format("; {} rows excluded", result.num_excluded_rows);
  }
  const auto add_dropped = [&](bool by_rule, const char* name, int64_t rows, const char* what) {
    if (!by_rule) return;
    description.numbers.emplace_back(name, rows);
    description.summary += fmt::format("; {} {}", rows, what);
  };
  const auto& balance = options.shaping.balance;
  add_dropped(options.shaping.deduplicate.has_value(), "num_duplicate_rows",
              result.shaped.num_duplicates, "duplicates dropped");
  add_dropped(options.shaping.sample.has_value(), "num_unsampled_rows",
              result.shaped.num_unsampled, "rows not sampled");
  add_dropped(balance && balance->weight_feature.empty(), "num_unbalanced_rows",
              result.shaped.num_unbalanced, "rows dropped to balance classes");
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
