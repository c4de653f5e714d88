#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>

#include "bessemer/statistics/dataset_state.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/suites/tfdv_python_recorded/generators.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance::tfdv_python_recorded {
namespace {

using statistics::DatasetStatisticsState;
using statistics::StatisticsOptions;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::NaturalLanguageStatistics;
using ::tensorflow::metadata::v0::Schema;

// The vocabularies of TFDV's tests are temporary files, which the recording does not hold.
std::string VocabularyOf(const std::string& test) {
  if (test.ends_with("string_feature_vocab")) return "Foo\nBar\nBazz\n";
  if (test.ends_with("int_feature_vocab")) return "Foo\nBar\nBaz\nBazz\n";
  if (test.ends_with("token_stats")) return "Foo\nBar\n";
  return "Foo\nBar\nBaz\nBazz\nCar\nRazzz\n";
}

class VocabularyFile {
 public:
  explicit VocabularyFile(const std::string& text)
      : path_((std::filesystem::temp_directory_path() /
               fmt::format("conformance_vocabulary_{}", getpid()))
                  .string()) {
    std::ofstream(path_) << text;
  }
  ~VocabularyFile() { std::filesystem::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

// Tokens are a set; sequences that measure the same come in the order of Python's hashes.
void Normalize(FeatureNameStatistics* feature) {
  for (auto& stat : *feature->mutable_custom_stats()) {
    NaturalLanguageStatistics nl;
    if (!stat.has_any() || !stat.any().UnpackTo(&nl)) continue;
    auto* tokens = nl.mutable_token_statistics();
    std::sort(tokens->pointer_begin(), tokens->pointer_end(), [](const auto* a, const auto* b) {
      return a->SerializeAsString() < b->SerializeAsString();
    });
    stat.mutable_any()->PackFrom(nl);
  }
}

std::string TextOf(const FeatureNameStatistics& feature) {
  std::string text;
  for (const auto& stat : feature.custom_stats()) {
    NaturalLanguageStatistics nl;
    if (stat.has_any() && stat.any().UnpackTo(&nl)) text += nl.DebugString();
  }
  return text;
}

// The custom statistics that are not of the basic ones.
FeatureNameStatistics CustomStatsOf(const DatasetFeatureStatistics& dataset) {
  FeatureNameStatistics kept;
  if (dataset.features().empty()) return kept;
  for (const auto& stat : dataset.features(0).custom_stats()) {
    if (!stat.name().starts_with("level_")) *kept.add_custom_stats() = stat;
  }
  return kept;
}

// A schema that says what the lists of categorical and multivalent features say.
void AddKinds(const Json& args, const Json& columns, Schema* schema) {
  const auto listed = [&](const char* list, const Json& name) {
    for (const Json& path : args.value(list, Json::array())) {
      if (path.at("@path").at(0) == name) return true;
    }
    return false;
  };
  for (const Json& column : columns) {
    const Json& name = column.at("name");
    auto* feature = schema->add_feature();
    feature->set_name(name.get<std::string>());
    feature->set_type(listed("categorical_features", name) ? ::tensorflow::metadata::v0::BYTES
                                                           : ::tensorflow::metadata::v0::FLOAT);
    if (!listed("multivalent_features", name)) feature->mutable_value_count()->set_max(1);
  }
}

bool IsSklearn(const Json& generator) {
  const Json& function = generator.at("args").at("stats_fn");
  return function.value("@repr", "").find("SkLearnMutualInformation") != std::string::npos;
}

// Arguments of the reference's statistic. Those of scikit-learn's form were recorded as an address:
// they are what the columns look like.
Json MutualInformationArgs(const Json& generator, const Json& examples) {
  if (!IsSklearn(generator)) return generator.at("args").at("stats_fn").at("args");
  std::set<std::string> categorical;
  std::set<std::string> multivalent;
  for (const Json& example : examples) {
    const Json& batch = example.is_array() ? example[1] : example;
    for (const Json& column : batch.at("@arrow").at("columns")) {
      const std::string name = column.at("name");
      if (column.at("type") == "list<item: string>") categorical.insert(name);
      for (const Json& value : column.at("values")) {
        if (value.is_array() && value.size() > 1) multivalent.insert(name);
      }
    }
  }
  const auto paths = [](const std::set<std::string>& names) {
    Json list = Json::array();
    for (const std::string& name : names) list.push_back({{"@path", Json::array({name})}});
    return list;
  };
  return {{"label_feature", {{"@path", Json::array({"label_key"})}}},
          {"categorical_features", paths(categorical)},
          {"multivalent_features", paths(multivalent)}};
}

void SetMutualInformation(const Json& generator, const Json& args, const Json& columns,
                          StatisticsOptions* options) {
  options->label_feature = args.at("label_feature").at("@path").at(0);
  auto schema = std::make_shared<Schema>();
  if (args.contains("schema") && args["schema"].is_object()) {
    *schema = FromText<Schema>(args["schema"]);
  } else {
    AddKinds(args, columns, schema.get());
  }
  auto& information = options->mutual_information;
  information.enabled = true;
  information.sklearn = IsSklearn(generator);
  information.num_partitions = generator["args"].at("num_partitions");
  information.max_examples_per_partition = generator["args"].at("max_examples_per_partition");
  information.min_partitions_stat_presence =
      generator["args"].at("min_partitions_stat_presence");
  information.max_encoding_length = args.value("max_encoding_length", 512);
  information.seed = args.value("seed", 12345);
  information.normalize_by_max = args.value("normalize_by_max", false);
  options->schema = std::move(schema);
}

}  // namespace

Verdict RunCustomStats(const Json& json) {
  const Json& args = json.at("generator").at("args");
  const std::string test = json.at("source").value("test", "");
  const auto number = [&args](const char* name, int64_t fallback) {
    return args.contains(name) && args[name].is_number() ? args[name].get<int64_t>() : fallback;
  };
  StatisticsOptions options = GeneratorOptions(args);
  options.tfdv_compat = true;
  options.count_empty_values = json["generator"].at("@object") == "EmptyValueCounterGenerator";
  // None of a histogram is not a setting of ours: they are taken out below.
  options.num_histogram_buckets = std::max<int64_t>(number("num_histogram_buckets", 10), 1);
  const int64_t num_quantiles = number("num_quantiles_histogram_buckets", 10);
  options.num_quantiles_histogram_buckets = std::max<int64_t>(num_quantiles, 1);
  const VocabularyFile vocabulary(VocabularyOf(test));
  if (args.contains("vocab_paths") && args["vocab_paths"].is_object()) {
    for (const auto& [name, path] : args["vocab_paths"].items()) {
      options.vocab_paths[name] = vocabulary.path();
    }
  }
  const std::vector<std::string> path = json.at("feature_path").at("@path");
  auto state = DatasetStatisticsState::Make(options);
  if (!state.ok()) return Failed(state.status());
  for (const Json& encoded : json.at("input_arrays")) {
    const auto array = ArrayOf(encoded);
    if (!array.ok()) return Failed(array.status());
    const Status status = state->Update(*arrow::RecordBatch::Make(
        arrow::schema({arrow::field(path.at(0), (*array)->type())}), (*array)->length(),
        {*array}));
    if (!status.ok()) return Failed(status);
  }
  auto expected = FromText<FeatureNameStatistics>(json.at("expected"));
  expected.clear_path();
  FeatureNameStatistics got = CustomStatsOf(state->Finish().datasets(0));
  if (num_quantiles == 0) {
    for (auto& stat : *got.mutable_custom_stats()) {
      NaturalLanguageStatistics nl;
      if (!stat.has_any() || !stat.any().UnpackTo(&nl)) continue;
      nl.clear_token_length_histogram();
      nl.clear_sequence_length_histogram();
      stat.mutable_any()->PackFrom(nl);
    }
  }
  Normalize(&expected);
  Normalize(&got);
  if (!TextOf(expected).empty() || !TextOf(got).empty()) {
    return Same(TextOf(expected), TextOf(got));
  }
  DatasetFeatureStatisticsList expected_list;
  DatasetFeatureStatisticsList got_list;
  *expected_list.add_datasets()->add_features() = expected;
  *got_list.add_datasets()->add_features() = got;
  return FromDifference(DiffStatistics(expected_list, got_list, kTypedIn));
}

// The reference deals batches to partitions by numbers of its own; of expectations that do not
// depend on that, everything can be compared.
Verdict RunPartitioned(const Json& json) {
  const Json& generator = json.at("generator");
  const std::string kind = IsSklearn(generator) ? "sklearn_" : "";
  StatisticsOptions options;
  const Json& first = json.at("examples").at(0);
  SetMutualInformation(generator, MutualInformationArgs(generator, json.at("examples")),
                       (first.is_array() ? first[1] : first).at("@arrow").at("columns"), &options);
  std::map<std::string, std::vector<Json>> batches;
  for (const Json& example : json.at("examples")) {
    const bool sliced = example.is_array();
    batches[sliced ? example[0].get<std::string>() : ""].push_back(sliced ? example[1] : example);
  }
  std::map<std::string, DatasetFeatureStatistics> expected;
  for (const Json& piece : json.at("expected")) {
    const bool sliced = piece.is_array();
    expected[sliced ? piece[0].get<std::string>() : ""].MergeFrom(
        FromText<DatasetFeatureStatistics>(sliced ? piece[1] : piece));
  }
  for (const auto& [slice, encoded] : batches) {
    auto state = DatasetStatisticsState::Make(options);
    if (!state.ok()) return Failed(state.status());
    for (const Json& one : encoded) {
      const auto batch = BatchOf(one);
      if (!batch.ok()) return Failed(batch.status());
      const Status status = state->Update(**batch);
      if (!status.ok()) return Failed(status);
    }
    DatasetFeatureStatisticsList expected_list;
    DatasetFeatureStatisticsList got;
    *expected_list.add_datasets() = expected[slice];
    DatasetFeatureStatistics* dataset = got.add_datasets();
    const DatasetFeatureStatisticsList all = state->Finish();
    for (const FeatureNameStatistics& feature : all.datasets(0).features()) {
      FeatureNameStatistics kept;
      *kept.mutable_path() = feature.path();
      for (const auto& stat : feature.custom_stats()) {
        if (stat.name().ends_with("mutual_information") &&
            stat.name().find(kind) != std::string::npos) {
          *kept.add_custom_stats() = stat;
        }
      }
      if (kept.custom_stats_size() > 0) *dataset->add_features() = kept;
    }
    const std::string difference = DiffStatistics(expected_list, got, kTypedIn);
    if (!difference.empty()) return Failed(slice + ": " + difference);
  }
  return Passed();
}

}  // namespace bessemer::conformance::tfdv_python_recorded
