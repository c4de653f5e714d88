#include "bessemer/statistics/slice_query.h"

#include <arrow/array/array_nested.h>
#include <arrow/array/builder_dict.h>
#include <arrow/array/builder_primitive.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/statistics/slicing.h"
#include "conformance/arrow_json.h"

namespace bessemer::statistics {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Pair;
using Rows = std::vector<int64_t>;

std::shared_ptr<arrow::RecordBatch> Batch() {
  const auto column = [](const char* name, const char* type, Json values) {
    return Json{{"name", name}, {"type", type}, {"values", std::move(values)}};
  };
  return *conformance::BatchOf(Json{
      {"@arrow",
       {{"num_rows", 4},
        {"columns",
         Json::array({column("a", "list<item: int64>", {{1}, {2, 1}, nullptr, {3}}),
                      column("b", "list<item: string>", {{"dog"}, {"cat"}, {"cat"}, {nullptr}}),
                      column("f", "list<item: double>", {{0.1}, {2.5}, {3}, nullptr})})}}}});
}

std::map<std::string, Rows> Slices(const std::string& sql) {
  const auto query = SliceQuery::Parse(sql);
  EXPECT_TRUE(query.ok()) << Message(query.status());
  if (!query.ok()) return {};
  const auto slices = query->Slices(*Batch(), /*require_features=*/false);
  EXPECT_TRUE(slices.ok()) << Message(slices.status());
  return slices.ok() ? *slices : std::map<std::string, Rows>();
}

TEST(SliceQuery, NamesRowsByTheValuesOfFeatures) {
  EXPECT_THAT(Slices("SELECT STRUCT(a) FROM example.a"),
              ElementsAre(Pair("a_1", Rows{0, 1}), Pair("a_2", Rows{1}), Pair("a_3", Rows{3})));
  EXPECT_THAT(Slices("select struct(b, a) from example.a, example.b"),
              ElementsAre(Pair("b_NULL_a_3", Rows{3}), Pair("b_cat_a_1", Rows{1}),
                          Pair("b_cat_a_2", Rows{1}), Pair("b_dog_a_1", Rows{0})));
  EXPECT_THAT(Slices("SELECT STRUCT(f) FROM example.f"),
              ElementsAre(Pair("f_0.1", Rows{0}), Pair("f_2.5", Rows{1}), Pair("f_3", Rows{2})));
  EXPECT_THAT(Slices("SELECT STRUCT(nowhere) FROM example.nowhere"), IsEmpty());
}

TEST(SliceQuery, KnowsConditionsAndExpressions) {
  EXPECT_THAT(Slices("SELECT STRUCT(a AS x) FROM example.a WHERE a != 1 AND NOT a > 2"),
              ElementsAre(Pair("x_2", Rows{1})));
  EXPECT_THAT(Slices("SELECT STRUCT(b) WHERE b IN ('dog', 'cow') OR f >= 3"),
              ElementsAre(Pair("b_cat", Rows{2}), Pair("b_dog", Rows{0})));
  EXPECT_THAT(Slices("SELECT STRUCT(CASE WHEN f < 1 THEN 'low' ELSE 'high' END AS level) "
                     "WHERE f IS NOT NULL"),
              ElementsAre(Pair("level_high", Rows{1, 2}), Pair("level_low", Rows{0})));
  EXPECT_THAT(Slices("SELECT STRUCT(1 AS one) FROM UNNEST([example]) AS e WHERE e.b <> 'dog'"),
              ElementsAre(Pair("one_1", Rows{1, 2})));
  // Features that no row has may be of different kinds.
  EXPECT_THAT(Slices("SELECT STRUCT(b) WHERE nobody > 1 OR nowhere = 'x' OR b = 'dog'"),
              ElementsAre(Pair("b_dog", Rows{0})));
}

TEST(SliceQuery, ErrorsNameThePlace) {
  const auto message = [](const char* sql) {
    return std::string(Message(SliceQuery::Parse(sql).status()));
  };
  EXPECT_THAT(message("SELECT a"), HasSubstr("at byte 7: expected struct"));
  EXPECT_THAT(message("SELECT STRUCT(a + 1)"), HasSubstr("needs 'AS name'"));
  EXPECT_THAT(message("SELECT STRUCT(a) FROM b"), HasSubstr("expected example"));
  EXPECT_THAT(message("SELECT STRUCT(a) WHERE b = 'x"), HasSubstr("found"));
  const auto several = SliceQuery::Parse("SELECT STRUCT(a)")->Slices(*Batch(), false);
  EXPECT_THAT(Message(several.status()), HasSubstr("several values in a row"));
}

// An error, since which rows are in a batch is left to chance; the reference has a slice for them.
TEST(SliceRows, QueriesThatCannotBeAppliedAreErrors) {
  SliceSpec spec;
  spec.sql = "SELECT STRUCT(b) FROM example.b WHERE b > 3";
  const Status error = SliceRows(*Batch(), spec).status();
  EXPECT_EQ(error.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(Message(error), HasSubstr("slices by 'SELECT STRUCT(b) FROM example.b WHERE b > 3'"));
  const auto slices = SliceRows(*Batch(), spec, /*tfdv_compat=*/true);
  ASSERT_TRUE(slices.ok()) << Message(slices.status());
  ASSERT_EQ(slices->size(), 1u);
  EXPECT_EQ(slices->front().first, kInvalidSlice);
  EXPECT_EQ(slices->front().second->num_rows(), 4);
  spec.sql = "SELECT STRUCT(c) FROM example.c";
  EXPECT_TRUE(SliceRows(*Batch(), spec)->empty());
  EXPECT_EQ(SliceRows(*Batch(), spec, /*tfdv_compat=*/true)->front().first, kInvalidSlice);
}

// Columns of Parquet that become features, as examples would have them.
TEST(SliceRows, TakeEveryTypeThatExamplesHold) {
  arrow::BooleanBuilder truths;
  arrow::StringDictionaryBuilder words;
  for (const char* word : {"x", "y", "x"}) {
    ASSERT_TRUE(truths.Append(*word == 'x').ok());
    ASSERT_TRUE(words.Append(word).ok());
  }
  ASSERT_TRUE(truths.AppendNull().ok());
  ASSERT_TRUE(words.AppendNull().ok());
  const auto truth = truths.Finish().ValueOrDie();
  const auto word = words.Finish().ValueOrDie();
  const auto pair = arrow::StructArray::Make({truth, truth}, std::vector<std::string>{"a", "b"});
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("truth", truth->type()), arrow::field("word", word->type()),
                     arrow::field("pair", (*pair)->type())}),
      4, arrow::ArrayVector{truth, word, *pair});
  const auto sizes = [&](const SliceSpec& spec) {
    std::map<std::string, int64_t> rows;
    const auto slices = SliceRows(*batch, spec);
    EXPECT_TRUE(slices.ok()) << Message(slices.status());
    for (const auto& [name, slice] : *slices) rows[name] = slice->num_rows();
    return rows;
  };
  EXPECT_THAT(sizes({.features = {{"truth", {}}}, .sql = ""}),
              ElementsAre(Pair("truth_0", 1), Pair("truth_1", 2)));
  EXPECT_THAT(sizes({.features = {{"word", {"y"}}}, .sql = ""}), ElementsAre(Pair("word_y", 1)));
  EXPECT_THAT(sizes({.features = {}, .sql = "SELECT STRUCT(word, truth) FROM example.word"}),
              ElementsAre(Pair("word_x_truth_1", 2), Pair("word_y_truth_0", 1)));
  const SliceSpec nested{.features = {{"pair", {}}}, .sql = ""};
  EXPECT_THAT(Message(SliceRows(*batch, nested).status()),
              ::testing::AllOf(HasSubstr("feature 'pair' has type"),
                               HasSubstr("it holds: pair.a, pair.b")));
  // Fields of structs, by their paths.
  EXPECT_THAT(sizes({.features = {{"pair.a", {}}}, .sql = ""}),
              ElementsAre(Pair("pair.a_0", 1), Pair("pair.a_1", 2)));
  EXPECT_THAT(sizes({.features = {{"pair.b", {"1"}}, {"word", {}}}, .sql = ""}),
              ElementsAre(Pair("pair.b_1_word_x", 2)));
  EXPECT_THAT(sizes({.features = {{"pair.c", {}}}, .sql = ""}), IsEmpty());
}

TEST(SliceRows, IntegerValuesAreNumbers) {
  EXPECT_EQ(SliceRows(*Batch(), {.features = {{"a", {" 02"}}}, .sql = ""})->front().first, "a_2");
  EXPECT_THAT(Message(SliceRows(*Batch(), {.features = {{"a", {"x"}}}, .sql = ""}).status()),
              HasSubstr("'x' is no integer"));
  // As the reference does, a feature that the batch lacks is left out of the names.
  const SliceSpec spec{.features = {{"a", {"3"}}, {"c", {}}}, .sql = ""};
  EXPECT_TRUE(SliceRows(*Batch(), spec)->empty());
  EXPECT_EQ(SliceRows(*Batch(), spec, true)->front().first, "a_3");
}

}  // namespace
}  // namespace bessemer::statistics
