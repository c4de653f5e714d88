#include "bessemer/example_gen/shaping/row_shaper.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "bessemer/base/parallel.h"
#include "bessemer/base/random.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen::shaping {
namespace {

using ::testing::DoubleNear;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct Row {
  int64_t id = 0;
  std::string user;   // "": missing
  std::string label;  // "": missing
  std::string day;    // "": missing
  int64_t amount = 0;
};

std::shared_ptr<arrow::RecordBatch> BatchOf(const std::vector<Row>& rows) {
  arrow::Int64Builder id;
  arrow::Int64Builder amount;
  arrow::BinaryBuilder texts[3];
  for (const Row& row : rows) {
    EXPECT_TRUE(id.Append(row.id).ok() && amount.Append(row.amount).ok());
    const std::string* values[] = {&row.user, &row.label, &row.day};
    for (int i = 0; i < 3; ++i) {
      EXPECT_TRUE((values[i]->empty() ? texts[i].AppendNull() : texts[i].Append(*values[i])).ok());
    }
  }
  return arrow::RecordBatch::Make(
      arrow::schema({arrow::field("id", arrow::int64()), arrow::field("user", arrow::binary()),
                     arrow::field("label", arrow::binary()), arrow::field("day", arrow::binary()),
                     arrow::field("amount", arrow::int64())}),
      static_cast<int64_t>(rows.size()),
      {*id.Finish(), *texts[0].Finish(), *texts[1].Finish(), *texts[2].Finish(),
       *amount.Finish()});
}

struct Cut {
  size_t task_rows = 1000;
  size_t batch_rows = 300;
  int num_threads = 1;
};

struct Shaped {
  std::map<int64_t, int> split_of_id;
  std::map<int64_t, float> weight_of_id;
  ShapingCounts counts;
  Json report;

  std::set<int64_t> Ids(int split) const {
    std::set<int64_t> ids;
    for (const auto& [id, where] : split_of_id) {
      if (where == split) ids.insert(id);
    }
    return ids;
  }
};

StatusOr<Shaped> Shape(const ShapingRules& rules, const std::vector<Row>& rows, Cut cut = {}) {
  std::vector<std::string> splits = SplitNames(rules.split);
  if (splits.empty()) splits = {"all"};
  const size_t num_tasks = (rows.size() + cut.task_rows - 1) / cut.task_rows;
  const TestFolder folder;
  BESSEMER_ASSIGN_OR_RETURN(
      const std::unique_ptr<RowShaper> shaper,
      RowShaper::Make(rules, splits, std::vector<size_t>(num_tasks, 0), folder.path()));
  BESSEMER_RETURN_IF_ERROR(shaper->CheckNames({"id", "user", "label", "day", "amount"}));
  std::vector<Shaped> parts(num_tasks);
  const auto pass = [&](bool survey, int64_t task) -> Status {
    TaskShaper shape(*shaper, task);
    Shaped& part = parts[static_cast<size_t>(task)];
    const size_t begin = static_cast<size_t>(task) * cut.task_rows;
    const size_t end = std::min(rows.size(), begin + cut.task_rows);
    for (size_t from = begin; from < end; from += cut.batch_rows) {
      const std::vector<Row> some(rows.begin() + static_cast<int64_t>(from),
                                  rows.begin() + static_cast<int64_t>(
                                                     std::min(end, from + cut.batch_rows)));
      const auto batch = BatchOf(some);
      BESSEMER_RETURN_IF_ERROR(shape.StartBatch(*batch));
      BESSEMER_ASSIGN_OR_RETURN(ExampleEncoder encoder, ExampleEncoder::Make(batch));
      for (int64_t row = 0; row < batch->num_rows(); ++row) {
        const bool wants = survey ? shaper->surveys_records() : shaper->routes_records();
        const std::string record(wants ? encoder.Encode(row) : std::string_view());
        if (survey) {
          BESSEMER_RETURN_IF_ERROR(shape.Survey(row, record));
          continue;
        }
        const int64_t id = some[static_cast<size_t>(row)].id;
        BESSEMER_ASSIGN_OR_RETURN(part.split_of_id[id], shape.Route(row, record));
        if (!shaper->weight_feature().empty()) {
          BESSEMER_ASSIGN_OR_RETURN(part.weight_of_id[id],
                                    shape.Weight(row, part.split_of_id[id]));
        }
      }
    }
    if (survey) return shape.EndSurvey();
    shape.EndRoute();
    return OkStatus();
  };
  const auto n = static_cast<int64_t>(num_tasks);
  if (shaper->needs_survey()) {
    BESSEMER_RETURN_IF_ERROR(
        ParallelFor(n, cut.num_threads, [&](int64_t task) { return pass(true, task); }));
    BESSEMER_RETURN_IF_ERROR(shaper->Resolve(cut.num_threads));
  }
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(n, cut.num_threads, [&](int64_t task) { return pass(false, task); }));
  Shaped all{.counts = shaper->counts(), .report = shaper->Report()};
  for (const Shaped& part : parts) {
    all.split_of_id.insert(part.split_of_id.begin(), part.split_of_id.end());
    all.weight_of_id.insert(part.weight_of_id.begin(), part.weight_of_id.end());
  }
  return all;
}

// 3000 purchases of 400 users over 90 days, a tenth of them fraud.
std::vector<Row> Purchases() {
  Random random(7);
  std::vector<Row> rows;
  for (int64_t id = 0; id < 3000; ++id) {
    Row row{.id = id, .amount = static_cast<int64_t>(random.Below(50))};
    row.user = random.Below(40) == 0 ? "" : fmt::format("user{}", random.Below(400));
    row.label = random.Below(10) == 0 ? "fraud" : random.Below(30) == 0 ? "" : "fine";
    const uint64_t day = random.Below(90);
    row.day = fmt::format("2013-{:02}-{:02}", 1 + day / 28, 1 + day % 28);
    rows.push_back(std::move(row));
  }
  return rows;
}

TEST(RowShaperTest, ASampleIsAHashBelowAFraction) {
  const auto rows = Purchases();
  std::set<int64_t> smaller;
  for (const double fraction : {0.0, 0.1, 0.35, 0.9, 1.0}) {
    const auto shaped = Shape({.sample = SampleRule{.fraction = fraction, .seed = 3}}, rows);
    ASSERT_TRUE(shaped.ok()) << shaped.status();
    const std::set<int64_t> kept = shaped->Ids(0);
    EXPECT_THAT(static_cast<double>(kept.size()) / 3000, DoubleNear(fraction, 0.03));
    EXPECT_TRUE(std::includes(kept.begin(), kept.end(), smaller.begin(), smaller.end()));
    EXPECT_EQ(shaped->counts.num_unsampled, 3000 - static_cast<int64_t>(kept.size()));
    smaller = kept;
  }
  const auto one = Shape({.sample = SampleRule{.fraction = 0.5, .seed = 1}}, rows);
  const auto two = Shape({.sample = SampleRule{.fraction = 0.5, .seed = 2}}, rows);
  EXPECT_NE(one->Ids(0), two->Ids(0));
}

TEST(RowShaperTest, ASampleByFeatureKeepsGroupsWhole) {
  const auto rows = Purchases();
  const auto shaped = Shape({.sample = SampleRule{.fraction = 0.3, .by = {"user"}}}, rows);
  ASSERT_TRUE(shaped.ok());
  std::map<std::string, std::set<int>> splits;
  for (const Row& row : rows) splits[row.user].insert(shaped->split_of_id.at(row.id));
  size_t num_kept = 0;
  for (const auto& [user, where] : splits) {
    EXPECT_EQ(where.size(), 1u) << user;
    num_kept += where.contains(0);
  }
  EXPECT_THAT(static_cast<double>(num_kept), DoubleNear(120, 30));
}

TEST(RowShaperTest, DuplicatesLeaveOneRow) {
  const std::vector<Row> rows = {{1, "a", "x", "", 5}, {2, "b", "x", "", 9}, {3, "a", "x", "", 7},
                                 {4, "", "x", "", 1},  {5, "", "x", "", 1},  {6, "a", "y", "", 2},
                                 {7, "a", "x", "", 5}};
  using Keep = DeduplicateRule::Keep;
  const auto kept = [&](DeduplicateRule rule) {
    const auto shaped = Shape({.deduplicate = std::move(rule)}, rows, {.task_rows = 2});
    EXPECT_TRUE(shaped.ok()) << shaped.status();
    return shaped->Ids(0);
  };
  // Rows without a key stay.
  EXPECT_THAT(kept({.key = {"user"}}), ElementsAre(1, 2, 4, 5));
  EXPECT_THAT(kept({.key = {"user"}, .keep = Keep::kLast}), ElementsAre(2, 4, 5, 7));
  EXPECT_THAT(kept({.key = {"user"}, .keep = Keep::kMax, .feature = "amount"}),
              ElementsAre(2, 3, 4, 5));
  EXPECT_THAT(kept({.key = {"user"}, .keep = Keep::kMin, .feature = "amount"}),
              ElementsAre(2, 4, 5, 6));
  EXPECT_THAT(kept({.key = {"user", "label"}}), ElementsAre(1, 2, 4, 6));
  EXPECT_THAT(kept({}), ElementsAre(1, 2, 3, 4, 5, 6, 7));  // ids differ
}

TEST(RowShaperTest, SamplingComesAfterDuplicatesAreGone) {
  auto rows = Purchases();
  const DeduplicateRule rule{.key = {"user"}};
  const auto all = Shape({.deduplicate = rule}, rows);
  const auto half = Shape({.deduplicate = rule, .sample = SampleRule{.fraction = 0.5}}, rows);
  const auto kept = all->Ids(0);
  const auto sampled = half->Ids(0);
  EXPECT_TRUE(std::includes(kept.begin(), kept.end(), sampled.begin(), sampled.end()));
  EXPECT_EQ(half->counts.num_duplicates, all->counts.num_duplicates);
  EXPECT_EQ(half->counts.num_unsampled, static_cast<int64_t>(kept.size() - sampled.size()));
}

TEST(RowShaperTest, GroupsAreDisjointAndOneFeatureIsTfxsKey) {
  const auto rows = Purchases();
  const std::vector<SplitBuckets> splits = {{"train", 2}, {"eval", 1}};
  const auto tfx = Shape({.split = HashSplit{splits, "user"}}, rows);
  const auto group = Shape({.split = HashSplit{splits, "", false, {"user"}}}, rows);
  const auto two = Shape({.split = HashSplit{splits, "", false, {"user", "label"}}}, rows);
  ASSERT_TRUE(tfx.ok() && group.ok() && two.ok());
  for (const Row& row : rows) {
    if (!row.user.empty()) {
      EXPECT_EQ(tfx->split_of_id.at(row.id), group->split_of_id.at(row.id));
    }
  }
  EXPECT_NE(tfx->split_of_id, two->split_of_id);
  std::map<std::string, std::set<int>> seen;
  for (const Row& row : rows) seen[row.user + "/" + row.label].insert(two->split_of_id.at(row.id));
  for (const auto& [key, where] : seen) EXPECT_EQ(where.size(), 1u) << key;
}

TEST(RowShaperTest, SplitsByValue) {
  const std::vector<Row> rows = {{1, "", "a"}, {2, "", "b"}, {3, "", "c"}, {4, "", ""}};
  ValueSplit rule{"label", {{"a", "eval"}, {"b", "train"}}, "rest"};
  const auto shaped = Shape({.split = rule}, rows);
  ASSERT_TRUE(shaped.ok()) << shaped.status();
  EXPECT_EQ(shaped->split_of_id, (std::map<int64_t, int>{{1, 0}, {2, 1}, {3, 2}, {4, 2}}));
  rule.otherwise = "";
  EXPECT_THAT(std::string(Message(Shape({.split = rule}, rows).status())),
              HasSubstr("rows in which 'label' is 'c'"));
  const ValueSplit by_amount{"amount", {{"0", "zero"}}, ""};
  EXPECT_EQ(Shape({.split = by_amount}, rows)->Ids(0).size(), 4u);
}

TEST(RowShaperTest, SplitsByTime) {
  const auto rows = Purchases();
  const TimeSplit fixed{.feature = "day",
                        .splits = {"train", "eval", "test"},
                        .boundaries = {"2013-02-01", "2013-03-15T00:00:00Z"}};
  const auto shaped = Shape({.split = fixed}, rows);
  ASSERT_TRUE(shaped.ok()) << shaped.status();
  for (const Row& row : rows) {
    const int want = row.day < "2013-02-01" ? 0 : row.day < "2013-03-15" ? 1 : 2;
    ASSERT_EQ(shaped->split_of_id.at(row.id), want) << row.day;
  }
}

TEST(RowShaperTest, PartsOfTimeAreExact) {
  std::vector<Row> rows = Purchases();
  for (Row& row : rows) row.amount = row.id * 7919 % 3001 - 1500;  // distinct
  const TimeSplit parts{
      .feature = "amount", .splits = {"a", "b", "c"}, .fractions = {0.5, 0.4, 0.1}};
  const auto shaped = Shape({.split = parts}, rows);
  ASSERT_TRUE(shaped.ok()) << shaped.status();
  EXPECT_EQ(shaped->Ids(0).size(), 1500u);
  EXPECT_EQ(shaped->Ids(1).size(), 1200u);
  EXPECT_EQ(shaped->Ids(2).size(), 300u);
  std::vector<int64_t> sorted;
  for (const Row& row : rows) sorted.push_back(row.amount);
  std::sort(sorted.begin(), sorted.end());
  EXPECT_EQ(shaped->report["by_time"]["boundaries"], Json({sorted[1500], sorted[2700]}));
  for (const Row& row : rows) {
    ASSERT_EQ(shaped->split_of_id.at(row.id),
              row.amount >= sorted[2700] ? 2 : row.amount >= sorted[1500] ? 1 : 0);
  }
  // Days are not torn apart.
  const auto days = Shape(
      {.split = TimeSplit{.feature = "day", .splits = {"a", "b"}, .fractions = {0.9, 0.1}}}, rows);
  const Json begin = days->report["by_time"]["boundaries"][0];
  for (const Row& row : rows) ASSERT_EQ(days->split_of_id.at(row.id), row.day >= begin ? 1 : 0);
}

TEST(RowShaperTest, StrataKeepTheRatioUpToOneRow) {
  const auto rows = Purchases();
  const StratifiedSplit rule{{{"train", 6}, {"eval", 3}, {"test", 1}}, {"label", "amount"}};
  const auto shaped = Shape({.split = rule}, rows);
  ASSERT_TRUE(shaped.ok()) << shaped.status();
  std::map<std::string, std::array<double, 3>> strata;
  for (const Row& row : rows) {
    ++strata[fmt::format("{}/{}", row.label, row.amount)]
            [static_cast<size_t>(shaped->split_of_id.at(row.id))];
  }
  EXPECT_GT(strata.size(), 100u);
  std::array<double, 3> all = {};
  for (const auto& [key, counts] : strata) {
    const double total = counts[0] + counts[1] + counts[2];
    for (size_t i = 0; i < 3; ++i) {
      all[i] += counts[i];
      EXPECT_THAT(counts[i], DoubleNear(total * std::array{0.6, 0.3, 0.1}[i], 1)) << key;
    }
  }
  EXPECT_THAT(all[2], DoubleNear(300, 25));  // many small strata do not add up to a drift
}

TEST(RowShaperTest, BalancesToARatio) {
  const auto rows = Purchases();
  std::map<std::string, int64_t> before;
  for (const Row& row : rows) ++before[row.label];
  const auto shaped = Shape({.balance = BalanceRule{.feature = "label", .ratio = 1.5}}, rows);
  ASSERT_TRUE(shaped.ok()) << shaped.status();
  std::map<std::string, int64_t> after;
  for (const Row& row : rows) after[row.label] += shaped->split_of_id.at(row.id) == 0;
  EXPECT_EQ(after["fraud"], before["fraud"]);
  EXPECT_EQ(after["fine"], before["fraud"] * 3 / 2);
  EXPECT_EQ(after[""], before[""]);
  EXPECT_EQ(shaped->counts.num_unbalanced, before["fine"] - after["fine"]);
  const Json& report = shaped->report["balance"];
  EXPECT_EQ(report["num_rows"]["fine"], before["fine"]);
  EXPECT_DOUBLE_EQ(report["fractions"]["fine"].get<double>(),
                   static_cast<double>(after["fine"]) / static_cast<double>(before["fine"]));
}

TEST(RowShaperTest, BalancesOnlySomeSplits) {
  const auto rows = Purchases();
  const HashSplit split{{{"train", 2}, {"eval", 1}}};
  const auto plain = Shape({.split = split}, rows);
  for (const bool by_ratio : {true, false}) {
    BalanceRule rule{.feature = "label", .splits = {"train"}};
    if (by_ratio) rule.ratio = 1;
    if (!by_ratio) rule.fractions = {{"fine", 0.2}};
    const auto shaped = Shape({.split = split, .balance = rule}, rows);
    ASSERT_TRUE(shaped.ok()) << shaped.status();
    EXPECT_EQ(shaped->Ids(1), plain->Ids(1));
    const auto train = shaped->Ids(0);
    const auto all = plain->Ids(0);
    EXPECT_TRUE(std::includes(all.begin(), all.end(), train.begin(), train.end()));
    EXPECT_THAT(static_cast<double>(train.size()), DoubleNear(by_ratio ? 460 : 620, 70));
  }
}

TEST(RowShaperTest, WeighsInsteadOfDropping) {
  const auto rows = Purchases();
  const BalanceRule by_ratio{.feature = "label", .ratio = 1, .weight_feature = "weight"};
  const auto shaped = Shape({.balance = by_ratio}, rows);
  ASSERT_TRUE(shaped.ok()) << shaped.status();
  std::map<std::string, double> sums;
  for (const Row& row : rows) {
    ASSERT_EQ(shaped->split_of_id.at(row.id), 0);
    sums[row.label] += shaped->weight_of_id.at(row.id);
    if (row.label.empty()) {
      EXPECT_EQ(shaped->weight_of_id.at(row.id), 1);
    }
  }
  EXPECT_NEAR(sums["fine"], sums["fraud"], 0.01);
  const BalanceRule given{
      .feature = "label", .fractions = {{"fraud", 3}}, .weight_feature = "weight"};
  const auto heavy = Shape({.balance = given}, rows);
  ASSERT_TRUE(heavy.ok()) << heavy.status();
  for (const Row& row : rows) {
    ASSERT_EQ(heavy->weight_of_id.at(row.id), row.label == "fraud" ? 3 : 1);
  }
}

// Every kind of rule, all with a survey.
std::vector<std::pair<std::string, ShapingRules>> RulesToTry() {
  const SampleRule sample{.fraction = 0.8, .seed = 5};
  const HashSplit hash{{{"train", 2}, {"eval", 1}}};
  const TimeSplit time{.feature = "day", .splits = {"a", "b"}, .fractions = {0.7, 0.3}};
  const StratifiedSplit strata{{{"a", 2}, {"b", 1}}, {"label"}};
  const BalanceRule balance{.feature = "label", .ratio = 2};
  const DeduplicateRule max{{"user"}, DeduplicateRule::Keep::kMax, "amount"};
  return {{"time", {.sample = sample, .split = time, .balance = balance}},
          {"strata", {.deduplicate = max, .sample = sample, .split = strata, .balance = balance}},
          {"hash", {.deduplicate = DeduplicateRule{}, .split = hash, .balance = balance}}};
}

TEST(RowShaperTest, CutsAndThreadsDoNotMatter) {
  const auto rows = Purchases();
  auto rules = RulesToTry();
  rules.push_back({"first", {.deduplicate = DeduplicateRule{{"user"}}}});
  rules.push_back(
      {"last", {.deduplicate = DeduplicateRule{{"user"}, DeduplicateRule::Keep::kLast}}});
  for (const auto& [name, rule] : rules) {
    const auto whole = Shape(rule, rows, {.task_rows = 3000, .batch_rows = 3000});
    ASSERT_TRUE(whole.ok()) << whole.status();
    for (const Cut cut : {Cut{100, 7, 4}, Cut{1, 1, 2}, Cut{1700, 1000, 1}}) {
      const auto shaped = Shape(rule, rows, cut);
      ASSERT_TRUE(shaped.ok()) << shaped.status();
      EXPECT_EQ(shaped->split_of_id, whole->split_of_id) << name;
      EXPECT_EQ(shaped->report, whole->report) << name;
    }
  }
}

TEST(RowShaperTest, TheOrderOfTheInputDoesNotMatter) {
  auto rows = Purchases();
  for (const auto& [name, rule] : RulesToTry()) {
    const auto before = Shape(rule, rows);
    std::vector<Row> reversed(rows.rbegin(), rows.rend());
    const auto after = Shape(rule, reversed);
    ASSERT_TRUE(before.ok() && after.ok());
    EXPECT_EQ(before->split_of_id, after->split_of_id) << name;
  }
}

TEST(RowShaperTest, NoRowsAreFine) {
  for (const auto& [name, rule] : RulesToTry()) {
    const auto shaped = Shape(rule, {});
    ASSERT_TRUE(shaped.ok()) << name << shaped.status();
    EXPECT_TRUE(shaped->split_of_id.empty());
  }
}

// Batches of records have the columns that their own records give.
TEST(RowShaperTest, AnAbsentColumnIsMissingInEachRow) {
  const TestFolder folder;
  const ShapingRules rules{.deduplicate = DeduplicateRule{{"user"}},
                           .split = HashSplit{{{"a", 1}, {"b", 1}}, "", false, {"user", "label"}}};
  const auto shaper = RowShaper::Make(rules, {"a", "b"}, {0}, folder.path());
  const auto with = BatchOf({{1, "", "x"}, {2, "u", "x"}});
  const auto without = *with->RemoveColumn(1);
  TaskShaper survey(**shaper, 0);
  for (const auto& batch : {without, with}) {
    ASSERT_TRUE(survey.StartBatch(*batch).ok());
    for (int64_t row = 0; row < 2; ++row) {
      ASSERT_TRUE(survey.Survey(row, "").ok());
    }
    EXPECT_EQ((*shaper)->CheckNames().ok(), batch == with);
  }
  ASSERT_TRUE((*shaper)->Resolve(1).ok());
  TaskShaper route(**shaper, 0);
  std::vector<int> splits;
  for (int row = 0; row < 4; ++row) splits.push_back(*route.Route(row % 2, ""));
  EXPECT_EQ(splits[0], splits[1]);
  EXPECT_EQ(splits[0], splits[2]);  // without user: none is a duplicate
}

TEST(RowShaperTest, ErrorsNameRuleAndFeature) {
  const std::vector<Row> rows = {{1, "a", "x", "today", 5}, {2, "a", "x", "", 5}};
  const auto error = [&](const ShapingRules& rules) {
    return std::string(Message(Shape(rules, rows).status()));
  };
  EXPECT_THAT(error({.sample = SampleRule{.fraction = 2}}), HasSubstr("sample: 2 is not a frac"));
  EXPECT_THAT(error({.sample = SampleRule{.fraction = 0.5, .by = {"usr"}}}),
              HasSubstr("sample: the input has no feature 'usr'; did you mean 'user'?"));
  EXPECT_THAT(error({.deduplicate = DeduplicateRule{.feature = "amount"}}),
              HasSubstr("belongs to max and min"));
  TimeSplit time{.feature = "day", .splits = {"a", "b"}, .fractions = {0.5, 0.5}};
  EXPECT_THAT(error({.split = time}), HasSubstr("'today', which is no date"));
  time.fractions = {0.5, 0.4};
  EXPECT_THAT(error({.split = time}), HasSubstr("add up to 0.9"));
  time = {.feature = "amount", .splits = {"a", "b"}, .boundaries = {"2013-01-01"}};
  EXPECT_THAT(error({.split = time}), HasSubstr("no boundary for a feature of integers"));
  EXPECT_THAT(error({.split = StratifiedSplit{{{"a", 1}}, {}}}), HasSubstr("at least one feature"));
  EXPECT_THAT(error({.balance = BalanceRule{.feature = "label"}}),
              HasSubstr("either fractions or a ratio"));
  EXPECT_THAT(error({.split = HashSplit{{{"a", 1}, {"b", 1}}},
                     .balance = BalanceRule{
                         .feature = "label", .fractions = {{"x", 1}}, .splits = {"c"}}}),
              HasSubstr("there is no split 'c'"));
}

}  // namespace
}  // namespace bessemer::example_gen::shaping
