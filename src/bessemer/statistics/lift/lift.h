#ifndef BESSEMER_STATISTICS_LIFT_LIFT_H_
#define BESSEMER_STATISTICS_LIFT_LIFT_H_

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>
#include <variant>
#include <vector>

#include "bessemer/statistics/statistic.h"
#include "bessemer/statistics/value_distribution.h"

namespace bessemer::statistics::lift {

// A value of a category: a number, or bytes. Numbers come first, then bytes, each in its own order.
using Category = std::variant<int64_t, std::string>;

struct CategoryHash {
  size_t operator()(const Category& category) const;
};

struct LiftOptions {
  FeaturePath y;
  std::vector<FeaturePath> xs;
  // If not empty, y is a number cut into [-inf, b0), [b0, b1), … [bn, inf]; sorted.
  std::vector<double> y_boundaries;
  int64_t min_x_count = 0;      // values of x that are not more frequent are left out
  int64_t top_k_per_y = 0;      // only the values of x of the highest lifts; 0: no limit
  int64_t bottom_k_per_y = 0;   // those of the lowest; both given: either
  bool custom_stats = false;    // also as rank histograms "Lift (Y=…)" of the x features
};

// How much a value of x raises the probability of a value of y: P(y|x) / P(y), over all pairs of
// values that occur. A feature with several values in a row has each of them there once. Rows
// without y count towards P(y). With weights a second series follows, whose P(y) is, as in the
// reference, the weight of y over the unweighted number of rows. Memory: one count for each pair
// that occurs together.
class LiftAccumulator : public Accumulator {
 public:
  explicit LiftAccumulator(LiftOptions options) : options_(std::move(options)),
      xs_(options_.xs.size()) {}

  Status Update(const BatchView& batch) override;
  Status Merge(const Accumulator& other) override;
  void Save(StateWriter* out) const override;
  void Load(StateReader* in) override;
  void Finish(::tensorflow::metadata::v0::DatasetFeatureStatistics* out) const override;

 private:
  struct Mass {
    int64_t count = 0;
    FixedWeight weight = 0;
    void Add(const Mass& other) {
      count += other.count;
      weight += other.weight;
    }
  };
  using Counts = std::unordered_map<Category, Mass, CategoryHash>;
  struct XValue {
    Mass total;
    Counts with_y;
  };
  using XValues = std::unordered_map<Category, XValue, CategoryHash>;
  struct Lift;

  void FinishFeature(size_t x, bool weighted,
                     ::tensorflow::metadata::v0::DatasetFeatureStatistics* out) const;
  std::vector<Lift> LiftsOf(size_t x, const Category& y, const Mass& y_mass, bool weighted) const;
  std::vector<Lift> Selected(std::vector<Lift> lifts) const;

  LiftOptions options_;
  bool weighted_ = false;
  int64_t num_rows_ = 0;
  Counts ys_;
  std::vector<XValues> xs_;
};

}  // namespace bessemer::statistics::lift

#endif  // BESSEMER_STATISTICS_LIFT_LIFT_H_
