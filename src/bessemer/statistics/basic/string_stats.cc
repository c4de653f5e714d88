#include "bessemer/statistics/basic/string_stats.h"

#include <algorithm>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/statistics/basic/unique_counts_output.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::basic {
namespace {

using ::tensorflow::metadata::v0::BytesStatistics;
using ::tensorflow::metadata::v0::StringStatistics;

// Calls f(length) for the bytes of each value that is not null.
template <typename F>
void ForEachLength(const FeatureArray& feature, F&& f) {
  columnar::DispatchBytes(*feature.leaf->type(), [&]<typename Array>(std::type_identity<Array>) {
    const auto& array = static_cast<const Array&>(*feature.leaf);
    for (int64_t i = 0; i < array.length(); ++i) {
      if (array.IsValid(i)) f(static_cast<int64_t>(array.value_length(i)));
    }
    return OkStatus();
  }).IgnoreError();
}

int64_t TotalBytes(const FeatureArray& feature) {
  int64_t total = 0;
  columnar::DispatchBytes(*feature.leaf->type(), [&]<typename Array>(std::type_identity<Array>) {
    const auto& array = static_cast<const Array&>(*feature.leaf);
    if (array.null_count() == 0 && array.length() > 0) {
      total = array.value_offset(array.length()) - array.value_offset(0);
      return OkStatus();
    }
    for (int64_t i = 0; i < array.length(); ++i) {
      if (array.IsValid(i)) total += array.value_length(i);
    }
    return OkStatus();
  }).IgnoreError();
  return total;
}

}  // namespace

StringStats::StringStats(const StatisticsOptions& options, bool weighted, FeatureType type,
                         Categorical categorical)
    : type_(type),
      uniques_(options, weighted, type == FeatureType::kInt, categorical) {}

Status StringStats::Update(const FeatureArray& feature) {
  if (type_ == FeatureType::kString) {
    total_bytes_ += TotalBytes(feature);
  } else {
    total_bytes_ += TotalDigits(feature);
  }
  return uniques_.Update(feature);
}

Status StringStats::Merge(const StringStats& other) {
  total_bytes_ += other.total_bytes_;
  return uniques_.Merge(other.uniques_);
}

void StringStats::Save(StateWriter* out) const {
  out->Varint(total_bytes_);
  uniques_.Save(out);
}

void StringStats::Load(StateReader* in) {
  total_bytes_ = static_cast<int64_t>(in->Varint());
  uniques_.Load(in);
}

Status StringStats::Finish(int64_t num_values, StringStatistics* out) const {
  if (num_values > 0) {
    out->set_avg_length(
        static_cast<float>(static_cast<double>(total_bytes_) / static_cast<double>(num_values)));
  }
  return uniques_.Finish(out);
}

void BytesStats::Update(const FeatureArray& feature) {
  ForEachLength(feature, [this](int64_t length) {
    total_ += length;
    min_ = std::min(min_, length);
    max_ = std::max(max_, length);
  });
}

void BytesStats::Merge(const BytesStats& other) {
  total_ += other.total_;
  min_ = std::min(min_, other.min_);
  max_ = std::max(max_, other.max_);
}

void BytesStats::Save(StateWriter* out) const {
  out->Varint(total_);
  out->Signed(min_);
  out->Signed(max_);
}

void BytesStats::Load(StateReader* in) {
  total_ = static_cast<int64_t>(in->Varint());
  min_ = in->Signed();
  max_ = in->Signed();
}

void BytesStats::Finish(int64_t num_values, BytesStatistics* out) const {
  if (num_values <= 0 || max_ < 0) return;
  out->set_avg_num_bytes(
      static_cast<float>(static_cast<double>(total_) / static_cast<double>(num_values)));
  out->set_min_num_bytes(static_cast<float>(min_));
  out->set_max_num_bytes(static_cast<float>(max_));
  out->set_max_num_bytes_int(max_);
}

}  // namespace bessemer::statistics::basic
