#ifndef BESSEMER_EVALUATION_METRIC_KEY_H_
#define BESSEMER_EVALUATION_METRIC_KEY_H_

#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "tensorflow_model_analysis/proto/metrics_for_slice.pb.h"

namespace bessemer::evaluation {

// The part of a multi-class prediction a metric looks at. At most one is normally set; none set
// means the prediction as it is.
struct SubKey {
  std::optional<int> class_id;  // this class against all others
  std::optional<int> k;         // the class of the k-th largest prediction, from 1
  std::optional<int> top_k;     // the k largest predictions

  bool empty() const { return !class_id && !k && !top_k; }
  auto operator<=>(const SubKey&) const = default;
  std::string ToString() const;  // "class_id=1", "" if empty
};

enum class Aggregation { kNone, kMicro, kMacro, kWeightedMacro };

// What identifies a metric or plot value within a slice.
struct MetricKey {
  std::string name;
  std::string model_name;   // "" when only one model is evaluated
  std::string output_name;  // "" when the model has one output
  SubKey sub_key;
  Aggregation aggregation = Aggregation::kNone;
  std::optional<bool> example_weighted;
  bool is_diff = false;  // candidate - baseline

  auto operator<=>(const MetricKey&) const = default;

  // "auc", "auc[class_id=1]", "candidate/auc (diff)": for tables and messages.
  std::string ToString() const;
  ::tensorflow_model_analysis::MetricKey ToProto() const;
  ::tensorflow_model_analysis::PlotKey ToPlotProto() const;
  static MetricKey FromProto(const ::tensorflow_model_analysis::MetricKey& proto);
  static MetricKey FromPlotProto(const ::tensorflow_model_analysis::PlotKey& proto);
};

// A value of a feature that a slice is made of.
using SliceValue = std::variant<std::string, int64_t, double>;

// Columns in ascending order of name; empty is the overall slice.
using SliceKey = std::vector<std::pair<std::string, SliceValue>>;

std::string SliceValueString(const SliceValue& value);
// "Overall", "carrier:UA", "carrier_X_hour:UA_X_5": the form TFMA prints.
std::string SliceName(const SliceKey& key);
::tensorflow_model_analysis::SliceKey SliceKeyToProto(const SliceKey& key);
SliceKey SliceKeyFromProto(const ::tensorflow_model_analysis::SliceKey& proto);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_METRIC_KEY_H_
