#include "bessemer/columnar/utf8.h"
#include "bessemer/statistics/leaf_values.h"
#include "bessemer/statistics/natural_language_domain/natural_language_domain.h"
#include "bessemer/statistics/per_feature.h"
#include "bessemer/statistics/uniques_sketch.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::natural_language_domain {
namespace {

constexpr int kMaxCharacters = 100;
constexpr int kMinWords = 3;
constexpr double kMinWordLength = 2.5;
constexpr double kMaxWordLength = 8;

bool IsSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f); }

}  // namespace

bool LooksLikeText(std::string_view value) {
  int num_characters = 0;
  int num_words = 0;
  int word_characters = 0;
  bool in_word = false;
  for (const char c : value) {
    const bool continues = (static_cast<unsigned char>(c) & 0xc0) == 0x80;  // of a UTF-8 sequence
    if (continues) continue;
    if (++num_characters > kMaxCharacters) break;
    if (IsSpace(c)) {
      in_word = false;
      continue;
    }
    if (!in_word) ++num_words;
    in_word = true;
    ++word_characters;
  }
  if (num_words < kMinWords) return false;
  const double average = static_cast<double>(word_characters) / num_words;
  return average >= kMinWordLength && average <= kMaxWordLength;
}

void TextCounts::Update(const FeatureArray& feature) {
  if (invalid_) return;
  if (feature.type != FeatureType::kString) {
    invalid_ = true;
    return;
  }
  ForEachBytes(feature, [this](std::string_view value) {
    if (!columnar::IsUtf8(value)) invalid_ = true;
    ++considered_;
    if (LooksLikeText(value)) ++matched_;
  });
}

void TextCounts::Merge(const TextCounts& other) {
  considered_ += other.considered_;
  matched_ += other.matched_;
  invalid_ |= other.invalid_;
}

void TextCounts::Save(StateWriter* out) const {
  out->Varint(considered_);
  out->Varint(matched_);
  out->Bool(invalid_);
}

void TextCounts::Load(StateReader* in) {
  considered_ = static_cast<int64_t>(in->Varint());
  matched_ = static_cast<int64_t>(in->Varint());
  invalid_ = in->Bool();
}

bool TextCounts::HasOutput() const {
  return !invalid_ && considered_ > 0 && considered_ >= limits_.min_values &&
         static_cast<double>(matched_) >= limits_.min_ratio * static_cast<double>(considered_);
}

void TextCounts::Finish(::tensorflow::metadata::v0::FeatureNameStatistics* out) const {
  auto* stat = out->add_custom_stats();
  stat->set_name("domain_info");
  stat->set_str("natural_language_domain {}");
  stat = out->add_custom_stats();
  stat->set_name("natural_language_match_rate");
  stat->set_num(static_cast<double>(matched_) / static_cast<double>(considered_));
}

void Register(StatisticRegistry& registry) {
  registry.Add({.name = "natural_language_domain",
                .doc = "Recognises features that hold natural language, by the length of words",
                .make = [](const StatisticsOptions& options) -> std::unique_ptr<Accumulator> {
                  if (!options.enable_semantic_domain_stats) return nullptr;
                  return std::make_unique<PerFeatureAccumulator<TextCounts>>();
                },
                .semantic_domain = true,
                .by_column = true});
}

}  // namespace bessemer::statistics::natural_language_domain
