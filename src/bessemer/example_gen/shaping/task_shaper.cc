#include <cstring>
#include <unordered_map>

#include "bessemer/base/hash.h"
#include "bessemer/example_gen/shaping/row_shaper_internal.h"

namespace bessemer::example_gen::shaping {
namespace {

using Keep = DeduplicateRule::Keep;

}  // namespace

// What the rules read of the present batch.
struct TaskShaper::Columns {
  std::optional<RowKey> sample;
  std::optional<RowKey> duplicate;
  std::optional<ValueOrder> rank;
  std::optional<RowKey> split;     // partition feature, group or stratum
  std::optional<RowText> value;    // by_value
  std::optional<ValueOrder> time;  // by_time
  std::vector<uint64_t> boundaries;
  std::optional<RowText> label;

  std::unordered_map<std::string, uint64_t> class_ids;  // those met before
  std::vector<uint64_t> facts;
};

TaskShaper::TaskShaper(RowShaper& shaper, int64_t task)
    : state_(*shaper.state_),
      task_(static_cast<size_t>(task)),
      surveyed_(shaper.needs_survey()),
      columns_(std::make_unique<Columns>()) {}

TaskShaper::~TaskShaper() = default;

Status TaskShaper::StartBatch(const arrow::RecordBatch& batch) {
  const ShapingRules& rules = state_.rules;
  Columns& columns = *columns_;
  state_.any_batch = true;
  for (auto& [feature, used] : state_.features) {
    if (!used.seen && batch.schema()->GetFieldIndex(feature) >= 0) used.seen = true;
  }
  if (rules.sample && !rules.sample->by.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(columns.sample, RowKey::Make(batch, rules.sample->by, "sample"));
  }
  if (const auto& rule = rules.deduplicate) {
    if (!rule->key.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(columns.duplicate, RowKey::Make(batch, rule->key, "deduplicate"));
    }
    if (!rule->feature.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(columns.rank,
                                ValueOrder::Make(batch, rule->feature, "deduplicate"));
    }
  }
  if (const auto* rule = std::get_if<HashSplit>(&rules.split)) {
    if (!rule->partition_feature.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(
          columns.split, RowKey::Make(batch, {rule->partition_feature}, "partition_feature_name",
                                      /*keep_kind=*/true));
    } else if (!rule->group_by.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(columns.split, RowKey::Make(batch, rule->group_by, "group_by"));
    }
  } else if (const auto* rule = std::get_if<StratifiedSplit>(&rules.split)) {
    BESSEMER_ASSIGN_OR_RETURN(columns.split, RowKey::Make(batch, rule->features, "stratify"));
  } else if (const auto* rule = std::get_if<ValueSplit>(&rules.split)) {
    BESSEMER_ASSIGN_OR_RETURN(columns.value, RowText::Make(batch, rule->feature, "by_value"));
  } else if (const auto* rule = std::get_if<TimeSplit>(&rules.split)) {
    BESSEMER_ASSIGN_OR_RETURN(columns.time, ValueOrder::Make(batch, rule->feature, "by_time"));
    columns.boundaries.clear();
    if (const auto kind = columns.time->kind()) {
      state_.time_kind = static_cast<int>(*kind);
      for (const Json& boundary : rule->boundaries) {
        const StatusOr<uint64_t> place = ValueOrder::Place(boundary, *kind);
        if (!place.ok()) return WithContext(place.status(), "by_time");
        if (!columns.boundaries.empty() && *place < columns.boundaries.back()) {
          return InvalidArgumentError("by_time: the boundaries must ascend");
        }
        columns.boundaries.push_back(*place);
      }
    }
  }
  if (rules.balance) {
    BESSEMER_ASSIGN_OR_RETURN(columns.label,
                              RowText::Make(batch, rules.balance->feature, "balance"));
  }
  return OkStatus();
}

StatusOr<uint8_t> TaskShaper::SplitByTime(int64_t row) {
  const auto& rule = std::get<TimeSplit>(state_.rules.split);
  BESSEMER_ASSIGN_OR_RETURN(const std::optional<uint64_t> time, columns_->time->Of(row));
  if (!time) {
    if (state_.missing) return static_cast<uint8_t>(*state_.missing);
    return InvalidArgumentError(
        "by_time: feature '{}' has no value in a row; name a split for such with missing",
        rule.feature);
  }
  if (!rule.fractions.empty()) return uint8_t{kPending};
  const std::vector<uint64_t>& boundaries = columns_->boundaries;
  const auto part = std::upper_bound(boundaries.begin(), boundaries.end(), *time);
  return static_cast<uint8_t>(
      state_.time_splits[static_cast<size_t>(part - boundaries.begin())]);
}

StatusOr<uint8_t> TaskShaper::SplitOf(int64_t row, std::string_view record) {
  const SplitRule& split = state_.rules.split;
  if (const auto* rule = std::get_if<HashSplit>(&split)) {
    std::string_view key = record;
    if (columns_->split) key = columns_->split->Of(row);
    if (!rule->partition_feature.empty()) {
      std::optional<std::string_view> feature = key;
      if (rule->absent_is_error && columns_->split->IsAbsent(row)) feature = std::nullopt;
      BESSEMER_ASSIGN_OR_RETURN(key, PartitionKey(rule->partition_feature, feature));
    }
    return static_cast<uint8_t>(state_.splitter->SplitOf(key));
  }
  if (std::holds_alternative<StratifiedSplit>(split)) return uint8_t{kPending};
  if (const auto* rule = std::get_if<ValueSplit>(&split)) {
    BESSEMER_ASSIGN_OR_RETURN(const auto value, columns_->value->Of(row));
    if (value) {
      const auto known = state_.split_of_value.find(*value);
      if (known != state_.split_of_value.end()) return static_cast<uint8_t>(known->second);
    }
    if (state_.missing) return static_cast<uint8_t>(*state_.missing);
    return InvalidArgumentError(
        "by_value: no split is given for rows in which '{}' {}; add it, or otherwise",
        rule->feature,
        value ? fmt::format("is '{}'", value->substr(0, 60)) : std::string("has no value"));
  }
  if (std::holds_alternative<TimeSplit>(split)) return SplitByTime(row);
  return static_cast<uint8_t>(state_.task_splits[task_]);
}

StatusOr<uint8_t> TaskShaper::Decide(int64_t row, std::string_view record) {
  if (const auto& rule = state_.rules.sample) {
    const uint64_t hash = Fingerprint64(columns_->sample ? columns_->sample->Of(row) : record);
    if (!IsBelow(Draw(hash, rule->seed, Purpose::kSample), rule->fraction)) {
      return uint8_t{kUnsampled};
    }
  }
  return SplitOf(row, record);
}

Status TaskShaper::AddKey(int64_t row, std::string_view record, uint64_t* facts) {
  const FactLayout& layout = state_.survey->layout();
  const DeduplicateRule& rule = *state_.rules.deduplicate;
  if (!columns_->duplicate || !columns_->duplicate->IsMissing(row)) {
    const Sha256Digest digest =
        Sha256(columns_->duplicate ? columns_->duplicate->Of(row) : record);
    std::memcpy(facts + layout.key, digest.data(), 2 * sizeof(uint64_t));
  }
  if (layout.rank < 0) return OkStatus();
  BESSEMER_ASSIGN_OR_RETURN(const std::optional<uint64_t> place, columns_->rank->Of(row));
  // 0 loses against every value.
  if (place) {
    facts[layout.rank] = std::max<uint64_t>(1, rule.keep == Keep::kMin ? ~*place : *place);
  }
  return OkStatus();
}

Status TaskShaper::Survey(int64_t row, std::string_view record) {
  const FactLayout& layout = state_.survey->layout();
  std::vector<uint64_t>& facts = columns_->facts;
  facts.assign(static_cast<size_t>(layout.width), 0);
  BESSEMER_ASSIGN_OR_RETURN(const uint8_t fate, Decide(row, record));
  if (layout.hash >= 0) facts[static_cast<size_t>(layout.hash)] = Fingerprint64(record);
  if (layout.key >= 0) BESSEMER_RETURN_IF_ERROR(AddKey(row, record, facts.data()));
  if (layout.time >= 0 && fate == kPending) {
    BESSEMER_ASSIGN_OR_RETURN(const auto time, columns_->time->Of(row));
    facts[static_cast<size_t>(layout.time)] = *time;
  }
  if (layout.stratum >= 0) {
    facts[static_cast<size_t>(layout.stratum)] = Fingerprint64(columns_->split->Of(row));
  }
  if (layout.label >= 0) {
    BESSEMER_ASSIGN_OR_RETURN(const auto label, columns_->label->Of(row));
    if (label) {
      const auto [known, is_new] = columns_->class_ids.try_emplace(std::string(*label), 0);
      if (is_new) {
        const StatusOr<uint64_t> id = state_.survey->classes().Id(*label);
        if (!id.ok()) {
          return WithContext(id.status(),
                             fmt::format("balance: feature '{}'", state_.rules.balance->feature));
        }
        known->second = *id;
      }
      facts[static_cast<size_t>(layout.label)] = known->second + 1;
    }
  }
  return state_.survey->Add(task_, fate, facts.data());
}

Status TaskShaper::EndSurvey() { return state_.survey->Seal(task_); }

StatusOr<double> TaskShaper::ClassFraction(int64_t row, int split) {
  if (!state_.balanced[static_cast<size_t>(split)]) return 1.0;
  BESSEMER_ASSIGN_OR_RETURN(const auto label, columns_->label->Of(row));
  if (!label) return 1.0;
  const auto known = state_.class_fractions.find(*label);
  return known == state_.class_fractions.end() ? 1.0 : known->second;
}

StatusOr<int> TaskShaper::Route(int64_t row, std::string_view record) {
  uint8_t fate;
  if (surveyed_) {
    fate = state_.survey->fate(task_, next_row_++);
  } else {
    BESSEMER_ASSIGN_OR_RETURN(fate, Decide(row, record));
  }
  if (IsSplit(fate) && state_.drops_by_fraction()) {
    BESSEMER_ASSIGN_OR_RETURN(const double fraction, ClassFraction(row, fate));
    const uint64_t draw =
        Draw(Fingerprint64(record), state_.rules.balance->seed, Purpose::kBalance);
    if (!IsBelow(draw, fraction)) fate = kUnbalanced;
  }
  if (IsSplit(fate)) return static_cast<int>(fate);
  counts_.num_duplicates += fate == kDuplicate;
  counts_.num_unsampled += fate == kUnsampled;
  counts_.num_unbalanced += fate == kUnbalanced;
  return kDropped;
}

StatusOr<float> TaskShaper::Weight(int64_t row, int split) {
  BESSEMER_ASSIGN_OR_RETURN(const double fraction, ClassFraction(row, split));
  return static_cast<float>(fraction);
}

void TaskShaper::EndRoute() {
  const std::lock_guard lock(state_.mutex);
  state_.counts.num_duplicates += counts_.num_duplicates;
  state_.counts.num_unsampled += counts_.num_unsampled;
  state_.counts.num_unbalanced += counts_.num_unbalanced;
}

}  // namespace bessemer::example_gen::shaping
