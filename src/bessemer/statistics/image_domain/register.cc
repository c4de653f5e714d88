#include <algorithm>
#include <numeric>

#include "bessemer/statistics/image_domain/image_domain.h"
#include "bessemer/statistics/leaf_values.h"
#include "bessemer/statistics/per_feature.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::image_domain {
namespace {

struct Format {
  std::string_view name;
  std::string_view magic;
};

// By name: the order of the histogram.
constexpr std::array<Format, 4> kFormats = {{{"bmp", "BM"},
                                             {"gif", "GIF8"},
                                             {"jpeg", "\xff\xd8\xff"},
                                             {"png", "\x89PNG\r\n\x1a\n"}}};

size_t FormatOf(std::string_view value) {
  for (size_t i = 0; i < kFormats.size(); ++i) {
    if (value.starts_with(kFormats[i].magic)) return i;
  }
  return kFormats.size();
}

}  // namespace

void ImageCounts::Update(const FeatureArray& feature) {
  if (feature.type != FeatureType::kString) {
    invalid_ = true;
    return;
  }
  ForEachBytes(feature, [this](std::string_view value) { ++counts_[FormatOf(value)]; });
}

void ImageCounts::Merge(const ImageCounts& other) {
  for (size_t i = 0; i < counts_.size(); ++i) counts_[i] += other.counts_[i];
  invalid_ |= other.invalid_;
}

void ImageCounts::Save(StateWriter* out) const {
  for (const int64_t count : counts_) out->Varint(count);
  out->Bool(invalid_);
}

void ImageCounts::Load(StateReader* in) {
  for (int64_t& count : counts_) count = static_cast<int64_t>(in->Varint());
  invalid_ = in->Bool();
}

bool ImageCounts::HasOutput() const {
  const int64_t total = std::accumulate(counts_.begin(), counts_.end(), int64_t{0});
  return !invalid_ && total > 0 && total >= limits_.min_values &&
         1 - static_cast<double>(counts_[kNumFormats]) / static_cast<double>(total) >=
             limits_.min_ratio;
}

void ImageCounts::Finish(::tensorflow::metadata::v0::FeatureNameStatistics* out) const {
  auto* stat = out->add_custom_stats();
  stat->set_name("domain_info");
  stat->set_str("image_domain {}");
  stat = out->add_custom_stats();
  stat->set_name("image_format_histogram");
  const auto add = [&](std::string_view label, int64_t count) {
    if (count == 0) return;
    auto* bucket = stat->mutable_rank_histogram()->add_buckets();
    bucket->set_label(std::string(label));
    bucket->set_sample_count(static_cast<double>(count));
  };
  add("UNKNOWN", counts_[kNumFormats]);
  for (size_t i = 0; i < kFormats.size(); ++i) add(kFormats[i].name, counts_[i]);
}

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "image_domain",
                .doc = "Recognises features that hold images, by their first bytes",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  if (!options.enable_semantic_domain_stats) return nullptr;
                  return std::make_unique<PerFeatureAccumulator<ImageCounts>>();
                },
                .semantic_domain = true,
                .by_column = true});
}

}  // namespace bessemer::statistics::image_domain
