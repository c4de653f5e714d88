#ifndef BESSEMER_STATISTICS_COMPANION_FEATURES_H_
#define BESSEMER_STATISTICS_COMPANION_FEATURES_H_

#include <cstdint>
#include <limits>
#include <vector>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/state_codec.h"

namespace bessemer::statistics {

// How features that belong together (the values and the indices of a sparse feature, the values and
// the weights of a weighted one) agree: over the rows in which at least one of them is present.
class CompanionCounts {
 public:
  // `members[0]` is the one the others' lengths are compared with.
  explicit CompanionCounts(std::vector<FeaturePath> members);

  // A member the batch lacks is missing in each row.
  void Update(const BatchView& batch);
  void Merge(const CompanionCounts& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);

  // Rows in which member i is missing and another is not.
  int64_t num_missing(size_t i) const { return members_[i].num_missing; }
  // Extremes of length(member i) - length(member 0), missing members having length 0; 0 if there
  // was no row.
  double min_length_difference(size_t i) const {
    return members_[i].min_difference <= members_[i].max_difference ? members_[i].min_difference
        : 0;
  }
  double max_length_difference(size_t i) const {
    return members_[i].min_difference <= members_[i].max_difference ? members_[i].max_difference
        : 0;
  }

 private:
  struct Member {
    FeaturePath path;
    int64_t num_missing = 0;
    double min_difference = std::numeric_limits<double>::infinity();
    double max_difference = -std::numeric_limits<double>::infinity();
  };
  std::vector<Member> members_;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_COMPANION_FEATURES_H_
