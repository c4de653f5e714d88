#include "bessemer/report/evaluation_json.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cctype>

#include "bessemer/evaluation/slicing.h"
#include "bessemer/io/file.h"
#include "bessemer/report/artifact_files.h"
#include "bessemer/report/metric_json.h"
#include "tensorflow_model_analysis/proto/config.pb.h"
#include "tensorflow_model_analysis/proto/metrics_for_slice.pb.h"
#include "tensorflow_model_analysis/proto/validation_result.pb.h"

namespace bessemer::report {
namespace {

namespace tfma = ::tensorflow_model_analysis;

constexpr size_t kMaxSlices = 5000;
constexpr size_t kMaxPlotSlices = 40;

std::string MetricName(const tfma::MetricConfig& metric) {
  const Json config = Json::parse(metric.config(), nullptr, false);
  if (config.is_object() && config.contains("name") && config["name"].is_string()) {
    return config["name"].get<std::string>();
  }
  return SnakeCase(metric.class_name());
}

// A threshold of the configuration as it is shown, and the slices it is for.
struct ThresholdRule {
  Json shown;  // {"metric", "text", "diff"}
  std::vector<tfma::SlicingSpec> slices;
  std::vector<tfma::CrossSlicingSpec> pairs;  // of comparisons between slices
};

class ThresholdRules {
 public:
  void Add(const tfma::EvalConfig& config) {
    for (const tfma::MetricsSpec& spec : config.metrics_specs()) {
      for (const tfma::MetricConfig& metric : spec.metrics()) {
        const std::string name = MetricName(metric);
        if (metric.has_threshold()) Add(name, metric.threshold(), {tfma::SlicingSpec()}, {});
        for (const auto& each : metric.per_slice_thresholds()) AddPerSlice(name, each);
        for (const auto& each : metric.cross_slice_thresholds()) AddCrossSlice(name, each);
      }
      for (const auto& [name, threshold] : spec.thresholds()) {
        Add(name, threshold, {tfma::SlicingSpec()}, {});
      }
      for (const auto& [name, list] : spec.per_slice_thresholds()) {
        for (const auto& each : list.thresholds()) AddPerSlice(name, each);
      }
      for (const auto& [name, list] : spec.cross_slice_thresholds()) {
        for (const auto& each : list.thresholds()) AddCrossSlice(name, each);
      }
    }
  }

  // Those for a slice or a comparison of slices.
  Json Of(const tfma::MetricsForSlice& metrics) const {
    Json list = Json::array();
    for (const ThresholdRule& rule : rules_) {
      const bool applies = metrics.has_cross_slice_key()
                               ? AppliesToPair(rule, metrics.cross_slice_key())
                               : AppliesTo(rule.slices, metrics.slice_key());
      if (applies) list.push_back(rule.shown);
    }
    return list;
  }

 private:
  static bool AppliesTo(const std::vector<tfma::SlicingSpec>& specs, const tfma::SliceKey& proto) {
    const evaluation::SliceKey key = evaluation::SliceKeyFromProto(proto);
    return std::any_of(specs.begin(), specs.end(), [&](const tfma::SlicingSpec& spec) {
      return evaluation::SliceMatches(spec, key);
    });
  }

  static bool AppliesToPair(const ThresholdRule& rule, const tfma::CrossSliceKey& pair) {
    return std::any_of(
        rule.pairs.begin(), rule.pairs.end(), [&](const tfma::CrossSlicingSpec& spec) {
          return AppliesTo({spec.baseline_spec()}, pair.baseline_slice_key()) &&
                 (spec.slicing_specs().empty() ||
                  AppliesTo({spec.slicing_specs().begin(), spec.slicing_specs().end()},
                            pair.comparison_slice_key()));
        });
  }

  void AddPerSlice(const std::string& name, const tfma::PerSliceMetricThreshold& each) {
    Add(name, each.threshold(), {each.slicing_specs().begin(), each.slicing_specs().end()}, {});
  }
  void AddCrossSlice(const std::string& name, const tfma::CrossSliceMetricThreshold& each) {
    Add(name, each.threshold(), {},
        {each.cross_slicing_specs().begin(), each.cross_slicing_specs().end()});
  }

  void Add(const std::string& name, const tfma::MetricThreshold& threshold,
           const std::vector<tfma::SlicingSpec>& slices,
           const std::vector<tfma::CrossSlicingSpec>& pairs) {
    for (const bool diff : {false, true}) {
      tfma::MetricThreshold part;
      if (!diff && threshold.has_value_threshold()) {
        *part.mutable_value_threshold() = threshold.value_threshold();
      } else if (diff && threshold.has_change_threshold()) {
        *part.mutable_change_threshold() = threshold.change_threshold();
      }
      const std::string text = ThresholdText(part);
      if (text.empty()) continue;
      rules_.push_back({{{"metric", name}, {"text", text}, {"diff", diff}}, slices, pairs});
    }
  }

  std::vector<ThresholdRule> rules_;
};

// EvalRun in JSON; its oldest form has snake_case names, which the parser accepts too.
StatusOr<tfma::EvalConfig> ReadConfig(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(path));
  tfma::EvalRun run;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto parsed = google::protobuf::util::JsonStringToMessage(text, &run, options);
  if (parsed.ok()) return run.eval_config();
  return DataLossError("{}: not the JSON of an evaluation: {}", path, parsed.ToString());
}

void ReadConfigInto(const std::string& folder, Json& json, ThresholdRules* rules,
                    std::vector<std::string>* problems) {
  const std::string path = io::JoinPath(folder, "eval_config.json");
  const StatusOr<bool> there = io::Exists(path);
  if (there.ok() && !*there) return;
  const StatusOr<tfma::EvalConfig> config = there.ok() ? ReadConfig(path) : there.status();
  if (!config.ok()) {
    problems->emplace_back(Message(config.status()));
    return;
  }
  rules->Add(*config);
  for (const tfma::ModelSpec& spec : config->model_specs()) {
    if (spec.is_baseline()) json["baseline"] = spec.name();
  }
}

// Every record of "<prefix>*.tfrecord"; a damaged file gives what stands before the damage.
template <typename Proto>
void ReadShards(const std::string& folder, const std::string& prefix,
                std::vector<std::string>* problems, const std::function<void(const Proto&)>& each) {
  const auto files = io::ListFiles(io::JoinPath(folder, prefix + "*"));
  if (!files.ok()) return;
  for (const std::string& file : *files) {
    if (!file.ends_with(".tfrecord") && io::BaseName(file).find('.') != std::string::npos) continue;
    const Status status = ForEachRecord(file, [&](std::string_view bytes) {
      Proto proto;
      BESSEMER_RETURN_IF_ERROR(ParseMessage(bytes, file, &proto));
      each(proto);
      return OkStatus();
    });
    if (!status.ok()) problems->emplace_back(Message(status));
  }
}

}  // namespace

std::string SnakeCase(const std::string& class_name) {
  std::string out;
  const auto upper = [&](size_t i) {
    return i < class_name.size() && std::isupper(static_cast<unsigned char>(class_name[i]));
  };
  for (size_t i = 0; i < class_name.size(); ++i) {
    const bool after_lower = i > 0 && !upper(i - 1) && class_name[i - 1] != '_';
    const bool ends_acronym = i > 0 && upper(i - 1) && i + 1 < class_name.size() && !upper(i + 1) &&
                              std::isalpha(static_cast<unsigned char>(class_name[i + 1]));
    if (upper(i) && (after_lower || ends_acronym)) out += '_';
    out += static_cast<char>(std::tolower(static_cast<unsigned char>(class_name[i])));
  }
  return out;
}

Json EvaluationJson(const std::string& folder, std::vector<std::string>* problems) {
  Json json = {{"slices", Json::array()},
               {"plots", Json::array()},
               {"baseline", ""},
               {"validation", nullptr}};
  ThresholdRules rules;
  ReadConfigInto(folder, json, &rules, problems);
  size_t left_out = 0;
  ReadShards<tfma::MetricsForSlice>(folder, "metrics", problems, [&](const auto& metrics) {
    if (json["slices"].size() < kMaxSlices) {
      json["slices"].push_back(MetricsJson(metrics));
      json["slices"].back()["thresholds"] = rules.Of(metrics);
    } else {
      ++left_out;
    }
  });
  if (left_out > 0) {
    problems->push_back(fmt::format("{}: {} further slices are not shown", folder, left_out));
  }
  size_t plot_slices = 0;
  ReadShards<tfma::PlotsForSlice>(folder, "plots", problems, [&](const auto& plots) {
    Json list = PlotsJson(plots);
    if (list.empty() || ++plot_slices > kMaxPlotSlices) return;
    for (Json& plot : list) json["plots"].push_back(std::move(plot));
  });
  ReadShards<tfma::ValidationResult>(folder, "validations", problems, [&](const auto& result) {
    json["validation"] = ValidationJson(result);
  });
  return json;
}

}  // namespace bessemer::report
