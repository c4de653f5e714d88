#include "bessemer/evaluation/short_form.h"

#include <algorithm>

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"
#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation {
namespace {

const std::vector<std::string>& Keys() {
  static const auto* const keys =
      new std::vector<std::string>{"label",          "prediction",           "weight",
                                   "signature",      "preprocessing",        "metrics",
                                   "slices",         "thresholds",           "slice_thresholds",
                                   "min_slice_size", "confidence_intervals", "query"};
  return *keys;
}

StatusOr<Json> ExpandSlice(const Json& slice) {
  Json spec = Json::object();
  if (slice.is_string()) {
    spec["feature_keys"] = Json::array({slice});
  } else if (slice.is_array()) {
    if (!slice.empty()) spec["feature_keys"] = slice;
  } else if (slice.is_object()) {
    for (const auto& [feature, value] : slice.items()) {
      spec["feature_values"][feature] =
          value.is_string() ? value.get<std::string>() : JsonText(value);
    }
  } else {
    return InvalidArgumentError(
        "slices: a slice is a list of features or a map feature: value, "
        "not {}",
        JsonText(slice));
  }
  return spec;
}

struct NamedMetric {
  std::string name;  // of the result
  Json config;       // a MetricConfig
};

StatusOr<NamedMetric> ExpandMetric(const Json& metric) {
  Json config = Json::object();
  std::string class_name;
  if (metric.is_string()) {
    class_name = metric.get<std::string>();
  } else if (metric.is_object() && metric.contains("class") && metric["class"].is_string()) {
    class_name = metric["class"].get<std::string>();
    for (const auto& [key, value] : metric.items()) {
      if (key != "class") config[key] = value;
    }
  } else {
    return InvalidArgumentError("metrics: a metric is a class name or a map with 'class', not {}",
                                JsonText(metric));
  }
  const auto known = AllMetrics().Find(class_name);
  if (!known.ok()) return InvalidArgumentError("{}", Message(known.status()));
  const MetricClass* const found = *known;
  NamedMetric result{.name = found->default_name, .config = {{"class_name", class_name}}};
  if (config.contains("name") && config["name"].is_string()) {
    result.name = config["name"].get<std::string>();
  }
  if (!config.empty()) result.config["config"] = JsonText(config);
  return result;
}

// `name` is the key, for messages: "thresholds.auc".
StatusOr<Json> ExpandThreshold(const std::string& name, const Json& threshold) {
  static const std::vector<std::string> known = {
      "min", "max", "min_change", "max_change", "min_change_relative", "max_change_relative"};
  if (!threshold.is_object()) {
    return InvalidArgumentError("{}: must be a map such as {{min: 0.6}}", name);
  }
  for (const auto& [key, value] : threshold.items()) {
    if (std::find(known.begin(), known.end(), key) == known.end()) {
      return InvalidArgumentError("{}: unknown key '{}'{}", name, key, SuggestName(key, known));
    }
    if (!value.is_number()) {
      return InvalidArgumentError("{}.{}: not a number", name, key);
    }
  }
  Json result = Json::object();
  if (threshold.contains("min")) result["value_threshold"]["lower_bound"] = threshold["min"];
  if (threshold.contains("max")) result["value_threshold"]["upper_bound"] = threshold["max"];
  const bool lower = threshold.contains("min_change") || threshold.contains("min_change_relative");
  const bool upper = threshold.contains("max_change") || threshold.contains("max_change_relative");
  if (lower && upper) {
    return InvalidArgumentError("{}: give min_change or max_change, not both", name);
  }
  if (lower || upper) {
    Json& change = result["change_threshold"];
    const std::string side = lower ? "min_change" : "max_change";
    change["direction"] = lower ? "HIGHER_IS_BETTER" : "LOWER_IS_BETTER";
    if (threshold.contains(side)) change["absolute"] = threshold[side];
    if (threshold.contains(side + "_relative")) change["relative"] = threshold[side + "_relative"];
  }
  return result;
}

// Thresholds hold for all examples together, or for every slice that is computed.
Status ExpandThresholds(const std::string& key, const Json& thresholds, bool everywhere,
                        std::vector<NamedMetric>* metrics) {
  if (!thresholds.is_object()) return InvalidArgumentError("{}: must be a map by metric", key);
  for (const auto& [name, threshold] : thresholds.items()) {
    BESSEMER_ASSIGN_OR_RETURN(const Json expanded, ExpandThreshold(key + "." + name, threshold));
    bool found = false;
    std::vector<std::string> names;
    for (NamedMetric& metric : *metrics) {
      names.push_back(metric.name);
      if (metric.name != name && metric.config["class_name"] != name) continue;
      if (everywhere) {
        metric.config["threshold"] = expanded;
      } else {
        const Json overall = {{"slicing_specs", Json::array({Json::object()})},
                              {"threshold", expanded}};
        metric.config["per_slice_thresholds"].push_back(overall);
      }
      found = true;
    }
    if (!found) {
      return InvalidArgumentError("{}: no metric '{}' is computed{}", key, name,
                                  SuggestName(name, names));
    }
  }
  return OkStatus();
}

Json ExpandModel(const Json& json) {
  Json model = Json::object();
  auto copy = [&](const char* from, const char* to) {
    if (json.contains(from)) model[to] = json[from];
  };
  copy("label", "label_key");
  copy("prediction", "prediction_key");
  copy("weight", "example_weight_key");
  copy("signature", "signature_name");
  copy("preprocessing", "preprocessing_function_names");
  return model;
}

}  // namespace

bool IsShortForm(const Json& json) {
  for (const char* key : {"model_specs", "modelSpecs", "metrics_specs", "metricsSpecs",
                          "slicing_specs", "slicingSpecs"}) {
    if (json.contains(key)) return false;
  }
  return json.contains("metrics") || json.contains("label") || json.contains("slices") ||
         json.contains("thresholds") || json.contains("slice_thresholds");
}

StatusOr<Json> ExpandShortForm(const Json& json) {
  for (const auto& [key, value] : json.items()) {
    if (std::find(Keys().begin(), Keys().end(), key) == Keys().end()) {
      return InvalidArgumentError("eval config: unknown key '{}'{}", key, SuggestName(key, Keys()));
    }
  }
  Json config = Json::object();
  config["model_specs"] = Json::array({ExpandModel(json)});

  Json& slices = config["slicing_specs"] = Json::array({Json::object()});
  if (json.contains("slices")) {
    if (!json["slices"].is_array()) return InvalidArgumentError("slices: must be a list");
    for (const Json& slice : json["slices"]) {
      BESSEMER_ASSIGN_OR_RETURN(Json spec, ExpandSlice(slice));
      if (!spec.empty()) slices.push_back(std::move(spec));
    }
  }

  std::vector<NamedMetric> metrics;
  Json listed =
      json.contains("metrics") ? json["metrics"] : Json::array({"ExampleCount", "AUC", "LogLoss"});
  if (!listed.is_array()) return InvalidArgumentError("metrics: must be a list");
  for (const Json& metric : listed) {
    BESSEMER_ASSIGN_OR_RETURN(NamedMetric named, ExpandMetric(metric));
    metrics.push_back(std::move(named));
  }
  for (const bool everywhere : {false, true}) {
    const std::string key = everywhere ? "slice_thresholds" : "thresholds";
    if (!json.contains(key)) continue;
    BESSEMER_RETURN_IF_ERROR(ExpandThresholds(key, json[key], everywhere, &metrics));
  }
  Json spec = Json::object();
  for (const NamedMetric& metric : metrics) spec["metrics"].push_back(metric.config);
  if (json.contains("query")) spec["query_key"] = json["query"];
  config["metrics_specs"] = Json::array({spec});

  if (json.contains("min_slice_size")) {
    config["options"]["min_slice_size"] = json["min_slice_size"];
  }
  if (json.contains("confidence_intervals")) {
    const Json& value = json["confidence_intervals"];
    if (value.is_boolean()) {
      config["options"]["compute_confidence_intervals"] = value;
    } else if (value == "jackknife" || value == "bootstrap") {
      config["options"]["compute_confidence_intervals"] = true;
      config["options"]["confidence_intervals"]["method"] =
          value == "jackknife" ? "JACKKNIFE" : "POISSON_BOOTSTRAP";
    } else {
      return InvalidArgumentError(
          "confidence_intervals: true, false, jackknife or bootstrap, not "
          "{}",
          JsonText(value));
    }
  }
  return config;
}

}  // namespace bessemer::evaluation
