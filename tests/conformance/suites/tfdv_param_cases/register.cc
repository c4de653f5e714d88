#include <cmath>

#include "bessemer/base/random.h"
#include "bessemer/columnar/lists.h"
#include "bessemer/schema/features.h"
#include "bessemer/statistics/dataset_state.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/suite.h"
#include "conformance/suites/tfdv_param_cases/covariance.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// What TFDV's own parameterised tests expect.

namespace bessemer::conformance::tfdv_param_cases {
namespace {

using statistics::DatasetStatisticsState;
using statistics::StatisticsOptions;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

// The reference leaves out rows that are null, and gives nothing for arrays without lists.
Verdict InnermostCounts(const Json& params) {
  const auto array = ArrayOf(params.at("array"));
  if (!array.ok()) return Failed(array.status());
  const auto counts = columnar::InnermostValueCounts(**array);
  const Json& expected = params.at("expected_counts").at("@ndarray").at("values");
  if (!counts.ok() && expected.empty()) return Passed();
  if (!counts.ok()) return Failed(counts.status());
  Json got = Json::array();
  for (int64_t row = 0; row < (*array)->length(); ++row) {
    if ((*array)->IsValid(row)) got.push_back((*counts)[static_cast<size_t>(row)]);
  }
  return FromDifference(DiffJson(expected, got));
}

StatusOr<Feature> DomainOf(const Json& given) {
  Feature feature;
  if (given.is_string()) {
    feature.set_domain(given.get<std::string>());
    return feature;
  }
  const auto* oneof = Feature::descriptor()->FindOneofByName("domain_info");
  for (int i = 0; i < oneof->field_count(); ++i) {
    const auto* field = oneof->field(i);
    if (field->message_type() == nullptr ||
        field->message_type()->full_name() != given.at("@proto").get<std::string>()) {
      continue;
    }
    const Status status = schema::ParseTextQuietly(
        given.at("text").get<std::string>(),
        Feature::GetReflection()->MutableMessage(&feature, field));
    if (!status.ok()) return status;
    return feature;
  }
  return UnimplementedError("domain {}", given.at("@proto").dump());
}

Verdict SetDomain(const Json& params) {
  auto schema = FromText<Schema>(params.at("input_schema_proto_text"));
  const auto domain = DomainOf(params.at("domain"));
  if (!domain.ok()) return Failed(domain.status());
  const Json& feature = params.at("feature_name_or_path");
  const auto steps = feature.is_string()
                         ? std::vector<std::string>{feature.get<std::string>()}
                         : feature.at("attrs").at("_steps").get<std::vector<std::string>>();
  const Status status = schema::SetDomain(*domain, schema::Path(steps), &schema);
  Verdict verdict;
  const bool error = !params.contains("output_schema_proto_text");
  if (DecidedByError(error, status, &verdict)) return verdict;
  return FromDifference(
      DiffProtos(FromText<Schema>(params["output_schema_proto_text"]), schema));
}

struct Numbers {
  std::vector<double> values;
  std::vector<double> weights;  // empty: none
};

// Mean and standard deviation of numbers, in several batches and by merged states, against sums in
// long double: what the test itself does with NumPy.
Verdict Moments(const Numbers& numbers) {
  StatisticsOptions options;
  if (!numbers.weights.empty()) options.weight_feature = "w";
  const size_t half = numbers.values.size() / 2;
  std::vector<DatasetStatisticsState> states;
  for (const auto& [begin, end] : {std::pair<size_t, size_t>(0, half),
                                   std::pair<size_t, size_t>(half, numbers.values.size())}) {
    auto state = DatasetStatisticsState::Make(options);
    if (!state.ok()) return Failed(state.status());
    Json x = Json::array(), w = Json::array();
    for (size_t i = begin; i < end; ++i) {
      x.push_back(Json::array({numbers.values[i]}));
      if (!numbers.weights.empty()) w.push_back(Json::array({numbers.weights[i]}));
    }
    Json columns = {{{"name", "x"}, {"type", "list<item: double>"}, {"values", x}}};
    if (!w.empty()) columns.push_back({{"name", "w"}, {"type", "list<item: double>"},
                                       {"values", w}});
    const auto batch = BatchOf({{"@arrow", {{"num_rows", x.size()}, {"columns", columns}}}});
    if (!batch.ok()) return Failed(batch.status());
    if (const Status status = state->Update(**batch); !status.ok()) return Failed(status);
    states.push_back(std::move(*state));
  }
  if (const Status status = states[0].Merge(states[1]); !status.ok()) return Failed(status);

  long double total = 0, sum = 0;
  const auto weight = [&](size_t i) {
    return numbers.weights.empty() ? 1.0L : static_cast<long double>(numbers.weights[i]);
  };
  for (size_t i = 0; i < numbers.values.size(); ++i) {
    total += weight(i);
    sum += weight(i) * numbers.values[i];
  }
  const long double mean = sum / total;
  long double squares = 0;
  for (size_t i = 0; i < numbers.values.size(); ++i) {
    squares += weight(i) * (numbers.values[i] - mean) * (numbers.values[i] - mean);
  }
  const long double deviation = std::sqrt(squares / total);
  const auto list = states[0].Finish();
  for (const auto& feature : list.datasets(0).features()) {
    if (feature.path().step(0) != "x") continue;
    const auto& stats = feature.num_stats();
    const bool weighted = !numbers.weights.empty();
    const double got_mean = weighted ? stats.weighted_numeric_stats().mean() : stats.mean();
    const double got_deviation =
        weighted ? stats.weighted_numeric_stats().std_dev() : stats.std_dev();
    const auto near = [](long double a, double b) {
      return std::abs(a - b) <= 1e-9L * std::max<long double>(1, std::abs(a));
    };
    if (!near(mean, got_mean)) return Failed(fmt::format("mean: expected {}, got {}",
                                                         static_cast<double>(mean), got_mean));
    return near(deviation, got_deviation)
               ? Passed()
               : Failed(fmt::format("deviation: expected {}, got {}",
                                    static_cast<double>(deviation), got_deviation));
  }
  return Failed("no statistics of the numbers");
}

void Flatten(const Json& values, std::vector<double>* out) {
  if (!values.is_array()) return out->push_back(NumberOf(values));
  for (const Json& value : values) Flatten(value, out);
}

Verdict GivenMoments(const Json& params) {
  Numbers numbers;
  Flatten(params.at("values").at("@ndarray").at("values"), &numbers.values);
  if (params.contains("weights") && !params["weights"].is_null()) {
    Flatten(params["weights"].at("@ndarray").at("values"), &numbers.weights);
    if (numbers.weights.size() != numbers.values.size()) {
      return NotImplemented("moments of vectors, one weight for each");
    }
  }
  return Moments(numbers);
}

Verdict RandomMoments(const Json& params) {
  Random random(params.at("array_size").get<uint64_t>());
  const double mean = NumberOf(params.at("distribution_mean"));
  const double deviation = std::sqrt(NumberOf(params.at("distribution_variance")));
  Numbers numbers;
  for (int64_t i = 0; i < params["array_size"].get<int64_t>(); ++i) {
    numbers.values.push_back(mean + deviation * random.Normal());
    if (params.value("use_weights", false)) numbers.weights.push_back(random.Uniform());
  }
  return Moments(numbers);
}

Verdict RunArrow(const Case& one) {
  const std::string test = one.json.at("test");
  if (test == "ArrowUtilTest.testGetArriesInnermostLevelValueCounts") {
    return InnermostCounts(one.json.at("params"));
  }
  if (test == "ArrowUtilTest.testEnumerateArraysWithColumnSelectFn") {
    return NotApplicable("the selection is a function written in Python");
  }
  return NotImplemented(test);
}

Verdict RunSchemas(const Case& one) {
  if (one.json.at("test") == "SchemaUtilTest.test_set_domain") {
    return SetDomain(one.json.at("params"));
  }
  return NotImplemented(one.json.at("test"));
}

Verdict RunMoments(const Case& one) {
  const Json& params = one.json.at("params");
  return params.contains("values") ? GivenMoments(params) : RandomMoments(params);
}

std::function<Verdict(const Case&)> Without(const char* reason) {
  return [reason](const Case&) { return NotApplicable(reason); };
}

}  // namespace

void Register(SuiteRegistry& registry) {
  const auto add = [&](const char* kind, const char* doc, const char* tests,
                       std::function<Verdict(const Case&)> run) {
    registry.Add({"tfdv_param_cases", kind, doc,
                  [tests](const Case& one) {
                    return one.json.value("test", "").starts_with(tests);
                  },
                  std::move(run)});
  };
  add("arrow", "counts of nested values", "ArrowUtilTest.", RunArrow);
  add("schema", "domains of features", "SchemaUtilTest.", RunSchemas);
  add("mean_and_variance", "moments of numbers", "MeanVarAccumulatorTest.", RunMoments);
  add("covariance", "covariances of numbers", "MeanCovAccumulatorTest.", RunCovariance);
  add("display", "pages of statistics", "DisplayUtilTest.",
      Without("TFDV's own HTML, of statistics that stand in the test's code"));
}

}  // namespace bessemer::conformance::tfdv_param_cases
