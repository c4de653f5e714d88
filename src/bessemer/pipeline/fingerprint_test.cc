#include "bessemer/pipeline/fingerprint.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bessemer::pipeline {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

Json Key(const std::string& params, const std::string& inputs = "{}",
         const std::string& resolved = "null", int version = 1) {
  return {{"bessemer", "1.0.0"},
          {"component", "Trainer"},
          {"version", version},
          {"params", Json::parse(params)},
          {"resolved", Json::parse(resolved)},
          {"inputs", Json::parse(inputs)}};
}

TEST(Fingerprint, DependsOnEverythingInTheKey) {
  const Json key = Key(R"({"a": 1})");
  EXPECT_EQ(Fingerprint(key).size(), 64);
  EXPECT_EQ(Fingerprint(key), Fingerprint(Key(R"({"a": 1})")));
  EXPECT_NE(Fingerprint(key), Fingerprint(Key(R"({"a": 2})")));
  EXPECT_NE(Fingerprint(key), Fingerprint(Key(R"({"a": 1})", "{}", "null", 2)));
  EXPECT_NE(Fingerprint(key), Fingerprint(Key(R"({"a": 1})", "{}", "7")));
}

TEST(Fingerprint, DifferencesAreNamed) {
  EXPECT_THAT(Differences(Key(R"({"a": 1})"), Key(R"({"a": 1})")), IsEmpty());
  EXPECT_THAT(Differences(Key(R"({"a": 1, "b": 2})"), Key(R"({"a": 3, "c": [4]})")),
              ElementsAre("parameter 'a' changed from 1 to 3", "parameter 'c' is now [4]",
                          "parameter 'b' was 2 and is no longer set"));
  EXPECT_THAT(Differences(Key("{}"), Key("{}", "{}", "null", 2)),
              ElementsAre("the component's version changed from 1 to 2"));
  EXPECT_THAT(Differences(Key("{}", "{}", R"({"span": 1})"), Key("{}", "{}", R"({"span": 2})")),
              ElementsAre("outside the pipeline: 'span' changed from 1 to 2"));
}

TEST(Fingerprint, AnotherVersionOfTheProgramIsAnotherKey) {
  Json now = Key("{}");
  now["bessemer"] = "1.1.0";
  EXPECT_NE(Fingerprint(now), Fingerprint(Key("{}")));
  EXPECT_THAT(Differences(Key("{}"), now),
              ElementsAre("the version of bessemer changed from \"1.0.0\" to \"1.1.0\""));
}

TEST(Fingerprint, LargeMapsAreComparedInside) {
  const std::string words(70, 'x');
  const std::string before = R"({"config": {"text": ")" + words + R"(", "auc": {"min": 0.3}}})";
  const std::string now = R"({"config": {"text": ")" + words + R"(", "auc": {"min": 0.9}}})";
  EXPECT_THAT(Differences(Key(before), Key(now)),
              ElementsAre("parameter 'config.auc' changed from {\"min\":0.3} to {\"min\":0.9}"));
}

TEST(Fingerprint, InputsByContentPropertyAndNumber) {
  const std::string one = R"({"in": [{"content": "x", "properties": {"span": 1}}]})";
  EXPECT_THAT(Differences(Key("{}", one),
                          Key("{}", R"({"in": [{"content": "y", "properties": {"span": 1}}]})")),
              ElementsAre("input 'in' has other content"));
  EXPECT_THAT(Differences(Key("{}", one),
                          Key("{}", R"({"in": [{"content": "x", "properties": {"span": 2}}]})")),
              ElementsAre("input 'in': property 'span' changed from 1 to 2"));
  EXPECT_THAT(Differences(Key("{}", one), Key("{}")),
              ElementsAre("input 'in' has 0 artifacts, before 1"));
}

}  // namespace
}  // namespace bessemer::pipeline
