#ifndef BESSEMER_VALIDATION_SKEW_COUNTER_H_
#define BESSEMER_VALIDATION_SKEW_COUNTER_H_

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/validation/example_records.h"
#include "bessemer/validation/feature_skew.h"

namespace bessemer::validation {

// What is counted over pairs of rows. One thread at a time; counters of parts of the data merge to
// the counter of the whole, in any order.
class SkewCounter {
 public:
  explicit SkewCounter(const FeatureSkewOptions& options);

  // The rows of one identifier, on either side: serialised records of deterministic form.
  Status AddGroup(std::string_view key, const std::vector<std::string_view>& base,
                  const std::vector<std::string_view>& test);
  void AddMissing(int64_t base, int64_t test);
  void Merge(SkewCounter&& other);
  FeatureSkewResult Finish() &&;

 private:
  struct Counts {
    bool ignored = false;
    int64_t base = 0, test = 0, match = 0, base_only = 0, test_only = 0, mismatch = 0;
  };
  struct Sample {
    uint64_t rank;
    ::tensorflow::data_validation::SkewPair pair;
  };
  enum class Outcome { kMatch, kMismatch, kBaseOnly, kTestOnly, kNeither };

  Counts& CountsOf(std::string_view name);
  Outcome Compare(const RecordFeature* base, const RecordFeature* test);
  Status ComparePair(std::string_view key, std::string_view base, std::string_view test);
  Status CountConfusion();
  void AddSample(std::string_view key, std::string_view base, std::string_view test);
  void Shrink(size_t size);

  const FeatureSkewOptions& options_;
  std::set<std::string, std::less<>> ignored_;
  std::map<std::string, Counts, std::less<>> counts_;
  std::map<std::tuple<std::string, std::string, std::string>, int64_t> confusion_;
  std::vector<Sample> samples_;
  ::tensorflow::data_validation::MatchStats match_;
  // Of the pair at hand.
  std::vector<RecordFeature> base_, test_;
  std::vector<std::pair<std::string_view, Outcome>> outcomes_;
  std::string rounded_base_, rounded_test_;
};

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_SKEW_COUNTER_H_
