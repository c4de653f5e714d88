#include <algorithm>
#include <set>

#include "bessemer/statistics/options.h"
#include "bessemer/statistics/statistics_parts.h"
#include "conformance/protos.h"
#include "conformance/suites/statistics_functions/runs.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance::statistics_functions {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

// Options that hold Python objects have no counterpart.
bool NeedsPython(const Json& kwargs) {
  for (const char* name : {"generators", "slice_functions", "experimental_slice_functions"}) {
    if (kwargs.contains(name)) return true;
  }
  return kwargs.contains("schema") && !kwargs["schema"].contains("@proto");
}

}  // namespace

Verdict RunMergeParts(const Case& one) {
  const Json& input = one.json.at("input");
  const Json& expected = one.json.at("expected");
  statistics::StatisticsPartsMerger merger;
  Status status;
  for (const Json& shard : input.at("shards")) {
    status.Update(merger.Add(FromText<DatasetFeatureStatistics>(shard)));
  }
  Verdict verdict;
  if (DecidedByError(!expected.at("ok").get<bool>(), status, &verdict)) return verdict;
  const Json& options = input.at("options");
  const bool placeholder = options.is_null() || options.at(1) == "true";
  DatasetFeatureStatisticsList wanted;
  if (!expected.at("datasets").is_null()) {
    wanted = FromText<DatasetFeatureStatisticsList>(expected["datasets"]);
  }
  const DatasetFeatureStatisticsList got = merger.Get(placeholder);
  if (wanted.datasets_size() != got.datasets_size()) {
    return Same(wanted.datasets_size(), got.datasets_size());
  }
  return FromDifference(DiffStatistics(wanted, got));
}

Verdict RunSplitParts(const Case& one) {
  const Json& params = one.json.at("params");
  using Part = std::pair<int64_t, std::string>;
  std::multiset<Part> expected;
  for (const Json& part : params.at("expected")) {
    expected.insert(Part(part.at(0).get<int64_t>(),
                         FromText<DatasetFeatureStatisticsList>(part.at(1)).ShortDebugString()));
  }
  std::multiset<Part> got;
  for (const Json& text : params.at("statistics")) {
    const auto list = FromText<DatasetFeatureStatisticsList>(text);
    for (const auto& part : statistics::SplitStatistics(list, params.at("num_partitions"))) {
      got.insert(Part(part.partition, part.statistics->ShortDebugString()));
    }
  }
  return got == expected ? Passed() : Failed("other parts");
}

Verdict RunOptions(const Case& one) {
  const std::string test = one.json.at("test");
  const Json& params = one.json.at("params");
  Verdict verdict;
  if (test.find("from_json") != std::string::npos) {
    Json json = {{"_generators", nullptr}, {"num_top_values", 20}, {"_sample_rate", nullptr},
                 {"_use_sketch_based_topk_uniques", false}};
    if (params.contains("type_name")) json["TYPE_NAME"] = params["type_name"];
    const auto got = statistics::OptionsFromTfdvJson(json.dump());
    if (DecidedByError(params.value("want_exception", false), got.status(), &verdict)) {
      return verdict;
    }
    return Same(statistics::OptionsToJson({}).dump(), statistics::OptionsToJson(*got).dump());
  }
  if (!params.contains("stats_options_kwargs")) return NotImplemented(test);
  const Json& kwargs = params["stats_options_kwargs"];
  if (NeedsPython(kwargs)) return NotApplicable("the options are objects of Python");
  Json json = Json::object();
  statistics::StatisticsOptions options;
  for (const auto& [name, value] : kwargs.items()) {
    if (name == "schema") {
      options.schema = std::make_shared<::tensorflow::metadata::v0::Schema>(
          FromText<::tensorflow::metadata::v0::Schema>(value));
    } else if (name == "slicing_config" && value.is_object()) {
      json["slicing_config_json"] = R"({"slicingSpecs": [{"featureKeys": ["country"]}]})";
    } else {
      json[name] = value;
    }
  }
  const auto read = statistics::OptionsFromTfdvJson(json.dump());
  Status status = read.status();
  if (read.ok()) {
    const auto schema = options.schema;
    options = *read;
    options.schema = schema;
    status = options.Validate();
  }
  if (DecidedByError(params.contains("exception_type"), status, &verdict)) return verdict;
  return Passed();
}

}  // namespace bessemer::conformance::statistics_functions
