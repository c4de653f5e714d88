#include "bessemer/evaluation/histogram.h"

#include <cmath>
#include <limits>

#include "bessemer/evaluation/state_bytes.h"

namespace bessemer::evaluation {

Histogram::Histogram(double left, double right) : left_(left), right_(right) {}

HistogramBucket& Histogram::at(int index) {
  std::unique_ptr<Page>& page = pages_[index / kPageSize];
  if (!page) page = std::make_unique<Page>();
  return (*page)[index % kPageSize];
}

Status Histogram::Update(const Examples& examples) {
  const double range = right_ - left_;
  for (int64_t i = 0; i < examples.num_rows; ++i) {
    const double prediction = examples.predictions.values[i];
    const double weight = examples.weights[i];
    const double position = (prediction - left_) / range * kNumBuckets + 1;
    const int index = !(position >= 0)               ? 0
                      : position >= kNumBuckets + 1 ? kNumBuckets + 1
                                                     : static_cast<int>(position);
    HistogramBucket& bucket = at(index);
    bucket.weighted_labels += examples.labels.values[i] * weight;
    bucket.weighted_predictions += prediction * weight;
    bucket.weight += weight;
  }
  return OkStatus();
}

void Histogram::Merge(const Accumulator& other) {
  const auto& pages = static_cast<const Histogram&>(other).pages_;
  for (int p = 0; p < kNumPages; ++p) {
    if (!pages[p]) continue;
    if (!pages_[p]) pages_[p] = std::make_unique<Page>();
    for (int i = 0; i < kPageSize; ++i) {
      HistogramBucket& mine = (*pages_[p])[i];
      const HistogramBucket& theirs = (*pages[p])[i];
      mine.weighted_labels += theirs.weighted_labels;
      mine.weighted_predictions += theirs.weighted_predictions;
      mine.weight += theirs.weight;
    }
  }
}

void Histogram::Save(std::string* out) const {
  uint64_t num_pages = 0;
  for (const auto& page : pages_) num_pages += page != nullptr;
  PutNumber(out, num_pages);
  for (int p = 0; p < kNumPages; ++p) {
    if (!pages_[p]) continue;
    PutNumber<int32_t>(out, p);
    for (const HistogramBucket& bucket : *pages_[p]) {
      PutNumber(out, bucket.weighted_labels);
      PutNumber(out, bucket.weighted_predictions);
      PutNumber(out, bucket.weight);
    }
  }
}

Status Histogram::Load(std::string_view bytes) {
  for (auto& page : pages_) page.reset();
  StateReader reader(bytes);
  const uint64_t num_pages = reader.Count(kPageSize * 24);
  for (uint64_t n = 0; n < num_pages; ++n) {
    const int32_t p = reader.Number<int32_t>();
    if (p < 0 || p >= kNumPages) return DataLossError("saved histogram names page {}", p);
    pages_[p] = std::make_unique<Page>();
    for (HistogramBucket& bucket : *pages_[p]) {
      bucket.weighted_labels = reader.Number<double>();
      bucket.weighted_predictions = reader.Number<double>();
      bucket.weight = reader.Number<double>();
    }
  }
  return reader.Finish("a histogram");
}

std::vector<HistogramBucket> Histogram::Rebin(const std::vector<double>& thresholds) const {
  std::vector<HistogramBucket> result(thresholds.size());
  size_t target = 0;
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  for (int p = 0; p < kNumPages; ++p) {
    if (!pages_[p]) continue;
    for (int i = 0; i < kPageSize; ++i) {
      const HistogramBucket& bucket = (*pages_[p])[i];
      const int index = p * kPageSize + i;
      const double edge =
          index == 0                  ? -kInfinity
          : index >= kNumBuckets + 1 ? kInfinity
                                      : static_cast<double>(index - 1) / kNumBuckets *
                                                (right_ - left_) +
                                            left_;
      while (target + 1 < thresholds.size() && edge >= thresholds[target + 1]) ++target;
      result[target].weighted_labels += bucket.weighted_labels;
      result[target].weighted_predictions += bucket.weighted_predictions;
      result[target].weight += bucket.weight;
    }
  }
  return result;
}

void UseHistogram(double left, double right, MetricPlan* plan) {
  plan->accumulator_id = fmt::format("histogram {} {}", left, right);
  plan->make = [left, right] { return std::make_unique<Histogram>(left, right); };
}

}  // namespace bessemer::evaluation
