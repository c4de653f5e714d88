#include "conformance/case_files.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

namespace bessemer::conformance {
namespace {

namespace fs = std::filesystem;

std::string IdOf(const Json& json, size_t number) {
  for (const char* key : {"id", "scenario"}) {
    if (json.is_object() && json.contains(key)) {
      const Json& id = json[key];
      return id.is_string() ? id.get<std::string>() : id.dump();
    }
  }
  return fmt::format("{}", number);
}

std::string Contents(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

Json ParseOrNull(const std::string& text) {
  return Json::parse(text, nullptr, /*allow_exceptions=*/false);
}

// Ids that occur again get "#2", "#3" …
class CaseList {
 public:
  explicit CaseList(std::string file) : file_(std::move(file)) {}

  void Add(const Json& json, std::string text) {
    std::string id = json.is_discarded() ? fmt::format("line {}", cases_.size() + 1)
                                         : IdOf(json, cases_.size() + 1);
    const int seen = ++seen_[id];
    if (seen > 1) id += fmt::format("#{}", seen);
    cases_.push_back({file_, std::move(id), std::move(text)});
  }
  std::vector<CaseText> Take() { return std::move(cases_); }

 private:
  std::string file_;
  std::vector<CaseText> cases_;
  std::map<std::string, int> seen_;
};

std::vector<CaseText> ReadFile(const fs::path& path, const std::string& name) {
  CaseList cases(name);
  const std::string text = Contents(path);
  if (path.extension() == ".json") {
    const Json json = ParseOrNull(text);
    if (json.is_object() && json.contains("cases") && json["cases"].is_array()) {
      for (const Json& one : json["cases"]) cases.Add(one, one.dump());
    }
    return cases.Take();
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    cases.Add(ParseOrNull(line), line);
  }
  return cases.Take();
}

bool IsRecordedFolder(const fs::path& path) {
  return fs::exists(path / "config.pbtxt") && fs::exists(path / "expected.json");
}

}  // namespace

Case CaseText::Parse(const std::string& folder) const {
  return {folder, file, id, ParseOrNull(text)};
}

StatusOr<std::vector<CaseText>> ReadCaseFiles(const std::string& folder) {
  std::error_code error;
  if (!fs::is_directory(folder, error)) {
    return NotFoundError("{} is not a folder of conformance cases", folder);
  }
  std::set<fs::path> paths;
  for (auto it = fs::recursive_directory_iterator(folder, error);
       it != fs::recursive_directory_iterator(); it.increment(error)) {
    const fs::path& path = it->path();
    if (it->is_directory(error) && IsRecordedFolder(path)) {
      paths.insert(path);
      it.disable_recursion_pending();
    } else if (path.extension() == ".jsonl" || path.extension() == ".json") {
      paths.insert(path);
    }
  }
  if (error) return UnavailableError("{}: {}", folder, error.message());

  std::vector<CaseText> cases;
  for (const fs::path& path : paths) {
    const fs::path relative = fs::relative(path, folder, error);
    if (fs::is_directory(path, error)) {
      const Json json = {{"folder", path.string()}};
      cases.push_back({relative.parent_path().string(), relative.filename().string(), json.dump()});
      continue;
    }
    for (CaseText& one : ReadFile(path, fs::path(relative).replace_extension().string())) {
      cases.push_back(std::move(one));
    }
  }
  return cases;
}

}  // namespace bessemer::conformance
