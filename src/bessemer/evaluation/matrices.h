#ifndef BESSEMER_EVALUATION_MATRICES_H_
#define BESSEMER_EVALUATION_MATRICES_H_

#include <optional>
#include <string>
#include <vector>

#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation {

inline constexpr double kThresholdEpsilon = 1e-7;
inline constexpr int kDefaultNumThresholds = 10000;

// Exact sums of positive and negative weight between given thresholds. A label l of weight w counts
// as w·l positive and w·(1-l) negative. Labels must lie in [0, 1] if `check_labels`.
class ThresholdCounts final : public Accumulator {
 public:
  explicit ThresholdCounts(std::vector<double> thresholds);  // any order, any number

  Status Update(const Examples& examples) override;  // scalar rows
  void Merge(const Accumulator& other) override;
  void Save(std::string* out) const override;
  Status Load(std::string_view bytes) override;
  // In the order of the thresholds given.
  Matrices Finish() const;

 private:
  std::vector<double> thresholds_;  // as given
  std::vector<double> sorted_;
  std::vector<double> positive_, negative_;  // [i]: predictions above sorted_[i-1], not sorted_[i]
};

// Which thresholds, and how exactly they are counted.
struct ThresholdSpec {
  std::vector<double> thresholds;
  bool from_histogram = false;  // 10000 buckets shared by all such metrics of the same view
  bool of_probabilities = false;  // nobody chose them for predictions outside [0, 1]
};

// TFMA's rules: `num_thresholds` n means n points spread over [0, 1], the outer ones moved out by
// 1e-7, counted from the histogram; a list is counted exactly, unless it is itself such a spread.
// INVALID_ARGUMENT if both are given, or n < 2.
StatusOr<ThresholdSpec> ResolveThresholds(std::optional<int64_t> num_thresholds,
                                          std::optional<std::vector<double>> thresholds);

// The thresholds of a metric with ThresholdParams: those configured, else minus infinity under a
// top_k (whatever is in the top k is positive), else `default_threshold`, else the default spread.
StatusOr<ThresholdSpec> ThresholdsOf(const MetricContext& context, const ViewSpec& view,
                                     std::optional<double> default_threshold);

// The spread of n >= 2 points.
std::vector<double> InterpolatedThresholds(int64_t n);

// Fills accumulator and view of a plan, and gives the function that reads its matrices. Views are
// made flat with fractional labels.
std::function<Matrices(const Accumulator&)> UseMatrices(const ThresholdSpec& spec,
                                                        MetricPlan* plan);

// Parameters `thresholds` (a number or a list) and `num_thresholds`, `top_k`, `class_id` that
// confusion-matrix metrics share.
std::vector<Param> ThresholdParams();
Param TopKParam();
Param ClassIdParam();
// Reads `thresholds`; nullopt if absent, INVALID_ARGUMENT unless numbers.
StatusOr<std::optional<std::vector<double>>> NumbersParam(const ParamValues& params,
                                                          std::string_view name);
// Applies `top_k` and `class_id` of a metric's own configuration to its view and key.
// INVALID_ARGUMENT if the spec binarizes by the same already.
Status ApplySubKeyParams(const MetricContext& context, ViewSpec* view, MetricKey* key);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_MATRICES_H_
