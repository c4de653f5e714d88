// A statistic of one's own, in the same pass as all others: how many texts begin or end with a
// space, per feature, as the custom statistic "untrimmed"; and slices by a function, here the
// first letter of `city`. Prints what it found in each slice.
//
// Usage: own_statistic FILE...     (any files that `bessemer stats generate` reads)

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <cstdio>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/inputs.h"
#include "bessemer/statistics/leaf_values.h"
#include "bessemer/statistics/per_feature.h"
#include "bessemer/statistics/statistics_view.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

using bessemer::StatusOr;
using bessemer::statistics::FeatureArray;
using bessemer::statistics::FeatureType;
using bessemer::statistics::SliceSpec;
using tensorflow::metadata::v0::FeatureNameStatistics;

// What is kept of one feature. Counts add up, so threads, shards and days merge.
class Untrimmed {
 public:
  void Update(const FeatureArray& feature) {
    if (feature.type != FeatureType::kString) return;
    bessemer::statistics::ForEachBytes(feature, [this](std::string_view text) {
      count_ += !text.empty() && (text.front() == ' ' || text.back() == ' ') ? 1 : 0;
    });
  }
  void Merge(const Untrimmed& other) { count_ += other.count_; }
  void Save(bessemer::statistics::StateWriter* out) const { out->Varint(count_); }
  void Load(bessemer::statistics::StateReader* in) { count_ = in->Varint(); }
  bool HasOutput() const { return count_ > 0; }
  void Finish(FeatureNameStatistics* out) const {
    auto* custom = out->add_custom_stats();
    custom->set_name("untrimmed");
    custom->set_num(static_cast<double>(count_));
  }

 private:
  uint64_t count_ = 0;
};

StatusOr<SliceSpec::RowsByName> ByFirstLetter(const arrow::RecordBatch& batch) {
  SliceSpec::RowsByName rows;
  const auto cities = batch.GetColumnByName("city");
  if (cities == nullptr) return rows;
  BESSEMER_ASSIGN_OR_RETURN(const auto column, bessemer::columnar::FeatureColumn::Make(cities));
  const auto add = [&]<typename Array>(std::type_identity<Array>) {
    const auto& texts = static_cast<const Array&>(*column.values());
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      const int64_t at = column.begin(row);
      if (!column.IsPresent(row) || column.end(row) != at + 1 || texts.IsNull(at)) continue;
      const std::string_view city(texts.GetView(at));
      if (!city.empty()) rows[std::string("letter ") + city.front()].push_back(row);
    }
    return bessemer::OkStatus();
  };
  BESSEMER_RETURN_IF_ERROR(bessemer::columnar::DispatchBytes(*column.value_type(), add));
  return rows;
}

StatusOr<int> Print(const std::vector<std::string>& files) {
  bessemer::statistics::Statistic untrimmed;
  untrimmed.name = "untrimmed";
  untrimmed.doc = "Texts that begin or end with a space";
  untrimmed.make = [](const bessemer::statistics::StatisticsOptions&) {
    return std::make_unique<bessemer::statistics::PerFeatureAccumulator<Untrimmed>>();
  };
  bessemer::statistics::StatisticsOptions options;
  options.custom_statistics = {
      std::make_shared<const bessemer::statistics::Statistic>(std::move(untrimmed))};
  options.slices.push_back({.features = {}, .sql = "", .function = ByFirstLetter});

  BESSEMER_ASSIGN_OR_RETURN(const auto sources, bessemer::statistics::OpenInputs(files, options));
  BESSEMER_ASSIGN_OR_RETURN(const auto state,
                            bessemer::statistics::GenerateStatistics(sources, options));
  const auto statistics = state.Finish();
  BESSEMER_RETURN_IF_ERROR(state.status());
  for (const auto& slice : statistics.datasets()) {
    for (const auto& feature : slice.features()) {
      const auto* found = bessemer::statistics::FindCustomStat(feature, "untrimmed");
      if (found == nullptr) continue;
      std::printf("%s: %s: %g untrimmed\n", slice.name().c_str(),
                  bessemer::statistics::PathToString(bessemer::statistics::PathOf(feature)).c_str(),
                  found->num());
    }
  }
  return 0;
}

int main(int argc, char** argv) {
  const StatusOr<int> result = Print({argv + 1, argv + argc});
  if (result.ok()) return *result;
  std::fprintf(stderr, "%s\n", std::string(bessemer::Message(result.status())).c_str());
  return 3;
}
