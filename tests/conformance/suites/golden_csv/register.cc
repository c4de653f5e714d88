#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <stdexcept>

#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sources/csv/csv_reader.h"
#include "bessemer/schema/infer.h"
#include "bessemer/statistics/dataset_state.h"
#include "bessemer/validation/update.h"
#include "bessemer/validation/validate.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/runner.h"
#include "conformance/suite.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// From CSV text to column types, statistics, schema, and what validation and update say of a second
// file.

namespace bessemer::conformance::golden_csv {
namespace {

namespace fs = std::filesystem;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::Schema;

bool EndsWith(const fs::path& path, const std::string& end) {
  return ("/" + path.generic_string()).ends_with("/" + end);
}

// The CSV files are part of TFX's source tree: below $BESSEMER_TFX_SOURCE, or somewhere below the
// folder of the cases. "" if the file is not there.
std::string FindFile(const Case& one, const std::string& file) {
  const char* root = std::getenv("BESSEMER_TFX_SOURCE");
  if (root != nullptr && fs::exists(fs::path(root) / file)) {
    return (fs::path(root) / file).string();
  }
  std::error_code error;
  for (fs::recursive_directory_iterator it(one.folder, error), end; it != end;
       it.increment(error)) {
    if (EndsWith(it->path(), file)) return it->path().string();
  }
  return "";
}

std::string FileIsMissing(const std::string& file) {
  return fmt::format("{} is not among the cases, nor below $BESSEMER_TFX_SOURCE", file);
}

// A copy of the first rows of a file, removed with the object.
class FirstRows {
 public:
  FirstRows(const std::string& file, const Json& limit) {
    std::string name = (fs::temp_directory_path() / "conformance_XXXXXX.csv").string();
    const int descriptor = mkstemps(name.data(), 4);
    if (descriptor >= 0) close(descriptor);
    path_ = name;
    std::ifstream in(file, std::ios::binary);
    std::ofstream out(path_, std::ios::binary);
    const int64_t rows = limit.is_number() ? limit.get<int64_t>() : INT64_MAX;
    std::string line;
    for (int64_t row = -1; row < rows && std::getline(in, line); ++row) out << line << "\n";
  }
  ~FirstRows() { fs::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

using example_gen::csv::CsvInput;

StatusOr<std::unique_ptr<CsvInput>> OpenRows(const FirstRows& rows) {
  return CsvInput::Open({rows.path()}, {});
}

Verdict RunTypes(const Case& one) {
  const std::string name = one.json.at("file");
  const std::string file = FindFile(one, name);
  if (file.empty()) return NotApplicable(FileIsMissing(name));
  const FirstRows rows(file, one.json.at("limit"));
  const auto input = OpenRows(rows);
  if (!input.ok()) return Failed(input.status());
  Json got = Json::object();
  for (const auto& column : (*input)->columns()) {
    got[column.name] = std::string(example_gen::csv::CellTypeName(column.type));
  }
  if ((*input)->num_rows() != one.json.at("num_rows").get<int64_t>()) {
    return Failed(fmt::format("expected {} rows, got {}", one.json["num_rows"].dump(),
                              (*input)->num_rows()));
  }
  return FromDifference(DiffJson(one.json.at("column_types"), got));
}

// Statistics of the first rows of a file, as --tfdv-compat gives them.
StatusOr<DatasetFeatureStatisticsList> StatisticsOf(const std::string& file, const Json& limit) {
  const FirstRows rows(file, limit);
  BESSEMER_ASSIGN_OR_RETURN(const auto input, OpenRows(rows));
  statistics::StatisticsOptions options;
  options.tfdv_compat = true;
  BESSEMER_ASSIGN_OR_RETURN(auto state, statistics::DatasetStatisticsState::Make(options));
  const auto batches = example_gen::ReadRows(*input, input->schema());
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, batches->Next());
    if (batch == nullptr) return state.Finish();
    BESSEMER_RETURN_IF_ERROR(state.Update(*batch));
  }
}

Verdict RunStatistics(const Case& one) {
  const std::string name = one.json.at("file");
  const std::string file = FindFile(one, name);
  if (file.empty()) return NotApplicable(FileIsMissing(name));
  const auto got = StatisticsOf(file, one.json.at("limit"));
  if (!got.ok()) return Failed(got.status());
  return FromDifference(DiffStatistics(
      FromText<DatasetFeatureStatisticsList>(one.json.at("expected")), *got));
}

// Statistics by file and number of rows read. They stand in the cases of kind csv_to_stats, so that
// the later steps can be judged without the CSV files: in the folder of the cases, or in the usual
// one, as cases may be spread over several folders.
class GoldenStatistics {
 public:
  explicit GoldenStatistics(const Case& one) : one_(one) {
    for (const fs::path& folder : {fs::path(one.folder), fs::path(RunOptions().folder)}) {
      std::ifstream file(folder / (one.file + ".jsonl"));
      for (std::string line; std::getline(file, line);) Add(Json::parse(line, nullptr, false));
    }
  }

  // From a case, else from the file; null if neither is there.
  std::unique_ptr<DatasetFeatureStatistics> Find(const Json& file, const Json& limit) const {
    DatasetFeatureStatisticsList list;
    const auto known = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) {
      return entry.file == file && entry.SameRows(limit);
    });
    if (known != entries_.end()) {
      list = FromText<DatasetFeatureStatisticsList>(known->text);
    } else {
      const std::string path = FindFile(one_, file.get<std::string>());
      if (path.empty()) return nullptr;
      auto got = StatisticsOf(path, limit);
      if (!got.ok()) throw std::runtime_error(std::string(Message(got.status())));
      list = *std::move(got);
    }
    return std::make_unique<DatasetFeatureStatistics>(list.datasets(0));
  }

 private:
  struct Entry {
    Json file;
    int64_t limit = INT64_MAX;  // of rows
    int64_t num_rows = 0;       // that were read
    Json text;

    // Reading up to `other` rows gives the same rows: also where the file ends before either.
    bool SameRows(const Json& other) const {
      const int64_t rows = other.is_number() ? other.get<int64_t>() : INT64_MAX;
      return rows == limit || (num_rows < limit && num_rows <= rows);
    }
  };

  void Add(const Json& one) {
    if (!one.is_object() || one.value("kind", "") != "csv_to_stats") return;
    const Json& limit = one.at("limit");
    entries_.push_back({one.at("file"), limit.is_number() ? limit.get<int64_t>() : INT64_MAX,
                        one.at("num_rows").get<int64_t>(), one.at("expected")});
  }

  const Case& one_;
  std::vector<Entry> entries_;
};

Verdict WithoutStatistics(const Json& file) {
  return NotApplicable(fmt::format("no case has the statistics of {}", file.dump()));
}

Verdict RunSchema(const Case& one) {
  const auto statistics = GoldenStatistics(one).Find(one.json.at("file"), one.json.at("limit"));
  if (statistics == nullptr) return WithoutStatistics(one.json.at("file"));
  schema::InferOptions options;
  const Json given = one.json.value("options", Json::object());
  options.infer_feature_shape = given.value("infer_feature_shape", true);
  options.max_string_domain_size = given.value("max_string_domain_size", 100);
  const auto got = schema::InferSchema(*statistics, options);
  if (!got.ok()) return Failed(got.status());
  return FromDifference(DiffProtos(FromText<Schema>(one.json.at("expected")), *got));
}

Verdict CompareAnomalies(const Json& text, const StatusOr<Anomalies>& got, const Schema& schema) {
  if (!got.ok()) return Failed(got.status());
  const auto expected = FromText<Anomalies>(text);
  if (expected.has_baseline()) {
    const std::string difference = DiffProtos(expected.baseline(), schema);
    if (!difference.empty()) return Failed("baseline: " + difference);
  }
  return FromDifference(DiffAnomalies(expected, *got));
}

// The schema of one file against the statistics of another.
Verdict RunSecondFile(const Case& one) {
  const Json& json = one.json;
  const GoldenStatistics golden(one);
  const auto train = golden.Find(json.at("train"), json.at("train_limit"));
  const auto eval = golden.Find(json.at("eval"), json.at("eval_limit"));
  if (train == nullptr) return WithoutStatistics(json.at("train"));
  if (eval == nullptr) return WithoutStatistics(json.at("eval"));
  auto inferred = schema::InferSchema(*train);
  if (!inferred.ok()) return Failed(inferred.status());
  if (json.at("kind") == "update_schema") {
    const auto got = validation::UpdateSchema(*inferred, *eval);
    if (!got.ok()) return Failed(got.status());
    return FromDifference(DiffProtos(FromText<Schema>(json.at("expected")), *got));
  }
  validation::ValidateOptions options;
  if (json.at("kind") == "drift") {
    // The inferred schema with comparators added to it.
    *inferred = FromText<Anomalies>(json.at("expected")).baseline();
    options.previous_span = train.get();
    options.serving = train.get();
  }
  return CompareAnomalies(json.at("expected"), validation::Validate(*eval, *inferred, options),
                          *inferred);
}

Verdict RunStoredValidate(const Case& one) {
  const std::string statistics = one.json.at("stats");
  const std::string schema_text = one.json.at("schema");
  if (!statistics.starts_with("datasets")) {
    return NotApplicable(fmt::format("names its statistics ('{}') and schema ('{}') without "
                                     "giving them", statistics, schema_text));
  }
  const auto list = FromText<DatasetFeatureStatisticsList>(one.json.at("stats"));
  const auto schema = FromText<Schema>(one.json.at("schema"));
  return CompareAnomalies(one.json.at("expected"), validation::Validate(list.datasets(0), schema),
                          schema);
}

}  // namespace

void Register(SuiteRegistry& registry) {
  const auto add = [&](const char* line, const char* kind, const char* doc,
                       std::function<Verdict(const Case&)> run) {
    registry.Add({"golden_csv", line, doc,
                  [kind](const Case& one) { return one.json.value("kind", "") == kind; },
                  std::move(run)});
  };
  add("types", "csv_to_stats", "types of the columns", RunTypes);
  add("statistics", "csv_to_stats", "statistics as --tfdv-compat gives them", RunStatistics);
  add("schema", "stats_to_schema", "inferred schema", RunSchema);
  add("validate", "validate", "anomalies of a second file", RunSecondFile);
  add("update", "update_schema", "the schema relaxed for a second file", RunSecondFile);
  add("drift", "drift", "drift and skew between two files", RunSecondFile);
  add("stored_validate", "stored_validate", "anomalies of stored statistics", RunStoredValidate);
}

}  // namespace bessemer::conformance::golden_csv
