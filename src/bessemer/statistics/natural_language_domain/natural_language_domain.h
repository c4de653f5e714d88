#ifndef BESSEMER_STATISTICS_NATURAL_LANGUAGE_DOMAIN_NATURAL_LANGUAGE_DOMAIN_H_
#define BESSEMER_STATISTICS_NATURAL_LANGUAGE_DOMAIN_NATURAL_LANGUAGE_DOMAIN_H_

#include <cstdint>
#include <string_view>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/state_codec.h"

namespace tensorflow::metadata::v0 {
class FeatureNameStatistics;
}

namespace bessemer::statistics::natural_language_domain {

// At least three words, of 2.5 to 8 characters on average, within the first 100 characters.
bool LooksLikeText(std::string_view value);

// Whether the values of a feature are natural language. A feature that ever holds numbers or bytes
// that are not UTF-8 is none.
class TextCounts {
 public:
  struct Limits {
    double min_ratio = 0.8;
    int64_t min_values = 100;
  };
  TextCounts() : TextCounts(Limits()) {}
  explicit TextCounts(Limits limits) : limits_(limits) {}

  void Update(const FeatureArray& feature);
  void Merge(const TextCounts& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  bool HasOutput() const;
  void Finish(::tensorflow::metadata::v0::FeatureNameStatistics* out) const;

 private:
  Limits limits_;
  int64_t considered_ = 0;
  int64_t matched_ = 0;
  bool invalid_ = false;
};

}  // namespace bessemer::statistics::natural_language_domain

#endif  // BESSEMER_STATISTICS_NATURAL_LANGUAGE_DOMAIN_NATURAL_LANGUAGE_DOMAIN_H_
