#include "bessemer/example_gen/shaping/shaping_params.h"

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"

namespace bessemer::example_gen::shaping {
namespace {

using Keep = DeduplicateRule::Keep;

// The members of one parameter that is a map.
class Members {
 public:
  Members(const ParamValues& params, const char* param, const Json& json)
      : params_(params), param_(param), json_(json) {}

  Status Error(std::string_view message) const { return params_.Error(param_, message); }

  // The only keys there may be.
  Status Expect(const std::vector<std::string>& known) const {
    if (!json_.is_object()) {
      return Error(fmt::format("must be a map, not {}", JsonText(json_)));
    }
    for (const auto& [key, value] : json_.items()) {
      if (std::find(known.begin(), known.end(), key) == known.end()) {
        return Error(fmt::format("unknown key '{}'{}", key, SuggestName(key, known)));
      }
    }
    return OkStatus();
  }

  const Json* Find(const char* key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  StatusOr<std::string> Text(const char* key) const {
    const Json* value = Find(key);
    if (value == nullptr) return std::string();
    if (value->is_string()) return value->get<std::string>();
    return Error(fmt::format("{} must be a name, not {}", key, JsonText(*value)));
  }

  StatusOr<double> Number(const char* key, const Json& value) const {
    if (value.is_number()) return value.get<double>();
    return Error(fmt::format("{} must be a number, not {}", key, JsonText(value)));
  }

  StatusOr<uint64_t> Seed() const {
    const Json* value = Find("seed");
    if (value == nullptr) return uint64_t{0};
    if (value->is_number_integer()) return static_cast<uint64_t>(value->get<int64_t>());
    return Error(fmt::format("seed must be an integer, not {}", JsonText(*value)));
  }

  // A name or a list of names.
  StatusOr<std::vector<std::string>> Names(const char* key, const Json* value) const {
    std::vector<std::string> names;
    if (value == nullptr) return names;
    const Json list = value->is_array() ? *value : Json::array({*value});
    for (const Json& name : list) {
      if (!name.is_string()) {
        return Error(fmt::format("{} must be a name or a list of names, not {}", key,
                                 JsonText(*value)));
      }
      names.push_back(name.get<std::string>());
    }
    return names;
  }
  StatusOr<std::vector<std::string>> Names(const char* key) const { return Names(key, Find(key)); }

  // Pairs of a name (of a value, whatever it looks like) and what belongs to it.
  StatusOr<std::vector<std::pair<std::string, Json>>> Map(const char* key) const {
    std::vector<std::pair<std::string, Json>> pairs;
    const Json* value = Find(key);
    if (value == nullptr) return pairs;
    if (!value->is_object() || value->empty()) {
      return Error(fmt::format("{} must be a map, not {}", key, JsonText(*value)));
    }
    for (const auto& [name, content] : value->items()) pairs.emplace_back(name, content);
    return pairs;
  }

 private:
  const ParamValues& params_;
  const char* param_;
  const Json& json_;
};

StatusOr<SampleRule> ReadSample(const ParamValues& params) {
  const Json& value = params.Value("sample");
  const Members members(params, "sample", value);
  SampleRule rule;
  if (value.is_number()) {
    rule.fraction = value.get<double>();
    return rule;
  }
  BESSEMER_RETURN_IF_ERROR(members.Expect({"fraction", "seed", "by"}));
  const Json* fraction = members.Find("fraction");
  if (fraction == nullptr) return members.Error("needs a fraction");
  BESSEMER_ASSIGN_OR_RETURN(rule.fraction, members.Number("fraction", *fraction));
  BESSEMER_ASSIGN_OR_RETURN(rule.seed, members.Seed());
  BESSEMER_ASSIGN_OR_RETURN(rule.by, members.Names("by"));
  return rule;
}

StatusOr<DeduplicateRule> ReadDeduplicate(const ParamValues& params) {
  const Json& value = params.Value("deduplicate");
  const Members members(params, "deduplicate", value);
  DeduplicateRule rule;
  if (value.is_string() || value.is_array()) {
    BESSEMER_ASSIGN_OR_RETURN(rule.key, members.Names("key", &value));
    return rule;
  }
  BESSEMER_RETURN_IF_ERROR(members.Expect({"key", "keep"}));
  BESSEMER_ASSIGN_OR_RETURN(rule.key, members.Names("key"));
  const Json* keep = members.Find("keep");
  if (keep == nullptr || *keep == "first") return rule;
  if (*keep == "last") {
    rule.keep = Keep::kLast;
    return rule;
  }
  const bool max = keep->is_object() && keep->contains("max");
  const char* key = max ? "max" : "min";
  if (!keep->is_object() || keep->size() != 1 || !keep->contains(key) ||
      !keep->at(key).is_string()) {
    return members.Error("keep must be first, last, {max: feature} or {min: feature}");
  }
  rule.keep = max ? Keep::kMax : Keep::kMin;
  rule.feature = keep->at(key).get<std::string>();
  return rule;
}

StatusOr<StratifiedSplit> ReadStratify(const ParamValues& params, const HashSplit& hash) {
  const Json& value = params.Value("stratify");
  const Members members(params, "stratify", value);
  StratifiedSplit rule{.splits = hash.splits};
  if (!value.is_object()) {
    BESSEMER_ASSIGN_OR_RETURN(rule.features, members.Names("features", &value));
    return rule;
  }
  BESSEMER_RETURN_IF_ERROR(members.Expect({"features", "seed"}));
  BESSEMER_ASSIGN_OR_RETURN(rule.features, members.Names("features"));
  BESSEMER_ASSIGN_OR_RETURN(rule.seed, members.Seed());
  return rule;
}

StatusOr<ValueSplit> ReadByValue(const ParamValues& params) {
  const Members members(params, "by_value", params.Value("by_value"));
  BESSEMER_RETURN_IF_ERROR(members.Expect({"feature", "splits", "otherwise"}));
  ValueSplit rule;
  BESSEMER_ASSIGN_OR_RETURN(rule.feature, members.Text("feature"));
  BESSEMER_ASSIGN_OR_RETURN(rule.otherwise, members.Text("otherwise"));
  BESSEMER_ASSIGN_OR_RETURN(const auto splits, members.Map("splits"));
  for (const auto& [text, split] : splits) {
    if (!split.is_string()) {
      return members.Error(fmt::format("the split of '{}' must be a name, not {}", text,
                                       JsonText(split)));
    }
    rule.values.emplace_back(text, split.get<std::string>());
  }
  return rule;
}

StatusOr<TimeSplit> ReadByTime(const ParamValues& params) {
  const Members members(params, "by_time", params.Value("by_time"));
  BESSEMER_RETURN_IF_ERROR(
      members.Expect({"feature", "splits", "boundaries", "fractions", "missing"}));
  TimeSplit rule;
  BESSEMER_ASSIGN_OR_RETURN(rule.feature, members.Text("feature"));
  BESSEMER_ASSIGN_OR_RETURN(rule.missing, members.Text("missing"));
  BESSEMER_ASSIGN_OR_RETURN(rule.splits, members.Names("splits"));
  if (const Json* boundaries = members.Find("boundaries")) {
    rule.boundaries = boundaries->is_array() ? boundaries->get<std::vector<Json>>()
                                             : std::vector<Json>{*boundaries};
    if (rule.splits.empty() && rule.boundaries.size() == 1) rule.splits = {"train", "eval"};
  }
  if (members.Find("fractions") == nullptr) return rule;
  if (!rule.splits.empty()) return members.Error("fractions name the splits themselves");
  BESSEMER_ASSIGN_OR_RETURN(const auto fractions, members.Map("fractions"));
  for (const auto& [split, fraction] : fractions) {
    BESSEMER_ASSIGN_OR_RETURN(const double number, members.Number(split.c_str(), fraction));
    rule.splits.push_back(split);
    rule.fractions.push_back(number);
  }
  return rule;
}

StatusOr<BalanceRule> ReadBalance(const ParamValues& params) {
  const Members members(params, "balance", params.Value("balance"));
  BESSEMER_RETURN_IF_ERROR(
      members.Expect({"feature", "fractions", "ratio", "splits", "weight_feature", "seed"}));
  BalanceRule rule;
  BESSEMER_ASSIGN_OR_RETURN(rule.feature, members.Text("feature"));
  BESSEMER_ASSIGN_OR_RETURN(rule.weight_feature, members.Text("weight_feature"));
  BESSEMER_ASSIGN_OR_RETURN(rule.splits, members.Names("splits"));
  BESSEMER_ASSIGN_OR_RETURN(rule.seed, members.Seed());
  BESSEMER_ASSIGN_OR_RETURN(const auto fractions, members.Map("fractions"));
  for (const auto& [text, fraction] : fractions) {
    BESSEMER_ASSIGN_OR_RETURN(rule.fractions[text], members.Number(text.c_str(), fraction));
  }
  if (const Json* ratio = members.Find("ratio")) {
    const Json* number = ratio;
    if (ratio->is_object()) {
      const auto found = ratio->find("majority_to_minority");
      if (ratio->size() != 1 || found == ratio->end()) {
        return members.Error("ratio must be a number or {majority_to_minority: number}");
      }
      number = &*found;
    }
    BESSEMER_ASSIGN_OR_RETURN(rule.ratio, members.Number("ratio", *number));
  }
  return rule;
}

// The rule of splitting that is given beside splits by hash: only one may be.
StatusOr<std::string> SplittingParam(const ParamValues& params, bool splits_are_given) {
  std::string given;
  for (const char* name : {"group_by", "stratify", "by_value", "by_time"}) {
    if (!params.Has(name)) continue;
    if (!given.empty()) {
      return params.Error(name, fmt::format("rows are already split by {}", given));
    }
    given = name;
  }
  if (splits_are_given && given.starts_with("by_")) {
    return params.Error(given, "names the splits itself; leave out splits and output_config");
  }
  return given;
}

StatusOr<SplitRule> ReadSplitRule(const ParamValues& params, const HashSplit& hash,
                                  bool splits_are_given) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string given, SplittingParam(params, splits_are_given));
  if (given.empty()) return hash.splits.empty() ? SplitRule() : SplitRule(hash);
  if (hash.splits.empty()) {
    return params.Error(given, "the input has splits already, so it cannot be split again");
  }
  if (!hash.partition_feature.empty()) {
    return params.Error(given, "rows are already split by partition_feature_name");
  }
  if (given == "stratify") return ReadStratify(params, hash);
  if (given == "by_value") return ReadByValue(params);
  if (given == "by_time") return ReadByTime(params);
  HashSplit rule = hash;
  const Members members(params, "group_by", params.Value("group_by"));
  BESSEMER_ASSIGN_OR_RETURN(rule.group_by, members.Names("it", &params.Value("group_by")));
  if (rule.group_by.empty()) return members.Error("name at least one feature");
  return SplitRule(rule);
}

}  // namespace

std::vector<Param> ShapingParams() {
  return {
      {.name = "deduplicate",
       .type = ParamType::kAny,
       .doc = "Keep one of the rows with equal key features: {key: [features], keep: first, last, "
              "{max: feature} or {min: feature}}, or just the key; {} compares whole rows."},
      {.name = "sample",
       .type = ParamType::kAny,
       .doc = "Keep a fraction of the rows, by their hash: {fraction, seed, by: [features]}, or "
              "just the fraction."},
      {.name = "group_by",
       .type = ParamType::kAny,
       .doc = "Rows equal in all of these features come into one split."},
      {.name = "stratify",
       .type = ParamType::kAny,
       .doc = "Split so that rows equal in these features keep the ratio of the splits exactly: a "
              "feature, a list, or {features, seed}."},
      {.name = "by_value",
       .type = ParamType::kMap,
       .doc = "Split by the value of a feature: {feature, splits: {value: split}, otherwise: "
              "split}."},
      {.name = "by_time",
       .type = ParamType::kMap,
       .doc = "Split into periods: {feature, fractions: {split: part}} or {feature, boundaries, "
              "splits}; missing: the split of rows without a time."},
      {.name = "balance",
       .type = ParamType::kMap,
       .doc = "Down-sample classes: {feature, ratio: most rows of a class for each of the "
              "smallest} or {feature, fractions: {value: part}}; splits: only in these; "
              "weight_feature: keep all and write the parts as weights."},
  };
}

StatusOr<ShapingRules> ReadShapingRules(const ParamValues& params, const HashSplit& hash,
                                        bool splits_are_given) {
  ShapingRules rules;
  if (params.Has("sample")) {
    BESSEMER_ASSIGN_OR_RETURN(rules.sample, ReadSample(params));
  }
  if (params.Has("deduplicate")) {
    BESSEMER_ASSIGN_OR_RETURN(rules.deduplicate, ReadDeduplicate(params));
  }
  if (params.Has("balance")) {
    BESSEMER_ASSIGN_OR_RETURN(rules.balance, ReadBalance(params));
  }
  BESSEMER_ASSIGN_OR_RETURN(rules.split, ReadSplitRule(params, hash, splits_are_given));
  const Status status = CheckRules(rules);
  if (status.ok()) return rules;
  // The message begins with the name of the rule.
  const std::string_view message = Message(status);
  const std::string rule(message.substr(0, message.find(':')));
  for (const Param& param : ShapingParams()) {
    if (param.name == rule) return params.Error(rule, message.substr(rule.size() + 2));
  }
  return params.Error("splits", message);
}

}  // namespace bessemer::example_gen::shaping
