#include "bessemer/evaluation/config.h"

#include <google/protobuf/util/json_util.h>

#include <set>

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"
#include "bessemer/evaluation/short_form.h"

namespace bessemer::evaluation {
namespace {

namespace tfma = ::tensorflow_model_analysis;
using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;

const FieldDescriptor* FindField(const Descriptor& type, const std::string& name) {
  if (const FieldDescriptor* field = type.FindFieldByName(name)) return field;
  return type.FindFieldByCamelcaseName(name);
}

// The parser's own error would not name the place nor the nearest field.
Status CheckFields(const Json& json, const Descriptor& type, const std::string& path) {
  if (!json.is_object()) return OkStatus();  // wrappers and wrong types: the parser tells
  if (type.full_name().starts_with("google.protobuf.")) return OkStatus();
  for (const auto& [name, value] : json.items()) {
    const FieldDescriptor* field = FindField(type, name);
    const std::string where = path.empty() ? name : path + "." + name;
    if (field == nullptr) {
      std::vector<std::string> names;
      for (int i = 0; i < type.field_count(); ++i) names.push_back(type.field(i)->name());
      return InvalidArgumentError("eval config: unknown key '{}'{}", where,
                                  SuggestName(name, names));
    }
    if (field->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE) continue;
    if (field->is_map()) {
      const FieldDescriptor* of = field->message_type()->map_value();
      if (of->cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE || !value.is_object()) continue;
      for (const auto& [key, item] : value.items()) {
        BESSEMER_RETURN_IF_ERROR(CheckFields(item, *of->message_type(), where + "." + key));
      }
    } else if (field->is_repeated() && value.is_array()) {
      for (size_t i = 0; i < value.size(); ++i) {
        BESSEMER_RETURN_IF_ERROR(
            CheckFields(value[i], *field->message_type(), fmt::format("{}[{}]", where, i)));
      }
    } else {
      BESSEMER_RETURN_IF_ERROR(CheckFields(value, *field->message_type(), where));
    }
  }
  return OkStatus();
}

// A metric's `config` is a string of JSON in the message; people write a map.
void ConfigsToText(Json* json) {
  for (const char* specs : {"metrics_specs", "metricsSpecs"}) {
    if (!json->contains(specs) || !(*json)[specs].is_array()) continue;
    for (Json& spec : (*json)[specs]) {
      if (!spec.is_object() || !spec.contains("metrics") || !spec["metrics"].is_array()) continue;
      for (Json& metric : spec["metrics"]) {
        if (metric.is_object() && metric.contains("config") && metric["config"].is_object()) {
          metric["config"] = JsonText(metric["config"]);
        }
      }
    }
  }
}

// Calls f on every threshold of a config.
template <typename Config, typename F>
void ForEachThreshold(Config& config, F&& f) {
  for (auto& spec : *config.mutable_metrics_specs()) {
    for (auto& [name, threshold] : *spec.mutable_thresholds()) f(threshold);
    for (auto& [name, list] : *spec.mutable_per_slice_thresholds()) {
      for (auto& item : *list.mutable_thresholds()) f(*item.mutable_threshold());
    }
    for (auto& [name, list] : *spec.mutable_cross_slice_thresholds()) {
      for (auto& item : *list.mutable_thresholds()) f(*item.mutable_threshold());
    }
    for (auto& metric : *spec.mutable_metrics()) {
      if (metric.has_threshold()) f(*metric.mutable_threshold());
      for (auto& item : *metric.mutable_per_slice_thresholds()) f(*item.mutable_threshold());
      for (auto& item : *metric.mutable_cross_slice_thresholds()) f(*item.mutable_threshold());
    }
  }
}

std::string Find(const std::string& single,
                 const google::protobuf::Map<std::string, std::string>& by,
                 std::string_view output_name) {
  const auto found = by.find(std::string(output_name));
  return found == by.end() ? single : found->second;
}

}  // namespace

StatusOr<EvalConfig> EvalConfigFromJson(const Json& json) {
  if (!json.is_object()) return InvalidArgumentError("an eval config must be a map");
  BESSEMER_ASSIGN_OR_RETURN(Json full, IsShortForm(json) ? ExpandShortForm(json) : json);
  ConfigsToText(&full);
  BESSEMER_RETURN_IF_ERROR(CheckFields(full, *EvalConfig::descriptor(), ""));
  EvalConfig config;
  const auto status = google::protobuf::util::JsonStringToMessage(JsonText(full), &config);
  if (!status.ok()) return InvalidArgumentError("eval config: {}", status.message().ToString());
  return config;
}

StatusOr<EvalConfig> EvalConfigFromText(std::string_view text, std::string_view file_name) {
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node, ConfigNode::Parse(text, file_name));
  if (!node.is_map()) return node.Error("an eval config must be a map");
  StatusOr<EvalConfig> config = EvalConfigFromJson(node.ToJson());
  if (!config.ok()) return WithContext(config.status(), file_name);
  return config;
}

bool HasChangeThresholds(const EvalConfig& config) {
  EvalConfig copy = config;
  bool found = false;
  ForEachThreshold(copy,
                   [&](const tfma::MetricThreshold& t) { found |= t.has_change_threshold(); });
  return found;
}

StatusOr<EvalConfig> WithDefaults(EvalConfig config, bool has_baseline, bool rubber_stamp) {
  if (!has_baseline && !rubber_stamp && HasChangeThresholds(config)) {
    return FailedPreconditionError(
        "there are change thresholds but no baseline model to compare with; give a baseline, or "
        "allow a first run without one (rubber stamp)");
  }
  auto* specs = config.mutable_model_specs();
  if (has_baseline && specs->size() == 1 && specs->Get(0).name().empty()) {
    tfma::ModelSpec baseline = specs->Get(0);
    specs->Mutable(0)->set_name("candidate");
    baseline.set_name("baseline");
    baseline.set_is_baseline(true);
    *specs->Add() = baseline;
  }
  if (!has_baseline) {
    for (int i = specs->size() - 1; i >= 0; --i) {
      if (specs->Get(i).is_baseline()) specs->DeleteSubrange(i, 1);
    }
    ForEachThreshold(config, [](tfma::MetricThreshold& t) { t.clear_change_threshold(); });
  }
  if (specs->empty()) specs->Add();
  if (specs->size() == 1) specs->Mutable(0)->clear_name();
  if (specs->size() > 1) {
    for (auto& spec : *config.mutable_metrics_specs()) {
      if (!spec.model_names().empty()) continue;
      for (const auto& model : config.model_specs()) spec.add_model_names(model.name());
    }
  } else {
    for (auto& spec : *config.mutable_metrics_specs()) spec.clear_model_names();
  }
  tfma::Options* options = config.mutable_options();
  if (options->compute_confidence_intervals().value() &&
      options->confidence_intervals().method() ==
          tfma::ConfidenceIntervalOptions::UNKNOWN_CONFIDENCE_INTERVAL_METHOD) {
    options->mutable_confidence_intervals()->set_method(tfma::ConfidenceIntervalOptions::JACKKNIFE);
  }
  return config;
}

Status VerifyConfig(const EvalConfig& config) {
  if (config.model_specs().empty()) return InvalidArgumentError("eval config: no model_specs");
  std::set<std::string> names;
  int num_baselines = 0;
  for (const auto& spec : config.model_specs()) {
    auto one_of = [&](const char* what, bool single, bool several) {
      return single && several
                 ? InvalidArgumentError("model_spec '{}': set {} or {}s, not both", spec.name(),
                                        what, what)
                 : OkStatus();
    };
    BESSEMER_RETURN_IF_ERROR(
        one_of("label_key", !spec.label_key().empty(), !spec.label_keys().empty()));
    BESSEMER_RETURN_IF_ERROR(
        one_of("prediction_key", !spec.prediction_key().empty(), !spec.prediction_keys().empty()));
    BESSEMER_RETURN_IF_ERROR(one_of("example_weight_key", !spec.example_weight_key().empty(),
                                    !spec.example_weight_keys().empty()));
    num_baselines += spec.is_baseline();
    if (config.model_specs_size() > 1 && spec.name().empty()) {
      return InvalidArgumentError("with several model_specs each needs a name");
    }
    if (!names.insert(spec.name()).second) {
      return InvalidArgumentError("two model_specs have the name '{}'", spec.name());
    }
  }
  if (num_baselines > 1) return InvalidArgumentError("only one model_spec may be the baseline");
  if (num_baselines == config.model_specs_size()) {
    return InvalidArgumentError("the only model_spec is the baseline; name the candidate too");
  }
  for (const auto& spec : config.metrics_specs()) {
    for (const std::string& name : spec.model_names()) {
      if (!names.contains(name)) {
        return InvalidArgumentError("metrics_spec names model '{}'{}", name,
                                    SuggestName(name, {names.begin(), names.end()}));
      }
    }
    for (const auto& metric : spec.metrics()) {
      for (const auto& item : metric.per_slice_thresholds()) {
        if (item.slicing_specs().empty()) {
          return InvalidArgumentError("{}: per_slice_thresholds need slicing_specs",
                                      metric.class_name());
        }
      }
      for (const auto& item : metric.cross_slice_thresholds()) {
        if (item.cross_slicing_specs().empty()) {
          return InvalidArgumentError("{}: cross_slice_thresholds need cross_slicing_specs",
                                      metric.class_name());
        }
      }
    }
  }
  for (const auto& spec : config.slicing_specs()) {
    if (!spec.slice_keys_sql().empty()) {
      return UnimplementedError("slice_keys_sql is not supported; use feature_keys and "
                                "feature_values");
    }
  }
  return OkStatus();
}

std::string BaselineName(const EvalConfig& config) {
  for (const auto& spec : config.model_specs()) {
    if (spec.is_baseline()) return spec.name();
  }
  return "";
}

bool IsBaseline(const EvalConfig& config, std::string_view model_name) {
  return !model_name.empty() && BaselineName(config) == model_name;
}

StatusOr<ModelColumns> ColumnsOf(const EvalConfig& config, std::string_view model_name,
                                 std::string_view output_name) {
  for (const auto& spec : config.model_specs()) {
    if (config.model_specs_size() > 1 && spec.name() != model_name) continue;
    return ModelColumns{
        .label_key = Find(spec.label_key(), spec.label_keys(), output_name),
        .prediction_key = Find(spec.prediction_key(), spec.prediction_keys(), output_name),
        .example_weight_key =
            Find(spec.example_weight_key(), spec.example_weight_keys(), output_name)};
  }
  return NotFoundError("there is no model_spec '{}'", model_name);
}

}  // namespace bessemer::evaluation
