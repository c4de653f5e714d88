#ifndef BESSEMER_EVALUATION_VALUE_H_
#define BESSEMER_EVALUATION_VALUE_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <variant>
#include <vector>

#include "bessemer/evaluation/metric_key.h"
#include "tensorflow_model_analysis/proto/metrics_for_slice.pb.h"

namespace bessemer::evaluation {

// Binary confusion matrices; the vectors run parallel to `thresholds`. A prediction strictly above
// the threshold is positive. Entries are sums of example weights.
struct Matrices {
  std::vector<double> thresholds, tp, tn, fp, fn;
};

// Multi-class confusion matrices: (threshold, actual class, predicted class) -> sum of weights. The
// predicted class is -1 where no prediction exceeds the threshold.
struct MultiClassMatrices {
  std::map<std::tuple<double, int, int>, double> entries;
};

struct NumberArray {
  std::vector<double> values;
};

struct MetricError {
  std::string message;
};

using PlotPtr = std::shared_ptr<const ::tensorflow_model_analysis::PlotData>;

// The result of a metric or plot in one slice.
using Value =
    std::variant<double, NumberArray, Matrices, MultiClassMatrices, PlotPtr, MetricError>;

// The numbers in a value, element by element, in an order that depends on its shape only; empty for
// plots and errors.
std::vector<double> Elements(const Value& value);

// op(a, b) element by element. Matrices are joined by threshold and class, a missing entry being 0.
// nullopt for values without arithmetic or of different shapes.
std::optional<Value> Combine(const Value& a, const Value& b,
                             const std::function<double(double, double)>& op);

// Fills the value; `value` must not be a plot. Undefined ratios of a confusion matrix follow TFMA:
// precision 1, recall 0, others NaN.
::tensorflow_model_analysis::MetricValue ToProto(const Value& value);
// The inverse, for values this library writes; others become errors that say so.
Value FromProto(const ::tensorflow_model_analysis::MetricValue& proto);
::tensorflow_model_analysis::ConfusionMatrixAtThresholds MatricesToProto(const Matrices& matrices);
::tensorflow_model_analysis::MultiClassConfusionMatrixAtThresholds MultiClassToProto(
    const MultiClassMatrices& matrices);

// "0.8312", "[0.1, 0.2]", "2 matrices": for tables.
std::string ValueString(const Value& value);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_VALUE_H_
