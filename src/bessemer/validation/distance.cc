#include "bessemer/validation/distance.h"

#include <algorithm>
#include <cmath>

namespace bessemer::validation {

using ::tensorflow::metadata::v0::Histogram;

namespace {

double Total(const ValueCounts& counts) {
  double total = 0;
  for (const auto& [value, count] : counts) total += count;
  return total;
}

// Calls visit(value, count in a, count in b) for each value of either.
template <typename Visit>
void ForEachValue(const ValueCounts& a, const ValueCounts& b, const Visit& visit) {
  size_t i = 0;
  size_t j = 0;
  while (i < a.size() || j < b.size()) {
    if (j == b.size() || (i < a.size() && a[i].first < b[j].first)) {
      visit(a[i].first, a[i].second, 0.0);
      ++i;
    } else if (i == a.size() || b[j].first < a[i].first) {
      visit(b[j].first, 0.0, b[j].second);
      ++j;
    } else {
      visit(a[i].first, a[i].second, b[j].second);
      ++i;
      ++j;
    }
  }
}

ValueDistance GreatestDifference(const ValueCounts& a, double scale_a, const ValueCounts& b,
                                 double scale_b) {
  ValueDistance greatest;
  ForEachValue(a, b, [&](std::string_view value, double count_a, double count_b) {
    const double difference = std::abs(count_a / scale_a - count_b / scale_b);
    if (difference >= greatest.distance) greatest = {std::string(value), difference};
  });
  return greatest;
}

// Sums the terms of the divergence; p and q need not be normalised.
class Divergence {
 public:
  Divergence(double total_p, double total_q) : total_p_(total_p), total_q_(total_q) {}
  void Add(double p, double q) {
    p /= total_p_;
    q /= total_q_;
    const double m = (p + q) / 2;
    if (p > 0 && m > 0) sum_ += p * std::log2(p / m);
    if (q > 0 && m > 0) sum_ += q * std::log2(q / m);
  }
  double value() const { return sum_ / 2; }

 private:
  double total_p_;
  double total_q_;
  double sum_ = 0;
};

// The mass of a histogram at each boundary and between neighbours: cell 2i is the point
// boundaries[i], cell 2i + 1 what lies between it and the next.
std::vector<double> CutAt(const std::vector<double>& boundaries, const Histogram& histogram) {
  std::vector<double> mass(boundaries.size() * 2, 0);
  const auto index = [&](double value) {
    return static_cast<size_t>(std::lower_bound(boundaries.begin(), boundaries.end(), value) -
                               boundaries.begin());
  };
  for (const auto& bucket : histogram.buckets()) {
    const double low = bucket.low_value();
    const double high = bucket.high_value();
    if (std::isnan(low) || std::isnan(high)) continue;
    const size_t begin = index(low);
    const size_t end = index(high);
    if (begin >= end) {
      mass[2 * begin] += bucket.sample_count();
      continue;
    }
    const double width = high - low;
    for (size_t i = begin; i < end; ++i) {
      // Of a bucket that reaches to infinity the mass lies in the part that does.
      const double part = boundaries[i + 1] - boundaries[i];
      const double share = std::isfinite(width) ? part / width : std::isfinite(part) ? 0 : 1;
      mass[2 * i + 1] += share * bucket.sample_count();
    }
  }
  return mass;
}

std::vector<double> BoundariesOf(const Histogram& a, const Histogram& b) {
  std::vector<double> boundaries;
  for (const Histogram* histogram : {&a, &b}) {
    for (const auto& bucket : histogram->buckets()) {
      for (const double value : {bucket.low_value(), bucket.high_value()}) {
        if (!std::isnan(value)) boundaries.push_back(value);
      }
    }
  }
  std::sort(boundaries.begin(), boundaries.end());
  boundaries.erase(std::unique(boundaries.begin(), boundaries.end()), boundaries.end());
  return boundaries;
}

}  // namespace

ValueDistance LInfinityDistance(const ValueCounts& a, const ValueCounts& b) {
  const double total_a = Total(a);
  const double total_b = Total(b);
  return GreatestDifference(a, total_a == 0 ? 1 : total_a, b, total_b == 0 ? 1 : total_b);
}

ValueDistance NormalizedAbsoluteDifference(const ValueCounts& a, const ValueCounts& b) {
  const double total = Total(a) + Total(b);
  if (total == 0) return {};
  return GreatestDifference(a, total, b, total);
}

std::optional<double> JensenShannonDivergence(const Histogram& a, const Histogram& b) {
  const std::vector<double> boundaries = BoundariesOf(a, b);
  const std::vector<double> mass_a = CutAt(boundaries, a);
  const std::vector<double> mass_b = CutAt(boundaries, b);
  double total_a = static_cast<double>(a.num_nan());
  double total_b = static_cast<double>(b.num_nan());
  for (const double mass : mass_a) total_a += mass;
  for (const double mass : mass_b) total_b += mass;
  if (total_a == 0 || total_b == 0) return std::nullopt;
  Divergence divergence(total_a, total_b);
  for (size_t i = 0; i < mass_a.size(); ++i) divergence.Add(mass_a[i], mass_b[i]);
  divergence.Add(static_cast<double>(a.num_nan()), static_cast<double>(b.num_nan()));
  return divergence.value();
}

std::optional<double> JensenShannonDivergence(const schema::FeatureView& a,
                                              const schema::FeatureView& b,
                                              Histogram::HistogramType type) {
  const ValueCounts counts_a = a.StringCounts();
  const ValueCounts counts_b = b.StringCounts();
  const double total_a = Total(counts_a);
  const double total_b = Total(counts_b);
  if (total_a > 0 && total_b > 0) {
    Divergence divergence(total_a, total_b);
    ForEachValue(counts_a, counts_b,
                 [&](std::string_view, double in_a, double in_b) { divergence.Add(in_a, in_b); });
    return divergence.value();
  }
  const Histogram* histogram_a = a.FindHistogram(type);
  const Histogram* histogram_b = b.FindHistogram(type);
  if (histogram_a == nullptr || histogram_b == nullptr) return std::nullopt;
  return JensenShannonDivergence(*histogram_a, *histogram_b);
}

}  // namespace bessemer::validation
