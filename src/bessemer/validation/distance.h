#ifndef BESSEMER_VALIDATION_DISTANCE_H_
#define BESSEMER_VALIDATION_DISTANCE_H_

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/schema/statistics_view.h"

// Distances between the distributions of a feature in two datasets.

namespace bessemer::validation {

using ValueCounts = std::vector<std::pair<std::string_view, double>>;  // sorted, each value once

struct ValueDistance {
  std::string value;  // the one that differs most; of several, the last bytewise
  double distance = 0;
  friend bool operator==(const ValueDistance&, const ValueDistance&) = default;
};

// max |p(v) − q(v)| over the values v of either, p and q their relative frequencies. 0 to 1; an
// empty side has frequency 0 everywhere.
ValueDistance LInfinityDistance(const ValueCounts& a, const ValueCounts& b);

// max |a(v) − b(v)| / Σ (a(v) + b(v)), of the counts themselves. 0 if both are empty.
ValueDistance NormalizedAbsoluteDifference(const ValueCounts& a, const ValueCounts& b);

// The same for numbers, by histograms; `value` is where they differ most. Mass is taken to be
// uniform within a bucket, NaN is left out. No value: a histogram is empty.
//
// max |F(x) − G(x)|, F and G the distribution functions: the L-infinity distance of these, also
// known as the Kolmogorov-Smirnov distance. 0 to 1, whatever the buckets. Best of quantile
// histograms.
std::optional<ValueDistance> CumulativeDistance(const ::tensorflow::metadata::v0::Histogram& a,
                                                const ::tensorflow::metadata::v0::Histogram& b);
// max |a(c) − b(c)| / Σ (a(c) + b(c)) of the counts in the cells c that the boundaries of both cut
// (the boundaries themselves, and what lies between neighbours).
std::optional<ValueDistance> NormalizedAbsoluteDifferenceOfCells(
    const ::tensorflow::metadata::v0::Histogram& a,
    const ::tensorflow::metadata::v0::Histogram& b);

// Of a feature in two data sets: of text values, or, if neither side has any and `of_numbers`, of
// the quantile histograms (else the standard ones) by the functions above; without these as if
// neither had values. No value: a histogram is empty.
std::optional<ValueDistance> LInfinityDistance(const schema::FeatureView& a,
                                               const schema::FeatureView& b, bool of_numbers);
std::optional<ValueDistance> NormalizedAbsoluteDifference(const schema::FeatureView& a,
                                                          const schema::FeatureView& b,
                                                          bool of_numbers);
// True if both have quantile histograms, or both have standard ones.
bool HaveHistograms(const schema::FeatureView& a, const schema::FeatureView& b);

// (D(P‖M) + D(Q‖M)) / 2 with M = (P + Q) / 2 and D the Kullback-Leibler divergence, base 2: 0 to 1
// (Lin, "Divergence measures based on the Shannon entropy", 1991).
//
// Of text values, if both sides have counts of them. Otherwise of the histograms of that type,
// which are cut at the boundaries of both, and taken to be uniform within; one without width
// is a point. NaN and what lies in buckets that reach to infinity is like nothing on the other
// side: two equal histograms half of which is NaN have divergence 1/2; NaN is left out where they
// have different boundaries (both as in TensorFlow Data Validation). No value: a side has no such
// histogram, or an empty one, or only one has buckets, or a text value is listed with count 0.
std::optional<double> JensenShannonDivergence(
    const schema::FeatureView& a, const schema::FeatureView& b,
    ::tensorflow::metadata::v0::Histogram::HistogramType type);

std::optional<double> JensenShannonDivergence(const ::tensorflow::metadata::v0::Histogram& a,
                                              const ::tensorflow::metadata::v0::Histogram& b);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_DISTANCE_H_
