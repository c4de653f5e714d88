#include "conformance/runner.h"

#include <algorithm>
#include <exception>
#include <map>
#include <set>

#include "conformance/case_files.h"
#include "conformance/worker_pool.h"

namespace bessemer::conformance {
namespace {

// A case and a suite that takes it; null: no suite does.
struct Task {
  const CaseText* text = nullptr;
  const Suite* suite = nullptr;

  std::string Line(const std::set<std::string>& adapted_files) const {
    if (suite != nullptr) return suite->name();
    return adapted_files.contains(text->file) ? text->file + "/other" : text->file;
  }
};

bool Takes(const Suite& suite, const Case& one) {
  try {
    return suite.file == one.file && (!suite.takes || suite.takes(one));
  } catch (const std::exception&) {
    return false;  // a case of another shape
  }
}

bool Chosen(const std::vector<std::string>& names, const std::string& file,
            const std::string& line) {
  if (names.empty()) return true;
  return std::any_of(names.begin(), names.end(),
                     [&](const auto& name) { return name == file || name == line; });
}

Verdict RunTask(const Task& task, const std::string& folder) {
  if (task.suite == nullptr) return NotImplemented("no suite takes cases of this kind");
  try {
    const Case one = task.text->Parse(folder);
    if (one.json.is_discarded()) return Failed("the line is not JSON");
    return task.suite->run(one);
  } catch (const std::exception& e) {
    return Failed(fmt::format("exception: {}", e.what()));
  } catch (...) {
    return Failed("exception");
  }
}

// A verdict as bytes between processes: its state, then its text.
std::string Encode(const Verdict& verdict) {
  return static_cast<char>(verdict.state) + verdict.text;
}

Verdict Decode(const std::string& bytes) {
  if (bytes.empty()) return Failed("no answer");
  return {static_cast<Verdict::State>(bytes[0]), bytes.substr(1)};
}

class Plan {
 public:
  Plan(const SuiteRegistry& registry, const RunOptions& options, std::vector<CaseText> cases)
      : options_(options), cases_(std::move(cases)) {
    for (const Suite& suite : registry.suites()) adapted_.insert(suite.file);
    for (const CaseText& text : cases_) {
      files_.insert(text.file);
      if (!options.ids.empty() && std::find(options.ids.begin(), options.ids.end(), text.id) ==
                                      options.ids.end()) {
        continue;
      }
      const Case one = adapted_.contains(text.file) ? text.Parse(options.folder) : Case();
      bool taken = false;
      for (const Suite& suite : registry.suites()) {
        if (one.file.empty() || !Takes(suite, one)) continue;
        AddTask({&text, &suite});
        taken = true;
      }
      if (!taken) AddTask({&text, nullptr});
    }
  }

  Status CheckNames(const SuiteRegistry& registry) const {
    for (const std::string& name : options_.suites) {
      const bool known = files_.contains(name) ||
                         std::any_of(registry.suites().begin(), registry.suites().end(),
                                     [&](const Suite& s) { return s.name() == name; });
      if (!known) {
        return InvalidArgumentError("{} has no suite '{}'", options_.folder, name);
      }
    }
    return OkStatus();
  }

  StatusOr<std::vector<Verdict>> RunAll() const {
    std::vector<Verdict> verdicts;
    if (options_.num_workers == 0) {
      for (const Task& task : tasks_) verdicts.push_back(RunTask(task, options_.folder));
      return verdicts;
    }
    BESSEMER_ASSIGN_OR_RETURN(
        const auto answers,
        RunInWorkers(
            tasks_.size(), {options_.num_workers, options_.timeout_s},
            [this](size_t i) { return Encode(RunTask(tasks_[i], options_.folder)); },
            [](std::string how) { return Encode(Failed("the process " + how)); }));
    for (const std::string& answer : answers) verdicts.push_back(Decode(answer));
    return verdicts;
  }

  std::vector<FileResult> Collect(const SuiteRegistry& registry,
                                  std::vector<Verdict> verdicts) const {
    std::map<std::string, FileResult> files;
    std::map<std::pair<std::string, std::string>, bool> passed;
    std::map<std::string, int> order;  // of lines: that of registration, "other" (0) last
    int place = -static_cast<int>(registry.suites().size());
    for (const Suite& suite : registry.suites()) order[suite.name()] = place++;
    for (size_t i = 0; i < tasks_.size(); ++i) {
      const Task& task = tasks_[i];
      FileResult& file = files[task.text->file];
      file.file = task.text->file;
      const std::string name = task.Line(adapted_);
      auto line = std::find_if(file.lines.begin(), file.lines.end(),
                               [&](const LineResult& l) { return l.name == name; });
      if (line == file.lines.end()) line = file.lines.insert(line, {name, {}});
      const bool ok = verdicts[i].passed();
      line->cases.push_back({task.text->id, std::move(verdicts[i])});
      const auto [known, first] = passed.try_emplace({task.text->file, task.text->id}, ok);
      known->second = known->second && ok;
    }
    for (const auto& [key, ok] : passed) {
      ++files[key.first].num_cases;
      files[key.first].num_passed += ok;
    }
    std::vector<FileResult> results;
    for (auto& [name, file] : files) {
      std::stable_sort(file.lines.begin(), file.lines.end(), [&](const auto& a, const auto& b) {
        return order[a.name] < order[b.name];
      });
      results.push_back(std::move(file));
    }
    return results;
  }

 private:
  void AddTask(Task task) {
    if (Chosen(options_.suites, task.text->file, task.Line(adapted_))) tasks_.push_back(task);
  }

  const RunOptions& options_;
  std::vector<CaseText> cases_;
  std::set<std::string> adapted_;  // files with suites
  std::set<std::string> files_;    // files of the folder
  std::vector<Task> tasks_;
};

}  // namespace

StatusOr<std::vector<FileResult>> Run(const SuiteRegistry& registry, const RunOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(auto cases, ReadCaseFiles(options.folder));
  const Plan plan(registry, options, std::move(cases));
  BESSEMER_RETURN_IF_ERROR(plan.CheckNames(registry));
  BESSEMER_ASSIGN_OR_RETURN(auto verdicts, plan.RunAll());
  return plan.Collect(registry, std::move(verdicts));
}

}  // namespace bessemer::conformance
