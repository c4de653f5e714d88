#include "bessemer/evaluation/validation.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/proto/serialize.h"

namespace bessemer::evaluation {
namespace {

namespace tfma = ::tensorflow_model_analysis;

// One half of a MetricThreshold on one value of some slices.
struct Check {
  MetricKey key;  // a diff key for change thresholds
  tfma::MetricThreshold threshold;  // exactly one half is set
  const tfma::SlicingSpec* slices = nullptr;           // null and no cross: every slice
  const tfma::CrossSlicingSpec* cross_slices = nullptr;

  std::string SpecId() const {
    return slices ? "s" + proto::Serialize(*slices)
                  : cross_slices ? "c" + proto::Serialize(*cross_slices) : "";
  }
};

// Lists the checks a configuration asks for, each once.
class CheckList {
 public:
  CheckList(const EvalConfig& config, const MetricsPlan& plan) : config_(config) {
    for (int s = 0; s < config.metrics_specs_size(); ++s) {
      const tfma::MetricsSpec& spec = config.metrics_specs(s);
      for (const auto& [name, threshold] : spec.thresholds()) {
        for (const MetricKey& key : Named(plan, s, name)) Add(key, threshold, nullptr, nullptr);
      }
      for (const auto& [name, list] : spec.per_slice_thresholds()) {
        for (const MetricKey& key : Named(plan, s, name)) AddPerSlice(key, list.thresholds());
      }
      for (const auto& [name, list] : spec.cross_slice_thresholds()) {
        for (const MetricKey& key : Named(plan, s, name)) AddCrossSlice(key, list.thresholds());
      }
    }
    for (const MetricsPlan::Configured& configured : plan.configured()) {
      const tfma::MetricConfig& metric =
          config.metrics_specs(configured.spec).metrics(configured.metric);
      if (metric.has_threshold()) Add(configured.key, metric.threshold(), nullptr, nullptr);
      AddPerSlice(configured.key, metric.per_slice_thresholds());
      AddCrossSlice(configured.key, metric.cross_slice_thresholds());
    }
  }
  const std::vector<Check>& checks() const { return checks_; }

 private:
  // The metrics of a spec that a threshold by name means; the bare name if there is none, which
  // will not be found.
  static std::vector<MetricKey> Named(const MetricsPlan& plan, int spec, const std::string& name) {
    std::vector<MetricKey> keys;
    for (const MetricsPlan::Configured& configured : plan.configured()) {
      if (configured.spec == spec && configured.key.name == name) keys.push_back(configured.key);
    }
    if (keys.empty()) keys.push_back({.name = name});
    return keys;
  }

  template <typename List>
  void AddPerSlice(const MetricKey& key, const List& list) {
    for (const auto& item : list) {
      for (const auto& spec : item.slicing_specs()) Add(key, item.threshold(), &spec, nullptr);
    }
  }
  template <typename List>
  void AddCrossSlice(const MetricKey& key, const List& list) {
    for (const auto& item : list) {
      for (const auto& spec : item.cross_slicing_specs()) {
        Add(key, item.threshold(), nullptr, &spec);
      }
    }
  }

  void Add(MetricKey key, const tfma::MetricThreshold& threshold, const tfma::SlicingSpec* slices,
           const tfma::CrossSlicingSpec* cross_slices) {
    if (IsBaseline(config_, key.model_name)) return;
    auto add = [&](const tfma::MetricThreshold& half) {
      Check check{key, half, slices, cross_slices};
      const std::string id = proto::Serialize(key.ToProto()) + "\n" + proto::Serialize(half) +
                             "\n" + check.SpecId();
      if (seen_.insert(id).second) checks_.push_back(std::move(check));
    };
    tfma::MetricThreshold half;
    if (threshold.has_value_threshold()) {
      *half.mutable_value_threshold() = threshold.value_threshold();
      add(half);
    }
    if (threshold.has_change_threshold()) {
      half.Clear();
      *half.mutable_change_threshold() = threshold.change_threshold();
      key.is_diff = true;
      add(half);
    }
  }

  const EvalConfig& config_;
  std::vector<Check> checks_;
  std::set<std::string> seen_;
};

bool Matches(const Check& check, const SliceResult& slice) {
  if (check.cross_slices) {
    if (!slice.baseline) return false;
    const tfma::CrossSlicingSpec& spec = *check.cross_slices;
    if (!SliceMatches(spec.baseline_spec(), *slice.baseline)) return false;
    bool wanted = spec.slicing_specs().empty();
    for (const auto& one : spec.slicing_specs()) wanted = wanted || SliceMatches(one, slice.key);
    return wanted;
  }
  if (slice.baseline) return false;
  return check.slices == nullptr || SliceMatches(*check.slices, slice.key);
}

bool ValuePasses(const tfma::GenericValueThreshold& threshold, double value) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  const double lower = threshold.has_lower_bound() ? threshold.lower_bound().value() : -kInfinity;
  const double upper = threshold.has_upper_bound() ? threshold.upper_bound().value() : kInfinity;
  return value >= lower && value <= upper;
}

// The ratio is to the size of the baseline, so that the sign of a change does not turn for metrics
// below zero.
bool ChangePasses(const tfma::GenericChangeThreshold& threshold, double difference,
                  double baseline) {
  const double ratio = baseline == 0 ? std::nan("") : difference / std::abs(baseline);
  const bool lower = threshold.direction() == tfma::LOWER_IS_BETTER;
  auto passes = [&](bool set, double bound, double x) {
    return !set || (lower ? x <= bound : x >= bound);
  };
  return passes(threshold.has_absolute(), threshold.absolute().value(), difference) &&
         passes(threshold.has_relative(), threshold.relative().value(), ratio);
}

// Fills `failure` and returns false if the check does not hold.
bool Passes(const Check& check, const SliceResult& slice, const std::string& baseline_name,
            tfma::ValidationFailure* failure) {
  *failure->mutable_metric_key() = check.key.ToProto();
  *failure->mutable_metric_threshold() = check.threshold;
  const Value* value = FindValue(slice, check.key);
  if (value == nullptr) {
    failure->set_message("Metric not found.");
    return false;
  }
  *failure->mutable_metric_value() = ToProto(*value);
  const auto* number = std::get_if<double>(value);
  if (number == nullptr) {
    const auto* error = std::get_if<MetricError>(value);
    failure->set_message(error ? "The metric could not be computed: " + error->message
                               : "The metric is not a single number, so it has no threshold.");
    return false;
  }
  if (check.threshold.has_value_threshold()) {
    return ValuePasses(check.threshold.value_threshold(), *number);
  }
  const tfma::GenericChangeThreshold& change = check.threshold.change_threshold();
  if (change.direction() != tfma::LOWER_IS_BETTER && change.direction() != tfma::HIGHER_IS_BETTER) {
    failure->set_message("The change threshold has no direction: say LOWER_IS_BETTER or "
                         "HIGHER_IS_BETTER.");
    return false;
  }
  MetricKey base = check.key;
  base.is_diff = false;
  base.model_name = baseline_name;
  const Value* baseline = FindValue(slice, base);
  const auto* base_number = baseline == nullptr ? nullptr : std::get_if<double>(baseline);
  return ChangePasses(change, *number, base_number == nullptr ? 0.0 : *base_number);
}

void SetKey(const SliceResult& slice, tfma::MetricsValidationForSlice* proto) {
  if (!slice.baseline) {
    *proto->mutable_slice_key() = SliceKeyToProto(slice.key);
    return;
  }
  *proto->mutable_cross_slice_key()->mutable_baseline_slice_key() =
      SliceKeyToProto(*slice.baseline);
  *proto->mutable_cross_slice_key()->mutable_comparison_slice_key() = SliceKeyToProto(slice.key);
}

// Specs and how many slices they met; and those that met none.
void AddCoverage(const std::vector<Check>& checks, const std::map<std::string, int>& matching,
                 tfma::ValidationResult* validation) {
  std::set<std::string> done;
  for (const Check& check : checks) {
    const std::string id = check.SpecId();
    if (!done.insert(id).second) continue;
    const auto found = matching.find(id);
    if (found != matching.end()) {
      auto* details = validation->mutable_validation_details()->add_slicing_details();
      if (check.cross_slices) {
        *details->mutable_cross_slicing_spec() = *check.cross_slices;
      } else {
        details->mutable_slicing_spec();
        if (check.slices) *details->mutable_slicing_spec() = *check.slices;
      }
      details->set_num_matching_slices(found->second);
    } else if (check.cross_slices) {
      *validation->add_missing_cross_slices() = *check.cross_slices;
    } else {
      auto* missing = validation->add_missing_slices();
      if (check.slices) *missing = *check.slices;
    }
  }
}

// A candidate that does not always predict a number is not good enough, whatever its metrics are:
// some leave such predictions out, others rank them last.
void RefuseNan(const EvalResult& result, tfma::ValidationResult* validation) {
  for (const auto& [model, count] : result.num_nan_predictions) {
    if (IsBaseline(result.config, model)) continue;
    validation->set_validation_ok(false);
    auto* slice = validation->add_metric_validations_per_slice();
    slice->mutable_slice_key();
    auto* failure = slice->add_failures();
    failure->mutable_metric_key()->set_name("predictions");
    failure->mutable_metric_key()->set_model_name(model);
    failure->set_message(fmt::format("of {} of {} examples the prediction is not a number (NaN)",
                                     count, result.num_examples));
  }
}

std::string ThresholdText(const tfma::ValidationFailure& failure) {
  const tfma::MetricThreshold& threshold = failure.metric_threshold();
  const double x = failure.metric_value().double_value().value();
  if (threshold.has_value_threshold()) {
    const auto& bounds = threshold.value_threshold();
    if (std::isnan(x)) return "not a number, which meets no threshold";
    if (bounds.has_lower_bound() && x < bounds.lower_bound().value()) {
      return fmt::format("below {:g}", bounds.lower_bound().value());
    }
    return fmt::format("above {:g}", bounds.upper_bound().value());
  }
  const auto& change = threshold.change_threshold();
  std::string text = change.direction() == tfma::LOWER_IS_BETTER ? "not at most" : "not at least";
  if (change.has_absolute()) text += fmt::format(" {:g}", change.absolute().value());
  if (change.has_relative()) {
    text += fmt::format("{} {:g} of the baseline", change.has_absolute() ? " and" : "",
                        change.relative().value());
  }
  return text;
}

}  // namespace

StatusOr<tfma::ValidationResult> Validate(const EvalResult& result, bool rubber_stamp) {
  BESSEMER_ASSIGN_OR_RETURN(const MetricsPlan plan, MetricsPlan::Make(result.config, {}));
  const CheckList list(result.config, plan);
  const std::string baseline = BaselineName(result.config);
  tfma::ValidationResult validation;
  validation.set_rubber_stamp(rubber_stamp);
  if (list.checks().empty()) {
    validation.set_missing_thresholds(!rubber_stamp);
    validation.set_validation_ok(rubber_stamp && result.num_examples > 0);
    RefuseNan(result, &validation);
    return validation;
  }
  std::map<std::string, int> matching;  // by spec
  bool ok = !result.slices.empty();
  for (const SliceResult& slice : result.slices) {
    if (!slice.dropped.empty()) continue;
    tfma::MetricsValidationForSlice failures;
    std::set<std::string> met;
    for (const Check& check : list.checks()) {
      if (!Matches(check, slice)) continue;
      met.insert(check.SpecId());
      tfma::ValidationFailure failure;
      if (!Passes(check, slice, baseline, &failure)) *failures.add_failures() = failure;
    }
    for (const std::string& id : met) ++matching[id];
    if (failures.failures().empty()) continue;
    ok = false;
    SetKey(slice, &failures);
    *validation.add_metric_validations_per_slice() = failures;
  }
  AddCoverage(list.checks(), matching, &validation);
  validation.set_validation_ok(ok && validation.missing_slices().empty() &&
                               validation.missing_cross_slices().empty());
  RefuseNan(result, &validation);
  return validation;
}

Status CheckConfig(const EvalConfig& config) {
  // A first run has no baseline; metrics that compare models are computed with one only.
  for (const bool has_baseline : {false, true}) {
    BESSEMER_ASSIGN_OR_RETURN(const EvalConfig full, WithDefaults(config, has_baseline, true));
    BESSEMER_ASSIGN_OR_RETURN(const auto setup, EvaluationState::Setup::Make(full));
    if (!has_baseline) continue;
    for (int s = 0; s < full.metrics_specs_size(); ++s) {
      std::vector<std::string> names;
      for (const MetricsPlan::Configured& configured : setup->plan().configured()) {
        if (configured.spec == s) names.push_back(configured.key.name);
      }
      const auto check = [&](const auto& thresholds) -> Status {
        for (const auto& [name, threshold] : thresholds) {
          if (std::find(names.begin(), names.end(), name) != names.end()) continue;
          return InvalidArgumentError("metrics_specs[{}]: a threshold for '{}', which is not "
                                      "computed{}",
                                      s, name, SuggestName(name, names));
        }
        return OkStatus();
      };
      BESSEMER_RETURN_IF_ERROR(check(full.metrics_specs(s).thresholds()));
      BESSEMER_RETURN_IF_ERROR(check(full.metrics_specs(s).per_slice_thresholds()));
      BESSEMER_RETURN_IF_ERROR(check(full.metrics_specs(s).cross_slice_thresholds()));
    }
  }
  return OkStatus();
}

std::vector<std::string> ExplainFailures(const tfma::ValidationResult& validation) {
  std::vector<std::string> lines;
  if (validation.missing_thresholds()) {
    lines.push_back("no metric has a threshold, so nothing can be decided");
  }
  for (const auto& slice : validation.metric_validations_per_slice()) {
    std::string name = SliceName(SliceKeyFromProto(slice.slice_key()));
    if (slice.has_cross_slice_key()) {
      name = SliceName(SliceKeyFromProto(slice.cross_slice_key().baseline_slice_key())) + " less " +
             SliceName(SliceKeyFromProto(slice.cross_slice_key().comparison_slice_key()));
    }
    for (const auto& failure : slice.failures()) {
      const std::string metric = MetricKey::FromProto(failure.metric_key()).ToString();
      lines.push_back(failure.message().empty()
                          ? fmt::format("{}: {} is {:.6g}, {}", name, metric,
                                        failure.metric_value().double_value().value(),
                                        ThresholdText(failure))
                          : fmt::format("{}: {}: {}", name, metric, failure.message()));
    }
  }
  for (const auto& missing : validation.missing_slices()) {
    lines.push_back(fmt::format("no slice matches {{{}}}", missing.ShortDebugString()));
  }
  for (const auto& missing : validation.missing_cross_slices()) {
    lines.push_back(fmt::format("no pair of slices matches {{{}}}", missing.ShortDebugString()));
  }
  return lines;
}

}  // namespace bessemer::evaluation
