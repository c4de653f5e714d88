#ifndef BESSEMER_STATISTICS_PER_FEATURE_H_
#define BESSEMER_STATISTICS_PER_FEATURE_H_

#include <map>
#include <memory>
#include <string>
#include <utility>

#include "bessemer/statistics/statistic.h"

namespace bessemer::statistics {

void SavePath(const FeaturePath& path, StateWriter* out);
FeaturePath LoadPath(StateReader* in);

// An accumulator that keeps a State for each leaf feature. State has
//   void Update(const FeatureArray&);
//   void Merge(const State&);
//   void Save(StateWriter*) const;  void Load(StateReader*);
//   void Finish(::tensorflow::metadata::v0::FeatureNameStatistics*) const;
//   bool HasOutput() const;
template <typename State>
class PerFeatureAccumulator : public Accumulator {
 public:
  explicit PerFeatureAccumulator(State initial = State()) : initial_(std::move(initial)) {}

  Status Update(const BatchView& batch) override {
    for (const FeatureArray& feature : batch.features()) {
      if (feature.type && *feature.type != FeatureType::kStruct) {
        At(feature.path).Update(feature);
      }
    }
    return OkStatus();
  }
  Status Merge(const Accumulator& other) override {
    for (const auto& [path, state] : static_cast<const PerFeatureAccumulator&>(other).states_) {
      At(path).Merge(state);
    }
    return OkStatus();
  }
  void Save(StateWriter* out) const override {
    out->Varint(states_.size());
    for (const auto& [path, state] : states_) {
      SavePath(path, out);
      state.Save(out);
    }
  }
  void Load(StateReader* in) override {
    states_.clear();
    for (uint64_t i = in->Count(); i > 0 && in->status().ok(); --i) {
      const FeaturePath path = LoadPath(in);
      At(path).Load(in);
    }
  }
  void Finish(::tensorflow::metadata::v0::DatasetFeatureStatistics* out) const override {
    for (const auto& [path, state] : states_) {
      if (state.HasOutput()) state.Finish(MutableFeature(path, out));
    }
  }

 private:
  State& At(const FeaturePath& path) { return states_.try_emplace(path, initial_).first->second; }

  State initial_;
  std::map<FeaturePath, State> states_;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_PER_FEATURE_H_
