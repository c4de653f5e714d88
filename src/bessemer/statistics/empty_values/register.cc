#include "bessemer/statistics/leaf_values.h"
#include "bessemer/statistics/per_feature.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::empty_values {
namespace {

// Counts what people write where they have no value. Of nested features only empty inner lists.
class EmptyCounts {
 public:
  void Update(const FeatureArray& feature) {
    if (feature.levels.size() > 1) {
      const ListLevel& inner = feature.levels[1];
      for (int64_t i = 0; i < inner.num_rows; ++i) empty_lists_ += inner.length(i) == 0 ? 1 : 0;
    } else if (feature.type == FeatureType::kString) {
      ForEachBytes(feature, [this](std::string_view value) { empty_strings_ += value.empty(); });
    } else {
      ForEachNumber(feature, [this](auto value) {
        minus_ones_ += static_cast<double>(value) == -1.0 ? 1 : 0;
      });
    }
  }
  void Merge(const EmptyCounts& other) {
    minus_ones_ += other.minus_ones_;
    empty_strings_ += other.empty_strings_;
    empty_lists_ += other.empty_lists_;
  }
  void Save(StateWriter* out) const {
    for (const int64_t count : {minus_ones_, empty_strings_, empty_lists_}) out->Varint(count);
  }
  void Load(StateReader* in) {
    for (int64_t* count : {&minus_ones_, &empty_strings_, &empty_lists_}) {
      *count = static_cast<int64_t>(in->Varint());
    }
  }
  bool HasOutput() const { return minus_ones_ + empty_strings_ + empty_lists_ > 0; }
  void Finish(::tensorflow::metadata::v0::FeatureNameStatistics* out) const {
    const auto add = [out](const char* name, int64_t count) {
      if (count == 0) return;
      auto* stat = out->add_custom_stats();
      stat->set_name(name);
      stat->set_num(static_cast<double>(count));
    };
    add("int_-1", minus_ones_);
    add("str_empty", empty_strings_);
    add("list_empty", empty_lists_);
  }

 private:
  int64_t minus_ones_ = 0;
  int64_t empty_strings_ = 0;
  int64_t empty_lists_ = 0;
};

}  // namespace

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "empty_values",
                .doc = "Counts empty lists, empty strings and -1",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  if (!options.count_empty_values) return nullptr;
                  return std::make_unique<PerFeatureAccumulator<EmptyCounts>>();
                },
                .by_column = true});
}

}  // namespace bessemer::statistics::empty_values
