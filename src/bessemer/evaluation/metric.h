#ifndef BESSEMER_EVALUATION_METRIC_H_
#define BESSEMER_EVALUATION_METRIC_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/registry.h"
#include "bessemer/base/status.h"
#include "bessemer/evaluation/examples.h"
#include "bessemer/evaluation/metric_key.h"
#include "bessemer/evaluation/value.h"

// What a metric is made of. To add one: a folder below metrics/ whose Register adds MetricClass
// entries. Nothing else needs to change.

namespace bessemer::evaluation {

// Which numbers of a batch a metric works on.
struct ViewSpec {
  std::string model_name;
  std::string output_name;
  SubKey sub_key;
  bool aggregated = false;              // top_k drops the other classes instead of making them -inf
  std::map<int, double> class_weights;  // multiplies weights by class; absent classes get 0
  bool weighted = false;
  // One (label, prediction) pair a row; sparse labels become one-hot.
  bool flatten = true;
  bool fractional_labels = false;  // labels must lie in [0, 1]
  bool probabilities = false;  // predictions are taken for probabilities; it is said if not
  bool needs_labels = true;
  bool needs_predictions = true;
  std::string label_feature;  // this feature in place of the label
  std::string compare_with;   // the predictions of this model in place of the label
  std::string query_key;      // fills Examples::groups

  std::string Id() const;  // equal for equal views
};

// State of one metric in one slice. Updating in any split and merging in any tree gives the same
// state up to rounding of sums; the engine always merges in the same order. Not thread-safe.
class Accumulator {
 public:
  virtual ~Accumulator() = default;
  // INVALID_ARGUMENT for values the metric cannot take; the state is then undefined.
  virtual Status Update(const Examples& examples) = 0;
  // `other` was made by the same factory.
  virtual void Merge(const Accumulator& other) = 0;
  virtual void Save(std::string* out) const = 0;
  // DATA_LOSS for bytes that Save did not write.
  virtual Status Load(std::string_view bytes) = 0;
};

// An accumulator of a fixed number of sums, which is what most metrics need.
using AddToSums = std::function<Status(const Examples& examples, std::span<double> sums)>;
std::unique_ptr<Accumulator> MakeSums(int num_sums, std::shared_ptr<const AddToSums> add);
// The sums of an accumulator made by MakeSums.
std::span<const double> SumsOf(const Accumulator& accumulator);

// What a metric class is asked to compute.
struct MetricContext {
  std::string name;    // of the result
  ParamValues params;  // checked
  ViewSpec view;       // model, output, sub key, aggregation, weights; the class sets the rest
  MetricKey key;       // of the result
  std::string baseline_model;  // "" without a baseline
  std::vector<int> top_k_list;  // of MetricsSpec.binarize, for ranking metrics
  // Domain of the label in the schema, for plots.
  std::optional<double> label_min, label_max;
};

// How to compute it.
struct MetricPlan {
  ViewSpec view;
  // Metrics with the same view and id share an accumulator.
  std::string accumulator_id;
  std::function<std::unique_ptr<Accumulator>()> make;
  // Pure; safe to call from several threads.
  std::function<std::vector<std::pair<MetricKey, Value>>(const Accumulator&)> finish;
};

// The usual plan: one number from sums.
MetricPlan SumsPlan(const MetricContext& context, ViewSpec view, std::string id, int num_sums,
                    AddToSums add, std::function<double(std::span<const double>)> finish);

// The registry entry.
struct MetricClass {
  std::string name;          // class_name in an EvalConfig, e.g. "AUC"
  std::string doc;           // formula, range, what happens at the edges
  std::string default_name;  // of the result, e.g. "auc"
  std::vector<Param> params = {};  // of MetricConfig.config; "name" is understood by every class
  bool is_plot = false;
  bool ignores_sub_key = false;     // computed once on the whole prediction
  bool compares_models = false;     // only makes sense against a baseline; the key is a diff key
  bool needs_query = false;         // MetricsSpec.query_key must be set
  bool has_confidence = true;       // false: skipped when intervals are computed
  bool aggregation_in_key = true;   // the key of a micro average says so
  std::function<StatusOr<MetricPlan>(const MetricContext&)> plan = {};
};

using MetricRegistry = Registry<MetricClass>;

// Adds every metric of this folder's plug-ins.
void RegisterPlugins(MetricRegistry& registry);
// All of them, built once; lives for ever. A broken plug-in shows in status().
const MetricRegistry& AllMetrics();

// a/b, NaN if b is not positive: the rule for every ratio of counts.
double Ratio(double a, double b);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_METRIC_H_
