#include "bessemer/base/json_text.h"
#include "bessemer/statistics/options.h"
#include "bessemer/statistics/slicing.h"

namespace bessemer::statistics {
namespace {

Param IntParam(std::string name, int64_t value, double min, std::string doc) {
  return {.name = std::move(name), .type = ParamType::kInt, .default_value = value,
          .doc = std::move(doc), .min = min};
}

Param FloatParam(std::string name, double value, double min, std::string doc,
                 std::optional<double> max = std::nullopt) {
  return {.name = std::move(name), .type = ParamType::kFloat, .default_value = value,
          .doc = std::move(doc), .min = min, .max = max};
}

Param BoolParam(std::string name, std::string doc) {
  return {.name = std::move(name), .type = ParamType::kBool, .default_value = false,
          .doc = std::move(doc)};
}

std::string SliceSpecText(const SliceSpec& spec) {
  if (spec.function) return kFunctionSlice;
  if (!spec.sql.empty()) return spec.sql;
  std::string text;
  for (const auto& [feature, values] : spec.features) {
    if (values.empty()) text += fmt::format("{}{}", text.empty() ? "" : ",", feature);
    for (const std::string& value : values) {
      text += fmt::format("{}{}={}", text.empty() ? "" : ",", feature, value);
    }
  }
  return text;
}

}  // namespace

Json OptionsToJson(const StatisticsOptions& o) {
  Json slices = Json::array();
  for (const SliceSpec& spec : o.slices) slices.push_back(SliceSpecText(spec));
  Json overrides = Json::object();
  for (const auto& [path, column] : o.per_feature_weight_override) {
    overrides[PathToString(path)] = column;
  }
  Json crosses = Json::array();
  for (const auto& [x, y] : o.feature_crosses) crosses.push_back(Json::array({x, y}));
  return Json{{"weight_feature", o.weight_feature},
              {"per_feature_weight_override", overrides},
              {"label_feature", o.label_feature},
              {"feature_allowlist", o.feature_allowlist},
              {"slices", slices},
              {"num_top_values", o.num_top_values},
              {"frequency_threshold", o.frequency_threshold},
              {"weighted_frequency_threshold", o.weighted_frequency_threshold},
              {"num_rank_histogram_buckets", o.num_rank_histogram_buckets},
              {"num_values_histogram_buckets", o.num_values_histogram_buckets},
              {"num_histogram_buckets", o.num_histogram_buckets},
              {"num_quantiles_histogram_buckets", o.num_quantiles_histogram_buckets},
              {"epsilon", o.epsilon},
              {"infer_type_from_schema", o.infer_type_from_schema},
              {"enable_semantic_domain_stats", o.enable_semantic_domain_stats},
              {"semantic_domain_stats_sample_rate", o.semantic_domain_stats_sample_rate},
              {"add_default_generators", o.add_default_generators},
              {"vocab_paths", o.vocab_paths},
              {"mutual_information", o.mutual_information.enabled},
              {"mutual_information_partitions", o.mutual_information.num_partitions},
              {"mutual_information_rows", o.mutual_information.max_examples_per_partition},
              {"mutual_information_min_partitions",
               o.mutual_information.min_partitions_stat_presence},
              {"mutual_information_encoding_length", o.mutual_information.max_encoding_length},
              {"mutual_information_seed", o.mutual_information.seed},
              {"mutual_information_normalize", o.mutual_information.normalize_by_max},
              {"mutual_information_sklearn", o.mutual_information.sklearn},
              {"lift_y_boundaries", o.lift.y_boundaries},
              {"lift_min_x_count", o.lift.min_x_count},
              {"lift_top_k_per_y", o.lift.top_k_per_y},
              {"lift_bottom_k_per_y", o.lift.bottom_k_per_y},
              {"sample_rate", o.sample_rate},
              {"sample_seed", static_cast<int64_t>(o.sample_seed)},
              {"use_sketch_based_topk_uniques", o.use_sketch_based_topk_uniques},
              {"count_empty_values", o.count_empty_values},
              {"cross_feature_stats", o.cross_feature_stats},
              {"feature_crosses", crosses},
              {"topk_in_custom_stats", o.topk_in_custom_stats},
              {"tfdv_compat", o.tfdv_compat},
              {"max_uniques_bytes", o.max_uniques_bytes}};
}

std::vector<Param> StatisticsParams() {
  return {
      {.name = "weight_feature", .default_value = "",
       .doc = "A numeric column with one value in each row: adds weighted statistics."},
      {.name = "per_feature_weight_override", .type = ParamType::kMap,
       .default_value = Json::object(), .doc =
           "Other weight columns, by feature (a.b for a field)."},
      {.name = "label_feature", .default_value = "",
       .doc = "With a schema: adds the lift of each category for each value of this feature."},
      {.name = "feature_allowlist", .type = ParamType::kList, .default_value = Json::array(),
       .doc = "The only columns to read; none given: all."},
      {.name = "slices", .type = ParamType::kList, .default_value = Json::array(),
       .doc = "Slices to compute too: feature, feature=value, or several of these by commas."},
      IntParam("num_top_values", 20, 0, "How many of the most frequent values to list."),
      IntParam("frequency_threshold", 1, 0, "The smallest count of a listed value."),
      FloatParam("weighted_frequency_threshold", 1, 0, "The smallest weight of a listed value."),
      IntParam("num_rank_histogram_buckets", 1000, 0, "Buckets of a histogram of values by rank."),
      IntParam("num_values_histogram_buckets", 10, 2, "Buckets of a histogram of list lengths."),
      IntParam("num_histogram_buckets", 10, 1, "Buckets of equal width."),
      IntParam("num_quantiles_histogram_buckets", 10, 1, "Buckets of equal weight."),
      FloatParam("epsilon", 0.01, 0, "Rank error of quantiles under tfdv_compat.", 1),
      BoolParam("infer_type_from_schema",
                "Taken as TFDV takes it: no effect but where TFDV reads CSV itself."),
      BoolParam("enable_semantic_domain_stats", "Look for images, natural language and times."),
      FloatParam("semantic_domain_stats_sample_rate", 1, 0,
                 "The fraction of rows looked at for enable_semantic_domain_stats.", 1),
      {.name = "add_default_generators", .type = ParamType::kBool, .default_value = true,
       .doc = "The statistics that every feature gets."},
      {.name = "vocab_paths", .type = ParamType::kMap, .default_value = Json::object(),
       .doc = "Files of vocabularies that natural language domains name: a token in each line."},
      BoolParam("mutual_information",
                "With a schema and label_feature: what each feature tells of the label, in bits."),
      IntParam("mutual_information_partitions", 10, 1,
               "Partitions of the rows it is worked out for, one by one."),
      IntParam("mutual_information_rows", 1000, 4, "The most rows of a partition."),
      IntParam("mutual_information_min_partitions", 1, 1,
               "Partitions it must be known of for a feature to get the statistic."),
      IntParam("mutual_information_encoding_length", 512, 2,
               "Counts that the values of a row with several values are turned into."),
      IntParam("mutual_information_seed", 12345, 0, "Of its noise and permutations."),
      BoolParam("mutual_information_normalize",
                "Divide by what the label tells of itself, the most there can be."),
      BoolParam("mutual_information_sklearn",
                "With mutual_information: also as scikit-learn estimates it, plain, adjusted and "
                "normalised, in nats."),
      {.name = "lift_y_boundaries", .type = ParamType::kList, .default_value = Json::array(),
       .doc = "Cuts a numeric label into buckets for its lift."},
      IntParam("lift_min_x_count", 0, 0, "Lift only of values more frequent than this."),
      IntParam("lift_top_k_per_y", 0, 0, "Only the values of highest lift; 0: all."),
      IntParam("lift_bottom_k_per_y", 0, 0, "Only the values of lowest lift; 0: all."),
      FloatParam("sample_rate", 1, 0, "The fraction of rows to read, chosen by a hash of the row.",
                 1),
      IntParam("sample_seed", 0, -9.3e18, "Which rows a sample takes."),
      BoolParam("use_sketch_based_topk_uniques", "Estimate uniques and top values in less memory."),
      BoolParam("count_empty_values", "Count empty lists, empty strings and -1."),
      BoolParam("cross_feature_stats",
                "Add covariance and correlation of each two numeric columns."),
      {.name = "feature_crosses", .type = ParamType::kList, .default_value = Json::array(),
       .doc = "With cross_feature_stats: only these pairs of features."},
      BoolParam("topk_in_custom_stats",
                "With use_sketch_based_topk_uniques: written as custom statistics."),
      BoolParam("tfdv_compat",
                "Use TFDV's quantile sketch, so that approximate answers agree too."),
      IntParam("max_uniques_bytes", int64_t{160} << 20, 0,
               "Memory for the values of all features; beyond it they go to temporary files."),
  };
}

StatusOr<StatisticsOptions> OptionsFromParams(const ParamValues& params) {
  StatisticsOptions o;
  o.weight_feature = params.String("weight_feature");
  for (const auto& [path, column] : params.Value("per_feature_weight_override").items()) {
    if (!column.is_string()) {
      return params.Error("per_feature_weight_override",
                          fmt::format("the weight of '{}' must be the name of a column", path));
    }
    FeaturePath steps;
    for (size_t begin = 0; begin <= path.size();) {
      const size_t dot = std::min(path.find('.', begin), path.size());
      steps.push_back(path.substr(begin, dot - begin));
      begin = dot + 1;
    }
    o.per_feature_weight_override[steps] = column.get<std::string>();
  }
  o.label_feature = params.String("label_feature");
  o.feature_allowlist = params.Strings("feature_allowlist");
  for (const std::string& text : params.Strings("slices")) {
    BESSEMER_ASSIGN_OR_RETURN(SliceSpec spec, ParseSliceSpec(text));
    o.slices.push_back(std::move(spec));
  }
  o.num_top_values = params.Int("num_top_values");
  o.frequency_threshold = params.Int("frequency_threshold");
  o.weighted_frequency_threshold = params.Float("weighted_frequency_threshold");
  o.num_rank_histogram_buckets = params.Int("num_rank_histogram_buckets");
  o.num_values_histogram_buckets = params.Int("num_values_histogram_buckets");
  o.num_histogram_buckets = params.Int("num_histogram_buckets");
  o.num_quantiles_histogram_buckets = params.Int("num_quantiles_histogram_buckets");
  o.epsilon = params.Float("epsilon");
  o.infer_type_from_schema = params.Bool("infer_type_from_schema");
  o.enable_semantic_domain_stats = params.Bool("enable_semantic_domain_stats");
  o.semantic_domain_stats_sample_rate = params.Float("semantic_domain_stats_sample_rate");
  o.add_default_generators = params.Bool("add_default_generators");
  for (const auto& [name, path] : params.Value("vocab_paths").items()) {
    if (!path.is_string()) {
      return params.Error("vocab_paths",
                          fmt::format("'{}' must be given the name of a file", name));
    }
    o.vocab_paths[name] = path.get<std::string>();
  }
  o.mutual_information = {.enabled = params.Bool("mutual_information"),
                          .num_partitions = params.Int("mutual_information_partitions"),
                          .max_examples_per_partition = params.Int("mutual_information_rows"),
                          .min_partitions_stat_presence =
                              params.Int("mutual_information_min_partitions"),
                          .max_encoding_length = params.Int("mutual_information_encoding_length"),
                          .seed = params.Int("mutual_information_seed"),
                          .normalize_by_max = params.Bool("mutual_information_normalize"),
                          .sklearn = params.Bool("mutual_information_sklearn")};
  for (const Json& boundary : params.Value("lift_y_boundaries")) {
    if (!boundary.is_number()) {
      return params.Error("lift_y_boundaries", "must be a list of numbers");
    }
    o.lift.y_boundaries.push_back(boundary.get<double>());
  }
  o.lift.min_x_count = params.Int("lift_min_x_count");
  o.lift.top_k_per_y = params.Int("lift_top_k_per_y");
  o.lift.bottom_k_per_y = params.Int("lift_bottom_k_per_y");
  o.sample_rate = params.Float("sample_rate");
  o.sample_seed = static_cast<uint64_t>(params.Int("sample_seed"));
  o.use_sketch_based_topk_uniques = params.Bool("use_sketch_based_topk_uniques");
  o.count_empty_values = params.Bool("count_empty_values");
  o.cross_feature_stats = params.Bool("cross_feature_stats");
  for (const Json& pair : params.Value("feature_crosses")) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      return params.Error("feature_crosses", "must be a list of pairs of features");
    }
    o.feature_crosses.emplace_back(pair[0].get<std::string>(), pair[1].get<std::string>());
  }
  o.topk_in_custom_stats = params.Bool("topk_in_custom_stats");
  o.tfdv_compat = params.Bool("tfdv_compat");
  o.max_uniques_bytes = params.Int("max_uniques_bytes");
  BESSEMER_RETURN_IF_ERROR(o.Validate());
  return o;
}

}  // namespace bessemer::statistics
