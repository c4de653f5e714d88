#ifndef BESSEMER_EXAMPLE_GEN_SHAPING_ROW_SHAPER_H_
#define BESSEMER_EXAMPLE_GEN_SHAPING_ROW_SHAPER_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/shaping/rules.h"

namespace bessemer::example_gen::shaping {

struct ShapingCounts {
  int64_t num_duplicates = 0;  // rows dropped by deduplicate,
  int64_t num_unsampled = 0;   // of the others by sample,
  int64_t num_unbalanced = 0;  // and of the others by balance
};

// Decides row by row what becomes of an input. The input is cut into tasks, runs of rows, which
// different threads may work on; inside a task rows come in their order.
//
//   Make → (needs_survey: for each task a TaskShaper that surveys all its rows → Resolve)
//        → for each task a TaskShaper that routes all its rows
//
// A survey keeps one byte a row in memory, and while it is resolved about 100 MiB a thread besides;
// facts about rows go to the scratch folder: 8 bytes for each thing a rule has to know of a row.
// Stratifying takes 64 bytes a stratum.
class RowShaper {
 public:
  // `splits`: the names of the output splits. `task_splits`: for each task the index of the split
  // its rows belong to, when rules.split is monostate. INVALID_ARGUMENT as CheckRules.
  static StatusOr<std::unique_ptr<RowShaper>> Make(ShapingRules rules,
                                                   std::vector<std::string> splits,
                                                   std::vector<size_t> task_splits,
                                                   std::string scratch_dir);
  ~RowShaper();

  // The rows have to be read once before they can be routed.
  bool needs_survey() const;
  // Whether Survey and Route want to see the records.
  bool surveys_records() const;
  bool routes_records() const;
  // Whether they look at features; if not, StartBatch need not be called.
  bool needs_columns() const { return !features().empty(); }
  // The features that the rules name, each once.
  const std::vector<std::string>& features() const;
  // "" unless rows get weights.
  const std::string& weight_feature() const;

  // NOT_FOUND if a rule names a feature that is not among these.
  Status CheckNames(const std::vector<std::string>& features) const;
  // NOT_FOUND if a rule names a feature that no batch so far had: most likely a misspelling.
  Status CheckNames() const;

  // Settles what depends on all rows together. Once, after every task has been surveyed.
  Status Resolve(int num_threads);

  // Complete once every task has been routed.
  ShapingCounts counts() const;
  // What was done, for the records: the rules, and what they came to (boundaries of time, classes
  // with their numbers of rows and fractions), so that it can be undone by weighting. An object; a
  // rule that was not given is absent.
  Json Report() const;

 private:
  friend class TaskShaper;
  struct State;
  explicit RowShaper(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

// One task of a shaper, in one of its two passes. Not thread-safe; outlived by the shaper.
class TaskShaper {
 public:
  static constexpr int kDropped = -1;

  TaskShaper(RowShaper& shaper, int64_t task);
  ~TaskShaper();

  // The rows of the following calls are those of this batch, which has all columns under their
  // names in the input; a feature it does not have is missing in each row.
  Status StartBatch(const arrow::RecordBatch& batch);

  // First pass. `record`: see the header of rules.h; may be empty if !surveys_records().
  // INVALID_ARGUMENT for values a rule cannot work with, naming rule and feature.
  Status Survey(int64_t row, std::string_view record);
  Status EndSurvey();

  // Second pass: the index of the output split, or kDropped.
  StatusOr<int> Route(int64_t row, std::string_view record);
  // The weight of a row that was routed to `split`.
  StatusOr<float> Weight(int64_t row, int split);
  void EndRoute();  // counts

 private:
  struct Columns;
  StatusOr<uint8_t> Decide(int64_t row, std::string_view record);
  StatusOr<uint8_t> SplitOf(int64_t row, std::string_view record);
  StatusOr<uint8_t> SplitByTime(int64_t row);
  StatusOr<double> ClassFraction(int64_t row, int split);
  Status AddKey(int64_t row, std::string_view record, uint64_t* facts);

  RowShaper::State& state_;
  size_t task_;
  bool surveyed_;  // routing follows what the survey decided
  size_t next_row_ = 0;
  std::unique_ptr<Columns> columns_;
  ShapingCounts counts_;
};

}  // namespace bessemer::example_gen::shaping

#endif  // BESSEMER_EXAMPLE_GEN_SHAPING_ROW_SHAPER_H_
