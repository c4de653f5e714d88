#include <filesystem>
#include <fstream>
#include <sstream>

#include "bessemer/evaluation/config.h"
#include "bessemer/evaluation/files.h"
#include "conformance/protos.h"
#include "conformance/suite.h"
#include "conformance/suites/tfma/answers.h"
#include "tensorflow_model_analysis/proto/config.pb.h"

// What TFMA answers to given configurations and rows, and a folder that it wrote.

namespace bessemer::conformance::tfma {
namespace {

namespace fs = std::filesystem;

Verdict RunGenerated(const Case& one) {
  Question question;
  const auto config = evaluation::EvalConfigFromJson(one.json.at("eval_config"));
  const bool error = one.json.contains("expected_error");
  Verdict verdict;
  if (!config.ok() && DecidedByError(error, config.status(), &verdict)) return verdict;
  question.config = *config;
  question.rows = one.json.at("rows");
  question.validate = one.json.value("validate", false);
  question.rubber_stamp = one.json.value("rubber_stamp", false);
  const auto got = Answer(question);
  if (DecidedByError(error, got.status(), &verdict)) return verdict;
  return CompareAnswers(one.json.at("expected"), *got);
}

std::string Contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

// The rows of a CSV file without quotes: a number where the whole column holds numbers.
Json RowsOfCsv(const fs::path& path) {
  std::ifstream in(path);
  std::vector<std::vector<std::string>> lines;
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string>& cells = lines.emplace_back();
    std::istringstream stream(line);
    for (std::string cell; std::getline(stream, cell, ',');) cells.push_back(cell);
  }
  if (lines.empty()) return Json::array();
  const std::vector<std::string> names = lines[0];
  Json rows = Json::array();
  for (size_t row = 1; row < lines.size(); ++row) {
    Json object = Json::object();
    for (size_t i = 0; i < names.size() && i < lines[row].size(); ++i) {
      if (lines[row][i].empty()) continue;
      const Json value = Json::parse(lines[row][i], nullptr, false);
      object[names[i]] = Json::array({value.is_number() ? value : Json(lines[row][i])});
    }
    rows.push_back(std::move(object));
  }
  return rows;
}

Json ExpectedOf(const fs::path& folder) {
  return Json::parse(Contents(folder / "expected.json"));
}

Verdict RunReadFolder(const Case& one) {
  const fs::path folder = one.json.at("folder").get<std::string>();
  const auto result = evaluation::ReadResult((folder / "output").string());
  if (!result.ok()) return Failed(result.status());
  Json got = ResultToJson(*result);
  const auto validation = evaluation::ReadValidation((folder / "output").string());
  if (validation.ok()) got["validation_result"] = MessageToJson(*validation);
  return CompareAnswers(ExpectedOf(folder), got);
}

Verdict RunEvaluateFolder(const Case& one) {
  const fs::path folder = one.json.at("folder").get<std::string>();
  Question question;
  question.config = FromText<evaluation::EvalConfig>(Contents(folder / "config.pbtxt"));
  question.rows = RowsOfCsv(folder.parent_path() / "input.csv");
  const Json expected = ExpectedOf(folder);
  question.validate = expected.contains("validation_result");
  const auto got = Answer(question);
  return got.ok() ? CompareAnswers(expected, *got) : Failed(got.status());
}

}  // namespace

void Register(SuiteRegistry& registry) {
  registry.Add({.file = "tfma/generated_cases",
                .doc = "configuration and rows to metrics, plots, validation",
                .run = RunGenerated});
  registry.Add({.file = "tfma/golden_output",
                .kind = "read",
                .doc = "reading the files of a run",
                .run = RunReadFolder});
  registry.Add({.file = "tfma/golden_output",
                .kind = "evaluate",
                .doc = "the run again, from its input",
                .run = RunEvaluateFolder});
}

}  // namespace bessemer::conformance::tfma
