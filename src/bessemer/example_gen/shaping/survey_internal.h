#ifndef BESSEMER_EXAMPLE_GEN_SHAPING_SURVEY_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SHAPING_SURVEY_INTERNAL_H_

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/shaping/row_key.h"
#include "bessemer/example_gen/shaping/rules.h"
#include "bessemer/example_gen/shaping/word_list.h"

// What a first pass over the rows has found, and what follows from it.

namespace bessemer::example_gen::shaping {

// What becomes of a row: the index of a split, or one of these.
enum Fate : uint8_t {
  kPending = 250,  // kept, its split still to be found
  kDuplicate,
  kUnsampled,
  kUnbalanced,
};
inline bool IsSplit(uint8_t fate) { return fate < kPending; }

// Independent uses of the hash of one row.
enum class Purpose : uint64_t {
  kSample = 0x8d1f0c6b5a3e9271,
  kStratify = 0x3b9ac5e27f1480d6,
  kBalance = 0xe6570b1d94f82ca3,
  kShift = 0x51c8e9740db2f63a,
};
inline uint64_t Draw(uint64_t hash, uint64_t seed, Purpose purpose) {
  return Random::Mix(hash + Random::Mix(seed ^ static_cast<uint64_t>(purpose)));
}
// True for `fraction` of all draws; what is true for a fraction is true for larger ones.
inline bool IsBelow(uint64_t draw, double fraction) {
  return fraction >= 1 || static_cast<double>(draw >> 11) * 0x1.0p-53 < fraction;
}

// Which word of a row's facts holds what; -1: none does.
struct FactLayout {
  int key = -1;      // deduplicate: two words
  int rank = -1;     // deduplicate: the greater wins
  int hash = -1;     // of the row
  int time = -1;     // by_time: the place of the value
  int stratum = -1;  // stratify: hash of the key
  int label = -1;    // balance: class + 1, or 0 without a label
  int width = 0;

  void Add(int* word, int num_words = 1) {
    *word = width;
    width += num_words;
  }
};

// The classes of a label, numbered as they turn up. Thread-safe.
class ClassTable {
 public:
  // RESOURCE_EXHAUSTED when there are more than a label can sensibly have.
  StatusOr<uint64_t> Id(std::string_view text);
  // By id.
  std::vector<std::string> texts() const;

 private:
  mutable std::mutex mutex_;
  std::map<std::string, uint64_t, std::less<>> ids_;
};

struct ClassCount {
  std::string value;
  int64_t num_rows = 0;
  int64_t num_kept = 0;
};

// The facts and fates of all rows, by task.
class Survey {
 public:
  // Rows that are worked on together take about `part_bytes`.
  Survey(FactLayout layout, size_t num_tasks, std::string scratch_dir,
         int64_t part_bytes = 32 << 20);

  // Different tasks at once.
  Status Add(size_t task, uint8_t fate, const uint64_t* facts);
  Status Seal(size_t task) { return facts_[task].Seal(); }

  const FactLayout& layout() const { return layout_; }
  ClassTable& classes() { return classes_; }
  uint8_t fate(size_t task, size_t row) const { return fates_[task][row]; }

  // Marks all but one of the rows with equal keys. `keep_last`: of equal ranks the last wins;
  // otherwise the one with the least hash, or without hashes the first.
  Status DropDuplicates(bool keep_last, int num_threads);
  // Of the pending rows, the places in order of time at which each part but the first begins: no
  // value for parts behind the last row.
  StatusOr<std::vector<std::optional<uint64_t>>> FindTimes(const std::vector<double>& fractions);
  // Gives each pending row the last split that begins at or before its time.
  Status SplitByTime(const std::vector<std::optional<uint64_t>>& begins,
                     const std::vector<size_t>& splits);
  Status SplitStrata(const StratifiedSplit& rule);
  // `in_splits`: by split, whether it is balanced. With `drop` the rows that are too many are.
  StatusOr<std::vector<ClassCount>> Balance(const BalanceRule& rule,
                                            const std::vector<bool>& in_splits, bool drop);

 private:
  int64_t num_rows() const;
  using VisitRow = std::function<Status(const uint64_t* facts, uint8_t* fate, uint64_t position)>;
  Status VisitRows(const VisitRow& visit);
  uint8_t* FateAt(uint64_t position);
  // Visits the rows that `choose` says, in the order of their draws; equal draws in that of the
  // input. `group_word` is the word of the facts that is handed on.
  Status VisitByDraw(const std::function<bool(uint8_t fate, uint64_t group)>& choose,
                     int group_word, uint64_t seed, Purpose purpose,
                     const std::function<void(uint64_t group, uint8_t* fate)>& visit);
  Status VisitDraws(const WordList& part,
                    const std::function<void(uint64_t group, uint8_t* fate)>& visit);

  std::deque<WordList> MakeParts(size_t width);

  FactLayout layout_;
  int64_t part_bytes_;
  ScratchSpace scratch_;
  std::deque<WordList> facts_;
  std::vector<std::vector<uint8_t>> fates_;
  ClassTable classes_;
};

}  // namespace bessemer::example_gen::shaping

#endif  // BESSEMER_EXAMPLE_GEN_SHAPING_SURVEY_INTERNAL_H_
