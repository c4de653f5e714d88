#ifndef BESSEMER_SCHEMA_STATISTICS_VIEW_H_
#define BESSEMER_SCHEMA_STATISTICS_VIEW_H_

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/schema/path.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::schema {

// The statistics of a dataset as schema inference and validation read them: features by path, with
// their parents and children, and counts that are weighted ones if the whole dataset is weighted.
// Views point into the message and into the DatasetView: both must outlive them. Reading is
// thread-safe.
class DatasetView;

class FeatureView {
 public:
  const ::tensorflow::metadata::v0::FeatureNameStatistics& proto() const { return *proto_; }
  const Path& path() const { return path_; }
  const DatasetView& dataset() const { return *dataset_; }
  // Of the statistics: INT, FLOAT, STRING, BYTES or STRUCT.
  ::tensorflow::metadata::v0::FeatureNameStatistics::Type type() const { return proto_->type(); }
  // The type a schema gives such a feature; TYPE_UNKNOWN for a type unknown to this program.
  ::tensorflow::metadata::v0::FeatureType feature_type() const;

  // Null if the statistics hold neither numeric, string, bytes nor struct statistics (those of a
  // sparse or weighted feature do not). The functions below need it.
  const ::tensorflow::metadata::v0::CommonStatistics* common() const { return common_; }
  double num_present() const;
  double num_missing() const;
  // Of the examples; 1 if nothing is missing; no value for a dataset without examples.
  std::optional<double> fraction_present() const;
  // Missing values per nest level, outermost first; one entry for a feature without nesting.
  std::vector<double> NumMissingByLevel() const;
  // Least and greatest number of values per nest level; negative numbers read as 0.
  struct ValueRange {
    int64_t min = 0;
    int64_t max = 0;
  };
  std::vector<ValueRange> ValueRangeByLevel() const;
  bool has_nested_values() const;
  // All values in all examples.
  double total_num_values() const;
  bool is_weighted() const;

  // The values of the rank histogram with their counts, sorted bytewise, each once (the first count
  // stands). Empty for features without string statistics.
  std::vector<std::pair<std::string_view, double>> StringCounts() const;
  bool has_invalid_utf8() const { return proto_->string_stats().invalid_utf8_count() > 0; }
  // Not for numbers that are not categories.
  std::optional<int64_t> num_unique() const;
  // Of that type; null if there is none.
  const ::tensorflow::metadata::v0::Histogram* FindHistogram(
      ::tensorflow::metadata::v0::Histogram::HistogramType type) const;
  // Null if there is none of that name.
  const ::tensorflow::metadata::v0::CustomStatistic* FindCustom(std::string_view name) const;

  const std::vector<const FeatureView*>& children() const { return children_; }

 private:
  friend class DatasetView;
  const ::tensorflow::metadata::v0::FeatureNameStatistics* proto_ = nullptr;
  const ::tensorflow::metadata::v0::CommonStatistics* common_ = nullptr;
  const DatasetView* dataset_ = nullptr;
  Path path_;
  const FeatureView* parent_ = nullptr;
  std::vector<const FeatureView*> children_;
};

class DatasetView {
 public:
  enum class Weighting {
    kDetect,      // weighted counts if every feature has them and the dataset has a weight
    kUnweighted,
    kWeighted,
  };

  // Features are named by `path` or by `name`, all in the same way; in names, a dot (or another
  // sign that is not part of a word) after the name of a STRUCT feature marks a child. Features
  // without any statistics are left out. INVALID_ARGUMENT for mixed naming, for a feature without
  // a path and for two features of one path.
  static StatusOr<DatasetView> Create(
      const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics,
      Weighting weighting = Weighting::kDetect);

  DatasetView(DatasetView&&) noexcept;
  DatasetView& operator=(DatasetView&&) = delete;

  // In the order of the message.
  const std::vector<FeatureView>& features() const { return features_; }
  const FeatureView* Find(const Path& path) const;  // null: no such feature
  // Features whose parent is not in the statistics, in the order of the message.
  std::vector<const FeatureView*> Roots() const;

  bool by_weight() const { return by_weight_; }
  double num_examples() const;

 private:
  DatasetView() = default;
  Status AddByPath(const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics);
  Status AddByName(const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics);
  void Connect();

  const ::tensorflow::metadata::v0::DatasetFeatureStatistics* proto_ = nullptr;
  bool by_weight_ = false;
  std::vector<FeatureView> features_;
  std::map<Path, size_t> by_path_;
};

// A copy without the features that have neither numeric, string, bytes nor struct statistics: what
// a schema can be inferred from.
::tensorflow::metadata::v0::DatasetFeatureStatistics WithoutCompositeFeatures(
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics);

// The dataset that stands for all examples: the only one, or of several slices the one named "All
// Examples". INVALID_ARGUMENT, naming the slices, if there is none.
StatusOr<const ::tensorflow::metadata::v0::DatasetFeatureStatistics*> DefaultDataset(
    const ::tensorflow::metadata::v0::DatasetFeatureStatisticsList& statistics);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_STATISTICS_VIEW_H_
