#include <algorithm>

#include "bessemer/columnar/utf8.h"
#include "bessemer/statistics/histograms.h"
#include "bessemer/statistics/natural_language/sequence_stats.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::natural_language {
namespace {

using ::tensorflow::metadata::v0::NaturalLanguageStatistics;

constexpr std::string_view kNotUtf8 = "__BYTES_VALUE__";

std::string Shown(std::string_view token) {
  return std::string(columnar::IsUtf8(token) ? token : kNotUtf8);
}

// Single quotes, unless only double ones need no escape.
std::string PythonText(std::string_view text) {
  const bool has_single = text.find('\'') != std::string_view::npos;
  const char quote = has_single && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c == '\\' || text[i] == quote) {
      out += '\\';
      out += text[i];
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || c == 0x7f) {
      out += fmt::format("\\x{:02x}", c);
    } else if (c == 0xc2 && i + 1 < text.size() &&
               (static_cast<unsigned char>(text[i + 1]) <= 0xa0 || text[i + 1] == '\xad')) {
      out += fmt::format("\\x{:02x}", static_cast<unsigned char>(text[++i]));  // U+0080…A0, AD
    } else {
      out += text[i];
    }
  }
  return out + quote;
}

}  // namespace

std::string SequenceText(std::span<const Position> sequence) {
  std::string text = "[";
  for (const Position& position : sequence) {
    if (text.size() > 1) text += ", ";
    // Numbers are shown as the text they stand for, where there is one.
    if (position.text) {
      text += PythonText(Shown(*position.text));
    } else {
      text += std::to_string(position.number.value_or(0));
    }
  }
  return text + "]";
}

void SequenceStats::FinishTokens(NaturalLanguageStatistics* out) const {
  const double num_buckets = static_cast<double>(options_->num_histogram_buckets);
  for (const auto& [token, stats] : constrained_) {
    auto* token_stats = out->add_token_statistics();
    if (token.index() == 0) {
      token_stats->set_int_token(std::get<0>(token));
    } else {
      token_stats->set_string_token(Shown(std::get<1>(token)));
    }
    if (stats.num_sequences == 0) continue;
    token_stats->set_frequency(static_cast<double>(stats.frequency));
    token_stats->set_fraction_of_sequences(static_cast<double>(stats.num_sequences) /
                                           static_cast<double>(num_sequences_));
    token_stats->set_per_sequence_min_frequency(static_cast<double>(*stats.min_frequency));
    token_stats->set_per_sequence_max_frequency(static_cast<double>(*stats.max_frequency));
    token_stats->set_per_sequence_avg_frequency(static_cast<double>(stats.frequency) /
                                                static_cast<double>(stats.num_sequences));
    for (const auto& [bucket, count] : stats.positions) {
      auto* bar = token_stats->mutable_positions()->add_buckets();
      bar->set_low_value(static_cast<double>(bucket) / num_buckets);
      bar->set_high_value(static_cast<double>(bucket + 1) / num_buckets);
      bar->set_sample_count(static_cast<double>(count));
    }
  }
}

void SequenceStats::Finish(NaturalLanguageStatistics* out) const {
  if (num_tokens_ > 0) {
    out->set_feature_coverage(static_cast<double>(num_in_vocabulary_) /
                              static_cast<double>(num_tokens_));
  }
  if (num_in_vocabulary_ > 0) {
    out->set_avg_token_length(static_cast<double>(total_length_) /
                              static_cast<double>(num_in_vocabulary_));
  }
  if (min_length_) out->set_min_sequence_length(*min_length_);
  if (max_length_) out->set_max_sequence_length(*max_length_);
  if (options_->num_quantiles_histogram_buckets > 0) {
    const Quantiles token_lengths =
        token_lengths_.Finish(options_->num_quantiles_histogram_buckets);
    if (!token_lengths.empty()) {
      *out->mutable_token_length_histogram() = QuantilesHistogram(token_lengths);
    }
    const Quantiles lengths = sequence_lengths_.Finish(options_->num_quantiles_histogram_buckets);
    if (!lengths.empty()) *out->mutable_sequence_length_histogram() = QuantilesHistogram(lengths);
  }
  int64_t rank = 0;
  const auto add = [&](std::string_view token, double count) {
    if (rank >= options_->num_rank_histogram_buckets) return;
    auto* bucket = out->mutable_rank_histogram()->add_buckets();
    bucket->set_low_rank(rank);
    bucket->set_high_rank(rank);
    bucket->set_label(Shown(token));
    bucket->set_sample_count(count);
    ++rank;
  };
  if (token_sketch_) {
    for (const auto& [token, count] : token_sketch_->Estimate()) add(token, count);
  } else {
    const auto num_buckets = static_cast<size_t>(options_->num_rank_histogram_buckets);
    for (const auto& entry : tokens_.Top(num_buckets, /*by_weight=*/false)) {
      add(entry.value, static_cast<double>(entry.count));
    }
  }
  FinishTokens(out);
  for (const auto* reported : {&by_coverage_, &by_token_length_}) {
    for (const Reported& sequence : *reported) out->add_reported_sequences(sequence.text);
  }
}

}  // namespace bessemer::statistics::natural_language
