#include "bessemer/pipeline/plan.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bessemer::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::Eq;
using ::testing::IsEmpty;
using ::testing::Optional;

// 0 -> 1 -> 3, 0 -> 2
std::vector<PlanStep> Diamond() { return {{{}, 1}, {{0}, 2}, {{0}, 2}, {{1}, 1}}; }

TEST(Plan, HandsOutWhatIsReady) {
  Plan plan(Diamond(), {.max_running = 4});
  EXPECT_THAT(plan.Next(), Optional(0));
  EXPECT_THAT(plan.Next(), Eq(std::nullopt));
  plan.Succeed(0);
  EXPECT_THAT(plan.Next(), Optional(1));
  EXPECT_THAT(plan.Next(), Optional(2));
  EXPECT_EQ(plan.num_running(), 2);
  plan.Succeed(2);
  EXPECT_THAT(plan.Next(), Eq(std::nullopt));
  plan.Succeed(1);
  EXPECT_THAT(plan.Next(), Optional(3));
  EXPECT_FALSE(plan.done());
  plan.Succeed(3);
  EXPECT_TRUE(plan.done());
}

TEST(Plan, KeepsTheBudget) {
  Plan plan(Diamond(), {.max_running = 4, .memory_bytes = 3});
  plan.Next();
  plan.Succeed(0);
  EXPECT_THAT(plan.Next(), Optional(1));
  EXPECT_THAT(plan.Next(), Eq(std::nullopt));  // 2 + 2 > 3
  plan.Succeed(1);
  EXPECT_THAT(plan.Next(), Optional(2));
  EXPECT_THAT(plan.Next(), Optional(3));  // 2 + 1
}

TEST(Plan, AStepTooLargeRunsAlone) {
  Plan plan({{{}, 10}, {{}, 1}}, {.max_running = 4, .memory_bytes = 3});
  EXPECT_THAT(plan.Next(), Optional(0));
  EXPECT_THAT(plan.Next(), Eq(std::nullopt));
  plan.Succeed(0);
  EXPECT_THAT(plan.Next(), Optional(1));
}

TEST(Plan, AFailureSkipsWhatFollows) {
  Plan plan(Diamond(), {.max_running = 4});
  plan.Next();
  plan.Succeed(0);
  plan.Next();
  plan.Next();
  EXPECT_THAT(plan.Fail(1), ElementsAre(3));
  EXPECT_THAT(plan.Fail(2), IsEmpty());
  EXPECT_TRUE(plan.done());
}

TEST(Plan, StopLeavesTheRunning) {
  Plan plan(Diamond(), {.max_running = 1});
  plan.Next();
  EXPECT_THAT(plan.Stop(), ElementsAre(1, 2, 3));
  EXPECT_FALSE(plan.done());
  plan.Succeed(0);
  EXPECT_TRUE(plan.done());
}

}  // namespace
}  // namespace bessemer::pipeline
