#include "bessemer/statistics/natural_language/sequence_stats.h"

#include <algorithm>

#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::statistics::natural_language {
namespace {

using ::tensorflow::metadata::v0::NaturalLanguageDomain;

constexpr double kSketchError = 0.01;
constexpr int64_t kSketchElements = 34;  // the reference's 2 ^ 32, which is an exclusive or
constexpr size_t kTokenBuckets = 16384;
constexpr size_t kReported = 5;

int64_t NumCodePoints(std::string_view text) {
  return std::count_if(text.begin(), text.end(),
                       [](char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; });
}

template <typename T>
void MinMax(std::optional<T> value, std::optional<T>* min, std::optional<T>* max) {
  if (!value) return;
  *min = *min ? std::min(**min, *value) : *value;
  *max = *max ? std::max(**max, *value) : *value;
}

void SaveOptional(const std::optional<int64_t>& value, StateWriter* out) {
  out->Bool(value.has_value());
  if (value) out->Signed(*value);
}

std::optional<int64_t> LoadOptional(StateReader* in) {
  if (!in->Bool()) return std::nullopt;
  return in->Signed();
}

bool IsToken(const Position& position, const Token& token) {
  if (token.index() == 0) return position.number == std::get<0>(token);
  return position.text == std::string_view(std::get<1>(token));
}

}  // namespace

TokenRules TokenRules::Of(const NaturalLanguageDomain& domain) {
  TokenRules rules;
  rules.vocabulary = domain.vocabulary();
  const auto& coverage = domain.coverage();
  rules.excluded_strings = {coverage.excluded_string_tokens().begin(),
                            coverage.excluded_string_tokens().end()};
  rules.excluded_ints = {coverage.excluded_int_tokens().begin(),
                         coverage.excluded_int_tokens().end()};
  rules.oov_strings = {coverage.oov_string_tokens().begin(), coverage.oov_string_tokens().end()};
  const auto& lengths = domain.sequence_length_constraints();
  rules.length_excluded_ints = {lengths.excluded_int_value().begin(),
                                lengths.excluded_int_value().end()};
  rules.length_excluded_strings = {lengths.excluded_string_value().begin(),
                                   lengths.excluded_string_value().end()};
  for (const auto& constraint : domain.token_constraints()) {
    if (constraint.value_case() == std::decay_t<decltype(constraint)>::kIntValue) {
      rules.constrained.insert(constraint.int_value());
    } else {
      rules.constrained.insert(constraint.string_value());
    }
  }
  return rules;
}

LengthQuantiles::LengthQuantiles(bool compat) {
  if (compat) sketch_.emplace(kSketchError, kSketchElements);
}

void LengthQuantiles::Add(int64_t length) {
  if (sketch_) {
    sketch_->Add(static_cast<double>(length));
  } else {
    counts_.Add(static_cast<double>(length), 1);
  }
}

void LengthQuantiles::Merge(const LengthQuantiles& other) {
  if (sketch_ && other.sketch_) {
    sketch_->Merge(*other.sketch_);
  } else {
    counts_.Merge(other.counts_);
  }
}

Quantiles LengthQuantiles::Finish(int64_t num_quantiles) const {
  if (sketch_) return sketch_->Finish(num_quantiles);
  return QuantilesOf(counts_.Summary(/*integral=*/true), num_quantiles);
}

void LengthQuantiles::Save(StateWriter* out) const {
  if (sketch_) {
    sketch_->Save(out);
  } else {
    counts_.Save(out);
  }
}

void LengthQuantiles::Load(StateReader* in) {
  if (sketch_) {
    sketch_->Load(in);
  } else {
    counts_.Load(in);
  }
}

SequenceStats::SequenceStats(const StatisticsOptions& options, const TokenRules& rules)
    : options_(&options),
      rules_(&rules),
      token_lengths_(options.tfdv_compat),
      sequence_lengths_(options.tfdv_compat),
      tokens_(/*weighted=*/false) {
  if (options.tfdv_compat) {
    MisraGriesSketch::Options sketch;
    sketch.num_buckets = kTokenBuckets;
    token_sketch_.emplace(sketch);
  }
}

void SequenceStats::AddSequence(std::span<const Position> sequence, bool integral,
                                bool has_vocabulary) {
  ++num_sequences_;
  if (sequence.empty()) return;
  for (const Token& token : rules_->constrained) {
    const bool own_kind = integral == (token.index() == 0);
    if (own_kind || has_vocabulary) CountConstrained(sequence, token);
  }
  Report(sequence);
  int64_t length = static_cast<int64_t>(sequence.size());
  for (const Position& position : sequence) {
    if (position.number && rules_->length_excluded_ints.contains(*position.number)) --length;
    if (position.text && rules_->length_excluded_strings.contains(*position.text)) --length;
  }
  SetLength(length);
  CountCoverage(sequence);
}

void SequenceStats::CountConstrained(std::span<const Position> sequence, const Token& token) {
  TokenStats& stats = constrained_[token];
  int64_t frequency = 0;
  for (size_t i = 0; i < sequence.size(); ++i) {
    if (!IsToken(sequence[i], token)) continue;
    ++frequency;
    const double place = static_cast<double>(i) / static_cast<double>(sequence.size());
    ++stats.positions[static_cast<int64_t>(place *
                                           static_cast<double>(options_->num_histogram_buckets))];
  }
  stats.frequency += frequency;
  stats.num_sequences += frequency > 0 ? 1 : 0;
  MinMax<int64_t>(frequency, &stats.min_frequency, &stats.max_frequency);
}

void SequenceStats::SetLength(int64_t length) {
  sequence_lengths_.Add(length);
  if (options_->tfdv_compat) {
    if (min_length_ == 0) min_length_.reset();
    if (max_length_ == 0) max_length_.reset();
  }
  MinMax<int64_t>(length, &min_length_, &max_length_);
}

void SequenceStats::AddToken(std::string_view token) {
  ++num_in_vocabulary_;
  const int64_t length = NumCodePoints(token);
  total_length_ += length;
  token_lengths_.Add(length);
  if (token_sketch_) {
    token_sketch_->Add(token);
  } else {
    tokens_.Add(token);
  }
}

void SequenceStats::CountCoverage(std::span<const Position> sequence) {
  for (const Position& position : sequence) {
    // A number that no text is known of counts, as out of vocabulary.
    if (position.number && rules_->excluded_ints.contains(*position.number)) continue;
    if (position.text && rules_->excluded_strings.contains(*position.text)) continue;
    ++num_tokens_;
    if (position.text && !rules_->oov_strings.contains(*position.text)) AddToken(*position.text);
  }
}

void SequenceStats::Report(std::span<const Position> sequence) {
  int64_t num_texts = 0;
  int64_t length = 0;
  for (const Position& position : sequence) {
    if (!position.text || rules_->oov_strings.contains(*position.text)) continue;
    ++num_texts;
    length += NumCodePoints(*position.text);
  }
  const double coverage = static_cast<double>(num_texts) / static_cast<double>(sequence.size());
  const double token_length =
      num_texts > 0 ? static_cast<double>(length) / static_cast<double>(num_texts) : 0.0;
  std::string text;
  const auto add = [&](double metric, std::vector<Reported>* reported) {
    if (reported->size() == kReported && metric > reported->back().metric) return;
    if (text.empty()) text = SequenceText(sequence);
    reported->push_back({text, metric});
    Keep(reported);
  };
  add(coverage, &by_coverage_);
  add(token_length, &by_token_length_);
}

void SequenceStats::Keep(std::vector<Reported>* reported) const {
  const bool compat = options_->tfdv_compat;
  std::stable_sort(reported->begin(), reported->end(),
                   [compat](const Reported& a, const Reported& b) {
                     if (a.metric != b.metric || compat) return a.metric < b.metric;
                     return a.text < b.text;
                   });
  std::set<std::string_view> seen;
  std::vector<Reported> kept;
  for (const Reported& sequence : *reported) {
    if (kept.size() < kReported && seen.insert(sequence.text).second) kept.push_back(sequence);
  }
  *reported = std::move(kept);
}

Status SequenceStats::Merge(const SequenceStats& other) {
  num_sequences_ += other.num_sequences_;
  num_tokens_ += other.num_tokens_;
  num_in_vocabulary_ += other.num_in_vocabulary_;
  total_length_ += other.total_length_;
  MinMax(other.min_length_, &min_length_, &max_length_);
  MinMax(other.max_length_, &min_length_, &max_length_);
  token_lengths_.Merge(other.token_lengths_);
  sequence_lengths_.Merge(other.sequence_lengths_);
  BESSEMER_RETURN_IF_ERROR(tokens_.Merge(other.tokens_));
  for (const auto& [token, theirs] : other.constrained_) {
    TokenStats& stats = constrained_[token];
    stats.frequency += theirs.frequency;
    stats.num_sequences += theirs.num_sequences;
    MinMax(theirs.min_frequency, &stats.min_frequency, &stats.max_frequency);
    MinMax(theirs.max_frequency, &stats.min_frequency, &stats.max_frequency);
    for (const auto& [bucket, count] : theirs.positions) stats.positions[bucket] += count;
  }
  const auto join = [this](const std::vector<Reported>& from, std::vector<Reported>* into) {
    into->insert(into->end(), from.begin(), from.end());
    Keep(into);
  };
  join(other.by_coverage_, &by_coverage_);
  join(other.by_token_length_, &by_token_length_);
  if (token_sketch_ && other.token_sketch_) return token_sketch_->Merge(*other.token_sketch_);
  return OkStatus();
}

void SequenceStats::Save(StateWriter* out) const {
  for (const int64_t count : {num_sequences_, num_tokens_, num_in_vocabulary_, total_length_}) {
    out->Varint(static_cast<uint64_t>(count));
  }
  SaveOptional(min_length_, out);
  SaveOptional(max_length_, out);
  token_lengths_.Save(out);
  sequence_lengths_.Save(out);
  if (token_sketch_) {
    token_sketch_->Save(out);
  } else {
    tokens_.Save(out);
  }
  out->Varint(constrained_.size());
  for (const auto& [token, stats] : constrained_) {
    out->Bool(token.index() == 0);
    if (token.index() == 0) {
      out->Signed(std::get<0>(token));
    } else {
      out->Bytes(std::get<1>(token));
    }
    out->Varint(static_cast<uint64_t>(stats.frequency));
    out->Varint(static_cast<uint64_t>(stats.num_sequences));
    SaveOptional(stats.min_frequency, out);
    SaveOptional(stats.max_frequency, out);
    out->Varint(stats.positions.size());
    for (const auto& [bucket, count] : stats.positions) {
      out->Signed(bucket);
      out->Varint(static_cast<uint64_t>(count));
    }
  }
  for (const auto* reported : {&by_coverage_, &by_token_length_}) {
    out->Varint(reported->size());
    for (const Reported& sequence : *reported) {
      out->Bytes(sequence.text);
      out->Double(sequence.metric);
    }
  }
}

void SequenceStats::Load(StateReader* in) {
  for (int64_t* count : {&num_sequences_, &num_tokens_, &num_in_vocabulary_, &total_length_}) {
    *count = static_cast<int64_t>(in->Varint());
  }
  min_length_ = LoadOptional(in);
  max_length_ = LoadOptional(in);
  token_lengths_.Load(in);
  sequence_lengths_.Load(in);
  if (token_sketch_) {
    token_sketch_->Load(in);
  } else {
    tokens_.Load(in);
  }
  constrained_.clear();
  for (uint64_t i = in->Count(); i > 0 && in->status().ok(); --i) {
    const Token token = in->Bool() ? Token(in->Signed()) : Token(std::string(in->Bytes()));
    TokenStats& stats = constrained_[token];
    stats.frequency = static_cast<int64_t>(in->Varint());
    stats.num_sequences = static_cast<int64_t>(in->Varint());
    stats.min_frequency = LoadOptional(in);
    stats.max_frequency = LoadOptional(in);
    for (uint64_t j = in->Count(2); j > 0 && in->status().ok(); --j) {
      const int64_t bucket = in->Signed();
      stats.positions[bucket] = static_cast<int64_t>(in->Varint());
    }
  }
  for (auto* reported : {&by_coverage_, &by_token_length_}) {
    reported->clear();
    for (uint64_t i = in->Count(9); i > 0 && in->status().ok(); --i) {
      std::string text(in->Bytes());
      reported->push_back({std::move(text), in->Double()});
    }
  }
}

}  // namespace bessemer::statistics::natural_language
