#include "bessemer/statistics/basic/common_stats.h"

#include <array>

#include "bessemer/statistics/histograms.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::basic {
namespace {

using ::tensorflow::metadata::v0::CommonStatistics;
using ::tensorflow::metadata::v0::CustomStatistic;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

std::optional<double> SketchEpsilon(const StatisticsOptions& options) {
  if (!options.tfdv_compat) return std::nullopt;
  return options.epsilon;
}

// Counts lengths: nearly all are small.
class LengthCounts {
 public:
  void Add(int64_t length, QuantileAccumulator* overflow) {
    if (length < static_cast<int64_t>(small_.size())) {
      ++small_[length];
    } else {
      overflow->AddCounted(static_cast<double>(length), 1);
    }
  }
  void Flush(QuantileAccumulator* out) {
    for (size_t i = 0; i < small_.size(); ++i) {
      if (small_[i] > 0) out->AddCounted(static_cast<double>(i), small_[i]);
    }
  }

 private:
  std::array<uint64_t, 64> small_ = {};
};

}  // namespace

LevelStats::LevelStats(const StatisticsOptions& options)
    : lengths(SketchEpsilon(options), /*weighted=*/false) {}

void CommonStats::UpdateLevel(const ListLevel& level, bool count_lengths,
                              std::span<const double> weights, LevelStats* stats) {
  LengthCounts counts;
  const bool all_present = level.array != nullptr && level.array->null_count() == 0;
  for (int64_t i = 0; i < level.num_rows; ++i) {
    if (!all_present && !level.IsPresent(i)) continue;
    const int64_t length = level.length(i);
    ++stats->num_non_missing;
    stats->min_length = std::min(stats->min_length, length);
    stats->max_length = std::max(stats->max_length, length);
    stats->total += length;
    if (count_lengths) counts.Add(length, &stats->lengths);
    if (!weights.empty()) {
      const FixedWeight weight = ToFixedWeight(weights[i]);
      stats->weighted_non_missing += weight;
      stats->weighted_total += weight * length;
    }
  }
  counts.Flush(&stats->lengths);
}

void CommonStats::UpdateInnermost(const FeatureArray& feature, LevelStats* stats) {
  LengthCounts counts;
  const ListLevel& top = feature.levels[0];
  for (int64_t i = 0; i < top.num_rows; ++i) {
    if (!top.IsPresent(i)) continue;
    int64_t begin = i;
    int64_t end = i + 1;
    for (const ListLevel& level : feature.levels) {
      if (level.plain() && level.array == nullptr) {  // a list of nothing known
        end = begin;
        break;
      }
      begin = level.begin(begin);
      end = level.begin(end);
    }
    const int64_t length = end - begin;
    stats->min_innermost = std::min(stats->min_innermost, length);
    stats->max_innermost = std::max(stats->max_innermost, length);
    counts.Add(length, &stats->lengths);
  }
  counts.Flush(&stats->lengths);
}

Status CommonStats::Update(const FeatureArray& feature) {
  const size_t num_levels = feature.levels.size();
  if (levels_.empty()) {
    for (size_t i = 0; i < num_levels; ++i) levels_.emplace_back(*options_);
  } else if (levels_.size() != num_levels) {
    return InvalidArgumentError(
        "feature '{}' is nested {} levels deep in one batch and {} in another",
                                PathToString(feature.path), levels_.size(), num_levels);
  }
  std::span<const double> weights = feature.weights;
  std::vector<double> element_weights;
  for (size_t i = 0; i < num_levels; ++i) {
    const ListLevel& level = feature.levels[i];
    const bool top_of_nested = i == 0 && num_levels > 1;
    UpdateLevel(level, !top_of_nested, weights, &levels_[i]);
    if (top_of_nested) UpdateInnermost(feature, &levels_[i]);
    if (!weights.empty() && i + 1 < num_levels) {
      std::vector<double> next;
      for (int64_t row = 0; row < level.num_rows; ++row) {
        next.insert(next.end(), level.length(row), weights[row]);
      }
      element_weights = std::move(next);
      weights = element_weights;
    }
  }
  return OkStatus();
}

Status CommonStats::Merge(const CommonStats& other, const FeaturePath& path) {
  if (other.levels_.empty()) return OkStatus();
  if (levels_.empty()) {
    for (size_t i = 0; i < other.levels_.size(); ++i) levels_.emplace_back(*options_);
  } else if (levels_.size() != other.levels_.size()) {
    return InvalidArgumentError(
        "feature '{}' is nested {} levels deep in one shard and {} in another",
                                PathToString(path), levels_.size(), other.levels_.size());
  }
  for (size_t i = 0; i < levels_.size(); ++i) {
    LevelStats& mine = levels_[i];
    const LevelStats& theirs = other.levels_[i];
    mine.num_non_missing += theirs.num_non_missing;
    mine.min_length = std::min(mine.min_length, theirs.min_length);
    mine.max_length = std::max(mine.max_length, theirs.max_length);
    mine.total += theirs.total;
    mine.weighted_non_missing += theirs.weighted_non_missing;
    mine.weighted_total += theirs.weighted_total;
    mine.lengths.Merge(theirs.lengths);
    mine.min_innermost = std::min(mine.min_innermost, theirs.min_innermost);
    mine.max_innermost = std::max(mine.max_innermost, theirs.max_innermost);
  }
  return OkStatus();
}

void CommonStats::Save(StateWriter* out) const {
  out->Varint(levels_.size());
  for (const LevelStats& level : levels_) {
    out->Varint(level.num_non_missing);
    out->Signed(level.min_length);
    out->Signed(level.max_length);
    out->Varint(level.total);
    out->Int128(level.weighted_non_missing);
    out->Int128(level.weighted_total);
    out->Signed(level.min_innermost);
    out->Signed(level.max_innermost);
    level.lengths.Save(out);
  }
}

void CommonStats::Load(StateReader* in) {
  levels_.clear();
  for (uint64_t i = in->Count(38); i > 0 && in->status().ok(); --i) {
    LevelStats& level = levels_.emplace_back(*options_);
    level.num_non_missing = static_cast<int64_t>(in->Varint());
    level.min_length = in->Signed();
    level.max_length = in->Signed();
    level.total = static_cast<int64_t>(in->Varint());
    level.weighted_non_missing = in->Int128();
    level.weighted_total = in->Int128();
    level.min_innermost = in->Signed();
    level.max_innermost = in->Signed();
    level.lengths.Load(in);
  }
}

void CommonStats::Finish(const ParentTotals& parent, CommonStatistics* out) const {
  if (levels_.empty()) {
    out->set_num_missing(parent.total);
    return;
  }
  ParentTotals above = parent;
  for (const LevelStats& level : levels_) {
    const double weighted_present = FromFixedWeight(level.weighted_non_missing);
    const double weighted_total = FromFixedWeight(level.weighted_total);
    if (levels_.size() > 1) {
      auto* stats = out->add_presence_and_valency_stats();
      stats->set_num_missing(above.total - level.num_non_missing);
      stats->set_num_non_missing(level.num_non_missing);
      if (level.num_non_missing > 0) {
        stats->set_min_num_values(level.min_length);
        stats->set_max_num_values(level.max_length);
        stats->set_tot_num_values(level.total);
      }
      if (weighted_) {
        auto* weighted = out->add_weighted_presence_and_valency_stats();
        weighted->set_num_missing(
            FromFixedWeight(above.weighted_total - level.weighted_non_missing));
        weighted->set_num_non_missing(weighted_present);
        weighted->set_tot_num_values(weighted_total);
        if (weighted_present > 0) weighted->set_avg_num_values(weighted_total / weighted_present);
      }
    }
    above = {level.total, level.weighted_total};
  }
  const LevelStats& top = levels_.front();
  const LevelStats& leaf = levels_.back();
  const int64_t total = leaf.num_non_missing > 0 ? leaf.total : 0;
  out->set_num_non_missing(top.num_non_missing);
  out->set_num_missing(parent.total - top.num_non_missing);
  out->set_tot_num_values(total);
  if (top.num_non_missing > 0) {
    const bool nested = levels_.size() > 1;
    out->set_min_num_values(nested ? top.min_innermost : top.min_length);
    out->set_max_num_values(nested ? top.max_innermost : top.max_length);
    out->set_avg_num_values(static_cast<float>(static_cast<double>(total) /
                                               static_cast<double>(top.num_non_missing)));
    *out->mutable_num_values_histogram() = QuantilesHistogram(
        top.lengths.Finish(options_->num_values_histogram_buckets, /*integral=*/true));
  }
  if (!weighted_) return;
  auto* weighted = out->mutable_weighted_common_stats();
  const double present = FromFixedWeight(top.weighted_non_missing);
  weighted->set_num_non_missing(present);
  weighted->set_num_missing(FromFixedWeight(parent.weighted_total - top.weighted_non_missing));
  weighted->set_tot_num_values(FromFixedWeight(leaf.weighted_total));
  if (present != 0) {
    weighted->set_avg_num_values(FromFixedWeight(leaf.weighted_total) / present);
  }
}

void CommonStats::FinishCustomStats(FeatureNameStatistics* out) const {
  for (size_t i = 1; i < levels_.size(); ++i) {
    const Quantiles quantiles =
        levels_[i].lengths.Finish(options_->num_values_histogram_buckets, /*integral=*/true);
    CustomStatistic* stat = out->add_custom_stats();
    stat->set_name(fmt::format("level_{}_value_list_length_quantiles", i + 1));
    *stat->mutable_histogram() = QuantilesHistogram(quantiles);
    stat = out->add_custom_stats();
    stat->set_name(fmt::format("level_{}_value_list_length_standard", i + 1));
    *stat->mutable_histogram() =
        EquiWidthHistogram(quantiles, static_cast<double>(levels_[i].min_length),
                           static_cast<double>(levels_[i].max_length),
                           options_->num_values_histogram_buckets, 0);
  }
}

}  // namespace bessemer::statistics::basic
