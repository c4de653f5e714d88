#include <arrow/api.h>
#include <google/protobuf/util/json_util.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>

#include "bessemer/evaluation/evaluation.h"
#include "bessemer/evaluation/files.h"
#include "bessemer/evaluation/test_batches.h"
#include "bessemer/evaluation/validation.h"

// What TFMA 0.47.1 answers to given configurations and rows, compared by the rules of the cases'
// own compare.py: lists of slices and keys as sets, numbers within 1e-5.

namespace bessemer::evaluation {
namespace {

std::optional<double> Number(const Json& x) {
  if (x.is_boolean()) return std::nullopt;
  if (x.is_number()) return x.get<double>();
  if (!x.is_string()) return std::nullopt;
  const auto text = x.get<std::string>();
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return INFINITY;
  if (text == "-Infinity") return -INFINITY;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return std::nullopt;
  return value;
}

// The same number is written 0 and 0.0: keys compare as doubles.
nlohmann::json Normal(const Json& x) {
  if (x.is_number()) return x.get<double>();
  nlohmann::json result = x.is_array() ? nlohmann::json::array() : nlohmann::json::object();
  if (x.is_array()) {
    for (const Json& item : x) result.push_back(Normal(item));
  } else if (x.is_object()) {
    for (const auto& [key, value] : x.items()) result[key] = Normal(value);
  } else {
    return nlohmann::json::parse(x.dump());
  }
  return result;
}

std::optional<std::map<std::string, Json>> Keyed(const Json& list) {
  std::map<std::string, Json> result;
  for (const Json& item : list) {
    if (!item.is_object()) return std::nullopt;
    nlohmann::json key;  // sorts its keys
    if (item.contains("key")) {
      key = Normal(item["key"]);
    } else if (item.contains("slice_key") || item.contains("cross_slice_key")) {
      for (const char* name : {"slice_key", "cross_slice_key"}) {
        if (item.contains(name)) key[name] = Normal(item[name]);
      }
    } else {
      return std::nullopt;
    }
    result[key.dump()] = item;
  }
  return result;
}

void Compare(const Json& a, const Json& b, const std::string& path, std::vector<std::string>* out);

void CompareKeyed(const std::map<std::string, Json>& a, const std::map<std::string, Json>& b,
                  const std::string& path, std::vector<std::string>* out) {
  for (const auto& [key, value] : a) {
    const auto found = b.find(key);
    if (found == b.end()) {
      out->push_back(path + "." + key + " only expected");
    } else {
      Compare(value, found->second, path + "." + key, out);
    }
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key)) out->push_back(path + "." + key + " only got");
  }
}

void Compare(const Json& a, const Json& b, const std::string& path, std::vector<std::string>* out) {
  const auto x = Number(a), y = Number(b);
  if (x && y) {
    const double scale = std::max({1.0, std::abs(*x), std::abs(*y)});
    if ((std::isnan(*x) && std::isnan(*y)) || *x == *y || std::abs(*x - *y) <= 1e-5 * scale) return;
    out->push_back(fmt::format("{}: {} != {}", path, a.dump(), b.dump()));
  } else if (a.is_object() && b.is_object()) {
    std::map<std::string, Json> left, right;
    for (const auto& [key, value] : a.items()) left[key] = value;
    for (const auto& [key, value] : b.items()) right[key] = value;
    CompareKeyed(left, right, path, out);
  } else if (a.is_array() && b.is_array()) {
    const auto left = Keyed(a), right = Keyed(b);
    if (!a.empty() && !b.empty() && left && right) return CompareKeyed(*left, *right, path, out);
    if (a.size() != b.size()) {
      out->push_back(fmt::format("{}: {} != {} items", path, a.size(), b.size()));
      return;
    }
    for (size_t i = 0; i < a.size(); ++i) Compare(a[i], b[i], fmt::format("{}[{}]", path, i), out);
  } else if (a != b) {
    out->push_back(fmt::format("{}: {} != {}", path, a.dump(), b.dump()));
  }
}

Json ToJson(const google::protobuf::Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return nullptr;
  return Json::parse(text);
}

bool HasBaseline(const EvalConfig& config) { return !BaselineName(config).empty(); }

StatusOr<Json> Answer(const Json& test) {
  const bool rubber_stamp = test.value("rubber_stamp", false);
  BESSEMER_ASSIGN_OR_RETURN(EvalConfig config, EvalConfigFromJson(test["eval_config"]));
  const bool has_baseline = HasBaseline(config);
  BESSEMER_ASSIGN_OR_RETURN(config, WithDefaults(config, has_baseline, rubber_stamp));
  BESSEMER_ASSIGN_OR_RETURN(const auto setup, EvaluationState::Setup::Make(config));
  EvaluationState state(setup);
  BESSEMER_RETURN_IF_ERROR(state.Update(BatchFromRows(test["rows"]), 0));
  const EvalResult result = state.Finish();
  Json answer = {{"metrics", Json::array()}, {"plots", Json::array()}};
  for (const SliceResult& slice : result.slices) {
    const auto metrics = MetricsToProto(slice);
    if (metrics.metric_keys_and_values_size() + metrics.metrics_size() > 0) {
      answer["metrics"].push_back(ToJson(metrics));
    }
    const auto plots = PlotsToProto(slice);
    if (plots.plot_keys_and_values_size() > 0) answer["plots"].push_back(ToJson(plots));
  }
  if (test.value("validate", false)) {
    BESSEMER_ASSIGN_OR_RETURN(const auto validation, Validate(result, rubber_stamp));
    answer["validation_result"] = ToJson(validation);
  }
  return answer;
}

// Where the reference is wrong and this library is not, on purpose.
bool IsDeviation(const std::string& id) {
  // Of several metrics of class matrices the reference gives all the thresholds of the first.
  const bool matrices = id.starts_with("multi/mc") && (id.ends_with("/plots") ||
                                                       id.ends_with("/matrices"));
  return matrices || id == "validation/spec_level" ||  // thresholds of a metrics_spec match by name
         id == "validation/cross_slice" ||  // a pair that was found is not missing
         id == "validation/change_direction_unknown";  // the text of the message is our own
}

TEST(ConformanceTest, GeneratedCases) {
  std::ifstream file("../shared/conformance/tfma/generated_cases.jsonl");
  if (!file) GTEST_SKIP() << "the conformance cases are not here";
  int passed = 0, total = 0, reference_fails = 0;
  std::string line;
  while (std::getline(file, line)) {
    const Json test = Json::parse(line);
    const auto id = test["id"].get<std::string>();
    const StatusOr<Json> answer = Answer(test);
    if (test.contains("expected_error")) {
      ++reference_fails;
      continue;
    }
    ++total;
    std::vector<std::string> differences;
    if (!answer.ok()) {
      differences.push_back(std::string(Message(answer.status())));
    } else {
      for (const char* part : {"metrics", "plots", "validation_result"}) {
        if (!test["expected"].contains(part)) continue;
        const Json got = answer->contains(part) ? (*answer)[part] : Json();
        Compare(test["expected"][part], got, part, &differences);
      }
    }
    if (differences.empty()) {
      ++passed;
      continue;
    }
    if (IsDeviation(id)) continue;
    fmt::print("differs: {}\n", id);
    for (size_t i = 0; i < std::min<size_t>(3, differences.size()); ++i) {
      fmt::print("    {:.300}\n", differences[i]);
    }
  }
  fmt::print("passed {}/{}; the reference itself fails on {} more\n", passed, total,
             reference_fails);
  EXPECT_GE(passed, 323);
}

}  // namespace
}  // namespace bessemer::evaluation
