#include <google/protobuf/util/json_util.h>

#include "bessemer/base/json_text.h"
#include "bessemer/components/anomalies_artifact.h"
#include "bessemer/components/component.h"
#include "bessemer/components/split_pairs.h"
#include "bessemer/schema/statistics_view.h"
#include "bessemer/validation/anomaly_table.h"
#include "bessemer/validation/compare_datasets.h"
#include "tfx/proto/distribution_validator.pb.h"

namespace bessemer::components::distribution_validator {
namespace {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::FeatureComparator;
using ::tfx::components::distribution_validator::DistributionValidatorConfig;

constexpr int kNoBaseline = 2;  // TFX's value of `blessed` for what was not compared

Status SetThreshold(const std::string& measure, double threshold, FeatureComparator* comparator) {
  if (measure == "infinity_norm") {
    comparator->mutable_infinity_norm()->set_threshold(threshold);
  } else if (measure == "jensen_shannon_divergence") {
    comparator->mutable_jensen_shannon_divergence()->set_threshold(threshold);
  } else if (measure == "normalized_abs_difference") {
    comparator->mutable_normalized_abs_difference()->set_threshold(threshold);
  } else {
    return InvalidArgumentError("unknown distance '{}'{}", measure,
                                SuggestName(measure, {"infinity_norm", "jensen_shannon_divergence",
                                                      "normalized_abs_difference"}));
  }
  return OkStatus();
}

Status AddFeature(const std::string& name, const Json& thresholds,
                  DistributionValidatorConfig::DatasetConfig* slice) {
  BESSEMER_ASSIGN_OR_RETURN(const schema::Path path, schema::Path::Parse(name));
  if (!thresholds.is_object() || thresholds.empty()) {
    return InvalidArgumentError("feature '{}': give distances and their thresholds, e.g. "
                                "{{infinity_norm: 0.1}}",
                                name);
  }
  auto* feature = slice->add_feature();
  *feature->mutable_path() = path.ToProto();
  for (const auto& [measure, threshold] : thresholds.items()) {
    if (!threshold.is_number()) {
      return InvalidArgumentError("feature '{}': the threshold of {} must be a number", name,
                                  measure);
    }
    const Status status = SetThreshold(measure, threshold.get<double>(),
                                       feature->mutable_distribution_comparator());
    if (!status.ok()) return WithContext(status, fmt::format("feature '{}'", name));
  }
  return OkStatus();
}

StatusOr<DistributionValidatorConfig> ConfigOf(const ParamValues& params) {
  DistributionValidatorConfig config;
  const std::string json = JsonText(params.Value("distribution_validator_config"));
  const auto parsed = google::protobuf::util::JsonStringToMessage(json, &config);
  if (!parsed.ok()) {
    return params.Error("distribution_validator_config", std::string(parsed.message()));
  }
  auto* slice = config.mutable_default_slice_config();
  for (const auto& [name, thresholds] : params.Value("features").items()) {
    const Status status = AddFeature(name, thresholds, slice);
    if (!status.ok()) return params.Error("features", Message(status));
  }
  const auto set = [&](const char* name, auto setter) {
    if (params.Has(name)) {
      (slice->mutable_num_examples_comparator()->*setter)(params.Float(name));
    }
  };
  using Comparator = ::tensorflow::metadata::v0::NumericValueComparator;
  set("min_examples_fraction", &Comparator::set_min_fraction_threshold);
  set("max_examples_fraction", &Comparator::set_max_fraction_threshold);
  if (slice->feature().empty() && !slice->has_num_examples_comparator()) {
    return InvalidArgumentError("DistributionValidator has nothing to compare: name features and "
                                "thresholds in 'features'");
  }
  return config;
}

Status ComparePair(RunContext& context, const DistributionValidatorConfig& config,
                   const SplitPair& pair, const Artifact& test, const Artifact& base,
                   std::map<std::string, int>* blessed) {
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics statistics,
                            ReadSplitStatistics(test, pair.test));
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatistics baseline,
                            ReadSplitStatistics(base, pair.base));
  BESSEMER_ASSIGN_OR_RETURN(
      const Anomalies anomalies,
      validation::CompareDatasets(statistics, baseline, config,
                                  context.params.Bool("numeric_distances")));
  BESSEMER_RETURN_IF_ERROR(WriteAnomalies(anomalies, pair.Folder(context.Output("anomalies"))));
  (*blessed)[pair.name()] = validation::HasAnomalies(anomalies) ? 0 : 1;
  const std::string table = validation::AnomalyTable(anomalies);
  context.summary += fmt::format("{} against {}:{}", pair.test, pair.base,
                                 table.empty() ? " no anomalies\n" : "\n" + table);
  context.summary += validation::DriftSkewTable(anomalies);
  return OkStatus();
}

Status Run(RunContext& context) {
  const Artifact* test = context.Input("statistics");
  if (test == nullptr) return FailedPreconditionError("DistributionValidator needs 'statistics'");
  Artifact& out = context.Output("anomalies");
  std::map<std::string, int> blessed;
  const Artifact* base = context.Input("baseline_statistics");
  BESSEMER_ASSIGN_OR_RETURN(const DistributionValidatorConfig config, ConfigOf(context.params));
  if (base == nullptr) {
    for (const std::string& split : test->SplitNames()) blessed[split] = kNoBaseline;
    out.custom_properties["blessed"] = EncodeBlessed(blessed);
    out.SetSplitNames({});
    context.summary = "there is no baseline yet: nothing was compared\n";
    return OkStatus();
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<SplitPair> pairs,
                            SplitPairs(context.params, DefaultPairs::kSameName, *test, *base));
  std::vector<std::string> names;
  for (const SplitPair& pair : pairs) {
    BESSEMER_RETURN_IF_ERROR(
        WithContext(ComparePair(context, config, pair, *test, *base, &blessed),
                    fmt::format("splits '{}' and '{}'", pair.test, pair.base)));
    names.push_back(pair.name());
  }
  out.SetSplitNames(names);
  if (const PropertyValue* span = test->Property("span")) out.properties["span"] = *span;
  out.custom_properties["blessed"] = EncodeBlessed(blessed);
  return OkStatus();
}

std::vector<Param> Params() {
  return {{.name = "features",
           .type = ParamType::kMap,
           .default_value = Json::object(),
           .doc = "By feature the greatest distance allowed, by infinity_norm, "
                  "jensen_shannon_divergence or normalized_abs_difference, each 0 to 1."},
          {.name = "min_examples_fraction",
           .type = ParamType::kFloat,
           .doc = "The least number of examples, as a multiple of the baseline's.",
           .min = 0},
          {.name = "max_examples_fraction",
           .type = ParamType::kFloat,
           .doc = "The greatest number of examples, as a multiple of the baseline's.",
           .min = 0},
          {.name = "distribution_validator_config",
           .type = ParamType::kMap,
           .default_value = Json::object(),
           .doc = "TFX's DistributionValidatorConfig in JSON form; joined with the other "
                  "parameters."},
          {.name = "numeric_distances",
           .type = ParamType::kBool,
           .default_value = true,
           .doc = "Whether infinity_norm and normalized_abs_difference measure numbers, by their "
                  "histograms; TFX's give 0 for them."},
          SplitPairsParam(DefaultPairs::kSameName)};
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "DistributionValidator",
       .doc = "Compares the statistics of two sets of examples: how far have distributions moved?\n"
              "Writes SplitPair-<test>_<base>/SchemaDiff.pb, a binary Anomalies of comparisons "
              "only. Without a\nbaseline nothing is compared and `blessed` is 2.",
       .inputs = {{.name = "statistics",
                   .artifact_type = "ExampleStatistics",
                   .doc = "What is judged."},
                  {.name = "baseline_statistics",
                   .artifact_type = "ExampleStatistics",
                   .doc = "What it is compared with.",
                   .optional = true,
                   .resolver = "previous_span"}},
       .outputs = {{.name = "anomalies",
                    .artifact_type = "ExampleAnomalies",
                    .doc = "A folder for each pair of splits; `blessed` says which are good."}},
       .params = Params(),
       .run = Run,
       .tfx_class = "tfx.components.distribution_validator.component.DistributionValidator"});
}

}  // namespace bessemer::components::distribution_validator
