#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "bessemer/example_gen/shaping/survey_internal.h"
#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen::shaping {
namespace {

using ::testing::HasSubstr;

TEST(WordListTest, SpillsAndReadsBack) {
  const TestFolder folder;
  ScratchSpace space(folder.path());
  WordList a(&space, 2, 4);
  WordList b(&space, 1, 3);
  for (uint64_t i = 0; i < 1000; ++i) {
    const uint64_t record[] = {i, i * i};
    ASSERT_TRUE(a.Append(record).ok());
    if (i % 3 == 0) {
      ASSERT_TRUE(b.Append(record).ok());
    }
  }
  ASSERT_TRUE(a.Seal().ok());
  EXPECT_EQ(a.num_records(), 1000);
  EXPECT_EQ(b.num_records(), 334);
  uint64_t next = 0;
  ASSERT_TRUE(a.Visit([&](const uint64_t* record) {
                 EXPECT_EQ(record[0], next);
                 EXPECT_EQ(record[1], next * next);
                 ++next;
                 return OkStatus();
               }).ok());
  EXPECT_EQ(next, 1000u);
  const auto all = b.ReadAll();
  ASSERT_EQ(all->size(), 334u);
  EXPECT_EQ(all->at(333), 999u);
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));  // the file has no name
}

TEST(WordListTest, AFolderThatIsMissingIsAnError) {
  ScratchSpace space("/nowhere/at/all");
  WordList list(&space, 1, 1);
  const uint64_t word = 1;
  EXPECT_THAT(std::string(Message(list.Append(&word))), HasSubstr("/nowhere/at/all: cannot make"));
}

// Parts of a few rows each give what a map in memory does.
TEST(SurveyTest, DuplicatesInManyParts) {
  const TestFolder folder;
  FactLayout layout;
  layout.Add(&layout.key, 2);
  layout.Add(&layout.rank);
  layout.Add(&layout.hash);
  Survey survey(layout, 5, folder.path(), /*part_bytes=*/4000);
  Random random(2);
  struct Best {
    uint64_t rank;
    uint64_t hash;
    size_t task;
    size_t row;
  };
  std::map<uint64_t, Best> best;
  for (size_t task = 0; task < 5; ++task) {
    for (size_t row = 0; row < 2000; ++row) {
      const uint64_t key = Random::Mix(random.Below(700) + 1);
      const uint64_t facts[] = {key, 1, random.Below(5), random.Next()};
      ASSERT_TRUE(survey.Add(task, 0, facts).ok());
      const Best mine{facts[2], facts[3], task, row};
      const auto [known, is_new] = best.try_emplace(key, mine);
      const Best& other = known->second;
      if (mine.rank > other.rank || (mine.rank == other.rank && mine.hash < other.hash)) {
        known->second = mine;
      }
    }
    ASSERT_TRUE(survey.Seal(task).ok());
  }
  ASSERT_TRUE(survey.DropDuplicates(false, 2).ok());
  size_t num_kept = 0;
  for (size_t task = 0; task < 5; ++task) {
    for (size_t row = 0; row < 2000; ++row) num_kept += survey.fate(task, row) == 0;
  }
  EXPECT_EQ(num_kept, best.size());
  for (const auto& [key, row] : best) EXPECT_EQ(survey.fate(row.task, row.row), 0);
}

TEST(ValueOrderTest, ReadsTimes) {
  const struct {
    const char* text;
    std::optional<int64_t> micros;
  } cases[] = {
      {"1970-01-01", 0},
      {"1970-01-02T00:00:01Z", 86401000000},
      {"1970-01-01 00:00", 0},
      {"1970-01-01T01:00:00.25+01:00", 250000},
      {"1969-12-31T23:59:59.999999Z", -1},
      {"1970-01-01T00:00:00-0130", 5400000000},
      {"2013-02-29", std::nullopt},
      {"2013-2-9", std::nullopt},
      {"2013-02-09T", std::nullopt},
      {"2013-02-09T24:00:00", std::nullopt},
      {"2013-02-09T10:00:00.", std::nullopt},
      {"2013-02-09T10:00:00ZZ", std::nullopt},
      {"tomorrow", std::nullopt},
  };
  for (const auto& test : cases) EXPECT_EQ(ParseTime(test.text), test.micros) << test.text;
}

TEST(ValueOrderTest, PlacesGoBackToValues) {
  using Kind = ValueOrder::Kind;
  uint64_t last = 0;
  for (const double value : {-1e300, -2.5, -0.0, 1e-300, 2.5, 1e300}) {
    const auto place = ValueOrder::Place(value, Kind::kFloat);
    ASSERT_TRUE(place.ok());
    EXPECT_GT(*place, last);
    EXPECT_EQ(ValueOrder::Value(*place, Kind::kFloat).get<double>(), value);
    last = *place;
  }
  for (const int64_t value : {INT64_MIN, int64_t{-1}, int64_t{0}, INT64_MAX}) {
    EXPECT_EQ(ValueOrder::Value(*ValueOrder::Place(value, Kind::kInteger), Kind::kInteger), value);
  }
  EXPECT_EQ(*ValueOrder::Place(2.5, Kind::kInteger), *ValueOrder::Place(3, Kind::kInteger));
  for (const char* text : {"2013-11-05", "2013-11-05T08:30:00Z", "1969-12-31T23:59:59.999999Z"}) {
    EXPECT_EQ(ValueOrder::Value(*ValueOrder::Place(text, Kind::kTime), Kind::kTime), text);
  }
}

}  // namespace
}  // namespace bessemer::example_gen::shaping
