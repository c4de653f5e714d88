#include "bessemer/validation/distance.h"

#include <algorithm>
#include <cmath>

#include "bessemer/validation/number_text.h"

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

bool IsFinite(const Histogram::Bucket& bucket) {
  return std::isfinite(bucket.low_value()) && std::isfinite(bucket.high_value());
}

// The mass of a histogram at each boundary and between neighbours: cell 2i is the point
// boundaries[i], cell 2i + 1 what lies between it and the next.
struct CutMass {
  std::vector<double> cells;
  double elsewhere = 0;  // NaN, and buckets that reach to infinity
  double total = 0;
};

CutMass CutAt(const std::vector<double>& boundaries, const Histogram& histogram, double num_nan) {
  CutMass mass{.elsewhere = num_nan, .total = num_nan};
  mass.cells.assign(boundaries.size() * 2, 0);
  const auto index = [&](double value) {
    return static_cast<size_t>(std::lower_bound(boundaries.begin(), boundaries.end(), value) -
                               boundaries.begin());
  };
  for (const auto& bucket : histogram.buckets()) {
    mass.total += bucket.sample_count();
    if (!IsFinite(bucket)) {
      mass.elsewhere += bucket.sample_count();
      continue;
    }
    const double low = std::min(bucket.low_value(), bucket.high_value());
    const double high = std::max(bucket.low_value(), bucket.high_value());
    const size_t begin = index(low);
    const size_t end = index(high);
    if (begin == end) mass.cells[2 * begin] += bucket.sample_count();
    for (size_t i = begin; i < end; ++i) {
      // Halved, since the width of a bucket may be beyond the range of doubles.
      const double share =
          (boundaries[i + 1] / 2 - boundaries[i] / 2) / (high / 2 - low / 2);
      mass.cells[2 * i + 1] += share * bucket.sample_count();
    }
  }
  return mass;
}

std::vector<double> BoundariesOf(std::initializer_list<const Histogram*> histograms) {
  std::vector<double> boundaries;
  for (const Histogram* histogram : histograms) {
    for (const auto& bucket : histogram->buckets()) {
      if (!IsFinite(bucket)) continue;
      boundaries.push_back(bucket.low_value());
      boundaries.push_back(bucket.high_value());
    }
  }
  std::sort(boundaries.begin(), boundaries.end());
  boundaries.erase(std::unique(boundaries.begin(), boundaries.end()), boundaries.end());
  return boundaries;
}

bool HasZero(const ValueCounts& counts) {
  return std::any_of(counts.begin(), counts.end(), [](const auto& c) { return c.second == 0; });
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

namespace {

// Cells of both histograms in order: what lies below every boundary, then as CutMass, then above.
struct CutPair {
  std::vector<double> boundaries;
  std::vector<double> a, b;
  double total_a = 0, total_b = 0;

  std::string Place(size_t cell) const {
    if (cell == 0) return "-inf";
    if (cell + 1 == a.size()) return "inf";
    const size_t at = (cell - 1) / 2;
    if (cell % 2 == 1) return NumberText(boundaries[at]);
    return fmt::format("{} to {}", NumberText(boundaries[at]), NumberText(boundaries[at + 1]));
  }
};

std::vector<double> OrderedCells(const std::vector<double>& boundaries, const Histogram& histogram,
                                 double* total) {
  const CutMass mass = CutAt(boundaries, histogram, 0);
  *total = mass.total;
  std::vector<double> cells = {0};
  cells.insert(cells.end(), mass.cells.begin(), mass.cells.end());
  cells.push_back(0);
  for (const auto& bucket : histogram.buckets()) {
    if (IsFinite(bucket)) continue;
    const bool is_low = bucket.low_value() == -HUGE_VAL && bucket.high_value() != HUGE_VAL;
    (is_low ? cells.front() : cells.back()) += bucket.sample_count();
  }
  return cells;
}

std::optional<CutPair> CutBoth(const Histogram& a, const Histogram& b) {
  CutPair pair{.boundaries = BoundariesOf({&a, &b})};
  pair.a = OrderedCells(pair.boundaries, a, &pair.total_a);
  pair.b = OrderedCells(pair.boundaries, b, &pair.total_b);
  if (!(pair.total_a > 0) || !(pair.total_b > 0)) return std::nullopt;
  return pair;
}

}  // namespace

std::optional<ValueDistance> CumulativeDistance(const Histogram& a, const Histogram& b) {
  const std::optional<CutPair> cut = CutBoth(a, b);
  if (!cut.has_value()) return std::nullopt;
  ValueDistance greatest{.value = "0", .distance = 0};
  double below_a = 0;
  double below_b = 0;
  for (size_t cell = 0; cell < cut->a.size(); ++cell) {
    below_a += cut->a[cell];
    below_b += cut->b[cell];
    const double difference = std::abs(below_a / cut->total_a - below_b / cut->total_b);
    if (difference > greatest.distance) greatest = {cut->Place(cell), std::min(difference, 1.0)};
  }
  return greatest;
}

std::optional<ValueDistance> NormalizedAbsoluteDifferenceOfCells(const Histogram& a,
                                                                 const Histogram& b) {
  const std::optional<CutPair> cut = CutBoth(a, b);
  if (!cut.has_value()) return std::nullopt;
  ValueDistance greatest{.value = "0", .distance = 0};
  for (size_t cell = 0; cell < cut->a.size(); ++cell) {
    const double difference =
        std::abs(cut->a[cell] - cut->b[cell]) / (cut->total_a + cut->total_b);
    if (difference > greatest.distance) greatest = {cut->Place(cell), difference};
  }
  return greatest;
}

namespace {

// Both null: there are no two of one type.
std::pair<const Histogram*, const Histogram*> HistogramsOf(const schema::FeatureView& a,
                                                           const schema::FeatureView& b) {
  for (const auto type : {Histogram::QUANTILES, Histogram::STANDARD}) {
    const Histogram* of_a = a.FindHistogram(type);
    const Histogram* of_b = b.FindHistogram(type);
    if (of_a != nullptr && of_b != nullptr) return {of_a, of_b};
  }
  return {nullptr, nullptr};
}

std::optional<ValueDistance> DistanceOf(
    const schema::FeatureView& a, const schema::FeatureView& b, bool of_numbers,
    ValueDistance (*of_text)(const ValueCounts&, const ValueCounts&),
    std::optional<ValueDistance> (*of_histograms)(const Histogram&, const Histogram&)) {
  const ValueCounts counts_a = a.StringCounts();
  const ValueCounts counts_b = b.StringCounts();
  if (of_numbers && counts_a.empty() && counts_b.empty()) {
    const auto [histogram_a, histogram_b] = HistogramsOf(a, b);
    if (histogram_a != nullptr) return of_histograms(*histogram_a, *histogram_b);
  }
  return of_text(counts_a, counts_b);
}

}  // namespace

std::optional<ValueDistance> LInfinityDistance(const schema::FeatureView& a,
                                               const schema::FeatureView& b, bool of_numbers) {
  return DistanceOf(a, b, of_numbers, LInfinityDistance, CumulativeDistance);
}

std::optional<ValueDistance> NormalizedAbsoluteDifference(const schema::FeatureView& a,
                                                          const schema::FeatureView& b,
                                                          bool of_numbers) {
  return DistanceOf(a, b, of_numbers, NormalizedAbsoluteDifference,
                    NormalizedAbsoluteDifferenceOfCells);
}

bool HaveHistograms(const schema::FeatureView& a, const schema::FeatureView& b) {
  return HistogramsOf(a, b).first != nullptr;
}

std::optional<double> JensenShannonDivergence(const Histogram& a, const Histogram& b) {
  if (a.buckets().empty() != b.buckets().empty()) return std::nullopt;
  const std::vector<double> boundaries = BoundariesOf({&a, &b});
  // As in TensorFlow Data Validation, NaN is only counted where nothing has to be cut.
  const bool counts_nan = BoundariesOf({&a}) == BoundariesOf({&b});
  const CutMass mass_a = CutAt(boundaries, a, counts_nan ? static_cast<double>(a.num_nan()) : 0);
  const CutMass mass_b = CutAt(boundaries, b, counts_nan ? static_cast<double>(b.num_nan()) : 0);
  if (mass_a.total == 0 || mass_b.total == 0) return std::nullopt;
  Divergence divergence(mass_a.total, mass_b.total);
  for (size_t i = 0; i < mass_a.cells.size(); ++i) {
    divergence.Add(mass_a.cells[i], mass_b.cells[i]);
  }
  divergence.Add(mass_a.elsewhere, 0);
  divergence.Add(0, mass_b.elsewhere);
  return divergence.value();
}

std::optional<double> JensenShannonDivergence(const schema::FeatureView& a,
                                              const schema::FeatureView& b,
                                              Histogram::HistogramType type) {
  const ValueCounts counts_a = a.StringCounts();
  const ValueCounts counts_b = b.StringCounts();
  if (!counts_a.empty() && !counts_b.empty()) {
    if (HasZero(counts_a) || HasZero(counts_b)) return std::nullopt;
    Divergence divergence(Total(counts_a), Total(counts_b));
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
