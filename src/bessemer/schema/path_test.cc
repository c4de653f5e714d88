#include "bessemer/schema/path.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>

namespace bessemer::schema {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

TEST(PathTest, TextFormQuotesWhatIsNotAPlainStep) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{}, ""},
      {{"age"}, "age"},
      {{"a", "b"}, "a.b"},
      {{"a.b"}, "'a.b'"},
      {{""}, "''"},
      {{"it's"}, "'it''s'"},
      {{"(ext.name)"}, "(ext.name)"},
      {{"(", "x y"}, "'('.x y"},
      {{"((c)"}, "'((c)'"},
  };
  for (const auto& [steps, text] : cases) {
    EXPECT_EQ(Path(steps).ToString(), text);
    const auto parsed = Path::Parse(text);
    ASSERT_TRUE(parsed.ok()) << Message(parsed.status());
    EXPECT_EQ(parsed->steps(), steps);
  }
}

TEST(PathTest, MalformedTextIsAnErrorThatNamesTheByte) {
  for (const char* text : {"a'", "(b", "c'd", "''cd'", "'c'''d'", "a.", ".a", "a..b", "'a",
                           "(a)b"}) {
    const auto parsed = Path::Parse(text);
    EXPECT_EQ(parsed.status().code(), StatusCode::kInvalidArgument) << text;
    EXPECT_THAT(std::string(Message(parsed.status())), HasSubstr("at byte")) << text;
  }
}

TEST(PathTest, AnyStepsSurviveTheTextForm) {
  std::mt19937 random(7);
  const std::string alphabet = "ab.()' ";
  for (int i = 0; i < 2000; ++i) {
    std::vector<std::string> steps(random() % 4);
    for (std::string& step : steps) {
      for (size_t n = random() % 5; n > 0; --n) step += alphabet[random() % alphabet.size()];
    }
    const auto parsed = Path::Parse(Path(steps).ToString());
    ASSERT_TRUE(parsed.ok()) << Message(parsed.status());
    EXPECT_EQ(parsed->steps(), steps);
  }
}

TEST(PathTest, ParentsSortBeforeTheirChildren) {
  const Path parent({"a"});
  EXPECT_LT(parent, parent.Child("b"));
  EXPECT_EQ(parent.Child("b").Parent(), parent);
  EXPECT_TRUE(Path().Parent().empty());
  EXPECT_THAT(parent.Child("b").steps(), ElementsAre("a", "b"));
}

}  // namespace
}  // namespace bessemer::schema
