#ifndef BESSEMER_EVALUATION_HISTOGRAM_H_
#define BESSEMER_EVALUATION_HISTOGRAM_H_

#include <array>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation {

// Sums of a range of predictions.
struct HistogramBucket {
  double weighted_labels = 0;
  double weighted_predictions = 0;
  double weight = 0;
};

// 10000 equal buckets of predictions over [left, right), a bucket below (0) and one above (10001);
// a NaN prediction falls below. The state TFMA derives its curve metrics and calibration plots
// from: predictions in one bucket cannot be told apart. Buckets are allocated in pages as they are
// met, so a slice of a few rows costs a few kilobytes.
class Histogram final : public Accumulator {
 public:
  static constexpr int kNumBuckets = 10000;
  Histogram(double left, double right);

  Status Update(const Examples& examples) override;  // scalar rows
  void Merge(const Accumulator& other) override;
  void Save(std::string* out) const override;
  Status Load(std::string_view bytes) override;

  // The buckets summed over [t[0], t[1]), [t[1], t[2]), …, [t.back(), inf); what lies below t[0]
  // is added to the first. A bucket belongs where its lower edge lies. `thresholds` ascend.
  std::vector<HistogramBucket> Rebin(const std::vector<double>& thresholds) const;
  double left() const { return left_; }
  double right() const { return right_; }

 private:
  static constexpr int kPageSize = 64;
  static constexpr int kNumPages = (kNumBuckets + 2 + kPageSize - 1) / kPageSize;
  using Page = std::array<HistogramBucket, kPageSize>;

  HistogramBucket& at(int index);
  const double left_, right_;
  std::array<std::unique_ptr<Page>, kNumPages> pages_;
};

// A plan's accumulator part: `view` must be flat with labels.
void UseHistogram(double left, double right, MetricPlan* plan);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_HISTOGRAM_H_
