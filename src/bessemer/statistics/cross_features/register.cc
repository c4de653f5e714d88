#include <cmath>
#include <map>
#include <optional>

#include "bessemer/statistics/exact_sum.h"
#include "bessemer/statistics/statistic.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::cross_features {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;

// Exact sums of the rows in which two features have one number each.
struct Pair {
  int64_t count = 0;
  ExactSum x, y, xx, yy, xy;

  void Add(double a, double b) {
    ++count;
    x.Add(a);
    y.Add(b);
    xx.AddSquare(a);
    yy.AddSquare(b);
    xy.AddProduct(a, b);
  }
};

class CrossAccumulator : public Accumulator {
 public:
  explicit CrossAccumulator(const StatisticsOptions& options) : options_(&options) {}

  Status Update(const BatchView& batch) override {
    std::map<std::string, std::vector<double>> columns;  // NaN: not one number
    for (const FeatureArray& feature : batch.features()) {
      const bool numeric = feature.type == FeatureType::kInt || feature.type == FeatureType::kFloat;
      if (feature.path.size() == 1 && feature.levels.size() == 1 && numeric &&
          HasSingleValue(feature.levels[0])) {
        columns[feature.path[0]] = SingleNumbers(feature);
      }
    }
    for (auto x = columns.begin(); x != columns.end(); ++x) {
      for (auto y = std::next(x); y != columns.end(); ++y) {
        const auto crossed = Crossed(x->first, y->first);
        if (!crossed) continue;
        Pair& pair = pairs_[*crossed];
        const auto& a = columns.at(crossed->first);
        const auto& b = columns.at(crossed->second);
        for (size_t i = 0; i < a.size(); ++i) {
          if (!std::isnan(a[i]) && !std::isnan(b[i])) pair.Add(a[i], b[i]);
        }
      }
    }
    return OkStatus();
  }

  Status Merge(const Accumulator& other) override {
    for (const auto& [names, theirs] : static_cast<const CrossAccumulator&>(other).pairs_) {
      Pair& pair = pairs_[names];
      pair.count += theirs.count;
      pair.x.Merge(theirs.x);
      pair.y.Merge(theirs.y);
      pair.xx.Merge(theirs.xx);
      pair.yy.Merge(theirs.yy);
      pair.xy.Merge(theirs.xy);
    }
    return OkStatus();
  }

  void Save(StateWriter* out) const override {
    out->Varint(pairs_.size());
    for (const auto& [names, pair] : pairs_) {
      out->Bytes(names.first);
      out->Bytes(names.second);
      out->Varint(pair.count);
      for (const ExactSum* sum : {&pair.x, &pair.y, &pair.xx, &pair.yy, &pair.xy}) sum->Save(out);
    }
  }

  void Load(StateReader* in) override {
    pairs_.clear();
    for (uint64_t i = in->Count(); i > 0 && in->status().ok(); --i) {
      const std::string first(in->Bytes());
      Pair& pair = pairs_[{first, std::string(in->Bytes())}];
      pair.count = static_cast<int64_t>(in->Varint());
      for (ExactSum* sum : {&pair.x, &pair.y, &pair.xx, &pair.yy, &pair.xy}) sum->Load(in);
    }
  }

  void Finish(DatasetFeatureStatistics* out) const override {
    for (const auto& [names, pair] : pairs_) {
      // Pairs that never met: whether they are known depends on how rows were cut into batches.
      if (pair.count == 0 && !options_->tfdv_compat) continue;
      auto* cross = out->add_cross_features();
      cross->mutable_path_x()->add_step(names.first);
      cross->mutable_path_y()->add_step(names.second);
      cross->set_count(pair.count);
      if (pair.count == 0) continue;
      const __float128 n = static_cast<__float128>(pair.count);
      const __float128 mean_x = pair.x.Quad() / n;
      const __float128 mean_y = pair.y.Quad() / n;
      const double covariance = static_cast<double>(pair.xy.Quad() / n - mean_x * mean_y);
      const double variance_x = static_cast<double>(pair.xx.Quad() / n - mean_x * mean_x);
      const double variance_y = static_cast<double>(pair.yy.Quad() / n - mean_y * mean_y);
      auto* stats = cross->mutable_num_cross_stats();
      stats->set_covariance(static_cast<float>(covariance));
      if (variance_x > 0 && variance_y > 0) {
        stats->set_correlation(
            static_cast<float>(covariance / (std::sqrt(variance_x) * std::sqrt(variance_y))));
      }
    }
  }

 private:
  static bool HasSingleValue(const ListLevel& level) {
    for (int64_t row = 0; row < level.num_rows; ++row) {
      if (level.length(row) == 1) return true;
    }
    return false;
  }

  // The pair in the order to give it in, if it is to be given.
  std::optional<std::pair<std::string, std::string>> Crossed(const std::string& x,
                                                             const std::string& y) const {
    if (options_->feature_crosses.empty()) return std::pair(x, y);
    for (const auto& pair : options_->feature_crosses) {
      if (pair == std::pair(x, y) || pair == std::pair(y, x)) return pair;
    }
    return std::nullopt;
  }

  static std::vector<double> SingleNumbers(const FeatureArray& feature) {
    std::vector<double> values;
    std::vector<int64_t> positions;
    LeafNumbers(feature, &values, &positions);
    const ListLevel& level = feature.levels[0];
    std::vector<double> by_row(level.num_rows, std::numeric_limits<double>::quiet_NaN());
    if (level.plain()) {
      for (size_t i = 0; i < values.size(); ++i) by_row[positions[i]] = values[i];
      return by_row;
    }
    for (int64_t row = 0; row < level.num_rows; ++row) {
      if (level.length(row) == 1) by_row[row] = values[level.begin(row)];
    }
    return by_row;
  }

  const StatisticsOptions* options_;
  std::map<std::pair<std::string, std::string>, Pair> pairs_;
};

}  // namespace

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "cross_features",
                .doc = "Covariance and correlation of each two numeric columns",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  if (!options.cross_feature_stats) return nullptr;
                  return std::make_unique<CrossAccumulator>(options);
                }});
}

}  // namespace bessemer::statistics::cross_features
