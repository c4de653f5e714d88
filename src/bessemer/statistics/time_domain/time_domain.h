#ifndef BESSEMER_STATISTICS_TIME_DOMAIN_TIME_DOMAIN_H_
#define BESSEMER_STATISTICS_TIME_DOMAIN_TIME_DOMAIN_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/state_codec.h"

namespace tensorflow::metadata::v0 {
class FeatureNameStatistics;
}

namespace bessemer::statistics::time_domain {

// The strptime forms of dates, times and both that are looked for, in TFDV's order.
const std::vector<std::string>& TimeFormats();

// Indices into TimeFormats() of those that match the whole value. Thread-safe.
std::vector<int> MatchingFormats(std::string_view value);

// Whether the values of a feature are times: text of one of TimeFormats, or integers that as UNIX
// days, seconds, milli-, micro- or nanoseconds fall into 1990 to 2029. A feature that ever holds an
// empty string, bytes that are not UTF-8 or floats is none.
class TimeCounts {
 public:
  struct Limits {
    double min_ratio = 0.8;
    int64_t min_values = 100;
  };
  TimeCounts() : TimeCounts(Limits()) {}
  explicit TimeCounts(Limits limits) : limits_(limits) {}

  void Update(const FeatureArray& feature);
  void Merge(const TimeCounts& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  bool HasOutput() const;
  void Finish(::tensorflow::metadata::v0::FeatureNameStatistics* out) const;

 private:
  // The format of most values (of equal ones the first), and how many.
  std::pair<int, int64_t> MostCommon() const;

  Limits limits_;
  int64_t considered_ = 0;
  std::map<int, int64_t> matched_;  // by index of a format; -1 - i for the i-th UNIX unit
  bool invalid_ = false;
};

}  // namespace bessemer::statistics::time_domain

#endif  // BESSEMER_STATISTICS_TIME_DOMAIN_TIME_DOMAIN_H_
