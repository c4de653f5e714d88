#include "bessemer/example_gen/shaping/row_shaper.h"

#include "bessemer/base/nearest_name.h"
#include "bessemer/example_gen/shaping/row_shaper_internal.h"

namespace bessemer::example_gen::shaping {
namespace {

using Keep = DeduplicateRule::Keep;

bool IsOrdered(const DeduplicateRule& rule) {
  return rule.keep == Keep::kMax || rule.keep == Keep::kMin;
}

bool SplitsByRecord(const SplitRule& rule) {
  const auto* hash = std::get_if<HashSplit>(&rule);
  return hash != nullptr && hash->splits.size() > 1 && hash->partition_feature.empty() &&
         hash->group_by.empty();
}

// Every feature that the rules name.
template <typename F>
void VisitFeatures(const ShapingRules& rules, F&& visit) {
  if (rules.sample) {
    for (const std::string& feature : rules.sample->by) visit(feature, "sample");
  }
  if (rules.deduplicate) {
    for (const std::string& feature : rules.deduplicate->key) visit(feature, "deduplicate");
    visit(rules.deduplicate->feature, "deduplicate");
  }
  if (const auto* hash = std::get_if<HashSplit>(&rules.split)) {
    visit(hash->partition_feature, "partition_feature_name");
    for (const std::string& feature : hash->group_by) visit(feature, "group_by");
  } else if (const auto* strata = std::get_if<StratifiedSplit>(&rules.split)) {
    for (const std::string& feature : strata->features) visit(feature, "stratify");
  } else if (const auto* value = std::get_if<ValueSplit>(&rules.split)) {
    visit(value->feature, "by_value");
  } else if (const auto* time = std::get_if<TimeSplit>(&rules.split)) {
    visit(time->feature, "by_time");
  }
  if (rules.balance) visit(rules.balance->feature, "balance");
}

FactLayout LayoutOf(const ShapingRules& rules) {
  FactLayout layout;
  bool hash = false;
  if (const auto& rule = rules.deduplicate) {
    layout.Add(&layout.key, 2);
    if (IsOrdered(*rule)) {
      layout.Add(&layout.rank);
      hash = true;
    }
  }
  if (const auto* time = std::get_if<TimeSplit>(&rules.split);
      time != nullptr && !time->fractions.empty()) {
    layout.Add(&layout.time);
  }
  if (std::holds_alternative<StratifiedSplit>(rules.split)) {
    layout.Add(&layout.stratum);
    hash = true;
  }
  if (rules.balance && rules.balance->ratio) {
    layout.Add(&layout.label);
    hash = hash || rules.balance->weight_feature.empty();
  }
  if (hash) layout.Add(&layout.hash);
  return layout;
}

}  // namespace

RowShaper::RowShaper(std::unique_ptr<State> state) : state_(std::move(state)) {}
RowShaper::~RowShaper() = default;

StatusOr<std::unique_ptr<RowShaper>> RowShaper::Make(ShapingRules rules,
                                                     std::vector<std::string> splits,
                                                     std::vector<size_t> task_splits,
                                                     std::string scratch_dir) {
  BESSEMER_RETURN_IF_ERROR(CheckRules(rules));
  auto state = std::make_unique<State>();
  if (const auto* hash = std::get_if<HashSplit>(&rules.split)) {
    BESSEMER_ASSIGN_OR_RETURN(state->splitter, HashSplitter::Make(hash->splits));
  } else if (const auto* value = std::get_if<ValueSplit>(&rules.split)) {
    for (const auto& [text, split] : value->values) {
      state->split_of_value[text] = state->IndexOf(splits, split);
    }
    if (!value->otherwise.empty()) state->missing = state->IndexOf(splits, value->otherwise);
  } else if (const auto* time = std::get_if<TimeSplit>(&rules.split)) {
    for (const std::string& split : time->splits) {
      state->time_splits.push_back(state->IndexOf(splits, split));
    }
    if (!time->missing.empty()) state->missing = state->IndexOf(splits, time->missing);
  }
  if (rules.balance) {
    state->balanced.assign(splits.size(), rules.balance->splits.empty());
    for (const std::string& split : rules.balance->splits) {
      const size_t index = state->IndexOf(splits, split);
      if (index == splits.size()) {
        return InvalidArgumentError("balance: there is no split '{}'", split);
      }
      state->balanced[index] = true;
    }
    for (const auto& [text, fraction] : rules.balance->fractions) {
      state->class_fractions[text] = fraction;
    }
  }
  const FactLayout layout = LayoutOf(rules);
  if (layout.width > 0) {
    state->survey = std::make_unique<Survey>(layout, task_splits.size(), std::move(scratch_dir));
  }
  VisitFeatures(rules, [&](const std::string& feature, const char* rule) {
    state->Use(feature, rule);
  });
  state->rules = std::move(rules);
  state->splits = std::move(splits);
  state->task_splits = std::move(task_splits);
  return std::unique_ptr<RowShaper>(new RowShaper(std::move(state)));
}

bool RowShaper::needs_survey() const { return state_->survey != nullptr; }

bool RowShaper::surveys_records() const {
  const ShapingRules& rules = state_->rules;
  return needs_survey() &&
         (state_->survey->layout().hash >= 0 || SplitsByRecord(rules.split) ||
          (rules.sample && rules.sample->by.empty()) ||
          (rules.deduplicate && rules.deduplicate->key.empty()));
}

bool RowShaper::routes_records() const {
  const ShapingRules& rules = state_->rules;
  if (state_->drops_by_fraction()) return true;
  return !needs_survey() &&
         (SplitsByRecord(rules.split) || (rules.sample && rules.sample->by.empty()));
}

const std::vector<std::string>& RowShaper::features() const { return state_->feature_names; }

const std::string& RowShaper::weight_feature() const {
  static const std::string kNone;
  return state_->rules.balance ? state_->rules.balance->weight_feature : kNone;
}

Status RowShaper::CheckNames(const std::vector<std::string>& features) const {
  for (const auto& [feature, used] : state_->features) {
    if (std::find(features.begin(), features.end(), feature) == features.end()) {
      return NotFoundError("{}: the input has no feature '{}'{}", used.rule, feature,
                           SuggestName(feature, features));
    }
  }
  return OkStatus();
}

Status RowShaper::CheckNames() const {
  for (const auto& [feature, used] : state_->features) {
    if (state_->any_batch && !used.seen) {
      return NotFoundError("{}: no row of the input has a feature '{}'", used.rule, feature);
    }
  }
  return OkStatus();
}

Status RowShaper::Resolve(int num_threads) {
  State& state = *state_;
  if (state.survey == nullptr) return OkStatus();
  if (const auto& rule = state.rules.deduplicate) {
    BESSEMER_RETURN_IF_ERROR(
        state.survey->DropDuplicates(rule->keep == Keep::kLast, num_threads));
  }
  if (const auto* rule = std::get_if<StratifiedSplit>(&state.rules.split)) {
    BESSEMER_RETURN_IF_ERROR(state.survey->SplitStrata(*rule));
  }
  if (const auto* rule = std::get_if<TimeSplit>(&state.rules.split);
      rule != nullptr && !rule->fractions.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(state.time_begins, state.survey->FindTimes(rule->fractions));
    BESSEMER_RETURN_IF_ERROR(state.survey->SplitByTime(state.time_begins, state.time_splits));
  }
  if (const auto& rule = state.rules.balance; rule && rule->ratio) {
    BESSEMER_ASSIGN_OR_RETURN(
        state.classes,
        state.survey->Balance(*rule, state.balanced, rule->weight_feature.empty()));
    for (const ClassCount& count : state.classes) {
      state.class_fractions[count.value] =
          count.num_rows == 0 ? 1
                              : static_cast<double>(count.num_kept) /
                                    static_cast<double>(count.num_rows);
    }
  }
  return OkStatus();
}

ShapingCounts RowShaper::counts() const {
  const std::lock_guard lock(state_->mutex);
  return state_->counts;
}

namespace {

Json DeduplicateReport(const DeduplicateRule& rule) {
  Json json = {{"key", rule.key}};
  switch (rule.keep) {
    case Keep::kFirst:
      json["keep"] = "first";
      break;
    case Keep::kLast:
      json["keep"] = "last";
      break;
    case Keep::kMax:
      json["keep"] = {{"max", rule.feature}};
      break;
    case Keep::kMin:
      json["keep"] = {{"min", rule.feature}};
      break;
  }
  return json;
}

Json BalanceReport(const BalanceRule& rule, const std::vector<ClassCount>& classes) {
  Json json = {{"feature", rule.feature}};
  if (rule.ratio) json["ratio"] = {{"majority_to_minority", *rule.ratio}};
  Json fractions = Json::object();
  for (const auto& [value, fraction] : rule.fractions) fractions[value] = fraction;
  for (const ClassCount& count : classes) {
    if (count.num_rows == 0) continue;
    fractions[count.value] =
        static_cast<double>(count.num_kept) / static_cast<double>(count.num_rows);
    json["num_rows"][count.value] = count.num_rows;
  }
  json["fractions"] = std::move(fractions);
  if (!rule.splits.empty()) json["splits"] = rule.splits;
  if (!rule.weight_feature.empty()) json["weight_feature"] = rule.weight_feature;
  json["seed"] = rule.seed;
  return json;
}

}  // namespace

Json RowShaper::Report() const {
  const State& state = *state_;
  Json report = Json::object();
  if (state.rules.deduplicate) {
    report["deduplicate"] = DeduplicateReport(*state.rules.deduplicate);
  }
  if (const auto& rule = state.rules.sample) {
    report["sample"] = {{"fraction", rule->fraction}, {"seed", rule->seed}};
    if (!rule->by.empty()) report["sample"]["by"] = rule->by;
  }
  if (const auto* rule = std::get_if<HashSplit>(&state.rules.split)) {
    if (!rule->group_by.empty()) report["group_by"] = rule->group_by;
  } else if (const auto* rule = std::get_if<StratifiedSplit>(&state.rules.split)) {
    report["stratify"] = {{"features", rule->features}, {"seed", rule->seed}};
  } else if (const auto* rule = std::get_if<ValueSplit>(&state.rules.split)) {
    report["by_value"] = {{"feature", rule->feature}};
  } else if (const auto* rule = std::get_if<TimeSplit>(&state.rules.split)) {
    Json boundaries = rule->boundaries;
    const int kind = state.time_kind;
    for (const auto& begin : state.time_begins) {
      boundaries.push_back(begin && kind >= 0
                               ? ValueOrder::Value(*begin, static_cast<ValueOrder::Kind>(kind))
                               : Json(nullptr));
    }
    report["by_time"] = {
        {"feature", rule->feature}, {"splits", rule->splits}, {"boundaries", boundaries}};
    if (!rule->fractions.empty()) report["by_time"]["fractions"] = rule->fractions;
  }
  if (state.rules.balance) report["balance"] = BalanceReport(*state.rules.balance, state.classes);
  return report;
}

}  // namespace bessemer::example_gen::shaping
