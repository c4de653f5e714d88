#include <cmath>
#include <limits>
#include <map>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/mutual_information/label_information.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/suites/statistics_functions/runs.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance::statistics_functions {
namespace {

using statistics::mutual_information::AdjustedMutualInformation;
using statistics::mutual_information::EstimateMethod;
using statistics::mutual_information::EstimateOptions;
using statistics::mutual_information::LegacyRandom;
using statistics::mutual_information::MutualInformation;
using statistics::mutual_information::Variable;

constexpr double kTolerance = 1e-6;

bool Close(double expected, double got) {
  return std::fabs(expected - got) <= kTolerance * std::max(1.0, std::fabs(expected));
}

// An argument of the call, by position or name; null if it was left out.
Json Argument(const Json& call, size_t position, const char* name) {
  if (position < call.at("args").size()) return call["args"][position];
  const auto it = call.at("kwargs").find(name);
  return it == call["kwargs"].end() ? Json() : *it;
}

// The values as the case writes them: a list, or an array with its type.
const Json& ValuesOf(const Json& array) {
  for (const char* key : {"@ndarray", "@array"}) {
    if (array.is_object() && array.contains(key)) return array.at(key).at("values");
  }
  return array;
}

std::vector<Variable> Variables(const Json& features, const Json& categorical,
                                const Json& filter) {
  std::vector<Variable> variables;
  for (size_t f = 0; f < features.size(); ++f) {
    Variable& variable = variables.emplace_back();
    variable.categorical = categorical.at(f).get<bool>();
    std::map<std::string, int64_t> known;
    const Json& values = ValuesOf(features[f]);
    for (size_t i = 0; i < values.size(); ++i) {
      if (!filter.is_null() && !filter.at(i).get<bool>()) continue;
      if (variable.categorical) {
        variable.categories.push_back(
            known.try_emplace(values[i].dump(), static_cast<int64_t>(known.size())).first->second);
      } else {
        variable.numbers.push_back(values[i].is_null() ? std::numeric_limits<double>::quiet_NaN()
                                                       : NumberOf(values[i]));
      }
    }
  }
  return variables;
}

Verdict CompareEach(const Json& expected, double got, const std::vector<double>& each) {
  if (!Close(NumberOf(expected.at(0)), got)) {
    return Failed(fmt::format("expected {}, got {}", expected.at(0).dump(), got));
  }
  const Json& shares = ValuesOf(expected.at(1));
  if (shares.size() != each.size()) return Same(shares.size(), each.size());
  for (size_t i = 0; i < each.size(); ++i) {
    if (!Close(NumberOf(shares[i]), each[i])) {
      return Failed(fmt::format("share {}: expected {}, got {}", i, shares[i].dump(), each[i]));
    }
  }
  return Passed();
}

}  // namespace

Verdict RunMutualInformationFunction(const Case& one) {
  const std::string function = one.json.at("function");
  const bool adjusted = function == "mutual_information_util.adjusted_mutual_information";
  if (!adjusted && function != "mutual_information_util.mutual_information") {
    return NotImplemented("function " + function);
  }
  EstimateOptions options;
  if (const Json k = Argument(one.json, 4, "k"); !k.is_null()) options.k = k;
  if (const Json method = Argument(one.json, 5, "estimate_method"); method == "smaller_data") {
    options.method = EstimateMethod::kSmallerData;
  }
  const Json filter = ValuesOf(Argument(one.json, 7, "filter_feature"));
  const Json weights = ValuesOf(Argument(one.json, 6, "weight_feature"));
  for (size_t i = 0; i < weights.size(); ++i) {
    if (filter.is_null() || filter.at(i).get<bool>()) {
      options.weights.push_back(NumberOf(weights[i]));
    }
  }
  const auto side = [&](size_t i) {
    return Variables(one.json.at("args").at(i), one.json["args"].at(i + 2), filter);
  };
  const Json seed = Argument(one.json, adjusted ? 8 : 9, "seed");
  const Json& expected = one.json.at("output");
  Verdict verdict;
  if (adjusted) {
    if (seed.is_null()) return NotApplicable("the case has no seed");
    const auto got = AdjustedMutualInformation(side(0), side(1), options, seed.get<uint32_t>());
    if (DecidedByError(expected.is_null(), got.status(), &verdict)) return verdict;
    return Close(NumberOf(expected), *got) ? Passed() : Same(NumberOf(expected), *got);
  }
  LegacyRandom random(seed.is_null() ? 0 : seed.get<uint32_t>());
  std::vector<double> each;
  const auto got = MutualInformation(side(0), side(1), options, &random, &each);
  if (DecidedByError(expected.is_null(), got.status(), &verdict)) return verdict;
  if (expected.is_array()) return CompareEach(expected, *got, each);
  return Close(NumberOf(expected), *got) ? Passed() : Same(NumberOf(expected), *got);
}

Verdict RunMutualInformationCompute(const Case& one) {
  using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
  using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
  const Json& args = one.json.at("generator").at("args");
  const std::string generator = one.json["generator"].at("@object");
  if (generator != "MutualInformation") return NotImplemented("generator " + generator);
  statistics::mutual_information::LabelInformationOptions options;
  options.label = args.at("label_feature").at("@path").at(0);
  if (args.contains("schema") && args["schema"].is_object()) {
    options.kinds = statistics::mutual_information::KindsOf(
        FromText<::tensorflow::metadata::v0::Schema>(args["schema"]));
  }
  const auto paths = [&](const char* name, auto&& use) {
    if (!args.contains(name) || args[name].is_null()) return;
    const Json& set = args[name].is_object() && args[name].contains("@set") ? args[name]["@set"]
                                                                            : args[name];
    for (const Json& path : set) use(path.at("@path").at(0).get<std::string>());
  };
  paths("multivalent_features", [&](const std::string& n) { options.kinds[n].multivalent = true; });
  paths("categorical_features", [&](const std::string& n) { options.kinds[n].categorical = true; });
  paths("features_to_ignore", [&](const std::string& n) { options.ignored.insert(n); });
  options.max_encoding_length = args.value("max_encoding_length", 512);
  options.seed = args.value("seed", 12345u);
  options.normalize_by_max = args.value("normalize_by_max", false);
  options.allow_few_rows = args.value("allow_invalid_partitions", false);
  const std::string key = args.value("custom_stats_key", "adjusted_mutual_information");
  const auto batch = BatchOf(one.json.at("input"));
  if (!batch.ok()) return Failed(batch.status());
  const statistics::StatisticsOptions plain;
  const auto view = statistics::BatchView::Make(**batch, plain);
  if (!view.ok()) return Failed(view.status());
  std::vector<statistics::mutual_information::Column> columns;
  for (const auto& feature : view->features()) {
    if (feature.path.size() == 1 && feature.type != statistics::FeatureType::kStruct) {
      columns.push_back(statistics::mutual_information::ColumnOf(feature));
    }
  }
  const auto got = statistics::mutual_information::LabelInformation(columns, options);
  Verdict verdict;
  if (DecidedByError(one.json.at("output").is_null(), got.status(), &verdict)) return verdict;
  DatasetFeatureStatisticsList expected;
  DatasetFeatureStatisticsList actual;
  *expected.add_datasets() = FromText<DatasetFeatureStatistics>(one.json.at("output"));
  DatasetFeatureStatistics* dataset = actual.add_datasets();
  for (const auto& [name, bits] : *got) {
    auto* feature = dataset->add_features();
    feature->mutable_path()->add_step(name);
    auto* stat = feature->add_custom_stats();
    stat->set_name(key);
    stat->set_num(bits);
  }
  return FromDifference(
      DiffStatistics(expected, actual, {.fraction = kTolerance, .margin = kTolerance}));
}

}  // namespace bessemer::conformance::statistics_functions
