#include "bessemer/statistics/options.h"

#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl_lite.h>

#include <algorithm>

#include "bessemer/base/json_text.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/statistics/row_condition.h"
#include "bessemer/statistics/slice_query.h"
#include "bessemer/statistics/slicing.h"
#include "bessemer/statistics/state_codec.h"
#include "bessemer/statistics/statistic.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::statistics {
namespace {

using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

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

Status ValidateMutualInformation(const StatisticsOptions& options) {
  const MutualInformationOptions& o = options.mutual_information;
  BESSEMER_RETURN_IF_ERROR(AtLeast("mutual_information_partitions", o.num_partitions, 1));
  BESSEMER_RETURN_IF_ERROR(AtLeast("mutual_information_rows", o.max_examples_per_partition, 4));
  BESSEMER_RETURN_IF_ERROR(
      AtLeast("mutual_information_min_partitions", o.min_partitions_stat_presence, 1));
  BESSEMER_RETURN_IF_ERROR(
      AtLeast("mutual_information_encoding_length", o.max_encoding_length, 2));
  if (o.seed < 0 || o.seed > 0xffffffff) {
    return InvalidArgumentError("invalid mutual_information_seed {}: it must be in [0, 2^32)",
                                o.seed);
  }
  if (o.enabled && options.label_feature.empty()) {
    return InvalidArgumentError("mutual_information needs label_feature: the label to tell of");
  }
  const auto& allowed = options.feature_allowlist;
  const bool has_label = allowed.empty() || std::find(allowed.begin(), allowed.end(),
                                                      options.label_feature) != allowed.end();
  if (o.enabled && !has_label && !options.tfdv_compat) {
    return InvalidArgumentError(
        "mutual_information tells of the label '{}', which is not among the features to compute "
        "statistics of (feature_allowlist, --feature): add it",
        options.label_feature);
  }
  return OkStatus();
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
  if (!(semantic_domain_stats_sample_rate > 0 && semantic_domain_stats_sample_rate <= 1)) {
    return InvalidArgumentError(
        "invalid semantic_domain_stats_sample_rate {}: it must be in (0, 1]",
        semantic_domain_stats_sample_rate);
  }
  if (!(epsilon > 0 && epsilon < 1)) {
    return InvalidArgumentError("invalid epsilon {}: it must be in (0, 1)", epsilon);
  }
  if (schema != nullptr && !use_sketch_based_topk_uniques && HasCategoricalFloat(*schema)) {
    return InvalidArgumentError(
        "the schema has categorical float features, which need use_sketch_based_topk_uniques");
  }
  BESSEMER_RETURN_IF_ERROR(ValidateMutualInformation(*this));
  if (!std::is_sorted(lift.y_boundaries.begin(), lift.y_boundaries.end())) {
    return InvalidArgumentError("invalid lift_y_boundaries: they must ascend");
  }
  for (const SliceSpec& spec : slices) {
    if (!spec.sql.empty() && !tfdv_compat) {
      BESSEMER_RETURN_IF_ERROR(SliceQuery::Parse(spec.sql).status());
    }
  }
  if (!row_conditions.empty() && sample_rate < 1) {
    return InvalidArgumentError(
        "rules over rows cannot be counted with a sample_rate of {}: it must be 1", sample_rate);
  }
  for (const RowConditionSpec& condition : row_conditions) {
    const auto parsed = RowCondition::Parse(condition.expression);
    if (!parsed.ok()) return WithContext(parsed.status(), condition.text);
  }
  return OkStatus();
}

std::string StatisticsOptions::Serialize() const {
  StateWriter out;
  out.Bytes(JsonText(OptionsToJson(*this)));
  out.Bool(schema != nullptr);
  out.Bytes(schema != nullptr ? proto::Serialize(*schema) : "");
  out.Varint(custom_statistics.size());
  for (const auto& statistic : custom_statistics) out.Bytes(statistic->name);
  out.Varint(row_conditions.size());
  for (const RowConditionSpec& condition : row_conditions) {
    out.Bytes(condition.text);
    out.Bytes(condition.expression);
  }
  return out.Take();
}

StatusOr<StatisticsOptions> StatisticsOptions::Parse(
    std::string_view bytes, const std::vector<std::shared_ptr<const Statistic>>& custom) {
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
  for (uint64_t i = in.at_end() ? 0 : in.Count(); i > 0 && in.status().ok(); --i) {
    const std::string_view name = in.Bytes();
    const auto known = std::find_if(custom.begin(), custom.end(),
                                    [&](const auto& statistic) { return statistic->name == name; });
    if (known == custom.end()) {
      return FailedPreconditionError(
          "the statistics state holds the statistic '{}', which is not of this library; load it "
          "in a program that has it",
          name);
    }
    options.custom_statistics.push_back(*known);
  }
  for (uint64_t i = in.at_end() ? 0 : in.Count(); i > 0 && in.status().ok(); --i) {
    const std::string_view text = in.Bytes();
    options.row_conditions.push_back({std::string(text), std::string(in.Bytes())});
  }
  BESSEMER_RETURN_IF_ERROR(in.status());
  return options;
}

StatusOr<SliceSpec> ParseSliceSpec(std::string_view text) {
  SliceSpec spec;
  if (text == kFunctionSlice) {
    spec.function = [](const arrow::RecordBatch&) -> StatusOr<SliceSpec::RowsByName> {
      return FailedPreconditionError(
          "the slices of this statistics state come from a function of another program; it cannot "
          "take more rows");
    };
    return spec;
  }
  if (SliceQuery::IsQuery(text)) {
    BESSEMER_RETURN_IF_ERROR(SliceQuery::Parse(text).status());
    spec.sql = std::string(text);
    return spec;
  }
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

}  // namespace bessemer::statistics
