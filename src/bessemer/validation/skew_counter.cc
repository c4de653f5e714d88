#include "bessemer/validation/skew_counter.h"

#include <algorithm>

#include "bessemer/base/hash.h"
#include "bessemer/base/random.h"
#include "bessemer/proto/serialize.h"

namespace bessemer::validation {

using ::tensorflow::data_validation::ConfusionCount;
using ::tensorflow::data_validation::FeatureSkew;
using ::tensorflow::data_validation::SkewPair;

namespace {

constexpr std::string_view kMissingValue = "__MISSING_VALUE__";

bool HasValues(const RecordFeature* feature) {
  return feature != nullptr && !ValuesOf(feature->value).empty();
}

StatusOr<std::string_view> ConfusionValue(const RecordFeature* feature, std::string_view name) {
  if (!HasValues(feature)) return kMissingValue;
  const RecordValues values = ValuesOf(feature->value);
  if (values.kind != RecordKind::kBytes) {
    return InvalidArgumentError("feature '{}': pairs of values are counted of text only, it holds "
                                "numbers",
                                name);
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto list, BytesOf(values));
  if (list.size() > 1) {
    return InvalidArgumentError("feature '{}': pairs of values are counted of features with one "
                                "value a row, a row has {}",
                                name, list.size());
  }
  return list.empty() ? kMissingValue : list[0];
}

}  // namespace

SkewCounter::SkewCounter(const FeatureSkewOptions& options)
    : options_(options),
      ignored_(options.ignored.begin(), options.ignored.end()) {
  ignored_.insert(options.identifiers.begin(), options.identifiers.end());
}

Status SkewCounter::AddGroup(std::string_view key, const std::vector<std::string_view>& base,
                             const std::vector<std::string_view>& test) {
  const auto num_base = static_cast<int64_t>(base.size());
  const auto num_test = static_cast<int64_t>(test.size());
  match_.set_identifiers_count(match_.identifiers_count() + 1);
  match_.set_base_with_id_count(match_.base_with_id_count() + num_base);
  match_.set_test_with_id_count(match_.test_with_id_count() + num_test);
  match_.set_ids_missing_in_base_count(match_.ids_missing_in_base_count() + (num_base == 0));
  match_.set_ids_missing_in_test_count(match_.ids_missing_in_test_count() + (num_test == 0));
  match_.set_matching_pairs_count(match_.matching_pairs_count() + num_base * num_test);
  const bool repeats = num_base > 1 || num_test > 1;
  match_.set_duplicate_id_count(match_.duplicate_id_count() + repeats);
  if (repeats && !options_.allow_duplicate_identifiers) return OkStatus();
  for (const std::string_view b : base) {
    for (const std::string_view t : test) BESSEMER_RETURN_IF_ERROR(ComparePair(key, b, t));
  }
  return OkStatus();
}

void SkewCounter::AddMissing(int64_t base, int64_t test) {
  match_.set_base_missing_id_count(match_.base_missing_id_count() + base);
  match_.set_test_missing_id_count(match_.test_missing_id_count() + test);
}

SkewCounter::Counts& SkewCounter::CountsOf(std::string_view name) {
  auto found = counts_.find(name);
  if (found == counts_.end()) {
    found = counts_.emplace(std::string(name), Counts{.ignored = ignored_.contains(name)}).first;
  }
  return found->second;
}

SkewCounter::Outcome SkewCounter::Compare(const RecordFeature* base, const RecordFeature* test) {
  const bool in_base = HasValues(base);
  const bool in_test = HasValues(test);
  if (!in_base || !in_test) {
    if (in_base) return Outcome::kBaseOnly;
    if (in_test) return Outcome::kTestOnly;
    return (base == nullptr) == (test == nullptr) ? Outcome::kMatch : Outcome::kNeither;
  }
  if (base->value == test->value) return Outcome::kMatch;
  if (!options_.float_round_digits.has_value()) return Outcome::kMismatch;
  const int digits = *options_.float_round_digits;
  const bool equal = RoundFloats(base->value, digits, &rounded_base_) ==
                     RoundFloats(test->value, digits, &rounded_test_);
  return equal ? Outcome::kMatch : Outcome::kMismatch;
}

Status SkewCounter::ComparePair(std::string_view key, std::string_view base,
                                std::string_view test) {
  BESSEMER_RETURN_IF_ERROR(SplitRecord(base, &base_));
  BESSEMER_RETURN_IF_ERROR(SplitRecord(test, &test_));
  outcomes_.clear();
  bool is_skewed = false;
  for (size_t i = 0, j = 0; i < base_.size() || j < test_.size();) {
    const RecordFeature* b = i < base_.size() ? &base_[i] : nullptr;
    const RecordFeature* t = j < test_.size() ? &test_[j] : nullptr;
    if (b != nullptr && t != nullptr && b->name != t->name) (b->name < t->name ? t : b) = nullptr;
    i += b != nullptr;
    j += t != nullptr;
    const std::string_view name = (b != nullptr ? b : t)->name;
    Counts& counts = CountsOf(name);
    if (counts.ignored) continue;
    const Outcome outcome = Compare(b, t);
    counts.base += HasValues(b);
    counts.test += HasValues(t);
    counts.match += outcome == Outcome::kMatch;
    counts.mismatch += outcome == Outcome::kMismatch;
    counts.base_only += outcome == Outcome::kBaseOnly;
    counts.test_only += outcome == Outcome::kTestOnly;
    is_skewed |= outcome != Outcome::kMatch;
    outcomes_.emplace_back(name, outcome);
  }
  if (is_skewed && options_.sample_size > 0) AddSample(key, base, test);
  return CountConfusion();
}

Status SkewCounter::CountConfusion() {
  for (const std::string& name : options_.confusion_features) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string_view base,
                              ConfusionValue(FindByName(base_, name), name));
    BESSEMER_ASSIGN_OR_RETURN(const std::string_view test,
                              ConfusionValue(FindByName(test_, name), name));
    ++confusion_[{name, std::string(base), std::string(test)}];
  }
  return OkStatus();
}

void SkewCounter::AddSample(std::string_view key, std::string_view base, std::string_view test) {
  const uint64_t rank = Random::Mix(
      Fingerprint64(key) ^ Random::Mix(Fingerprint64(base) ^ Random::Mix(Fingerprint64(test))));
  const auto size = static_cast<size_t>(options_.sample_size);
  const auto by_rank = [](const Sample& a, const Sample& b) { return a.rank < b.rank; };
  if (samples_.size() >= size && rank >= samples_.front().rank) return;
  Sample sample{.rank = rank, .pair = {}};
  sample.pair.set_base(std::string(base));
  sample.pair.set_test(std::string(test));
  for (const auto& [name, outcome] : outcomes_) {
    const std::string text(name);
    if (outcome == Outcome::kMatch) sample.pair.add_matched_features(text);
    if (outcome == Outcome::kMismatch) sample.pair.add_mismatched_features(text);
    if (outcome == Outcome::kBaseOnly) sample.pair.add_base_only_features(text);
    if (outcome == Outcome::kTestOnly) sample.pair.add_test_only_features(text);
  }
  samples_.push_back(std::move(sample));
  std::push_heap(samples_.begin(), samples_.end(), by_rank);
  Shrink(size);
}

void SkewCounter::Shrink(size_t size) {
  const auto by_rank = [](const Sample& a, const Sample& b) { return a.rank < b.rank; };
  while (samples_.size() > size) {
    std::pop_heap(samples_.begin(), samples_.end(), by_rank);
    samples_.pop_back();
  }
}

void SkewCounter::Merge(SkewCounter&& other) {
  for (const auto& [name, theirs] : other.counts_) {
    Counts& ours = CountsOf(name);
    ours.base += theirs.base;
    ours.test += theirs.test;
    ours.match += theirs.match;
    ours.base_only += theirs.base_only;
    ours.test_only += theirs.test_only;
    ours.mismatch += theirs.mismatch;
  }
  for (const auto& [values, count] : other.confusion_) confusion_[values] += count;
  for (Sample& sample : other.samples_) {
    samples_.push_back(std::move(sample));
    std::push_heap(samples_.begin(), samples_.end(),
                   [](const Sample& a, const Sample& b) { return a.rank < b.rank; });
  }
  Shrink(static_cast<size_t>(std::max<int64_t>(options_.sample_size, 0)));
  const auto* reflection = match_.GetReflection();
  const auto* fields = match_.GetDescriptor();
  for (int i = 0; i < fields->field_count(); ++i) {
    const auto* field = fields->field(i);
    reflection->SetUInt64(&match_, field,
                          reflection->GetUInt64(match_, field) +
                              reflection->GetUInt64(other.match_, field));
  }
}

FeatureSkewResult SkewCounter::Finish() && {
  FeatureSkewResult result;
  for (const auto& [name, counts] : counts_) {
    if (counts.ignored) continue;
    FeatureSkew& skew = result.features.emplace_back();
    skew.set_feature_name(name);
    skew.set_base_count(counts.base);
    skew.set_test_count(counts.test);
    skew.set_match_count(counts.match);
    skew.set_base_only(counts.base_only);
    skew.set_test_only(counts.test_only);
    skew.set_mismatch_count(counts.mismatch);
    skew.set_diff_count(counts.base_only + counts.test_only + counts.mismatch);
  }
  for (const auto& [values, count] : confusion_) {
    ConfusionCount& confusion = result.confusion.emplace_back();
    confusion.set_feature_name(std::get<0>(values));
    confusion.mutable_base()->set_bytes_value(std::get<1>(values));
    confusion.mutable_test()->set_bytes_value(std::get<2>(values));
    confusion.set_count(count);
  }
  std::sort(samples_.begin(), samples_.end(), [](const Sample& a, const Sample& b) {
    return a.rank != b.rank ? a.rank < b.rank
                            : proto::Serialize(a.pair) < proto::Serialize(b.pair);
  });
  for (Sample& sample : samples_) result.samples.push_back(std::move(sample.pair));
  result.match_stats = std::move(match_);
  return result;
}

}  // namespace bessemer::validation
