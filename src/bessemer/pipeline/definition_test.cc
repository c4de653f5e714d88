#include "bessemer/pipeline/definition.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "bessemer/pipeline/test_components.h"

namespace bessemer::pipeline {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::string Text(const Status& status) { return std::string(Message(status)); }

const InputSource& Source(const Pipeline& pipeline, std::string_view step, std::string_view port) {
  static const InputSource none{"(none)", "", "", {}};
  for (const auto& [name, sources] : pipeline.Find(step)->inputs) {
    if (name == port) return sources.at(0);
  }
  return none;
}

StatusOr<Pipeline> Parse(std::string_view text, const LoadOptions& options = {}) {
  static const auto* const registry = new components::ComponentRegistry(TestComponents());
  return ParsePipeline(text, "p.yaml", *registry, options);
}

TEST(Definition, WiresByType) {
  const auto pipeline = Parse(R"y(
pipeline: flights
root: runs/flights
steps:
  - Gen: {text: hello}
  - Stats
  - Shout: {times: 2}
    after: Stats
  - Train
  - Judge
)y");
  ASSERT_TRUE(pipeline.ok()) << Text(pipeline.status());
  EXPECT_EQ(pipeline->name, "flights");
  EXPECT_TRUE(pipeline->root.starts_with("/")) << pipeline->root;
  EXPECT_EQ(pipeline->metadata_path, pipeline->root + "/metadata.db");
  EXPECT_EQ(Source(*pipeline, "Stats", "examples").step, "Gen");
  EXPECT_EQ(Source(*pipeline, "Train", "examples").step, "Shout");  // prefers transformed_examples
  EXPECT_EQ(Source(*pipeline, "Train", "baseline").step, "(none)");
  EXPECT_EQ(Source(*pipeline, "Judge", "baseline").resolver, "latest_blessed_model");
  EXPECT_EQ(pipeline->Find("Shout")->params.Int("times"), 2);
  EXPECT_THAT(pipeline->Dependencies(*pipeline->Find("Shout")), ElementsAre("Gen", "Stats"));
}

TEST(Definition, NamedInputsMayPointForward) {
  const auto pipeline = Parse(R"y(
pipeline: p
root: r
steps:
  - Train: {}
    id: my_trainer
    inputs: {examples: Gen.examples, baseline: none}
    retries: 2
    timeout: 1.5
    memory: 2GiB
    cache: false
  - Gen: {text: x}
)y");
  ASSERT_TRUE(pipeline.ok()) << Text(pipeline.status());
  ASSERT_EQ(pipeline->steps.size(), 2);
  EXPECT_EQ(pipeline->steps[0].id, "Gen");  // sorted
  const Step& train = pipeline->steps[1];
  EXPECT_EQ(train.id, "my_trainer");
  EXPECT_EQ(train.retries, 2);
  EXPECT_EQ(train.timeout_seconds, 1.5);
  EXPECT_EQ(train.memory_bytes, int64_t{2} << 30);
  EXPECT_FALSE(train.cache);
  EXPECT_EQ(train.inputs.size(), 1);
}

TEST(Definition, ResolversTakeSourcesAndNumbers) {
  const auto pipeline = Parse(R"y(
pipeline: p
root: r
steps:
  - Gen: {text: x}
  - Join: {}
    inputs: {examples: "rolling_window(Gen.examples, 3)"}
  - Join:
    id: other
    inputs: {examples: [Gen, "rolling_window(2, 1)"]}
)y");
  ASSERT_TRUE(pipeline.ok()) << Text(pipeline.status());
  const InputSource& window = Source(*pipeline, "Join", "examples");
  EXPECT_EQ(window.resolver, "rolling_window");
  EXPECT_EQ(window.step, "Gen");
  EXPECT_EQ(window.output, "examples");
  EXPECT_THAT(window.arguments, ElementsAre(3));
  EXPECT_EQ(pipeline->Find("other")->inputs[0].second.size(), 2);
}

TEST(Definition, VariablesKeepTheirTypes) {
  const std::string text = R"y(
pipeline: p
root: ${base}/out  # not ${this}
vars: {base: runs, words: "a, b", n: 3}
steps:
  - Gen: {text: ${words}}
  - Shout: {times: ${n}}
)y";
  const auto pipeline = Parse(text);
  ASSERT_TRUE(pipeline.ok()) << Text(pipeline.status());
  EXPECT_TRUE(pipeline->root.ends_with("/runs/out"));
  EXPECT_EQ(pipeline->Find("Gen")->params.String("text"), "a, b");
  EXPECT_EQ(pipeline->Find("Shout")->params.Int("times"), 3);
  const auto changed = Parse(text, {.variables = {{"n", "5"}}, .root = "/elsewhere"});
  ASSERT_TRUE(changed.ok()) << Text(changed.status());
  EXPECT_EQ(changed->Find("Shout")->params.Int("times"), 5);
  EXPECT_EQ(changed->root, "/elsewhere");
}

struct ErrorCase {
  std::string name;
  std::string steps;  // under 'steps:', from line 4
  std::vector<std::string> message;
};

void PrintTo(const ErrorCase& test, std::ostream* out) { *out << test.name; }

class DefinitionErrors : public ::testing::TestWithParam<ErrorCase> {};

TEST_P(DefinitionErrors, NamePlaceAndRemedy) {
  const auto pipeline = Parse("pipeline: p\nroot: r\nsteps:\n" + GetParam().steps);
  ASSERT_FALSE(pipeline.ok());
  for (const std::string& part : GetParam().message) {
    EXPECT_THAT(Text(pipeline.status()), HasSubstr(part));
  }
}

INSTANTIATE_TEST_SUITE_P(
    All, DefinitionErrors,
    ::testing::ValuesIn(std::vector<ErrorCase>{
        {"component", "  - Gen: {text: x}\n  - Sttats\n", {"p.yaml:5", "'Sttats'", "'Stats'"}},
        {"parameter", "  - Gen: {text: x}\n  - Shout: {tims: 2}\n",
         {"p.yaml:5", "'tims'", "'times'"}},
        {"parameter_type", "  - Gen: {text: x}\n  - Shout:\n      times: two\n",
         {"p.yaml:6", "'times'", "integer"}},
        {"inside_parameter",
         "  - Gen: {text: x}\n  - Shout:\n      marks:\n        dash: 2\n        dot: many\n",
         {"p.yaml:8:14: 'marks': 'marks.dot' must be a number (in Shout)"}},
        {"parameters_together", "  - Gen: {text: x}\n  - Shout: {times: 13}\n",
         {"p.yaml:5:12: thirteen times is too often (in Shout)"}},
        {"required_parameter", "  - Gen\n", {"p.yaml:4", "Gen", "'text' is required"}},
        {"step_key", "  - Gen: {text: x}\n    retrys: 2\n", {"p.yaml:5", "'retrys'", "'retries'"}},
        {"input", "  - Gen: {text: x}\n  - Stats: {}\n    inputs: {example: Gen}\n",
         {"p.yaml:6", "no input 'example'", "'examples'"}},
        {"output", "  - Gen: {text: x}\n  - Stats: {}\n    inputs: {examples: Gen.exmples}\n",
         {"p.yaml:6", "no output 'exmples'", "'examples'"}},
        {"step", "  - Gen: {text: x}\n  - Stats: {}\n    inputs: {examples: Gne.examples}\n",
         {"p.yaml:6", "no step 'Gne'", "'Gen'"}},
        {"resolver",
         "  - Gen: {text: x}\n  - Train: {}\n    inputs: {baseline: latest_blesed_model}\n",
         {"p.yaml:6", "neither a step nor a resolver", "'latest_blessed_model'"}},
        {"resolver_numbers",
         "  - Gen: {text: x}\n  - Join: {}\n    inputs: {examples: rolling_window}\n",
         {"p.yaml:6", "'rolling_window' takes 1 to 2 numbers"}},
        {"port_types",
         "  - Gen: {text: x}\n  - Stats\n  - Train: {}\n    inputs: {examples: Stats.statistics}\n",
         {"p.yaml:7", "of type ExampleStatistics", "takes Examples"}},
        {"missing_input", "  - Stats\n", {"p.yaml:4", "'Stats' needs 'examples' (Examples)"}},
        {"cycle", "  - Shout: {}\n    id: a\n    inputs: {examples: b}\n  - Shout: {}\n    id: b\n"
                  "    inputs: {examples: a}\n",
         {"p.yaml:4", "wait for each other", "a -> b -> a"}},
        {"two_steps", "  - Gen: {text: x}\n  - Gen: {text: y}\n",
         {"p.yaml:5", "two steps 'Gen'", "'id'"}},
        {"many", "  - Gen: {text: x}\n  - Stats: {}\n    inputs: {examples: [Gen, Gen]}\n",
         {"p.yaml:6", "takes one artifact"}},
        {"after", "  - Gen: {text: x}\n    after: [Stat]\n", {"p.yaml:5", "no step 'Stat'"}},
        {"memory", "  - Gen: {text: x}\n    memory: lots\n", {"p.yaml:5", "'lots'", "4GiB"}},
        {"cache", "  - Gen: {text: x}\n    cache: 2\n",
         {"p.yaml:5", "'cache' must be true or false"}},
        {"retries", "  - Gen: {text: x}\n    retries: -1\n",
         {"p.yaml:5", "'retries' must be a number"}},
        {"nan", "  - Gen: {text: x}\n    timeout: .nan\n",
         {"p.yaml:5", "'timeout' must be a number"}},
        {"not_utf8", "  - Gen: {text: x, span: [\"\xff\"]}\nvars: {a: \"\xff\"}\n",
         {"p.yaml:4", "'span' must be an integer", "\uFFFD"}},
        {"variable", "  - Gen: {text: '${wrods}'}\n",
         {"p.yaml:4", "unknown variable 'wrods'", "--set"}},
        {"brace", "  - Gen: {text: '${words'\n", {"p.yaml:4", "lacks a '}'"}},
        {"no_steps", "  []\n", {"no steps"}},
        {"sequence", "  - [Gen]\n", {"p.yaml:4", "a step is a component's name"}},
        {"id", "  - Gen: {text: x}\n    id: a/b\n", {"p.yaml:5", "'a/b' cannot be the id"}},
    }),
    [](const auto& info) { return info.param.name; });

TEST(Definition, ChecksOfComponentsNameTheStepOfABuilder) {
  const components::ComponentRegistry registry = TestComponents();
  PipelineBuilder builder("p", "r");
  builder.Step("Gen", {{"text", "x"}});
  builder.Step("Shout", {{"marks", {{"dot", "many"}}}}, {.id = "loud"});
  EXPECT_THAT(Text(builder.Build(registry).status()),
              AllOf(HasSubstr("'loud'"), HasSubstr("'marks.dot' must be a number (in Shout)")));
}

TEST(Definition, TopLevelErrors) {
  EXPECT_THAT(Text(Parse("root: r\nsteps: [Gen]\n").status()), HasSubstr("'pipeline' is required"));
  EXPECT_THAT(Text(Parse("pipeline: p\nsteps: [Gen]\n").status()), HasSubstr("'root' is required"));
  EXPECT_THAT(Text(Parse("pipeline: p\nroot: r\nstep: [Gen]\n").status()),
              HasSubstr("did you mean 'steps'"));
  EXPECT_THAT(Text(Parse("[1]").status()), HasSubstr("is a map with"));
  EXPECT_THAT(Text(Parse("pipeline: a b\nroot: r\nsteps: [Gen]\n").status()),
              HasSubstr("cannot be the name"));
  EXPECT_THAT(Text(Parse("pipeline: [\n").status()), HasSubstr("p.yaml:"));
}

TEST(Definition, BuilderGivesTheSamePipeline) {
  static const components::ComponentRegistry registry = TestComponents();
  PipelineBuilder builder("flights", "/runs/flights");
  builder.Step("Gen", {{"text", "hello"}})
      .Step("Train", {}, {.id = "t", .inputs = {{"examples", {"Gen.examples"}}}, .retries = 1});
  const auto pipeline = builder.Build(registry);
  ASSERT_TRUE(pipeline.ok()) << Text(pipeline.status());
  EXPECT_EQ(pipeline->root, "/runs/flights");
  EXPECT_EQ(Source(*pipeline, "t", "examples").step, "Gen");
  EXPECT_EQ(pipeline->steps[1].retries, 1);

  const auto wrong = PipelineBuilder("p", "r").Step("Gen", {{"txt", 1}}).Build(registry);
  EXPECT_THAT(Text(wrong.status()), HasSubstr("step 'Gen'"));
  EXPECT_THAT(Text(wrong.status()), HasSubstr("'text'"));
}

TEST(Definition, Bytes) {
  EXPECT_EQ(*ParseBytes("4GiB"), int64_t{4} << 30);
  EXPECT_EQ(*ParseBytes("1.5 kB"), 1500);
  EXPECT_EQ(*ParseBytes("17"), 17);
  for (const char* wrong : {"", "GiB", "4 gigs", "-1", "1e30", "nan"}) {
    EXPECT_FALSE(ParseBytes(wrong).ok()) << wrong;
  }
}

}  // namespace
}  // namespace bessemer::pipeline
