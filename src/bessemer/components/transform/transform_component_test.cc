#include <arrow/array.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "bessemer/components/component.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"

namespace bessemer::components::transform {

void Register(ComponentRegistry& registry);

namespace {

using ::testing::HasSubstr;

constexpr char kSchema[] = R"pb(
  feature { name: "x" type: INT value_count { min: 1 max: 1 } presence { min_fraction: 1 } }
  feature { name: "w" type: BYTES value_count { min: 1 max: 1 } }
)pb";

class TransformComponentTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string name = ::testing::TempDir() + "transform_component_XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    root_ = name;
    WriteSplit("train", "[1, 2, 3]", R"(["a", "b", "a"])");
    WriteSplit("eval", "[2, 4]", R"([null, "z"])");
    ASSERT_TRUE(io::MakeDirectories(Path("schema")).ok());
    ASSERT_TRUE(io::WriteFileAtomically(Path("schema/schema.pbtxt"), kSchema).ok());
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  std::string Path(const std::string& name) const { return root_ / name; }

  void WriteSplit(const std::string& split, const char* x, const char* w) {
    const auto column = [](const std::shared_ptr<arrow::DataType>& type, const char* json) {
      return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
    };
    const auto ints = column(arrow::int64(), x);
    const auto batch = arrow::RecordBatch::Make(
        arrow::schema({arrow::field("x", arrow::int64()), arrow::field("w", arrow::binary())}),
        ints->length(), {ints, column(arrow::binary(), w)});
    auto writer = example_gen::ExamplesWriter::Open(Path("examples/Split-" + split), 0, 1);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE(writer->WriteBatch(batch).ok());
    ASSERT_TRUE(writer->Close().ok());
  }

  Status Run(const Json& params) {
    ComponentRegistry registry("component");
    Register(registry);
    const Component& component = registry.entries()[0];
    auto values = ParamValues::FromJson(component.params, params, "Transform");
    BESSEMER_RETURN_IF_ERROR(values.status());
    RunContext context(*values);
    Artifact examples{.type = "Examples", .uri = Path("examples")};
    examples.SetSplitNames({"train", "eval"});
    context.inputs["examples"] = {examples};
    context.inputs["schema"] = {{.type = "Schema", .uri = Path("schema")}};
    for (const Port& port : component.outputs) {
      context.outputs[port.name] = {.type = port.artifact_type, .uri = Path("out/" + port.name)};
      BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(Path("out/" + port.name)));
    }
    const Status status = component.run(context);
    summary_ = context.summary;
    splits_ = context.outputs["transformed_examples"].SplitNames();
    return status;
  }

  std::filesystem::path root_;
  std::string summary_;
  std::vector<std::string> splits_;
};

TEST_F(TransformComponentTest, AnalysesTrainAndTransformsAll) {
  const Status status = Run({{"outputs", {{"z", "x - mean(x)"}, {"id", "vocabulary(w)"}}}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(summary_, "2 outputs, 1 vocabularies; 3 rows analysed in 1 pass; 5 rows transformed");
  EXPECT_THAT(splits_, testing::ElementsAre("train", "eval"));
  for (const char* file :
       {"transform_graph/transform_fn/saved_model.pb", "transform_graph/transform_fn/assets/id",
        "transform_graph/metadata/schema.pbtxt", "transform_graph/bessemer_transform.json",
        "transform_graph/transformed_metadata/schema.pbtxt",
        "post_transform_schema/schema.pbtxt"}) {
    EXPECT_TRUE(*io::Exists(Path(std::string("out/") + file))) << file;
  }
  EXPECT_EQ(*io::ReadFile(Path("out/transform_graph/transform_fn/assets/id")), "a\nb\n");
  const auto batches = example_gen::ReadExamples(
      {Path("out/transformed_examples/Split-eval/transformed_examples-00000-of-00001.gz")});
  ASSERT_TRUE(batches.ok()) << batches.status();
  const auto expect = [&](const char* name, const std::shared_ptr<arrow::DataType>& type,
                          const char* json) {
    const auto wanted = arrow::json::ArrayFromJSONString(arrow::list(type), json).ValueOrDie();
    EXPECT_TRUE(batches->at(0)->GetColumnByName(name)->Equals(*wanted)) << name;
  };
  expect("z", arrow::float32(), "[[0], [2]]");
  expect("id", arrow::int64(), "[null, [-1]]");
}

TEST_F(TransformComponentTest, SpecFileAndSplits) {
  ASSERT_TRUE(io::WriteFileAtomically(Path("spec.yaml"), "y: x * 2\n").ok());
  const Status status = Run({{"spec", Path("spec.yaml")},
                             {"splits_config", {{"transform", {"eval"}}}}});
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_THAT(splits_, testing::ElementsAre("eval"));
}

TEST_F(TransformComponentTest, Errors) {
  const std::pair<Json, const char*> cases[] = {
      {Json::object(), "give either 'outputs' or 'spec'"},
      {{{"outputs", {{"y", "xx + 1"}}}}, "output 'y': 1:1: unknown feature 'xx'"},
      {{{"outputs", {{"y", "x"}}}, {"splits_config", {{"analyze", {"tran"}}}}},
       "there is no split 'tran'; did you mean 'train'?"},
      {{{"outputs", {{"y", "x"}}}, {"splits_config", {{"analyse", {"train"}}}}},
       "unknown key 'analyse'"},
  };
  for (const auto& [params, message] : cases) {
    const Status status = Run(params);
    ASSERT_FALSE(status.ok()) << params.dump();
    EXPECT_THAT(std::string(Message(status)), HasSubstr(message));
  }
}

}  // namespace
}  // namespace bessemer::components::transform
