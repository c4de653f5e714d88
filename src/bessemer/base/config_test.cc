#include "bessemer/base/config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/base/params.h"

namespace bessemer {
namespace {

using ::testing::HasSubstr;

ConfigNode Parse(std::string_view text) {
  StatusOr<ConfigNode> node = ConfigNode::Parse(text, "p.yaml");
  EXPECT_TRUE(node.ok()) << node.status();
  return node.ok() ? *std::move(node) : ConfigNode();
}

TEST(ConfigTest, ResolvesPlainScalarsAsYamlSays) {
  const Json json = Parse("[1, -2.5, true, ~, 'true', \"7\", 007x, .inf, abc]").ToJson();
  EXPECT_EQ(json.dump(), R"([1,-2.5,true,null,"true","7","007x",null,"abc"])");
  EXPECT_TRUE(json[7].is_number_float());
}

TEST(ConfigTest, NumbersAreThoseOfTheCoreSchema) {
  const Json json =
      Parse("[+5, 0x1F, 0o17, 1., .5, -1e3, +-5, -inf, nan, -.nan, 0x, 0x-1, 1_000, +]").ToJson();
  EXPECT_EQ(json.dump(), R"([5,31,15,1.0,0.5,-1000.0,"+-5","-inf","nan","-.nan","0x","0x-1",)"
                         R"("1_000","+"])");
}

TEST(ConfigTest, AliasesAreCopiesWithinALimit) {
  EXPECT_EQ(Parse("base: &b {x: 1}\nd: *b\ne: {<<: *b}").ToJson().dump(),
            R"({"base":{"x":1},"d":{"x":1},"e":{"<<":{"x":1}}})");
  std::string text = "- &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int i = 1; i <= 9; ++i) {  // 10^10 values
    text += fmt::format("- &a{} [{}x]\n", i, fmt::format("{0}{0}{0}{0}{0}{0}{0}{0}{0}{0}",
                                                        fmt::format("*a{} , ", i - 1)));
  }
  const Status status = ConfigNode::Parse(text, "p.yaml").status();
  EXPECT_EQ(status.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(Message(status)), HasSubstr("more than 1000000 values"));
}

TEST(ConfigTest, ErrorsNameFileLineAndColumn) {
  struct Case {
    const char* name;
    const char* text;
    const char* message;
  };
  for (const Case& c : std::vector<Case>{
           {"unclosed", "a: [1, 2", "p.yaml:1:"},
           {"duplicate key", "a: 1\nb: 2\na: 3", "p.yaml:3:1: the key 'a' is given twice"},
           {"map as key", "? {x: 1}\n: 2", "a key must be"},
       }) {
    const StatusOr<ConfigNode> node = ConfigNode::Parse(c.text, "p.yaml");
    ASSERT_FALSE(node.ok()) << c.name;
    EXPECT_EQ(node.status().code(), StatusCode::kInvalidArgument) << c.name;
    EXPECT_THAT(std::string(Message(node.status())), HasSubstr(c.message)) << c.name;
  }
}

TEST(ConfigTest, MissingFileIsNotFound) {
  EXPECT_EQ(ConfigNode::ReadFile("/nonexistent/x.yaml").status().code(), StatusCode::kNotFound);
}

std::vector<Param> Declared() {
  return {
      {.name = "epochs", .type = ParamType::kInt, .default_value = 3, .doc = "Passes.", .min = 1},
      {.name = "rate", .type = ParamType::kFloat, .default_value = 0.1, .doc = "Step.",
       .min = 0},
      {.name = "learner", .doc = "Which.", .required = true, .choices = {"linear", "dnn"}}};
}

TEST(ParamsTest, FillsDefaultsAndConverts) {
  const ConfigNode node = Parse("learner: dnn\nrate: 1\n");
  const StatusOr<ParamValues> values = ParamValues::FromConfig(Declared(), &node);
  ASSERT_TRUE(values.ok()) << values.status();
  EXPECT_EQ(values->Int("epochs"), 3);
  EXPECT_EQ(values->Float("rate"), 1.0);
  EXPECT_EQ(values->String("learner"), "dnn");
  EXPECT_EQ(values->Where("rate"), "p.yaml:2:7");
}

TEST(ParamsTest, ErrorsStandWhereTheNameInsideStands) {
  const ConfigNode node = Parse("options:\n  names: [a, bb]\n  more:\n    depth: x\n");
  const StatusOr<ParamValues> values = ParamValues::FromConfig(
      {{.name = "options", .type = ParamType::kMap, .doc = "Some."}}, &node);
  ASSERT_TRUE(values.ok()) << values.status();
  const std::pair<const char*, const char*> cases[] = {
      {"unknown name 'bb'; did you mean 'a'?", "p.yaml:2:14: 'options': unknown name 'bb'; did"},
      {"'more.depth' is no number", "p.yaml:4:12: "},
      {"unknown key 'c'; known: names, 'a'", "p.yaml:2:3: "},  // not that of a suggestion
      {"it's bad", "p.yaml:2:3: 'options': it's bad"},
  };
  for (const auto& [message, expected] : cases) {
    EXPECT_THAT(std::string(Message(values->Error("options", message))), HasSubstr(expected));
  }
}

TEST(ParamsTest, NamesTheMistake) {
  struct Case {
    const char* text;
    const char* message;
  };
  for (const Case& c : std::vector<Case>{
           {"learner: dnn\nepoch: 2", "p.yaml:2:8: unknown key 'epoch'; did you mean 'epochs'?"},
           {"learner: dnm", "p.yaml:1:10: 'learner' cannot be 'dnm'; did you mean 'dnn'?"},
           {"learner: dnn\nepochs: 0", "'epochs' is 0, but must be at least 1"},
           {"learner: dnn\nepochs: [\"\xff\"]", "'epochs' must be an integer, but is [\"\uFFFD\"]"},
           {"learner: dnn\nrate: .nan", "'rate' is NaN, but must be at least 0"},
           {"learner: dnn\nepochs: many", "'epochs' must be an integer, but is \"many\""},
           {"epochs: 1", "'learner' is required"},
           {"[1]", "expected a map"},
       }) {
    const ConfigNode node = Parse(c.text);
    const StatusOr<ParamValues> values = ParamValues::FromConfig(Declared(), &node);
    ASSERT_FALSE(values.ok()) << c.text;
    EXPECT_THAT(std::string(Message(values.status())), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace bessemer
