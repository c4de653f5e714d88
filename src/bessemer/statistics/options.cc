#include "bessemer/statistics/options.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include "bessemer/base/json_text.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/statistics/state_codec.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::statistics {
namespace {

using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

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
  std::string text;
  for (const auto& [feature, values] : spec.features) {
    if (values.empty()) text += fmt::format("{}{}", text.empty() ? "" : ",", feature);
    for (const std::string& value : values) {
      text += fmt::format("{}{}={}", text.empty() ? "" : ",", feature, value);
    }
  }
  return text;
}

Json ToJson(const StatisticsOptions& o) {
  Json slices = Json::array();
  for (const SliceSpec& spec : o.slices) slices.push_back(SliceSpecText(spec));
  Json overrides = Json::object();
  for (const auto& [path, column] : o.per_feature_weight_override) {
    overrides[PathToString(path)] = column;
  }
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
              {"sample_rate", o.sample_rate},
              {"sample_seed", static_cast<int64_t>(o.sample_seed)},
              {"use_sketch_based_topk_uniques", o.use_sketch_based_topk_uniques},
              {"count_empty_values", o.count_empty_values},
              {"cross_feature_stats", o.cross_feature_stats},
              {"tfdv_compat", o.tfdv_compat},
              {"max_uniques_bytes", o.max_uniques_bytes}};
}

Status AtLeast(std::string_view name, int64_t value, int64_t min) {
  if (value >= min) return OkStatus();
  return InvalidArgumentError("invalid {} {}: it must be at least {}", name, value, min);
}

bool HasCategoricalFloat(const Schema& schema) {
  for (const Feature& feature : schema.feature()) {
    if (feature.type() == ::tensorflow::metadata::v0::FLOAT &&
        feature.float_domain().is_categorical()) {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string PathToString(const FeaturePath& path) { return fmt::format("{}", fmt::join(path, "."));
    }

Status StatisticsOptions::Validate() const {
  BESSEMER_RETURN_IF_ERROR(AtLeast("num_top_values", num_top_values, 0));
  BESSEMER_RETURN_IF_ERROR(AtLeast("frequency_threshold", frequency_threshold, 0));
  BESSEMER_RETURN_IF_ERROR(AtLeast("num_rank_histogram_buckets", num_rank_histogram_buckets, 0));
  BESSEMER_RETURN_IF_ERROR(
      AtLeast("num_values_histogram_buckets", num_values_histogram_buckets, 2));
  BESSEMER_RETURN_IF_ERROR(AtLeast("num_histogram_buckets", num_histogram_buckets, 1));
  BESSEMER_RETURN_IF_ERROR(
      AtLeast("num_quantiles_histogram_buckets", num_quantiles_histogram_buckets, 1));
  if (!(sample_rate > 0 && sample_rate <= 1)) {
    return InvalidArgumentError("invalid sample_rate {}: it must be in (0, 1]", sample_rate);
  }
  if (!(epsilon > 0 && epsilon < 1)) {
    return InvalidArgumentError("invalid epsilon {}: it must be in (0, 1)", epsilon);
  }
  if (schema != nullptr && !use_sketch_based_topk_uniques && HasCategoricalFloat(*schema)) {
    return InvalidArgumentError(
        "the schema has categorical float features, which need use_sketch_based_topk_uniques");
  }
  return OkStatus();
}

std::string StatisticsOptions::Serialize() const {
  StateWriter out;
  out.Bytes(JsonText(ToJson(*this)));
  out.Bool(schema != nullptr);
  out.Bytes(schema != nullptr ? proto::Serialize(*schema) : "");
  return out.Take();
}

StatusOr<StatisticsOptions> StatisticsOptions::Parse(std::string_view bytes) {
  StateReader in(bytes);
  const Json json = Json::parse(in.Bytes(), nullptr, /*allow_exceptions=*/false);
  const bool has_schema = in.Bool();
  const std::string_view schema_bytes = in.Bytes();
  BESSEMER_RETURN_IF_ERROR(in.status());
  BESSEMER_ASSIGN_OR_RETURN(
      const ParamValues values,
      ParamValues::FromJson(StatisticsParams(), json, "the options of a statistics state"));
  BESSEMER_ASSIGN_OR_RETURN(StatisticsOptions options, OptionsFromParams(values));
  if (has_schema) {
    auto schema = std::make_shared<Schema>();
    if (!schema->ParsePartialFromArray(schema_bytes.data(),
                                       static_cast<int>(schema_bytes.size()))) {
      return InvalidArgumentError("the schema inside a statistics state is not readable");
    }
    options.schema = std::move(schema);
  }
  return options;
}

StatusOr<SliceSpec> ParseSliceSpec(std::string_view text) {
  SliceSpec spec;
  while (true) {
    const size_t comma = text.find(',');
    const std::string_view part = text.substr(0, comma);
    const size_t equals = part.find('=');
    const std::string feature(part.substr(0, equals));
    if (feature.empty()) {
      return InvalidArgumentError(
          "'{}' names no feature to slice by; write feature, feature=value or several by commas",
          text);
    }
    std::set<std::string>& values = spec.features[feature];
    if (equals != std::string_view::npos) values.emplace(part.substr(equals + 1));
    if (comma == std::string_view::npos) return spec;
    text.remove_prefix(comma + 1);
  }
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
      FloatParam("sample_rate", 1, 0, "The fraction of rows to read, chosen by a hash of the row.",
                 1),
      IntParam("sample_seed", 0, -9.3e18, "Which rows a sample takes."),
      BoolParam("use_sketch_based_topk_uniques", "Estimate uniques and top values in less memory."),
      BoolParam("count_empty_values", "Count empty lists, empty strings and -1."),
      BoolParam("cross_feature_stats",
                "Add covariance and correlation of each two numeric columns."),
      BoolParam("tfdv_compat",
                "Use TFDV's quantile sketch, so that approximate answers agree too."),
      IntParam("max_uniques_bytes", int64_t{1} << 31, 0,
               "Memory of the table of a feature's values beyond which it is estimated."),
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
  o.sample_rate = params.Float("sample_rate");
  o.sample_seed = static_cast<uint64_t>(params.Int("sample_seed"));
  o.use_sketch_based_topk_uniques = params.Bool("use_sketch_based_topk_uniques");
  o.count_empty_values = params.Bool("count_empty_values");
  o.cross_feature_stats = params.Bool("cross_feature_stats");
  o.tfdv_compat = params.Bool("tfdv_compat");
  o.max_uniques_bytes = params.Int("max_uniques_bytes");
  BESSEMER_RETURN_IF_ERROR(o.Validate());
  return o;
}

}  // namespace bessemer::statistics
