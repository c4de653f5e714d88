#include "bessemer/statistics/basic/numeric_stats.h"

#include <algorithm>
#include <cmath>

#include "bessemer/statistics/histograms.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::basic {
namespace {

using ::tensorflow::metadata::v0::Histogram;
using ::tensorflow::metadata::v0::NumericStatistics;

// Quantiles per bucket of the quantile histogram: what equal-width buckets are interpolated from.
constexpr int64_t kQuantilesPerBucket = 100;
constexpr double kInfinity = std::numeric_limits<double>::infinity();

std::optional<double> SketchEpsilon(const StatisticsOptions& options) {
  if (!options.tfdv_compat) return std::nullopt;
  return options.epsilon;
}

}  // namespace

NumericStats::NumericStats(const StatisticsOptions& options, bool weighted, bool integral)
    : options_(&options),
      weighted_(weighted),
      integral_(integral),
      quantiles_(SketchEpsilon(options), /*weighted=*/false) {
  if (!weighted) return;
  weighted_moments_ = std::make_unique<WeightedMoments>();
  weighted_quantiles_ =
      std::make_unique<QuantileAccumulator>(SketchEpsilon(options), /*weighted=*/true);
}

void NumericStats::Update(const FeatureArray& feature) {
  // Of the thread: hundreds of features would else hold a batch of numbers each.
  static thread_local std::vector<double> values;
  std::vector<int64_t> positions;
  LeafNumbers(feature, &values, weighted_ ? &positions : nullptr);
  if (weighted_) AddWeighted(feature, values, positions);
  // NaN is dropped in place; the loop has no branch to mispredict.
  size_t count = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    values[count] = value;
    count += value == value ? 1 : 0;
  }
  num_nan_ += static_cast<int64_t>(values.size() - count);
  AddUnweighted({values.data(), count});
}

void NumericStats::AddUnweighted(std::span<const double> values) {
  if (values.empty()) return;
  double min = values[0];
  double max = values[0];
  int64_t num_zeros = 0;
  for (const double value : values) {
    min = value < min ? value : min;
    max = value > max ? value : max;
    num_zeros += value == 0 ? 1 : 0;
  }
  num_zeros_ += num_zeros;
  min_ = std::min(min_, min);
  max_ = std::max(max_, max);
  if (min == -kInfinity || max == kInfinity) {
    for (const double value : values) {
      if (value == kInfinity) ++num_pos_inf_;
      if (!std::isfinite(value)) continue;
      finite_min_ = std::min(finite_min_, value);
      finite_max_ = std::max(finite_max_, value);
    }
  } else {
    finite_min_ = std::min(finite_min_, min);
    finite_max_ = std::max(finite_max_, max);
  }
  if (integral_) {
    moments_.AddSmallIntegers(values, std::max(-min, max));
  } else {
    moments_.Add(values);
  }
  quantiles_.Add(values, min, max);
}

void NumericStats::AddWeighted(const FeatureArray& feature, std::span<const double> values,
                               const std::vector<int64_t>& positions) {
  const std::vector<int64_t> rows = ParentRows(feature);
  for (size_t i = 0; i < values.size(); ++i) {
    const double value = values[i];
    if (std::isnan(value)) continue;
    const double weight = feature.weights[rows[positions[i]]];
    weighted_moments_->Add(value, weight);
    weighted_quantiles_->AddWeighted(value, weight);
    if (value == kInfinity) weighted_pos_inf_ += ToFixedWeight(weight);
  }
}

void NumericStats::Merge(const NumericStats& other) {
  num_zeros_ += other.num_zeros_;
  num_nan_ += other.num_nan_;
  num_pos_inf_ += other.num_pos_inf_;
  weighted_pos_inf_ += other.weighted_pos_inf_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
  finite_min_ = std::min(finite_min_, other.finite_min_);
  finite_max_ = std::max(finite_max_, other.finite_max_);
  moments_.Merge(other.moments_);
  quantiles_.Merge(other.quantiles_);
  if (weighted_ && other.weighted_) {
    weighted_moments_->Merge(*other.weighted_moments_);
    weighted_quantiles_->Merge(*other.weighted_quantiles_);
  }
}

void NumericStats::LimitCapacity(size_t capacity) {
  quantiles_.LimitCapacity(capacity);
  if (weighted_quantiles_) weighted_quantiles_->LimitCapacity(capacity);
}

void NumericStats::Save(StateWriter* out) const {
  out->Varint(num_zeros_);
  out->Varint(num_nan_);
  out->Varint(num_pos_inf_);
  out->Int128(weighted_pos_inf_);
  for (const double value : {min_, max_, finite_min_, finite_max_}) out->Double(value);
  moments_.Save(out);
  quantiles_.Save(out);
  if (weighted_) {
    weighted_moments_->Save(out);
    weighted_quantiles_->Save(out);
  }
}

void NumericStats::Load(StateReader* in) {
  num_zeros_ = static_cast<int64_t>(in->Varint());
  num_nan_ = static_cast<int64_t>(in->Varint());
  num_pos_inf_ = static_cast<int64_t>(in->Varint());
  weighted_pos_inf_ = in->Int128();
  for (double* value : {&min_, &max_, &finite_min_, &finite_max_}) *value = in->Double();
  moments_.Load(in);
  quantiles_.Load(in);
  if (weighted_) {
    weighted_moments_->Load(in);
    weighted_quantiles_->Load(in);
  }
}

void NumericStats::Finish(int64_t num_values, NumericStatistics* out) const {
  if (num_values - num_nan_ <= 0 || moments_.count == 0) {
    if (num_nan_ > 0) {
      for (const auto type : {Histogram::STANDARD, Histogram::QUANTILES}) {
        Histogram* histogram = out->add_histograms();
        histogram->set_type(type);
        histogram->set_num_nan(num_nan_);
      }
    }
    return;
  }
  // As the reference has it, an infinite value leaves no mean.
  out->set_mean(moments_.sum.finite() ? moments_.Mean() : std::numeric_limits<double>::quiet_NaN());
  out->set_std_dev(moments_.StdDev());
  out->set_num_zeros(num_zeros_);
  out->set_min(min_);
  out->set_max(max_);
  const int64_t num_quantiles = kQuantilesPerBucket * options_->num_quantiles_histogram_buckets;
  // Returns the median.
  const auto add_histograms = [&](const QuantileAccumulator& accumulator, double num_pos_inf,
                                  auto* histograms) {
    const auto summary = accumulator.Summary(integral_);
    const Quantiles quantiles = summary ? QuantilesOf(*summary, num_quantiles)
                                        : accumulator.Finish(num_quantiles, integral_);
    Histogram* standard = histograms->Add();
    *standard = summary ? EquiWidthHistogram(*summary, options_->num_histogram_buckets)
                        : EquiWidthHistogram(quantiles, finite_min_, finite_max_,
                                             options_->num_histogram_buckets, num_pos_inf);
    standard->set_num_nan(num_nan_);
    const StatusOr<Quantiles> rebinned = RebinQuantiles(quantiles, kQuantilesPerBucket);
    Histogram* by_quantile = histograms->Add();
    if (rebinned.ok()) *by_quantile = QuantilesHistogram(*rebinned);
    by_quantile->set_num_nan(num_nan_);
    return FindMedian(quantiles);
  };
  out->set_median(add_histograms(quantiles_, static_cast<double>(num_pos_inf_),
                                 out->mutable_histograms()));
  if (!weighted_) return;
  auto* weighted = out->mutable_weighted_numeric_stats();
  weighted->set_mean(weighted_moments_->sum.finite() ? weighted_moments_->Mean()
                                                     : std::numeric_limits<double>::quiet_NaN());
  weighted->set_std_dev(weighted_moments_->StdDev());
  weighted->set_median(add_histograms(*weighted_quantiles_, FromFixedWeight(weighted_pos_inf_),
                                      weighted->mutable_histograms()));
}

}  // namespace bessemer::statistics::basic
