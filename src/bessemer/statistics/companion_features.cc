#include "bessemer/statistics/companion_features.h"

#include <algorithm>

namespace bessemer::statistics {

CompanionCounts::CompanionCounts(std::vector<FeaturePath> members) {
  for (FeaturePath& path : members) members_.push_back({.path = std::move(path)});
}

void CompanionCounts::Update(const BatchView& batch) {
  std::vector<const ListLevel*> levels;
  int64_t num_rows = 0;
  for (const Member& member : members_) {
    const FeatureArray* feature = batch.Find(member.path);
    levels.push_back(feature == nullptr ? nullptr : &feature->levels[0]);
    if (feature != nullptr) num_rows = std::max(num_rows, feature->levels[0].num_rows);
  }
  std::vector<int64_t> lengths(members_.size());
  for (int64_t row = 0; row < num_rows; ++row) {
    bool any_present = false;
    for (size_t i = 0; i < levels.size(); ++i) {
      const bool present = levels[i] != nullptr && levels[i]->IsPresent(row);
      lengths[i] = present ? levels[i]->length(row) : -1;
      any_present |= present;
    }
    if (!any_present) continue;
    const int64_t first = std::max<int64_t>(lengths[0], 0);
    for (size_t i = 0; i < members_.size(); ++i) {
      if (lengths[i] < 0) ++members_[i].num_missing;
      const double difference = static_cast<double>(std::max<int64_t>(lengths[i], 0) - first);
      members_[i].min_difference = std::min(members_[i].min_difference, difference);
      members_[i].max_difference = std::max(members_[i].max_difference, difference);
    }
  }
}

void CompanionCounts::Merge(const CompanionCounts& other) {
  for (size_t i = 0; i < members_.size(); ++i) {
    members_[i].num_missing += other.members_[i].num_missing;
    members_[i].min_difference =
        std::min(members_[i].min_difference, other.members_[i].min_difference);
    members_[i].max_difference =
        std::max(members_[i].max_difference, other.members_[i].max_difference);
  }
}

void CompanionCounts::Save(StateWriter* out) const {
  for (const Member& member : members_) {
    out->Varint(member.num_missing);
    out->Double(member.min_difference);
    out->Double(member.max_difference);
  }
}

void CompanionCounts::Load(StateReader* in) {
  for (Member& member : members_) {
    member.num_missing = static_cast<int64_t>(in->Varint());
    member.min_difference = in->Double();
    member.max_difference = in->Double();
  }
}

}  // namespace bessemer::statistics
