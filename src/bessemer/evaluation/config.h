#ifndef BESSEMER_EVALUATION_CONFIG_H_
#define BESSEMER_EVALUATION_CONFIG_H_

#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "tensorflow_model_analysis/proto/config.pb.h"

namespace bessemer::evaluation {

using EvalConfig = ::tensorflow_model_analysis::EvalConfig;

// Reads an EvalConfig from JSON values: TFMA's fields in snake_case or camelCase (a metric's
// `config` may be a map instead of a string of JSON), or the short form
//
//   label: arr_delay_high            # label_key; also: prediction, weight, signature
//   metrics: [AUC, Precision, {class: AUC, curve: PR, name: auc_pr}]
//   slices: [[carrier], [origin, hour], {carrier: UA}]   # the overall slice is always there
//   thresholds: {auc: {min: 0.6, min_change: -0.01}}     # also max, max_change, …_relative;
//                                                        # of all examples together
//   slice_thresholds: {auc: {min: 0.5}}                  # of every slice that is computed
//
// Unknown keys are INVALID_ARGUMENT with the nearest known one.
StatusOr<EvalConfig> EvalConfigFromJson(const Json& json);
// The same from a YAML or JSON file's text; errors begin with `file_name`.
StatusOr<EvalConfig> EvalConfigFromText(std::string_view text, std::string_view file_name);

// Fills in what is left out, as TFMA's update_eval_config_with_defaults: without model_specs an
// empty one; names "candidate" and "baseline" for two models; the name of a single model is
// cleared; without a baseline its specs and the change thresholds are dropped (FAILED_PRECONDITION
// if there are change thresholds and not `rubber_stamp`); metrics_specs cover all models.
StatusOr<EvalConfig> WithDefaults(EvalConfig config, bool has_baseline, bool rubber_stamp);

// INVALID_ARGUMENT for configurations that contradict themselves: both x_key and x_keys, several
// baselines, missing or equal names, unknown metrics and parameters, thresholds or per_slice
// thresholds that can never apply.
Status VerifyConfig(const EvalConfig& config);

// Whether any metric has a change threshold.
bool HasChangeThresholds(const EvalConfig& config);
// Name of the baseline model, "" if there is none.
std::string BaselineName(const EvalConfig& config);
bool IsBaseline(const EvalConfig& config, std::string_view model_name);

// Where the numbers of a model and output are found among the features; "" where not configured.
struct ModelColumns {
  std::string label_key, prediction_key, example_weight_key;
};
StatusOr<ModelColumns> ColumnsOf(const EvalConfig& config, std::string_view model_name,
                                 std::string_view output_name);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_CONFIG_H_
