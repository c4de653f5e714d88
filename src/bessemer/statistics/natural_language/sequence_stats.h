#ifndef BESSEMER_STATISTICS_NATURAL_LANGUAGE_SEQUENCE_STATS_H_
#define BESSEMER_STATISTICS_NATURAL_LANGUAGE_SEQUENCE_STATS_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bessemer/statistics/natural_language/vocabulary.h"
#include "bessemer/statistics/options.h"
#include "bessemer/statistics/quantile_summary.h"
#include "bessemer/statistics/state_codec.h"
#include "bessemer/statistics/uniques_sketch.h"
#include "bessemer/statistics/value_distribution.h"
#include "bessemer/statistics/value_table.h"

namespace tensorflow::metadata::v0 {
class NaturalLanguageDomain;
class NaturalLanguageStatistics;
}

namespace bessemer::statistics::natural_language {

// A number, or text. Numbers come first, each kind in its own order.
using Token = std::variant<int64_t, std::string>;

// What a schema says of the tokens of a feature.
struct TokenRules {
  std::string vocabulary;  // its name; "": none
  std::set<std::string, std::less<>> excluded_strings;  // not counted in coverage
  std::set<int64_t> excluded_ints;
  std::set<std::string, std::less<>> oov_strings;  // counted as out of vocabulary
  std::set<std::string, std::less<>> length_excluded_strings;  // not counted in sequence lengths
  std::set<int64_t> length_excluded_ints;
  std::set<Token> constrained;  // get statistics of their own

  static TokenRules Of(const ::tensorflow::metadata::v0::NaturalLanguageDomain& domain);
  // Whether there is anything to measure: a vocabulary, or tokens that are excluded or out of it.
  bool HasCoverage() const {
    return !vocabulary.empty() || !excluded_strings.empty() || !excluded_ints.empty() ||
           !oov_strings.empty();
  }
};

// A position of a sequence: the token as a number, as text, or both where a vocabulary tells.
struct Position {
  std::optional<int64_t> number;
  std::optional<std::string_view> text;
};

// How often whole numbers occur: exactly, or by the reference's sketch under tfdv_compat, which has
// room for 34 elements at an error of 0.01.
class LengthQuantiles {
 public:
  explicit LengthQuantiles(bool compat);
  void Add(int64_t length);
  void Merge(const LengthQuantiles& other);
  Quantiles Finish(int64_t num_quantiles) const;
  void Save(StateWriter* out) const;
  void Load(StateReader* in);

 private:
  std::optional<QuantilesSketch> sketch_;
  ValueDistribution<uint64_t> counts_;
};

// Everything about the sequences of tokens of one feature. Memory: the different tokens (16384 of
// them under tfdv_compat) and ten sequences.
//
// The default mode does not depend on the order of sequences. tfdv_compat follows the reference to
// its defects: a shortest or longest sequence of length 0 is forgotten when the next one comes, and
// of reported sequences that measure the same the first ones are kept.
class SequenceStats {
 public:
  // `rules` outlives the object.
  SequenceStats(const StatisticsOptions& options, const TokenRules& rules);

  // `integral`: the feature holds numbers. Positions have the other form where `has_vocabulary`
  // and the vocabulary knows the token.
  void AddSequence(std::span<const Position> sequence, bool integral, bool has_vocabulary);
  Status Merge(const SequenceStats& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  void Finish(::tensorflow::metadata::v0::NaturalLanguageStatistics* out) const;

 private:
  struct TokenStats {
    int64_t frequency = 0;
    int64_t num_sequences = 0;
    std::optional<int64_t> min_frequency;  // over all sequences, also those without the token
    std::optional<int64_t> max_frequency;
    std::map<int64_t, int64_t> positions;  // by bucket
  };
  struct Reported {
    std::string text;
    double metric;
  };

  void CountConstrained(std::span<const Position> sequence, const Token& token);
  void CountCoverage(std::span<const Position> sequence);
  void AddToken(std::string_view token);
  void SetLength(int64_t length);
  void Report(std::span<const Position> sequence);
  void Keep(std::vector<Reported>* reported) const;
  void FinishTokens(::tensorflow::metadata::v0::NaturalLanguageStatistics* out) const;

  const StatisticsOptions* options_;
  const TokenRules* rules_;
  int64_t num_sequences_ = 0;
  int64_t num_tokens_ = 0;
  int64_t num_in_vocabulary_ = 0;
  int64_t total_length_ = 0;  // of the tokens in the vocabulary, in code points
  std::optional<int64_t> min_length_;
  std::optional<int64_t> max_length_;
  LengthQuantiles token_lengths_;
  LengthQuantiles sequence_lengths_;
  ValueTable tokens_;
  std::optional<MisraGriesSketch> token_sketch_;  // in place of tokens_ under tfdv_compat
  std::map<Token, TokenStats> constrained_;
  std::vector<Reported> by_coverage_;
  std::vector<Reported> by_token_length_;
};

// A sequence as Python writes a list of its tokens, e.g. ['a', 3]: text where it is known.
std::string SequenceText(std::span<const Position> sequence);

}  // namespace bessemer::statistics::natural_language

#endif  // BESSEMER_STATISTICS_NATURAL_LANGUAGE_SEQUENCE_STATS_H_
