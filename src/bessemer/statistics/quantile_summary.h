#ifndef BESSEMER_STATISTICS_QUANTILE_SUMMARY_H_
#define BESSEMER_STATISTICS_QUANTILE_SUMMARY_H_

#include <cstdint>
#include <span>
#include <vector>

#include "bessemer/statistics/state_codec.h"

namespace bessemer::statistics {

// One value of a weighted quantile summary: the ranks (sums of weights) between which it lies.
// `min_rank` is a lower bound of the weight of smaller values, `max_rank` an upper bound of the
// weight of values up to and including it. In an exact summary max_rank = min_rank + weight.
struct SummaryEntry {
  double value = 0;
  double weight = 0;
  double min_rank = 0;
  double max_rank = 0;

  double next_min_rank() const { return min_rank + weight; }
  double prev_max_rank() const { return max_rank - weight; }
};

// num_quantiles + 1 values of a distribution and the weight up to and including each.
struct Quantiles {
  std::vector<double> values;
  std::vector<double> cumulative;
  bool empty() const { return values.empty(); }
};

// The values at ranks 0/n, 1/n, … n/n of a summary sorted by value; the first is always the
// smallest value, the last the largest. Values repeat where one holds more than 1/n of the weight.
// An empty summary gives empty quantiles; num_quantiles below 2 is taken as 2.
Quantiles QuantilesOf(std::span<const SummaryEntry> summary, int64_t num_quantiles);

// The weighted quantile sketch of TensorFlow's boosted trees, as tfx_bsl uses it: a buffer of twice
// the block size, and levels of summaries of a block each, merged and compressed upwards.
// (Greenwald and Khanna 2001 and 2004; Zhang and Wang 2007; Chen and Guestrin 2016.)
//
// Rank error at most `epsilon` times the total weight; exact while no more than block_size() values
// differ (5701 for epsilon 0.01 and 2^32 elements). Answers depend on the order of additions and
// merges, within the error: this is the --tfdv-compat form of ValueDistribution.
class QuantilesSketch {
 public:
  // epsilon in (0, 1), max_num_elements ≥ 1. A third of epsilon is kept for each of: adding and
  // merging, Compact, and the final answer.
  QuantilesSketch(double epsilon, int64_t max_num_elements);

  // NaN values and NaN, zero or negative weights are ignored.
  void Add(double value, double weight = 1.0);
  void Add(std::span<const double> values);
  // Of the same epsilon and maximum. Summaries are merged, not re-inserted.
  void Merge(const QuantilesSketch& other);
  // Reduces the state to one summary of a block.
  void Compact();
  Quantiles Finish(int64_t num_quantiles) const;

  int64_t block_size() const { return block_size_; }
  void Save(StateWriter* out) const;
  void Load(StateReader* in);

 private:
  using Summary = std::vector<SummaryEntry>;

  static Summary MergeSummaries(const Summary& a, const Summary& b);
  void Compress(Summary* summary) const;
  void FlushBuffer();
  void Propagate(Summary summary);
  Summary FinalSummary() const;

  double epsilon_;
  int64_t max_num_elements_;
  int64_t block_size_;
  size_t buffer_limit_;
  bool compacted_ = false;
  std::vector<std::pair<double, double>> buffer_;  // value, weight
  std::vector<Summary> levels_;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_QUANTILE_SUMMARY_H_
