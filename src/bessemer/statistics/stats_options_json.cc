#include <google/protobuf/util/json_util.h>

#include <algorithm>

#include "bessemer/base/nearest_name.h"
#include "bessemer/statistics/options.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::statistics {
namespace {

using ::tensorflow::metadata::v0::Schema;

Status BadField(std::string_view name, std::string_view what) {
  return InvalidArgumentError("stats_options_json: {}: {}", name, what);
}

// Reads fields of the object by their names without leading underscores; null is as absent.
class Fields {
 public:
  explicit Fields(const Json& json) {
    for (const auto& [key, value] : json.items()) {
      const size_t begin = key.find_first_not_of('_');
      values_[begin == std::string::npos ? key : key.substr(begin)] = &value;
    }
  }

  const Json* Find(const std::string& name) {
    known_.push_back(name);
    const auto it = values_.find(name);
    return it == values_.end() || it->second->is_null() ? nullptr : it->second;
  }
  Status Read(const std::string& name, std::string* out) {
    const Json* value = Find(name);
    if (value == nullptr) return OkStatus();
    if (!value->is_string()) return BadField(name, "must be a string");
    *out = value->get<std::string>();
    return OkStatus();
  }
  Status Read(const std::string& name, bool* out) {
    const Json* value = Find(name);
    if (value == nullptr) return OkStatus();
    if (!value->is_boolean()) return BadField(name, "must be true or false");
    *out = value->get<bool>();
    return OkStatus();
  }
  Status Read(const std::string& name, int64_t* out) {
    const Json* value = Find(name);
    if (value == nullptr) return OkStatus();
    if (!value->is_number_integer()) return BadField(name, "must be an integer");
    *out = value->get<int64_t>();
    return OkStatus();
  }
  Status Read(const std::string& name, double* out) {
    const Json* value = Find(name);
    if (value == nullptr) return OkStatus();
    if (!value->is_number()) return BadField(name, "must be a number");
    *out = value->get<double>();
    return OkStatus();
  }
  Status Read(const std::string& name, std::vector<std::string>* out) {
    const Json* value = Find(name);
    if (value == nullptr) return OkStatus();
    if (!value->is_array()) return BadField(name, "must be a list of strings");
    for (const Json& item : *value) {
      if (!item.is_string()) return BadField(name, "must be a list of strings");
      out->push_back(item.get<std::string>());
    }
    return OkStatus();
  }
  // A count that is checked but has no effect.
  Status CheckPositive(const std::string& name) {
    int64_t value = 1;
    BESSEMER_RETURN_IF_ERROR(Read(name, &value));
    if (value < 1) return BadField(name, fmt::format("invalid {} {}: must be ≥ 1", name, value));
    return OkStatus();
  }
  Status CheckAbsent(const std::string& name, std::string_view why) {
    return Find(name) == nullptr ? OkStatus() : BadField(name, why);
  }
  Status CheckKnown() const {
    for (const auto& [name, value] : values_) {
      if (std::find(known_.begin(), known_.end(), name) != known_.end()) continue;
      return BadField(name, "no such option" + SuggestName(name, known_));
    }
    return OkStatus();
  }

 private:
  std::map<std::string, const Json*> values_;
  std::vector<std::string> known_;
};

const Json* FindEither(const Json& json, const char* camel, const char* snake) {
  if (const auto it = json.find(camel); it != json.end()) return &*it;
  const auto it = json.find(snake);
  return it == json.end() ? nullptr : &*it;
}

// tfx_bsl's SlicingConfig as protobuf writes it in JSON.
Status ReadSlicingConfig(const std::string& text, std::vector<SliceSpec>* slices) {
  constexpr std::string_view kName = "slicing_config_json";
  const Json config = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!config.is_object()) return BadField(kName, "must be a SlicingConfig in JSON");
  const Json* specs = FindEither(config, "slicingSpecs", "slicing_specs");
  if (specs == nullptr) return OkStatus();
  if (!specs->is_array()) return BadField(kName, "slicingSpecs must be a list");
  for (const Json& one : *specs) {
    if (!one.is_object()) return BadField(kName, "slicingSpecs must be a list of objects");
    SliceSpec spec;
    if (const Json* keys = FindEither(one, "featureKeys", "feature_keys")) {
      for (const Json& key : *keys) {
        if (!key.is_string()) return BadField(kName, "featureKeys must be strings");
        spec.features[key.get<std::string>()];
      }
    }
    if (const Json* values = FindEither(one, "featureValues", "feature_values")) {
      for (const auto& [feature, value] : values->items()) {
        if (!value.is_string()) return BadField(kName, "featureValues must be strings");
        spec.features[feature] = {value.get<std::string>()};
      }
    }
    if (!spec.features.empty()) slices->push_back(std::move(spec));
    if (const Json* sql = FindEither(one, "sliceKeysSql", "slice_keys_sql")) {
      if (!sql->is_string()) return BadField(kName, "sliceKeysSql must be a string");
      if (const std::string query = sql->get<std::string>(); !query.empty()) {
        slices->push_back({.features = {}, .sql = query});
      }
    }
  }
  return OkStatus();
}

// Keys are the steps of a path as a JSON list.
Status ReadWeights(const Json& json, std::map<FeaturePath, std::string>* weights) {
  constexpr std::string_view kName = "per_feature_weight_override_json";
  for (const auto& [key, column] : json.items()) {
    const Json steps = Json::parse(key, nullptr, /*allow_exceptions=*/false);
    if (!steps.is_array() || !column.is_string()) {
      return BadField(kName, "must map paths, as lists of steps, to columns");
    }
    FeaturePath path;
    for (const Json& step : steps) {
      if (!step.is_string()) return BadField(kName, "the steps of a path must be strings");
      path.push_back(step.get<std::string>());
    }
    (*weights)[path] = column.get<std::string>();
  }
  return OkStatus();
}

Status ReadSchemaField(Fields* fields, StatisticsOptions* options) {
  std::string text;
  BESSEMER_RETURN_IF_ERROR(fields->Read("schema_json", &text));
  if (text.empty()) return OkStatus();
  auto schema = std::make_shared<Schema>();
  const auto status = ::google::protobuf::util::JsonStringToMessage(text, schema.get());
  if (!status.ok()) {
    return BadField("schema_json", fmt::format("not a schema: {}", status.ToString()));
  }
  options->schema = std::move(schema);
  return OkStatus();
}

Status ReadSlices(Fields* fields, StatisticsOptions* options) {
  std::string slicing_config;
  BESSEMER_RETURN_IF_ERROR(fields->Read("slicing_config_json", &slicing_config));
  if (!slicing_config.empty()) {
    BESSEMER_RETURN_IF_ERROR(ReadSlicingConfig(slicing_config, &options->slices));
  }
  std::vector<std::string> queries;
  for (const char* name : {"slice_sqls", "experimental_slice_sqls"}) {
    BESSEMER_RETURN_IF_ERROR(fields->Read(name, &queries));
  }
  if (!queries.empty() && !slicing_config.empty()) {
    return BadField("slice_sqls",
                    "Specify only one of slicing_config or experimental_slice_sqls.");
  }
  for (std::string& query : queries) {
    options->slices.push_back({.features = {}, .sql = std::move(query)});
  }
  return OkStatus();
}

Status ReadMaps(Fields* fields, StatisticsOptions* options) {
  if (const Json* paths = fields->Find("vocab_paths")) {
    if (!paths->is_object()) return BadField("vocab_paths", "must be a dict of names and files");
    for (const auto& [name, path] : paths->items()) {
      if (!path.is_string()) return BadField("vocab_paths", "must map names to files");
      options->vocab_paths[name] = path.get<std::string>();
    }
  }
  if (const Json* weights = fields->Find("per_feature_weight_override_json")) {
    if (!weights->is_object()) {
      return BadField("per_feature_weight_override_json", "must be a dict");
    }
    return ReadWeights(*weights, &options->per_feature_weight_override);
  }
  return OkStatus();
}

// What Python objects are needed for, and what only says how TFDV does its work.
Status CheckIgnored(Fields* fields) {
  constexpr std::string_view kObjects = "cannot be carried over from Python";
  for (const char* name : {"generators", "slice_functions", "experimental_slice_functions",
                           "per_feature_stats_config", "schema", "slicing_config",
                           "per_feature_weight_override"}) {
    BESSEMER_RETURN_IF_ERROR(fields->CheckAbsent(name, kObjects));
  }
  for (const char* name : {"desired_batch_size", "experimental_result_partitions",
                           "experimental_num_feature_partitions"}) {
    BESSEMER_RETURN_IF_ERROR(fields->CheckPositive(name));
  }
  bool ignored = false;
  return fields->Read("experimental_filter_read_paths", &ignored);
}

}  // namespace

StatusOr<StatisticsOptions> OptionsFromTfdvJson(std::string_view json) {
  const Json object = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (!object.is_object()) {
    return InvalidArgumentError("stats_options_json: not a JSON object");
  }
  Fields fields(object);
  std::string type_name = "StatsOptions";
  BESSEMER_RETURN_IF_ERROR(fields.Read("TYPE_NAME", &type_name));
  if (type_name != "StatsOptions") {
    return BadField("TYPE_NAME", "JSON does not encode a StatsOptions");
  }
  StatisticsOptions o;
  BESSEMER_RETURN_IF_ERROR(CheckIgnored(&fields));
  BESSEMER_RETURN_IF_ERROR(ReadSchemaField(&fields, &o));
  BESSEMER_RETURN_IF_ERROR(ReadSlices(&fields, &o));
  BESSEMER_RETURN_IF_ERROR(ReadMaps(&fields, &o));
  BESSEMER_RETURN_IF_ERROR(fields.Read("feature_allowlist", &o.feature_allowlist));
  BESSEMER_RETURN_IF_ERROR(fields.Read("label_feature", &o.label_feature));
  BESSEMER_RETURN_IF_ERROR(fields.Read("weight_feature", &o.weight_feature));
  const std::pair<const char*, double*> doubles[] = {
      {"sample_rate", &o.sample_rate},
      {"semantic_domain_stats_sample_rate", &o.semantic_domain_stats_sample_rate},
      {"weighted_frequency_threshold", &o.weighted_frequency_threshold},
      {"epsilon", &o.epsilon}};
  for (const auto& [name, value] : doubles) BESSEMER_RETURN_IF_ERROR(fields.Read(name, value));
  const std::pair<const char*, int64_t*> integers[] = {
      {"num_top_values", &o.num_top_values},
      {"frequency_threshold", &o.frequency_threshold},
      {"num_rank_histogram_buckets", &o.num_rank_histogram_buckets},
      {"num_values_histogram_buckets", &o.num_values_histogram_buckets},
      {"num_histogram_buckets", &o.num_histogram_buckets},
      {"num_quantiles_histogram_buckets", &o.num_quantiles_histogram_buckets}};
  for (const auto& [name, value] : integers) BESSEMER_RETURN_IF_ERROR(fields.Read(name, value));
  const std::pair<const char*, bool*> flags[] = {
      {"infer_type_from_schema", &o.infer_type_from_schema},
      {"enable_semantic_domain_stats", &o.enable_semantic_domain_stats},
      {"add_default_generators", &o.add_default_generators},
      {"use_sketch_based_topk_uniques", &o.use_sketch_based_topk_uniques},
      {"experimental_use_sketch_based_topk_uniques", &o.use_sketch_based_topk_uniques}};
  for (const auto& [name, value] : flags) BESSEMER_RETURN_IF_ERROR(fields.Read(name, value));
  BESSEMER_RETURN_IF_ERROR(fields.CheckKnown());
  BESSEMER_RETURN_IF_ERROR(o.Validate());
  return o;
}

}  // namespace bessemer::statistics
