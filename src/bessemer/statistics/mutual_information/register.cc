#include <algorithm>
#include <mutex>
#include <optional>

#include "bessemer/base/parallel.h"
#include "bessemer/statistics/mutual_information/label_information.h"
#include "bessemer/statistics/mutual_information/partitioned.h"
#include "bessemer/statistics/mutual_information/row_sample.h"
#include "bessemer/statistics/mutual_information/sklearn_information.h"
#include "bessemer/statistics/statistic.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::mutual_information {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;

constexpr char kStatName[] = "adjusted_mutual_information";

void WriteValue(const Value& value, StateWriter* out) {
  out->Varint(value.index());
  if (value.index() == 1) out->Signed(std::get<int64_t>(value));
  if (value.index() == 2) out->Double(std::get<double>(value));
  if (value.index() == 3) out->Bytes(std::get<std::string>(value));
}

Value ReadValue(StateReader* in) {
  switch (in->Varint()) {
    case 1:
      return in->Signed();
    case 2:
      return in->Double();
    case 3:
      return std::string(in->Bytes());
    default:
      return {};
  }
}

// Keeps a sample of the rows; what they tell of the label is worked out when it is asked for.
class MutualInformationAccumulator : public Accumulator {
 public:
  explicit MutualInformationAccumulator(const StatisticsOptions& options)
      : options_(&options.mutual_information),
        sample_(static_cast<size_t>(options_->num_partitions *
                                    options_->max_examples_per_partition)) {
    information_.label = options.label_feature;
    information_.kinds = KindsOf(*options.schema);
    const auto& allowed = options.feature_allowlist;
    std::erase_if(information_.kinds, [&allowed](const auto& kind) {
      return !allowed.empty() &&
             std::find(allowed.begin(), allowed.end(), kind.first) == allowed.end();
    });
    information_.max_encoding_length = options_->max_encoding_length;
    information_.seed = static_cast<uint32_t>(options_->seed);
    information_.normalize_by_max = options_->normalize_by_max;
    information_.allow_few_rows = true;
  }

  Status Update(const BatchView& batch) override {
    std::vector<Column> columns;
    for (const auto& [name, kind] : information_.kinds) {
      const FeatureArray* feature = batch.Find({name});
      columns.push_back(feature == nullptr ? Column{name, {}, false} : ColumnOf(*feature));
    }
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      StateWriter bytes;
      for (const Column& column : columns) {
        if (column.rows.empty()) {
          bytes.Varint(0);
          continue;
        }
        const std::vector<Value>& values = column.rows[static_cast<size_t>(row)];
        bytes.Varint(values.size());
        for (const Value& value : values) WriteValue(value, &bytes);
      }
      sample_.Add(bytes.data());
    }
    result_.reset();
    return OkStatus();
  }

  Status Merge(const Accumulator& other) override {
    sample_.Merge(static_cast<const MutualInformationAccumulator&>(other).sample_);
    result_.reset();
    return OkStatus();
  }
  void Save(StateWriter* out) const override { sample_.Save(out); }
  void Load(StateReader* in) override {
    sample_.Load(in);
    result_.reset();
  }

  void Finish(DatasetFeatureStatistics* out) const override {
    if (!result_) result_ = Compute();
    for (const auto& [name, values] : *result_) {
      const size_t min_partitions = static_cast<size_t>(options_->min_partitions_stat_presence);
      const bool any = std::any_of(values.begin(), values.end(), [&](const auto& statistic) {
        return statistic.second.size() >= min_partitions;
      });
      if (any) AddSummaries(values, min_partitions, MutableFeature({name}, out));
    }
  }

 private:
  using Result = std::map<std::string, PartitionValues>;

  std::vector<Column> ColumnsOf(const std::vector<std::string_view>& rows) const {
    std::vector<Column> columns;
    for (const auto& [name, kind] : information_.kinds) {
      columns.push_back({name, std::vector<std::vector<Value>>(rows.size()), false});
    }
    for (size_t row = 0; row < rows.size(); ++row) {
      StateReader in(rows[row]);
      for (Column& column : columns) {
        for (uint64_t i = in.Count(); i > 0 && in.status().ok(); --i) {
          column.rows[row].push_back(ReadValue(&in));
          column.typed = true;
        }
      }
    }
    return columns;
  }

  // Partitions that cannot be used give nothing.
  Result Compute() const {
    const auto partitions =
        sample_.Partitions(options_->num_partitions, options_->max_examples_per_partition);
    std::vector<std::map<std::string, double>> found(partitions.size());
    const int64_t num_columns = static_cast<int64_t>(information_.kinds.size());
    std::mutex mutex;
    ParallelFor(static_cast<int64_t>(partitions.size()) * num_columns, DefaultNumThreads(),
                [&](int64_t task) {
      const size_t partition = static_cast<size_t>(task / num_columns);
      if (partitions[partition].empty()) return OkStatus();
      std::vector<Column> columns = ColumnsOf(partitions[partition]);
      const std::string name = columns[static_cast<size_t>(task % num_columns)].name;
      if (name == information_.label) return OkStatus();
      std::erase_if(columns, [&](const Column& column) {
        return column.name != name && column.name != information_.label;
      });
      const auto information = LabelInformation(columns, information_);
      if (!information.ok()) return OkStatus();
      std::lock_guard<std::mutex> lock(mutex);
      for (const auto& [feature, bits] : *information) found[partition][feature] = bits;
      return OkStatus();
    }).IgnoreError();
    Result result;
    for (const auto& values : found) {
      for (const auto& [name, bits] : values) result[name][kStatName].push_back(bits);
    }
    if (options_->sklearn) AddSklearn(partitions, &result);
    return result;
  }

  void AddSklearn(const std::vector<std::vector<std::string_view>>& partitions,
                  Result* result) const {
    std::vector<std::vector<std::pair<std::string, SklearnInformation>>> found(partitions.size());
    ParallelFor(static_cast<int64_t>(partitions.size()), DefaultNumThreads(), [&](int64_t i) {
      const size_t partition = static_cast<size_t>(i);
      if (!partitions[partition].empty()) {
        found[partition] =
            SklearnLabelInformation(ColumnsOf(partitions[partition]), information_);
      }
      return OkStatus();
    }).IgnoreError();
    for (const auto& partition : found) {
      for (const auto& [name, information] : partition) {
        PartitionValues& values = (*result)[name];
        values["sklearn_mutual_information"].push_back(information.information);
        values["sklearn_adjusted_mutual_information"].push_back(information.adjusted);
        values["sklearn_normalized_adjusted_mutual_information"].push_back(
            information.normalized_adjusted);
      }
    }
  }

  const MutualInformationOptions* options_;
  LabelInformationOptions information_;
  RowSample sample_;
  mutable std::optional<Result> result_;
};

}  // namespace

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "mutual_information",
                .doc = "What each feature tells of the label, in bits, over partitions of rows",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  if (!options.mutual_information.enabled || options.schema == nullptr ||
                      options.label_feature.empty()) {
                    return nullptr;
                  }
                  return std::make_unique<MutualInformationAccumulator>(options);
                }});
}

}  // namespace bessemer::statistics::mutual_information
