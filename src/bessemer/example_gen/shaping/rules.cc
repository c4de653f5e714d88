#include "bessemer/example_gen/shaping/rules.h"

#include <algorithm>
#include <cmath>

#include "bessemer/base/nearest_name.h"

namespace bessemer::example_gen::shaping {
namespace {

std::vector<std::string> NamesOf(const std::vector<SplitBuckets>& splits) {
  std::vector<std::string> names;
  for (const SplitBuckets& split : splits) names.push_back(split.name);
  return names;
}

Status CheckFraction(std::string_view what, double fraction) {
  if (fraction >= 0 && fraction <= 1) return OkStatus();
  return InvalidArgumentError("{}: {} is not a fraction from 0 to 1", what, fraction);
}

Status CheckDistinct(std::string_view what, const std::vector<std::string>& names) {
  for (auto it = names.begin(); it != names.end(); ++it) {
    if (it->empty()) return InvalidArgumentError("{}: a name is empty", what);
    if (std::find(names.begin(), it, *it) != it) {
      return InvalidArgumentError("{}: '{}' is given twice", what, *it);
    }
  }
  return OkStatus();
}

Status CheckSplits(std::string_view what, const std::vector<std::string>& names) {
  for (const std::string& name : names) {
    if (const Status status = CheckSplitName(name); !status.ok()) return WithContext(status, what);
  }
  return OkStatus();
}

Status CheckBuckets(std::string_view what, const std::vector<SplitBuckets>& splits) {
  return WithContext(HashSplitter::Make(splits).status(), what);
}

Status Check(const std::monostate&) { return OkStatus(); }

Status Check(const HashSplit& rule) {
  BESSEMER_RETURN_IF_ERROR(CheckBuckets("splits", rule.splits));
  if (!rule.partition_feature.empty() && !rule.group_by.empty()) {
    return InvalidArgumentError("group_by: give it or partition_feature_name, not both");
  }
  return CheckDistinct("group_by", rule.group_by);
}

Status Check(const StratifiedSplit& rule) {
  BESSEMER_RETURN_IF_ERROR(CheckBuckets("stratify", rule.splits));
  if (rule.features.empty()) return InvalidArgumentError("stratify: name at least one feature");
  return CheckDistinct("stratify", rule.features);
}

Status Check(const ValueSplit& rule) {
  if (rule.feature.empty()) return InvalidArgumentError("by_value: needs a feature");
  if (rule.values.empty()) {
    return InvalidArgumentError("by_value: needs splits, a map of value to split");
  }
  for (auto it = rule.values.begin(); it != rule.values.end(); ++it) {
    for (auto before = rule.values.begin(); before != it; ++before) {
      if (before->first == it->first) {
        return InvalidArgumentError("by_value: the value '{}' is given twice", it->first);
      }
    }
  }
  return CheckSplits("by_value", SplitNames(rule));
}

Status Check(const TimeSplit& rule) {
  if (rule.feature.empty()) return InvalidArgumentError("by_time: needs a feature");
  if (rule.boundaries.empty() == rule.fractions.empty()) {
    return InvalidArgumentError("by_time: needs either boundaries or fractions");
  }
  if (rule.splits.size() < 2) return InvalidArgumentError("by_time: needs at least two splits");
  BESSEMER_RETURN_IF_ERROR(CheckDistinct("by_time", rule.splits));
  BESSEMER_RETURN_IF_ERROR(CheckSplits("by_time", SplitNames(rule)));
  if (!rule.boundaries.empty() && rule.boundaries.size() + 1 != rule.splits.size()) {
    return InvalidArgumentError("by_time: {} splits need {} boundaries, not {}",
                                rule.splits.size(), rule.splits.size() - 1,
                                rule.boundaries.size());
  }
  if (rule.fractions.empty()) return OkStatus();
  if (rule.fractions.size() != rule.splits.size()) {
    return InvalidArgumentError("by_time: each split needs a fraction");
  }
  double sum = 0;
  for (const double fraction : rule.fractions) {
    BESSEMER_RETURN_IF_ERROR(CheckFraction("by_time", fraction));
    sum += fraction;
  }
  if (std::abs(sum - 1) > 1e-6) {
    return InvalidArgumentError("by_time: the fractions add up to {}, not to 1", sum);
  }
  return OkStatus();
}

Status CheckBalance(const BalanceRule& rule, const std::vector<std::string>& splits) {
  if (rule.feature.empty()) return InvalidArgumentError("balance: needs a feature");
  if (rule.fractions.empty() == !rule.ratio.has_value()) {
    return InvalidArgumentError("balance: needs either fractions or a ratio");
  }
  for (const auto& [value, fraction] : rule.fractions) {
    const std::string what = fmt::format("balance: class '{}'", value);
    if (rule.weight_feature.empty()) BESSEMER_RETURN_IF_ERROR(CheckFraction(what, fraction));
    if (!(fraction >= 0) || std::isinf(fraction)) {
      return InvalidArgumentError("{}: {} is not a weight; give a number of at least 0", what,
                                  fraction);
    }
  }
  if (rule.ratio && !(*rule.ratio >= 1 && *rule.ratio <= 1e12)) {
    return InvalidArgumentError("balance: the ratio of majority to minority must be at least 1");
  }
  for (const std::string& split : rule.splits) {
    if (!splits.empty() && std::find(splits.begin(), splits.end(), split) == splits.end()) {
      return InvalidArgumentError("balance: there is no split '{}'{}", split,
                                  SuggestName(split, splits));
    }
  }
  return OkStatus();
}

}  // namespace

std::vector<std::string> SplitNames(const SplitRule& rule) {
  if (const auto* hash = std::get_if<HashSplit>(&rule)) return NamesOf(hash->splits);
  if (const auto* strata = std::get_if<StratifiedSplit>(&rule)) return NamesOf(strata->splits);
  std::vector<std::string> names;
  const auto add = [&](const std::string& name) {
    if (!name.empty() && std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  };
  if (const auto* value = std::get_if<ValueSplit>(&rule)) {
    for (const auto& [text, split] : value->values) add(split);
    add(value->otherwise);
  } else if (const auto* time = std::get_if<TimeSplit>(&rule)) {
    for (const std::string& split : time->splits) add(split);
    add(time->missing);
  }
  return names;
}

Status CheckRules(const ShapingRules& rules) {
  if (rules.sample) {
    BESSEMER_RETURN_IF_ERROR(CheckFraction("sample", rules.sample->fraction));
    BESSEMER_RETURN_IF_ERROR(CheckDistinct("sample", rules.sample->by));
  }
  if (const auto& rule = rules.deduplicate) {
    BESSEMER_RETURN_IF_ERROR(CheckDistinct("deduplicate", rule->key));
    const bool ordered = rule->keep == DeduplicateRule::Keep::kMax ||
                         rule->keep == DeduplicateRule::Keep::kMin;
    if (ordered == rule->feature.empty()) {
      return InvalidArgumentError("deduplicate: a feature belongs to max and min, and only there");
    }
  }
  BESSEMER_RETURN_IF_ERROR(std::visit([](const auto& rule) { return Check(rule); }, rules.split));
  const std::vector<std::string> splits = SplitNames(rules.split);
  if (splits.size() > 200) return InvalidArgumentError("more than 200 splits are given");
  return rules.balance ? CheckBalance(*rules.balance, splits) : OkStatus();
}

}  // namespace bessemer::example_gen::shaping
