#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "bessemer/io/publish.h"
#include "bessemer/statistics/dataset_state.h"
#include "bessemer/statistics/statistics_view.h"
#include "conformance/arrow_json.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tensorflow::metadata::v0::NaturalLanguageStatistics;

StatisticsOptions OptionsFor(const std::string& type, const std::string& domain) {
  auto schema = std::make_shared<::tensorflow::metadata::v0::Schema>();
  EXPECT_TRUE(::google::protobuf::TextFormat::ParseFromString(
      "feature { name: 'x' type: " + type + " natural_language_domain { " + domain + " } }",
      schema.get()));
  StatisticsOptions options;
  options.schema = std::move(schema);
  options.num_histogram_buckets = 3;
  options.num_quantiles_histogram_buckets = 2;
  return options;
}

StatusOr<NaturalLanguageStatistics> Compute(const StatisticsOptions& options, const char* type,
                                            Json values) {
  const Json column = {{"name", "x"}, {"type", type}, {"values", values}};
  const auto batch = conformance::BatchOf(Json{
      {"@arrow", {{"num_rows", values.size()}, {"columns", Json::array({column})}}}});
  EXPECT_TRUE(batch.ok()) << Message(batch.status());
  auto state = DatasetStatisticsState::Make(options);
  EXPECT_TRUE(state.ok()) << Message(state.status());
  BESSEMER_RETURN_IF_ERROR(state->Update(**batch));
  const auto result = state->Finish();
  const auto* stat = FindCustomStat(result.datasets(0).features(0), "nl_statistics");
  if (stat == nullptr) return NotFoundError("no nl_statistics");
  NaturalLanguageStatistics statistics;
  EXPECT_TRUE(stat->any().UnpackTo(&statistics));
  return statistics;
}

TEST(NaturalLanguage, CountsTextByItsRules) {
  const auto got = Compute(
      OptionsFor("BYTES", "coverage { oov_string_tokens: 'UNK' excluded_string_tokens: '.' } "
                          "sequence_length_constraints { excluded_string_value: '.' } "
                          "token_constraints { string_value: 'dé' }"),
      "list<item: string>", {{"dé", "UNK", "."}, {"dé", "dé", "abcd"}, nullptr, Json::array()});
  ASSERT_TRUE(got.ok()) << Message(got.status());
  EXPECT_DOUBLE_EQ(got->feature_coverage(), 4.0 / 5);
  EXPECT_DOUBLE_EQ(got->avg_token_length(), (3 * 2 + 4) / 4.0);  // in code points
  EXPECT_EQ(got->min_sequence_length(), 2);
  EXPECT_EQ(got->max_sequence_length(), 3);
  EXPECT_EQ(got->rank_histogram().buckets(0).label(), "dé");
  EXPECT_EQ(got->rank_histogram().buckets(0).sample_count(), 3);
  ASSERT_EQ(got->token_statistics_size(), 1);
  const auto& token = got->token_statistics(0);
  EXPECT_EQ(token.frequency(), 3);
  EXPECT_DOUBLE_EQ(token.fraction_of_sequences(), 2.0 / 3);  // the empty sequence counts
  EXPECT_EQ(token.per_sequence_min_frequency(), 1);
  EXPECT_EQ(token.per_sequence_max_frequency(), 2);
  EXPECT_EQ(token.positions().buckets_size(), 2);
  EXPECT_THAT(got->reported_sequences(),
              ElementsAre("['dé', 'UNK', '.']", "['dé', 'dé', 'abcd']", "['dé', 'UNK', '.']",
                          "['dé', 'dé', 'abcd']"));
}

TEST(NaturalLanguage, ReadsNumbersByAVocabulary) {
  const std::string file = testing::TempDir() + "/vocabulary.txt";
  ASSERT_TRUE(io::WriteFileAtomically(file, "the\ncat\nsat\n").ok());
  StatisticsOptions options =
      OptionsFor("INT", "vocabulary: 'words' coverage { excluded_int_tokens: 0 } "
                        "token_constraints { string_value: 'cat' }");
  options.vocab_paths["words"] = file;
  const auto got = Compute(options, "list<item: int64>", {{0, 1, 2, 9}});
  ASSERT_TRUE(got.ok()) << Message(got.status());
  EXPECT_DOUBLE_EQ(got->feature_coverage(), 2.0 / 3);
  EXPECT_EQ(got->token_statistics(0).string_token(), "cat");
  EXPECT_EQ(got->token_statistics(0).frequency(), 1);
  EXPECT_EQ(got->reported_sequences(0), "['the', 'cat', 'sat', 9]");

  options.vocab_paths["words"] = file + ".gone";
  EXPECT_THAT(Message(Compute(options, "list<item: int64>", {{1}}).status()),
              HasSubstr("vocabulary.txt.gone"));
  options.vocab_paths.clear();
  EXPECT_THAT(Message(Compute(options, "list<item: int64>", {{1}}).status()),
              HasSubstr("vocab_paths does not say where"));
}

TEST(NaturalLanguage, LengthsOfZeroAreLengths) {
  StatisticsOptions options = OptionsFor(
      "INT", "coverage { excluded_int_tokens: 0 } "
             "sequence_length_constraints { excluded_int_value: 7 }");
  const Json values = {{7}, {1, 2}};
  EXPECT_EQ(Compute(options, "list<item: int64>", values)->min_sequence_length(), 0);
  options.tfdv_compat = true;  // there the shortest sequence is forgotten
  EXPECT_EQ(Compute(options, "list<item: int64>", values)->min_sequence_length(), 2);
}

TEST(NaturalLanguage, NothingToMeasureGivesNothing) {
  for (const char* type : {"list<item: double>", "list<item: list<item: int64>>"}) {
    const Json value = std::string(type) == "list<item: double>" ? Json{{1.5}} : Json{{{1}}};
    EXPECT_FALSE(
        Compute(OptionsFor("INT", "coverage { excluded_int_tokens: 0 }"), type, value).ok());
  }
  EXPECT_FALSE(Compute(OptionsFor("INT", ""), "list<item: int64>", {{1}}).ok());
}

}  // namespace
}  // namespace bessemer::statistics
