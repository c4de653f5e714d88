#include "bessemer/statistics/histograms.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::tensorflow::metadata::v0::Histogram;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

struct Bin {
  double low;
  double high;
  double weight;
};

std::vector<Bin> Bins(const Quantiles& quantiles) {
  std::vector<Bin> bins;
  const size_t size = std::min(quantiles.values.size(), quantiles.cumulative.size());
  for (size_t i = 0; i + 1 < size; ++i) {
    bins.push_back({quantiles.values[i], quantiles.values[i + 1],
                    quantiles.cumulative[i + 1] - quantiles.cumulative[i]});
  }
  for (size_t i = 0; i < bins.size();) {
    size_t end = i + 1;
    while (end < bins.size() && bins[end].high == bins[i].high) ++end;
    if (end > i + 1) {
      double total = 0;
      for (size_t j = i; j < end; ++j) total += bins[j].weight;
      for (size_t j = i; j < end; ++j) bins[j].weight = total / static_cast<double>(end - i);
    }
    i = end;
  }
  size_t same_as_first = 0;
  while (same_as_first < bins.size() && bins[same_as_first].low == bins[0].low &&
         bins[same_as_first].high == bins[0].high) {
    ++same_as_first;
  }
  for (size_t i = 0; i < same_as_first; ++i) {
    bins[i].weight += quantiles.cumulative[0] / static_cast<double>(same_as_first);
  }
  return bins;
}

void AddBucket(double low, double high, double count, Histogram* histogram) {
  Histogram::Bucket* bucket = histogram->add_buckets();
  bucket->set_low_value(low);
  bucket->set_high_value(high);
  bucket->set_sample_count(count);
}

// Cuts off the intervals that end in an infinity; returns the weight of -inf.
double StripInfinities(double finite_max, double num_pos_inf, Quantiles* quantiles) {
  std::vector<double>& values = quantiles->values;
  std::vector<double>& cumulative = quantiles->cumulative;
  double num_neg_inf = 0;
  const size_t num_low = std::upper_bound(values.begin(), values.end(), -kInfinity) -
                         values.begin();
  if (num_low > 0) {
    num_neg_inf = cumulative[num_low - 1];
    values.erase(values.begin(), values.begin() + static_cast<int64_t>(num_low));
    cumulative.erase(cumulative.begin(), cumulative.begin() + static_cast<int64_t>(num_low));
    for (double& count : cumulative) count -= num_neg_inf;
  }
  if (num_pos_inf != 0 && !cumulative.empty()) {
    // The interval that ends in +inf may hold finite values too: they end at finite_max.
    const double num_finite = cumulative.back() - num_pos_inf;
    const size_t end = std::lower_bound(values.begin(), values.end(), kInfinity) - values.begin();
    values.resize(end);
    cumulative.resize(end);
    values.push_back(finite_max);
    cumulative.push_back(num_finite);
  }
  return num_neg_inf;
}

// The part of a bin's weight that falls between two finite bounds, its values taken as evenly
// spread. A point on a bound belongs to the interval left of it, except for the first interval.
struct Overlap {
  double fraction = 0;
  bool precedes = false;
  bool follows = false;
};

Overlap OverlapOf(const Bin& bin, double low, double high, bool first) {
  if (bin.low == bin.high && bin.high == low) {
    return first ? Overlap{1, false, false} : Overlap{0, true, false};
  }
  if (bin.high < low) return {0, true, false};
  if (bin.low > high) return {0, false, true};
  const double width = bin.high - bin.low;
  if (low <= bin.low && high >= bin.high) return {1, false, false};
  if (low <= bin.low) return {(high - bin.low) / width, false, false};
  if (high >= bin.high) return {(bin.high - low) / width, false, false};
  return {(high - low) / width, false, false};
}

std::vector<double> Boundaries(double min, double max, int64_t num_buckets) {
  if (min == max) return {min, max};
  std::vector<double> bounds(num_buckets + 1);
  const double step = (max - min) / static_cast<double>(num_buckets);
  for (int64_t i = 0; i <= num_buckets; ++i) {
    bounds[i] = step == 0 ? min + static_cast<double>(i) / static_cast<double>(num_buckets) *
                                      (max - min)
                          : static_cast<double>(i) * step + min;
  }
  bounds.back() = max;
  return bounds;
}

}  // namespace

double FindMedian(const Quantiles& quantiles) {
  const size_t size = quantiles.values.size();
  if (size == 0) return 0;
  if (size % 2 == 1) return quantiles.values[size / 2];
  return (quantiles.values[size / 2 - 1] + quantiles.values[size / 2]) / 2;
}

StatusOr<Quantiles> RebinQuantiles(const Quantiles& quantiles, int64_t factor) {
  Quantiles result;
  const int64_t num_intervals = static_cast<int64_t>(quantiles.cumulative.size()) - 1;
  if (num_intervals < 0) return result;
  if (factor < 1 || num_intervals % factor != 0) {
    return InvalidArgumentError("reduction factor {} must divide the {} quantile intervals", factor,
                                num_intervals);
  }
  for (int64_t i = 0; i <= num_intervals; i += factor) {
    result.values.push_back(quantiles.values[i]);
    result.cumulative.push_back(quantiles.cumulative[i]);
  }
  return result;
}

Histogram QuantilesHistogram(const Quantiles& quantiles) {
  Histogram histogram;
  histogram.set_type(Histogram::QUANTILES);
  for (const Bin& bin : Bins(quantiles)) AddBucket(bin.low, bin.high, bin.weight, &histogram);
  return histogram;
}

Histogram EquiWidthHistogram(const Quantiles& quantiles, double finite_min, double finite_max,
                             int64_t num_buckets, double num_pos_inf) {
  Histogram histogram;
  histogram.set_type(Histogram::STANDARD);
  if (quantiles.empty()) return histogram;
  if (!std::isfinite(finite_min) || !std::isfinite(finite_max)) {
    AddBucket(finite_min, finite_max, quantiles.cumulative.back(), &histogram);
    return histogram;
  }
  Quantiles finite = quantiles;
  const double num_neg_inf = StripInfinities(finite_max, num_pos_inf, &finite);
  const std::vector<Bin> bins = Bins(finite);
  const std::vector<double> bounds =
      Boundaries(finite_min, finite_max, std::max<int64_t>(num_buckets, 1));
  for (const double bound : bounds) {
    if (!std::isfinite(bound)) return histogram;
  }
  if (num_neg_inf != 0) AddBucket(-kInfinity, -kInfinity, num_neg_inf, &histogram);
  size_t start = 0;
  for (size_t i = 0; i + 1 < bounds.size(); ++i) {
    double count = 0;
    for (size_t j = start; j < bins.size(); ++j) {
      const Overlap overlap = OverlapOf(bins[j], bounds[i], bounds[i + 1], i == 0);
      if (overlap.follows) break;
      if (overlap.precedes) start = j;
      count += overlap.fraction * bins[j].weight;
    }
    AddBucket(bounds[i], bounds[i + 1], count, &histogram);
  }
  if (num_pos_inf != 0) AddBucket(kInfinity, kInfinity, num_pos_inf, &histogram);
  return histogram;
}

Histogram EquiWidthHistogram(std::span<const SummaryEntry> summary, int64_t num_buckets) {
  Histogram histogram;
  histogram.set_type(Histogram::STANDARD);
  const auto skip = [&summary](double infinity) {
    if (summary.empty()) return 0.0;
    const SummaryEntry& end = infinity < 0 ? summary.front() : summary.back();
    if (end.value != infinity) return 0.0;
    const double weight = end.weight;
    summary = summary.subspan(infinity < 0 ? 1 : 0, summary.size() - 1);
    return weight;
  };
  const double num_neg_inf = skip(-kInfinity);
  const double num_pos_inf = skip(kInfinity);
  if (num_neg_inf != 0) AddBucket(-kInfinity, -kInfinity, num_neg_inf, &histogram);
  if (!summary.empty()) {
    const double min = summary.front().value;
    const double max = summary.back().value;
    std::vector<double> bounds = Boundaries(min, max, std::max<int64_t>(num_buckets, 1));
    if (!std::isfinite(max - min)) {
      bounds = Boundaries(min / 2, max / 2, std::max<int64_t>(num_buckets, 1));
      for (double& bound : bounds) bound *= 2;
    }
    size_t at = 0;
    for (size_t i = 0; i + 1 < bounds.size(); ++i) {
      double count = 0;
      for (; at < summary.size() && summary[at].value <= bounds[i + 1]; ++at) {
        count += summary[at].weight;
      }
      AddBucket(bounds[i], bounds[i + 1], count, &histogram);
    }
  }
  if (num_pos_inf != 0) AddBucket(kInfinity, kInfinity, num_pos_inf, &histogram);
  return histogram;
}

}  // namespace bessemer::statistics
