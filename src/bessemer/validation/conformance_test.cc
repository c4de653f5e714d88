#include <google/protobuf/text_format.h>
#include <google/protobuf/util/message_differencer.h>
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "bessemer/base/config.h"
#include "bessemer/schema/infer.h"
#include "bessemer/schema/path.h"
#include "bessemer/schema/text_errors.h"
#include "bessemer/validation/update.h"
#include "bessemer/validation/validate.h"
#include "tensorflow_data_validation/anomalies/proto/validation_config.pb.h"
#include "tensorflow_data_validation/anomalies/proto/validation_metadata.pb.h"

// What TensorFlow Data Validation 1.16.1 answers to given statistics and schemas. The cases are not
// part of the repository; without them these tests are skipped.

namespace bessemer::validation {
namespace {

namespace fs = std::filesystem;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::DriftSkewInfo;
using ::tensorflow::metadata::v0::Schema;

const fs::path kCases = "../shared/conformance";

class Conformance : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists(kCases)) GTEST_SKIP() << kCases << " is not there";
  }

  // Runs the cases of a file that `run` takes: "" for a pass, "-" for a case that is not of this
  // kind, else what differs.
  void RunSuite(const std::string& name, const std::function<std::string(const Json&)>& run) {
    std::ifstream file(name.ends_with(".jsonl") ? fs::path(name) : kCases / (name + ".jsonl"));
    ASSERT_TRUE(file) << name;
    int passed = 0;
    int total = 0;
    for (std::string line; std::getline(file, line);) {
      const Json test = Json::parse(line);
      const std::string result = run(test);
      if (result == "-") continue;
      ++total;
      passed += result.empty();
      if (!result.empty()) ADD_FAILURE() << test["id"] << ": " << result;
    }
    fmt::print("{}: {}/{}\n", name, passed, total);
    EXPECT_EQ(passed, total);
    EXPECT_GT(total, 0);
  }
};

template <typename Proto>
Proto FromText(const Json& text) {
  Proto proto;
  const std::string string = (text.is_object() ? text["text"] : text).get<std::string>();
  const Status status = schema::ParseTextQuietly(string, &proto);
  EXPECT_TRUE(status.ok()) << Message(status);
  return proto;
}

// One line for each finding and severity.
std::set<std::string> Findings(const Anomalies& anomalies) {
  std::set<std::string> lines;
  const auto add = [&](const std::string& path, const AnomalyInfo& anomaly) {
    lines.insert(fmt::format("{} {}", path, AnomalyInfo::Severity_Name(anomaly.severity())));
    for (const auto& reason : anomaly.reason()) {
      lines.insert(fmt::format("{} {}", path, AnomalyInfo::Type_Name(reason.type())));
    }
  };
  for (const auto& [path, anomaly] : anomalies.anomaly_info()) {
    add(path, anomaly);
  }
  if (anomalies.has_dataset_anomaly_info()) add("<dataset>", anomalies.dataset_anomaly_info());
  if (anomalies.data_missing()) lines.insert("<data missing>");
  return lines;
}

std::string DiffMeasurements(const Anomalies& expected, const Anomalies& actual) {
  google::protobuf::util::MessageDifferencer differencer;
  google::protobuf::util::DefaultFieldComparator comparator;
  comparator.set_float_comparison(
      google::protobuf::util::DefaultFieldComparator::APPROXIMATE);
  comparator.set_treat_nan_as_equal(true);
  comparator.SetDefaultFractionAndMargin(1e-6, 1e-6);
  differencer.set_field_comparator(&comparator);
  std::string report;
  differencer.ReportDifferencesToString(&report);
  Anomalies a;
  Anomalies b;
  *a.mutable_drift_skew_info() = expected.drift_skew_info();
  *b.mutable_drift_skew_info() = actual.drift_skew_info();
  return differencer.Compare(a, b) ? "" : report;
}

std::string DiffAnomalies(const Anomalies& expected, const Anomalies& actual) {
  std::string text;
  const auto want = Findings(expected);
  const auto got = Findings(actual);
  for (const auto& line : want) text += got.contains(line) ? "" : "\n  missing: " + line;
  for (const auto& line : got) text += want.contains(line) ? "" : "\n  not expected: " + line;
  if (expected.anomaly_name_format() != actual.anomaly_name_format()) text += "\n  name format";
  return text + DiffMeasurements(expected, actual);
}

std::string DiffSchemas(const Schema& expected, const Schema& actual) {
  if (google::protobuf::util::MessageDifferencer::Equals(expected, actual)) return "";
  std::string report;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&report);
  differencer.Compare(expected, actual);
  return report;
}

std::string BytesOfHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

struct ValidationInputs {
  DatasetFeatureStatistics statistics;
  Schema schema;
  std::optional<DatasetFeatureStatistics> previous_span, serving, previous_version;
  ValidateOptions options;

  void Read(const Json& in, const char* span_key, const char* serving_key,
            const char* version_key) {
    statistics = FromText<DatasetFeatureStatistics>(in["statistics"]);
    schema = FromText<Schema>(in["schema"]);
    const auto other = [&](const char* key, auto* to,
                           const DatasetFeatureStatistics** option) {
      if (in.contains(key) && !in[key].is_null()) {
        *option = &to->emplace(FromText<DatasetFeatureStatistics>(in[key]));
      }
    };
    other(span_key, &previous_span, &options.previous_span);
    other(serving_key, &serving, &options.serving);
    other(version_key, &previous_version, &options.previous_version);
    if (in.contains("environment") && in["environment"] != "") {
      options.environment = in["environment"].get<std::string>();
    }
    if (in.contains("validation_config_hex")) {
      ::tensorflow::data_validation::ValidationConfig config;
      EXPECT_TRUE(config.ParseFromString(BytesOfHex(in["validation_config_hex"])));
      options.severities = SeveritiesOf(config);
    }
    ::tensorflow::data_validation::FeaturesNeededProto needed;
    if (in.contains("features_needed_hex")) {
      EXPECT_TRUE(needed.ParseFromString(BytesOfHex(in["features_needed_hex"])));
    }
    for (const auto& need : needed.path_and_reason_feature_need()) {
      if (!options.features_needed) options.features_needed.emplace();
      options.features_needed->insert(schema::Path::FromProto(need.path()));
    }
  }
};

template <typename Result, typename Diff>
std::string Judge(const Json& expected, const StatusOr<Result>& actual, const char* key,
                  const Diff& diff) {
  const bool wants_error = expected["status"] != "ok";
  if (wants_error != !actual.ok()) {
    return actual.ok() ? "expected an error" : std::string(Message(actual.status()));
  }
  return wants_error ? "" : diff(FromText<Result>(expected[key]), *actual);
}

std::string RunValidate(const Json& test) {
  ValidationInputs inputs;
  inputs.Read(test["input"], "previous_span_statistics", "serving_statistics",
              "previous_version_statistics");
  const auto result = Validate(inputs.statistics, inputs.schema, inputs.options);
  if (result.ok() && DiffSchemas(inputs.schema, result->baseline()) != "") return "baseline";
  return Judge(test["expected"], result, "anomalies", DiffAnomalies);
}

TEST_F(Conformance, ValidateCases) { RunSuite("tfdv_validate_cpp", RunValidate); }
TEST_F(Conformance, FeatureByConstraint) { RunSuite("tfdv_feature_x_constraint", RunValidate); }
TEST_F(Conformance, Targeted) { RunSuite("tfdv_targeted", RunValidate); }
TEST_F(Conformance, DriftMetrics) { RunSuite("tfdv_drift_metrics", RunValidate); }

std::string RunInfer(const Json& test) {
  const Json& in = test["input"];
  const auto result =
      schema::InferSchema(FromText<DatasetFeatureStatistics>(in["statistics"]),
                          {.infer_feature_shape = in["infer_feature_shape"],
                           .max_string_domain_size = in["max_string_domain_size"]});
  return Judge(test["expected"], result, "schema", DiffSchemas);
}

std::string RunUpdate(const Json& test) {
  const Json& in = test["input"];
  const auto result = UpdateSchema(FromText<Schema>(in["schema"]),
                                   FromText<DatasetFeatureStatistics>(in["statistics"]),
                                   {.max_string_domain_size = in["max_string_domain_size"]});
  return Judge(test["expected"], result, "schema", DiffSchemas);
}

TEST_F(Conformance, Infer) { RunSuite("tfdv_infer_cpp", RunInfer); }
TEST_F(Conformance, Update) { RunSuite("tfdv_update_cpp", RunUpdate); }

// The cases that tests/interop/validation_cases.py writes.
TEST_F(Conformance, RandomCases) {
  const char* file = std::getenv("BESSEMER_CASES");
  if (file == nullptr) GTEST_SKIP() << "BESSEMER_CASES does not name a file of cases";
  RunSuite(file, [](const Json& test) {
    return test["op"] == "validate"       ? RunValidate(test)
           : test["op"] == "infer_schema" ? RunInfer(test)
                                          : RunUpdate(test);
  });
}

std::string RunRemoveFindings(const Json& test) {
  auto anomalies = FromText<Anomalies>(test["args"][0]);
  std::set<AnomalyType> types;
  for (const std::string name : test["args"][1]) types.insert(*ParseAnomalyType(name));
  RemoveFindings(types, &anomalies);
  return DiffAnomalies(FromText<Anomalies>(test["output"]), anomalies);
}

TEST_F(Conformance, PythonRecorded) {
  RunSuite("tfdv_python_recorded", [](const Json& test) -> std::string {
    const std::string kind = test["kind"];
    if (test.value("function", "") == "anomalies_util.remove_anomaly_types") {
      return RunRemoveFindings(test);
    }
    if (kind == "infer_schema") {
      const auto result = schema::InferSchema(
          FromText<DatasetFeatureStatistics>(test["statistics"]),
          {.infer_feature_shape = test["infer_feature_shape"],
           .max_string_domain_size = test["max_string_domain_size"]});
      if (!result.ok()) return std::string(Message(result.status()));
      return DiffSchemas(FromText<Schema>(test["output"]), *result);
    }
    if (kind == "update_schema") {
      const auto result =
          UpdateSchema(FromText<Schema>(test["schema"]),
                       FromText<DatasetFeatureStatistics>(test["statistics"]),
                       {.max_string_domain_size = test["max_string_domain_size"]});
      if (!result.ok()) return std::string(Message(result.status()));
      return DiffSchemas(FromText<Schema>(test["output"]), *result);
    }
    if (kind != "validate_statistics") return "-";
    ValidationInputs inputs;
    inputs.Read(test, "previous_span", "serving", "previous_version");
    const auto result = Validate(inputs.statistics, inputs.schema, inputs.options);
    if (!result.ok()) return std::string(Message(result.status()));
    return DiffAnomalies(FromText<Anomalies>(test["output"]), *result);
  });
}

std::string RunPath(const Json& test) {
  const auto path = [](const Json& steps) {
    return schema::Path(steps.get<std::vector<std::string>>());
  };
  const std::string op = test["op"];
  if (!op.starts_with("path_")) return "-";
  const Json& in = test["input"];
  if (op == "path_serialize") {
    schema::Path p = path(in["steps"]);
    const std::string then = in["then"].is_null() ? "" : in["then"].get<std::string>();
    if (then == ".GetParent()") p = p.Parent();
    if (then.starts_with(".GetChild(\"")) p = p.Child(then.substr(11, then.size() - 13));
    return p.ToString() == test["expected"] ? "" : p.ToString();
  }
  if (op == "path_compare") {
    const auto order = path(in[0]) <=> path(in[1]);
    const int sign = order < 0 ? -1 : order > 0 ? 1 : 0;
    return sign == test["expected"] ? "" : fmt::format("{}", sign);
  }
  if (op == "path_relation") {
    const schema::Path a = path(in[0]);
    const schema::Path b = path(in[2]);
    const std::map<std::string, bool> relations = {{"<", a < b},   {">", a > b},   {"<=", a <= b},
                                                   {">=", a >= b}, {"==", a == b}, {"!=", a != b}};
    return relations.at(in[1]) == test["expected"] ? "" : "wrong";
  }
  if (op == "path_deserialize") {
    const auto parsed = schema::Path::Parse(in.get<std::string>());
    if (test["expected"].contains("error")) return parsed.ok() ? "expected an error" : "";
    if (!parsed.ok()) return std::string(Message(parsed.status()));
    return *parsed == path(test["expected"]["steps"]) ? "" : parsed->ToString();
  }
  if (op == "path_roundtrip") {
    const auto parsed = schema::Path::Parse(path(in["steps"]).ToString());
    return parsed.ok() && *parsed == path(test["expected"]["steps"]) ? "" : "wrong";
  }
  return "-";
}

TEST_F(Conformance, Paths) { RunSuite("small_cpp", RunPath); }

// Statistics of the files of a suite, by file and number of rows read.
std::map<std::string, DatasetFeatureStatistics> GoldenStatistics() {
  std::map<std::string, DatasetFeatureStatistics> statistics;
  std::ifstream file(kCases / "golden_csv.jsonl");
  for (std::string line; std::getline(file, line);) {
    const Json test = Json::parse(line);
    if (test["kind"] != "csv_to_stats") continue;
    const auto list = FromText<DatasetFeatureStatisticsList>(test["expected"]);
    statistics[test["file"].get<std::string>() + test["limit"].dump()] = list.datasets(0);
  }
  return statistics;
}

std::string RunGolden(const Json& test,
                      const std::map<std::string, DatasetFeatureStatistics>& known) {
  const auto find = [&](const char* file, const char* limit) {
    const auto found = known.find(test[file].get<std::string>() + test[limit].dump());
    return found == known.end() ? nullptr : &found->second;
  };
  const std::string kind = test["kind"];
  if (kind == "stored_validate" && test["stats"].get<std::string>().starts_with("datasets")) {
    const auto list = FromText<DatasetFeatureStatisticsList>(test["stats"]);
    const auto result = Validate(list.datasets(0), FromText<Schema>(test["schema"]));
    if (!result.ok()) return std::string(Message(result.status()));
    return DiffAnomalies(FromText<Anomalies>(test["expected"]), *result);
  }
  if (kind == "stats_to_schema") {
    const auto* statistics = find("file", "limit");
    if (statistics == nullptr) return "-";
    schema::InferOptions options;
    const Json given = test.value("options", Json::object());
    options.infer_feature_shape = given.value("infer_feature_shape", true);
    options.max_string_domain_size = given.value("max_string_domain_size", 100);
    const auto result = schema::InferSchema(*statistics, options);
    if (!result.ok()) return std::string(Message(result.status()));
    return DiffSchemas(FromText<Schema>(test["expected"]), *result);
  }
  if (kind != "validate" && kind != "drift" && kind != "update_schema") return "-";
  const auto* train = find("train", "train_limit");
  const auto* eval = find("eval", "eval_limit");
  if (train == nullptr || eval == nullptr) return "-";
  auto inferred = schema::InferSchema(*train);
  if (!inferred.ok()) return std::string(Message(inferred.status()));
  if (kind == "update_schema") {
    const auto result = UpdateSchema(*inferred, *eval);
    if (!result.ok()) return std::string(Message(result.status()));
    return DiffSchemas(FromText<Schema>(test["expected"]), *result);
  }
  const auto expected = FromText<Anomalies>(test["expected"]);
  ValidateOptions options;
  if (kind == "drift") {
    *inferred = expected.baseline();  // the inferred schema with comparators added to it
    options.previous_span = train;
    options.serving = train;
  }
  const auto result = Validate(*eval, *inferred, options);
  if (!result.ok()) return std::string(Message(result.status()));
  if (expected.has_baseline() && DiffSchemas(expected.baseline(), *inferred) != "") {
    return DiffSchemas(expected.baseline(), *inferred);
  }
  return DiffAnomalies(expected, *result);
}

TEST_F(Conformance, GoldenCsv) {
  const auto statistics = GoldenStatistics();
  RunSuite("golden_csv", [&](const Json& test) { return RunGolden(test, statistics); });
}

}  // namespace
}  // namespace bessemer::validation
