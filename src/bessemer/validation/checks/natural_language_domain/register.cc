#include <google/protobuf/any.pb.h>

#include <map>
#include <variant>

#include "bessemer/validation/check.h"

namespace bessemer::validation::natural_language_domain {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::NaturalLanguageDomain;
using ::tensorflow::metadata::v0::NaturalLanguageStatistics;
using ::tensorflow::metadata::v0::SequenceValueConstraints;
using TokenStatistics = NaturalLanguageStatistics::TokenStatistics;
using Token = std::variant<std::string, int64_t>;

constexpr std::string_view kStatistics = "nl_statistics";

void DropForLackOfStatistics(FeatureCheckContext& context, std::string_view what) {
  context.Report(AnomalyInfo::STATS_NOT_AVAILABLE, "Language statistics are missing",
                 fmt::format("The domain has constraints that need {}: compute the statistics with "
                             "this schema and with semantic domain statistics switched on.",
                             what));
  context.feature().clear_natural_language_domain();
}

void CheckCoverage(FeatureCheckContext& context, const NaturalLanguageStatistics& seen,
                   NaturalLanguageDomain* domain) {
  if (!domain->has_coverage()) return;
  auto* coverage = domain->mutable_coverage();
  if (coverage->has_min_coverage() && seen.feature_coverage() < coverage->min_coverage()) {
    context.Report(AnomalyInfo::FEATURE_COVERAGE_TOO_LOW, "Too many unknown tokens",
                   fmt::format("Expected a fraction of at least {} of tokens in the vocabulary; it "
                               "is {}.",
                               NumberText(coverage->min_coverage()),
                               NumberText(seen.feature_coverage())));
    coverage->set_min_coverage(static_cast<float>(seen.feature_coverage()));
  }
  if (coverage->has_min_avg_token_length() &&
      seen.avg_token_length() < coverage->min_avg_token_length()) {
    context.Report(AnomalyInfo::FEATURE_COVERAGE_TOO_SHORT_AVG_TOKEN_LENGTH, "Tokens are too short",
                   fmt::format("Expected tokens of at least {} bytes on average; they have {}.",
                               NumberText(coverage->min_avg_token_length()),
                               NumberText(seen.avg_token_length())));
    coverage->set_min_avg_token_length(static_cast<float>(seen.avg_token_length()));
  }
}

void CheckToken(FeatureCheckContext& context, const std::string& token, const TokenStatistics& seen,
                SequenceValueConstraints* bounds) {
  const double fraction = seen.fraction_of_sequences();
  if (bounds->has_min_fraction_of_sequences() && fraction < bounds->min_fraction_of_sequences()) {
    context.Report(AnomalyInfo::SEQUENCE_VALUE_TOO_SMALL_FRACTION, "Token in too few sequences",
                   fmt::format("Expected {} in a fraction of at least {} of sequences; it is in "
                               "{}.",
                               token, NumberText(bounds->min_fraction_of_sequences()),
                               NumberText(fraction)));
    bounds->set_min_fraction_of_sequences(static_cast<float>(fraction));
  }
  if (bounds->has_max_fraction_of_sequences() && fraction > bounds->max_fraction_of_sequences()) {
    context.Report(AnomalyInfo::SEQUENCE_VALUE_TOO_LARGE_FRACTION, "Token in too many sequences",
                   fmt::format("Expected {} in a fraction of at most {} of the sequences; it is in "
                               "{}.",
                               token, NumberText(bounds->max_fraction_of_sequences()),
                               NumberText(fraction)));
    bounds->set_max_fraction_of_sequences(static_cast<float>(fraction));
  }
  const auto fewest = seen.per_sequence_min_frequency();
  if (bounds->has_min_per_sequence() && fewest < bounds->min_per_sequence()) {
    context.Report(AnomalyInfo::SEQUENCE_VALUE_TOO_FEW_OCCURRENCES, "Token too rare in a sequence",
                   fmt::format("Expected {} at least {} times in a sequence; one has it {} times.",
                               token, bounds->min_per_sequence(), fewest));
    bounds->set_min_per_sequence(static_cast<int64_t>(fewest));
  }
  const auto most = seen.per_sequence_max_frequency();
  if (bounds->has_max_per_sequence() && most > bounds->max_per_sequence()) {
    context.Report(AnomalyInfo::SEQUENCE_VALUE_TOO_MANY_OCCURRENCES,
                   "Token too frequent in a sequence",
                   fmt::format("Expected {} at most {} times in a sequence; one has it {} times.",
                               token, bounds->max_per_sequence(), most));
    bounds->set_max_per_sequence(static_cast<int64_t>(most));
  }
}

std::map<Token, const TokenStatistics*> ByToken(const NaturalLanguageStatistics& seen) {
  std::map<Token, const TokenStatistics*> by_token;
  for (const TokenStatistics& token : seen.token_statistics()) {
    if (token.token_case() == TokenStatistics::kIntToken) {
      by_token.emplace(int64_t{token.int_token()}, &token);
    } else if (token.token_case() == TokenStatistics::kStringToken) {
      by_token.emplace(token.string_token(), &token);
    }
  }
  return by_token;
}

Status Run(FeatureCheckContext& context) {
  NaturalLanguageStatistics seen;
  const auto* custom = context.statistics.FindCustom(kStatistics);
  // A statistic of that name in another form is not ours to judge.
  if (custom != nullptr && !custom->any().UnpackTo(&seen)) return OkStatus();
  NaturalLanguageDomain* domain = context.feature().mutable_natural_language_domain();
  const bool constrained = domain->coverage().has_min_coverage() ||
                           domain->coverage().has_min_avg_token_length() ||
                           domain->token_constraints_size() > 0;
  if (custom == nullptr) {
    if (constrained) DropForLackOfStatistics(context, "the statistic nl_statistics");
    return OkStatus();
  }
  CheckCoverage(context, seen, domain);
  const auto by_token = ByToken(seen);
  for (SequenceValueConstraints& bounds : *domain->mutable_token_constraints()) {
    Token token;
    if (bounds.has_int_value()) {
      token = int64_t{bounds.int_value()};
    } else if (bounds.has_string_value()) {
      token = bounds.string_value();
    } else {
      continue;
    }
    const std::string text = bounds.has_int_value() ? fmt::format("{}", bounds.int_value())
                                                    : fmt::format("\"{}\"", bounds.string_value());
    const auto found = by_token.find(token);
    if (found == by_token.end()) {
      DropForLackOfStatistics(context, fmt::format("statistics of the token {}", text));
      return OkStatus();
    }
    CheckToken(context, text, *found->second, &bounds);
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "natural_language_domain",
                .doc = "Tokens are in the vocabulary, long enough, and occur as often as asked "
                       "(natural_language_domain.coverage, .token_constraints)",
                .stage = Stage::kDomain,
                .finds = {AnomalyInfo::STATS_NOT_AVAILABLE, AnomalyInfo::FEATURE_COVERAGE_TOO_LOW,
                          AnomalyInfo::FEATURE_COVERAGE_TOO_SHORT_AVG_TOKEN_LENGTH,
                          AnomalyInfo::SEQUENCE_VALUE_TOO_SMALL_FRACTION,
                          AnomalyInfo::SEQUENCE_VALUE_TOO_LARGE_FRACTION,
                          AnomalyInfo::SEQUENCE_VALUE_TOO_FEW_OCCURRENCES,
                          AnomalyInfo::SEQUENCE_VALUE_TOO_MANY_OCCURRENCES},
                .domains = {Feature::kNaturalLanguageDomain},
                .feature = Run});
}

}  // namespace bessemer::validation::natural_language_domain
