#ifndef BESSEMER_STATISTICS_BASIC_STRING_STATS_H_
#define BESSEMER_STATISTICS_BASIC_STRING_STATS_H_

#include <cstdint>
#include <limits>
#include <memory>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/options.h"
#include "bessemer/statistics/uniques_sketch.h"
#include "bessemer/statistics/value_table.h"

namespace tensorflow::metadata::v0 {
class BytesStatistics;
class RankHistogram;
class StringStatistics;
}

namespace bessemer::statistics::basic {

inline constexpr std::string_view kInvalidUtf8Label = "__BYTES_VALUE__";
inline constexpr std::string_view kLargeStringLabel = "__LARGE_BYTES__";

// What a schema says of a string feature, as far as counting goes.
enum class Categorical { kUnspecified, kYes, kNo };

// Uniques and the most frequent values of a text or categorical numeric feature: exact tables, or
// sketches if options ask for them.
class UniqueCounts {
 public:
  UniqueCounts(const StatisticsOptions& options, bool weighted, bool integral,
               Categorical categorical);

  Status Update(const FeatureArray& feature);
  Status Merge(const UniqueCounts& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  // Nothing is set if there was no value. invalid_utf8_count is set. An error of temporary files.
  Status Finish(::tensorflow::metadata::v0::StringStatistics* out) const;

 private:
  struct Sketches {
    KmvSketch uniques;
    MisraGriesSketch top;
    MisraGriesSketch weighted_top;
    int64_t num_invalid_utf8 = 0;
  };
  std::unique_ptr<Sketches> NewSketches() const;
  void AddToSketches(std::string_view value, double weight);
  template <typename F>
  void ForEachValue(const FeatureArray& feature, F&& add);
  Status FinishTable(::tensorflow::metadata::v0::StringStatistics* out) const;

  const StatisticsOptions* options_;
  bool weighted_;
  bool integral_;
  Categorical categorical_;
  std::unique_ptr<ValueTable> values_;
  std::unique_ptr<IntegerTable> integers_;
  std::unique_ptr<Sketches> sketches_;
};

// Lengths of a text feature's values, and its UniqueCounts.
class StringStats {
 public:
  StringStats(const StatisticsOptions& options, bool weighted, FeatureType type,
              Categorical categorical);
  Status Update(const FeatureArray& feature);
  Status Merge(const StringStats& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  Status Finish(int64_t num_values, ::tensorflow::metadata::v0::StringStatistics* out) const;

 private:
  FeatureType type_;
  int64_t total_bytes_ = 0;
  UniqueCounts uniques_;
};

// Lengths of a feature of raw bytes.
class BytesStats {
 public:
  void Update(const FeatureArray& feature);
  void Merge(const BytesStats& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  void Finish(int64_t num_values, ::tensorflow::metadata::v0::BytesStatistics* out) const;

 private:
  int64_t total_ = 0;
  int64_t min_ = std::numeric_limits<int64_t>::max();
  int64_t max_ = -1;
};

}  // namespace bessemer::statistics::basic

#endif  // BESSEMER_STATISTICS_BASIC_STRING_STATS_H_
