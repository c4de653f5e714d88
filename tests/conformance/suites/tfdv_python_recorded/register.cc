#include <map>
#include <set>

#include "bessemer/statistics/slicing.h"
#include "bessemer/validation/validate.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/statistics_runs.h"
#include "conformance/suite.h"
#include "conformance/suites/tfdv_python_recorded/generators.h"
#include "conformance/validation_runs.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// What TFDV's own Python tests put in and expect, a line for each kind of case.

namespace bessemer::conformance::tfdv_python_recorded {
namespace {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

std::function<bool(const Case&)> OfKind(const std::string& kind) {
  return [kind](const Case& one) { return one.json.value("kind", "") == kind; };
}

std::function<bool(const Case&)> OfFunction(const std::string& prefix) {
  return [prefix](const Case& one) { return one.json.value("function", "").starts_with(prefix); };
}

Verdict RunValidateCase(const Case& one) {
  return RunValidate(one.json, {"previous_span", "serving", "previous_version"},
                     one.json.at("output"));
}

Verdict RunRemoveFindings(const Case& one) {
  if (one.json.at("function") != "anomalies_util.remove_anomaly_types") {
    return NotImplemented("function " + one.json.at("function").get<std::string>());
  }
  auto anomalies = FromText<Anomalies>(one.json.at("args").at(0));
  std::set<validation::AnomalyType> types;
  for (const std::string name : one.json.at("args").at(1)) {
    const auto type = validation::ParseAnomalyType(name);
    if (!type.ok()) return Failed(type.status());
    types.insert(*type);
  }
  validation::RemoveFindings(types, &anomalies);
  return FromDifference(DiffAnomalies(FromText<Anomalies>(one.json.at("output")), anomalies));
}

// Statistics of one batch, as --tfdv-compat gives them.
Verdict RunInMemory(const Case& one) {
  const Json& given = one.json.at("options");
  const Json options_json = given.is_null() ? Json::object() : given.value("@StatsOptions", given);
  statistics::StatisticsOptions options;
  options.tfdv_compat = true;
  options.use_sketch_based_topk_uniques = true;
  Json known = options_json;
  if (known.contains("generators")) {
    for (const Json& generator : known["generators"]) {
      if (!generator.contains("@object")) {
        return NotApplicable("the case adds a statistic written in Python");
      }
      if (generator["@object"] != "CrossFeatureStatsGenerator") {
        return NotImplemented("generator " + generator["@object"].get<std::string>());
      }
      options.cross_feature_stats = true;
    }
    known.erase("generators");
  }
  for (const char* name : {"desired_batch_size", "semantic_domain_stats_sample_rate",
                           "use_sketch_based_topk_uniques"}) {
    known.erase(name);
  }
  options.add_default_generators = known.value("add_default_generators", true);
  const Status status = SetOptions(known, &options);
  if (!status.ok()) return NotImplemented(std::string(Message(status)));
  const auto got = Generate(Json::array({one.json.at("input")}), options);
  if (!got.ok()) return Failed(got.status());
  return FromDifference(
      DiffStatistics(FromText<DatasetFeatureStatisticsList>(one.json.at("output")), *got));
}

Verdict RunSlicer(const Case& one) {
  const auto batch = BatchOf(one.json.at("input"));
  if (!batch.ok()) return Failed(batch.status());
  statistics::SliceSpec spec;
  for (const auto& [feature, values] : one.json.at("features").items()) {
    auto& wanted = spec.features[feature];
    for (const Json& value : values) wanted.insert(value.is_string() ? BytesOf(value)
                                                                     : value.dump());
  }
  const auto got = statistics::SliceRows(**batch, spec, /*tfdv_compat=*/true);
  const Json& output = one.json.at("output");
  Verdict verdict;
  if (DecidedByError(output.is_null(), got.status(), &verdict)) return verdict;
  std::map<std::string, Json> expected;
  for (const Json& slice : output) expected[slice.at(0)] = slice.at(1);
  if (expected.size() != got->size()) {
    return Failed(fmt::format("expected {} slices, got {}", expected.size(), got->size()));
  }
  for (const auto& [name, rows] : *got) {
    if (!expected.contains(name)) return Failed("slice " + name + " is not expected");
    const std::string difference = DiffBatch(expected[name], *rows);
    if (!difference.empty()) return Failed(name + ": " + difference);
  }
  return Passed();
}

bool InputIsLost(const Json& inputs) {
  for (const Json& input : inputs) {
    for (const Json& batch : input) {
      if (batch.is_null()) return true;
    }
  }
  return inputs.empty();
}

// Kinds whose input is a Beam collection, which the recording could not write down.
Verdict RunPipeline(const Case& one) {
  if (InputIsLost(one.json.at("inputs"))) {
    return NotApplicable("the case was recorded without its input");
  }
  return NotImplemented("inputs of kind " + one.json.at("kind").get<std::string>());
}

}  // namespace

void Register(SuiteRegistry& registry) {
  const auto add = [&](const char* kind, const char* doc, std::function<bool(const Case&)> takes,
                       std::function<Verdict(const Case&)> run) {
    registry.Add({"tfdv_python_recorded", kind, doc, std::move(takes), std::move(run)});
  };
  const auto add_kind = [&](const char* kind, const char* doc,
                            std::function<Verdict(const Case&)> run) {
    add(kind, doc, OfKind(kind), std::move(run));
  };
  add_kind("combiner_stats_generator", "one generator over batches", RunGenerator);
  add_kind("transform_stats_generator", "one generator over whole collections", RunGenerator);
  add_kind("combiner_feature_stats_generator", "one generator of a feature", RunGenerator);
  add_kind("generate_statistics_in_memory", "statistics of one batch", RunInMemory);
  add_kind("generate_statistics_pipeline", "statistics by a Beam pipeline", RunPipeline);
  add_kind("arrow_batches_expected", "CSV decoding by a Beam pipeline", RunPipeline);
  add_kind("feature_skew", "skew of features by a Beam pipeline", RunPipeline);
  add_kind("feature_value_slicer", "rows by the values of features", RunSlicer);
  add_kind("validate_statistics", "schema and statistics to anomalies", RunValidateCase);
  add_kind("infer_schema", "statistics to schema",
           [](const Case& one) { return RunInfer(one.json, one.json.at("output")); });
  add_kind("update_schema", "schema and statistics to the relaxed schema",
           [](const Case& one) { return RunUpdate(one.json, one.json.at("output")); });
  add("quantiles_util", "histograms from quantiles", IsQuantilesFunction, RunQuantilesFunction);
  add("anomalies_util", "taking findings out", OfFunction("anomalies_util."), RunRemoveFindings);
}

}  // namespace bessemer::conformance::tfdv_python_recorded
