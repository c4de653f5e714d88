#ifndef BESSEMER_EVALUATION_PLAN_H_
#define BESSEMER_EVALUATION_PLAN_H_

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/evaluation/config.h"
#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation {

// The domain of labels by column, from a schema: the default range of calibration plots.
using LabelDomains = std::map<std::string, std::pair<std::optional<double>, std::optional<double>>>;

// What an EvalConfig asks to compute. Immutable after Make, so safe to share between threads.
class MetricsPlan {
 public:
  // `config` went through WithDefaults. INVALID_ARGUMENT names the metric that is unknown,
  // misplaced or wrongly configured.
  static StatusOr<MetricsPlan> Make(const EvalConfig& config, const LabelDomains& domains);

  // What is accumulated in each slice; each is listed once however many metrics read it.
  struct Cell {
    int view;  // index into views()
    std::function<std::unique_ptr<Accumulator>()> make;
  };
  const std::vector<ViewSpec>& views() const { return views_; }
  const std::vector<Cell>& cells() const { return cells_; }

  using Values = std::vector<std::pair<MetricKey, Value>>;
  // The values of a slice, in the order of the configuration: metrics, aggregates over classes and
  // outputs, then differences to the baseline. `states` are parallel to cells(); those with an
  // error in `errors` make their metrics errors.
  Values Finish(const std::vector<std::unique_ptr<Accumulator>>& states,
                const std::vector<Status>& errors) const;

  // Keys that confidence intervals leave out.
  bool HasConfidence(const MetricKey& key) const;
  // The metrics of the configuration, for matching thresholds: the key of each configured metric
  // and the indices of its metrics_spec and metric there.
  struct Configured {
    MetricKey key;
    int spec;
    int metric;
  };
  const std::vector<Configured>& configured() const { return configured_; }

 private:
  friend class PlanBuilder;
  struct Metric {
    int cell;
    bool is_private;  // only for an aggregate
    MetricKey key;    // for errors
    std::function<std::vector<std::pair<MetricKey, Value>>(const Accumulator&)> finish;
  };
  struct Aggregate {  // a weighted mean of other values
    MetricKey key;
    std::vector<std::pair<MetricKey, double>> parts;
    int label_weights = -1;  // cell of the label sums by class that multiply the weights
    std::vector<int> label_classes;
  };
  Value Mean(const Aggregate& aggregate, const std::map<MetricKey, Value>& parts,
             const std::vector<std::unique_ptr<Accumulator>>& states,
             const std::vector<Status>& errors) const;

  std::vector<ViewSpec> views_;
  std::vector<Cell> cells_;
  std::vector<Metric> metrics_;
  std::vector<Aggregate> aggregates_;
  std::vector<MetricKey> no_confidence_;
  std::vector<Configured> configured_;
  std::string baseline_;
  std::vector<std::string> candidates_;
};

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_PLAN_H_
