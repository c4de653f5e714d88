#include "bessemer/evaluation/plan.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>
#include <set>

#include "bessemer/evaluation/matrices.h"

namespace bessemer::evaluation {

namespace tfma = ::tensorflow_model_analysis;

namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

// Sub keys asked for, by how they are aggregated.
struct Group {
  Aggregation aggregation = Aggregation::kNone;
  std::vector<SubKey> sub_keys;
};

std::vector<Group> GroupsOf(const tfma::MetricsSpec& spec) {
  std::vector<Group> groups;
  if (spec.has_binarize()) {
    Group group;
    for (const int id : spec.binarize().class_ids().values()) {
      group.sub_keys.push_back({.class_id = id});
    }
    for (const int k : spec.binarize().k_list().values()) group.sub_keys.push_back({.k = k});
    for (const int k : spec.binarize().top_k_list().values()) {
      group.sub_keys.push_back({.top_k = k});
    }
    if (!group.sub_keys.empty()) groups.push_back(group);
  }
  if (spec.has_aggregate()) {
    const tfma::AggregationOptions& options = spec.aggregate();
    Group group{.aggregation = options.macro_average()            ? Aggregation::kMacro
                               : options.weighted_macro_average() ? Aggregation::kWeightedMacro
                                                                  : Aggregation::kMicro};
    for (const int k : options.top_k_list().values()) group.sub_keys.push_back({.top_k = k});
    if (group.sub_keys.empty()) group.sub_keys.emplace_back();
    groups.push_back(group);
  }
  if (groups.empty()) groups.push_back({.sub_keys = {SubKey()}});
  return groups;
}

std::vector<bool> WeightOptions(const EvalConfig& config, const tfma::MetricsSpec& spec) {
  if (spec.has_example_weights()) {
    std::vector<bool> options;
    if (spec.example_weights().weighted()) options.push_back(true);
    if (spec.example_weights().unweighted()) options.push_back(false);
    return options;
  }
  for (const tfma::ModelSpec& model : config.model_specs()) {
    if (!model.example_weight_key().empty() || !model.example_weight_keys().empty()) return {true};
  }
  return {false};
}

template <typename Names>
std::vector<std::string> OrOne(const Names& names) {
  std::vector<std::string> result(names.begin(), names.end());
  if (result.empty()) result.emplace_back();
  return result;
}

std::map<int, double> ClassWeights(const tfma::MetricsSpec& spec) {
  std::map<int, double> weights;
  for (const auto& [id, weight] : spec.aggregate().class_weights()) weights[id] = weight;
  return weights;
}

}  // namespace

// Walks the configuration once and fills the plan.
class PlanBuilder {
 public:
  PlanBuilder(const EvalConfig& config, const LabelDomains& domains, MetricsPlan* plan)
      : config_(config), domains_(domains), plan_(*plan) {}

  Status Build() {
    BESSEMER_RETURN_IF_ERROR(AllMetrics().status());
    plan_.baseline_ = BaselineName(config_);
    for (const tfma::ModelSpec& model : config_.model_specs()) {
      if (!model.is_baseline()) plan_.candidates_.push_back(model.name());
    }
    for (int i = 0; i < config_.metrics_specs_size(); ++i) {
      const tfma::MetricsSpec& spec = config_.metrics_specs(i);
      for (int m = 0; m < spec.metrics_size(); ++m) {
        const Status status = AddMetric(spec, i, m);
        if (!status.ok()) {
          return WithContext(status, fmt::format("metrics_specs[{}].metrics[{}] ({})", i, m,
                                                 spec.metrics(m).class_name()));
        }
      }
    }
    return OkStatus();
  }

 private:
  // One configured metric with everything it is computed for.
  struct Request {
    const tfma::MetricsSpec& spec;
    const MetricClass& metric;
    std::string name;
    ParamValues params;
    int spec_index, metric_index;
  };

  Status AddMetric(const tfma::MetricsSpec& spec, int spec_index, int metric_index) {
    const tfma::MetricConfig& config = spec.metrics(metric_index);
    const auto known = AllMetrics().Find(config.class_name());
    if (!known.ok()) return InvalidArgumentError("{}", Message(known.status()));
    const MetricClass* const metric = *known;
    Json json = Json::object();
    if (!config.config().empty()) {
      json = Json::parse(config.config(), nullptr, /*allow_exceptions=*/false);
      if (!json.is_object()) {
        return InvalidArgumentError("config is not a JSON map: {}", config.config());
      }
    }
    std::vector<Param> params = metric->params;
    params.push_back({.name = "name",
                      .type = ParamType::kString,
                      .default_value = metric->default_name,
                      .doc = "Name of the result"});
    for (auto it = json.begin(); it != json.end();) {
      it = it->is_null() ? json.erase(it) : std::next(it);
    }
    json.erase("dtype");  // Keras writes it into every configuration
    BESSEMER_ASSIGN_OR_RETURN(ParamValues values, ParamValues::FromJson(params, json, "config"));
    const std::string name = values.String("name");
    const Request request{spec, *metric, name, std::move(values), spec_index, metric_index};
    if (metric->needs_query && spec.query_key().empty()) {
      return InvalidArgumentError("needs a query_key in its metrics_spec");
    }
    if (metric->compares_models && plan_.baseline_.empty()) {
      return OkStatus();  // nothing to compare with on a first run
    }
    for (const std::string& model : OrOne(spec.model_names())) {
      if (metric->compares_models && model == plan_.baseline_) continue;
      for (const bool weighted : WeightOptions(config_, spec)) {
        BESSEMER_RETURN_IF_ERROR(AddForModel(request, model, weighted));
      }
    }
    return OkStatus();
  }

  Status AddForModel(const Request& request, const std::string& model, bool weighted) {
    const std::vector<std::string> outputs = OrOne(request.spec.output_names());
    for (const Group& group : GroupsOf(request.spec)) {
      for (const SubKey& sub_key : group.sub_keys) {
        MetricKey key{.name = request.name,
                      .model_name = model,
                      .sub_key = request.metric.ignores_sub_key ? SubKey() : sub_key,
                      .example_weighted = weighted,
                      .is_diff = request.metric.compares_models};
        for (const std::string& output : outputs) {
          key.output_name = output;
          BESSEMER_RETURN_IF_ERROR(AddKey(request, group, sub_key, key));
        }
        if (!request.spec.output_weights().empty()) {
          BESSEMER_RETURN_IF_ERROR(AddOutputAverage(request, key, group));
        }
        if (request.metric.ignores_sub_key) break;
      }
      if (request.metric.ignores_sub_key) break;
    }
    return OkStatus();
  }

  Status AddKey(const Request& request, const Group& group, const SubKey& sub_key, MetricKey key) {
    if (request.metric.ignores_sub_key || group.aggregation == Aggregation::kNone) {
      return AddValue(request, key, {}, /*is_private=*/false);
    }
    if (group.aggregation == Aggregation::kMicro) {
      return AddValue(request, key, ClassWeights(request.spec), /*is_private=*/false,
                      /*aggregated=*/true);
    }
    return AddMacro(request, group.aggregation, sub_key, key);
  }

  // A value accumulated from data.
  Status AddValue(const Request& request, MetricKey key, std::map<int, double> class_weights,
                  bool is_private, bool aggregated = false) {
    MetricContext context{.name = request.name, .params = request.params};
    context.view.model_name = key.model_name;
    context.view.output_name = key.output_name;
    context.view.sub_key = key.sub_key;
    context.view.aggregated = aggregated;
    context.view.class_weights = std::move(class_weights);
    context.view.weighted = *key.example_weighted;
    if (request.metric.needs_query) context.view.query_key = request.spec.query_key();
    if (aggregated && request.metric.aggregation_in_key) key.aggregation = Aggregation::kMicro;
    context.key = key;
    context.baseline_model = plan_.baseline_;
    for (const int k : request.spec.binarize().top_k_list().values()) {
      context.top_k_list.push_back(k);
    }
    BESSEMER_ASSIGN_OR_RETURN(const ModelColumns columns,
                              ColumnsOf(config_, key.model_name, key.output_name));
    const auto domain = domains_.find(columns.label_key);
    if (domain != domains_.end()) {
      std::tie(context.label_min, context.label_max) = domain->second;
    }
    BESSEMER_ASSIGN_OR_RETURN(MetricPlan plan, request.metric.plan(context));
    plan_.metrics_.push_back({.cell = CellOf(plan),
                              .is_private = is_private,
                              .key = key,
                              .finish = std::move(plan.finish)});
    if (!is_private) Note(request, key);
    return OkStatus();
  }

  Status AddMacro(const Request& request, Aggregation aggregation, const SubKey& sub_key,
                  MetricKey key) {
    const std::map<int, double> class_weights = ClassWeights(request.spec);
    MetricsPlan::Aggregate aggregate;
    auto add_part = [&](SubKey part_key, double weight) -> Status {
      MetricKey part = key;
      part.sub_key = part_key;
      aggregate.parts.emplace_back(part, weight);
      return AddValue(request, part, {}, /*is_private=*/true);
    };
    if (sub_key.top_k) {
      if (!class_weights.empty()) {
        return InvalidArgumentError("class_weights and top_k_list cannot be combined");
      }
      for (int k = 1; k <= *sub_key.top_k; ++k) {
        BESSEMER_RETURN_IF_ERROR(add_part({.k = k}, 1.0));
      }
    } else {
      if (class_weights.empty()) {
        return InvalidArgumentError(
            "a macro average needs aggregate.class_weights: a weight for each class it is over");
      }
      for (const auto& [id, weight] : class_weights) {
        BESSEMER_RETURN_IF_ERROR(add_part({.class_id = id}, weight));
      }
    }
    // Written as a macro average either way: that is the key readers of TFMA files know.
    key.aggregation = Aggregation::kMacro;
    aggregate.key = key;
    if (aggregation == Aggregation::kWeightedMacro && !sub_key.top_k) {
      for (const auto& [id, weight] : class_weights) aggregate.label_classes.push_back(id);
      aggregate.label_weights = LabelWeights(key, aggregate.label_classes);
    }
    plan_.aggregates_.push_back(std::move(aggregate));
    Note(request, key);
    return OkStatus();
  }

  Status AddOutputAverage(const Request& request, MetricKey key, const Group& group) {
    MetricsPlan::Aggregate aggregate;
    if (group.aggregation != Aggregation::kNone && request.metric.aggregation_in_key) {
      key.aggregation = group.aggregation == Aggregation::kMicro ? Aggregation::kMicro
                                                                 : Aggregation::kMacro;
    }
    for (const auto& [output, weight] : request.spec.output_weights()) {
      const auto& names = request.spec.output_names();
      if (std::find(names.begin(), names.end(), output) == names.end()) {
        return InvalidArgumentError("output_weights names output '{}', which is not in "
                                    "output_names",
                                    output);
      }
      key.output_name = output;
      aggregate.parts.emplace_back(key, weight);
    }
    std::sort(aggregate.parts.begin(), aggregate.parts.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    key.output_name.clear();
    aggregate.key = key;
    plan_.aggregates_.push_back(std::move(aggregate));
    Note(request, key);
    return OkStatus();
  }

  // The cell that sums label weight by class.
  int LabelWeights(const MetricKey& key, const std::vector<int>& classes) {
    MetricPlan plan;
    plan.view.model_name = key.model_name;
    plan.view.output_name = key.output_name;
    plan.view.weighted = *key.example_weighted;
    plan.view.flatten = false;
    plan.view.needs_predictions = false;
    plan.accumulator_id = "label weights";
    for (const int id : classes) plan.accumulator_id += fmt::format(" {}", id);
    auto add = std::make_shared<const AddToSums>([classes](const Examples& examples,
                                                           std::span<double> sums) -> Status {
      for (int64_t i = 0; i < examples.num_rows; ++i) {
        const auto label = examples.labels.row(i);
        for (size_t c = 0; c < classes.size(); ++c) {
          const auto id = static_cast<size_t>(classes[c]);
          if (label.size() > 1 && id >= label.size()) {
            return InvalidArgumentError("class {} of a weighted macro average is beyond a label of "
                                        "{} values",
                                        id, label.size());
          }
          const double value = label.size() == 1 ? label[0] == static_cast<double>(id) : label[id];
          sums[c] += value * examples.weights[i];
        }
      }
      return OkStatus();
    });
    const int num_sums = static_cast<int>(classes.size());
    plan.make = [num_sums, add] { return MakeSums(num_sums, add); };
    return CellOf(plan);
  }

  int CellOf(const MetricPlan& plan) {
    const std::string view_id = plan.view.Id();
    auto [view, new_view] = view_index_.try_emplace(view_id, plan_.views_.size());
    if (new_view) plan_.views_.push_back(plan.view);
    auto [cell, new_cell] =
        cell_index_.try_emplace(view_id + "\n" + plan.accumulator_id, plan_.cells_.size());
    if (new_cell) {
      plan_.cells_.push_back({.view = static_cast<int>(view->second), .make = plan.make});
    }
    return static_cast<int>(cell->second);
  }

  void Note(const Request& request, const MetricKey& key) {
    plan_.configured_.push_back({key, request.spec_index, request.metric_index});
    if (!request.metric.has_confidence) plan_.no_confidence_.push_back(key);
  }

  const EvalConfig& config_;
  const LabelDomains& domains_;
  MetricsPlan& plan_;
  std::map<std::string, size_t> view_index_, cell_index_;
};

StatusOr<MetricsPlan> MetricsPlan::Make(const EvalConfig& config, const LabelDomains& domains) {
  MetricsPlan plan;
  BESSEMER_RETURN_IF_ERROR(PlanBuilder(config, domains, &plan).Build());
  return plan;
}

bool MetricsPlan::HasConfidence(const MetricKey& key) const {
  MetricKey plain = key;
  plain.is_diff = false;
  return std::find(no_confidence_.begin(), no_confidence_.end(), plain) == no_confidence_.end();
}

Value MetricsPlan::Mean(const Aggregate& aggregate, const std::map<MetricKey, Value>& parts,
                        const std::vector<std::unique_ptr<Accumulator>>& states,
                        const std::vector<Status>& errors) const {
  std::vector<double> label_shares(aggregate.parts.size(), 1.0);
  if (aggregate.label_weights >= 0) {
    const Status& status = errors[aggregate.label_weights];
    if (!status.ok()) return MetricError{std::string(Message(status))};
    const std::span<const double> sums = SumsOf(*states[aggregate.label_weights]);
    double sum = 0;
    for (const double x : sums) sum += x;
    for (size_t c = 0; c < sums.size(); ++c) label_shares[c] = sum != 0 ? sums[c] / sum : 0.0;
  }
  double total = 0, total_weight = 0;
  for (size_t i = 0; i < aggregate.parts.size(); ++i) {
    const auto& [key, part_weight] = aggregate.parts[i];
    const auto part = parts.find(key);
    if (part == parts.end()) return MetricError{"a part of the average was not computed"};
    if (const auto* error = std::get_if<MetricError>(&part->second)) return *error;
    const auto* number = std::get_if<double>(&part->second);
    if (number == nullptr) return MetricError{"only single numbers can be averaged"};
    const double weight = part_weight * label_shares[i];
    total += *number * weight;
    total_weight += weight;
  }
  return total_weight != 0 ? total / total_weight : kNaN;
}

MetricsPlan::Values MetricsPlan::Finish(const std::vector<std::unique_ptr<Accumulator>>& states,
                                        const std::vector<Status>& errors) const {
  Values values;
  std::map<MetricKey, Value> parts;  // everything, private values too
  std::set<MetricKey> listed;
  // Of two metrics with one key the first counts.
  auto list = [&](const MetricKey& key, const Value& value) {
    if (listed.insert(key).second) values.emplace_back(key, value);
  };
  for (const Metric& metric : metrics_) {
    Values results;
    if (errors[metric.cell].ok()) {
      results = metric.finish(*states[metric.cell]);
    } else {
      results = {{metric.key, MetricError{std::string(Message(errors[metric.cell]))}}};
    }
    for (const auto& [key, value] : results) {
      parts.try_emplace(key, value);
      if (!metric.is_private) list(key, value);
    }
  }
  for (const Aggregate& aggregate : aggregates_) {
    const Value value = Mean(aggregate, parts, states, errors);
    parts.insert_or_assign(aggregate.key, value);
    list(aggregate.key, value);
  }
  if (baseline_.empty()) return values;
  const size_t num_values = values.size();
  for (size_t i = 0; i < num_values; ++i) {
    MetricKey key = values[i].first;
    if (key.is_diff || key.model_name == baseline_) continue;
    MetricKey baseline = key;
    baseline.model_name = baseline_;
    const auto found = parts.find(baseline);
    if (found == parts.end()) continue;
    const auto diff = Combine(values[i].second, found->second, std::minus<>());
    if (!diff) continue;
    key.is_diff = true;
    list(key, *diff);
  }
  return values;
}

}  // namespace bessemer::evaluation
