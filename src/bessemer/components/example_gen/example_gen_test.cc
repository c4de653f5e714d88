#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/file_hashes.h"
#include "bessemer/io/tfrecord.h"

namespace bessemer::components {
namespace {

using ::testing::HasSubstr;

class ExampleGenTest : public ::testing::Test {
 protected:
  ExampleGenTest() {
    std::string name = ::testing::TempDir() + "example_gen_XXXXXX";
    if (mkdtemp(name.data()) != nullptr) folder_ = name;
    RegisterPlugins(registry_);
  }
  ~ExampleGenTest() override { std::filesystem::remove_all(folder_); }

  std::string Write(const std::string& name, const std::string& content) {
    std::filesystem::create_directories((folder_ / name).parent_path());
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return (folder_ / name).string();
  }

  // Resolves and runs as the engine does.
  StatusOr<Artifact> Run(const std::string& name, const Json& params) {
    BESSEMER_ASSIGN_OR_RETURN(const Component* component, registry_.Find(name));
    BESSEMER_ASSIGN_OR_RETURN(const ParamValues values,
                              ParamValues::FromJson(component->params, params, name));
    RunContext context(values);
    BESSEMER_ASSIGN_OR_RETURN(context.resolved,
                              component->resolve(values, hashes_, Progress::None()));
    context.outputs["examples"] = {.type = "Examples", .uri = (folder_ / "out" / name).string()};
    context.scratch_dir = folder_.string();
    BESSEMER_RETURN_IF_ERROR(component->run(context));
    summary_ = context.summary;
    return context.outputs["examples"];
  }

  std::filesystem::path folder_;
  ComponentRegistry registry_{"component"};
  std::string summary_;
  io::FileHashes hashes_;
};

TEST_F(ExampleGenTest, CsvOfTheLatestSpanBecomesExamples) {
  Write("data/span-01/a.csv", "x,y\n1,a\n");
  Write("data/span-02/a.csv", "x,y\n1,a\n2,b\nbroken\n3,\n");
  const auto examples = Run("CsvExampleGen", {{"input", (folder_ / "data/span-{SPAN}/*").string()},
                                              {"splits", {{"train", 1}, {"eval", 1}}},
                                              {"where", "x < 3"},
                                              {"on_bad_row", "quarantine"}});
  ASSERT_TRUE(examples.ok()) << examples.status();
  EXPECT_EQ(examples->SplitNames(), (std::vector<std::string>{"train", "eval"}));
  EXPECT_EQ(examples->IntProperty("span"), 2);
  EXPECT_EQ(examples->IntProperty("num_rows"), 2);
  EXPECT_EQ(examples->IntProperty("num_rows_train") + examples->IntProperty("num_rows_eval"), 2);
  EXPECT_EQ(examples->IntProperty("num_excluded_rows"), 1);
  EXPECT_EQ(examples->IntProperty("num_bad_rows"), 1);
  EXPECT_EQ(examples->StringProperty("payload_format"), "FORMAT_TF_EXAMPLE");
  EXPECT_EQ(examples->StringProperty("file_format"), "tfrecords_gzip");
  EXPECT_THAT(examples->StringProperty("input_fingerprint"), HasSubstr("sha256:"));
  EXPECT_THAT(summary_, HasSubstr("2 examples"));
  EXPECT_TRUE(*io::Exists(examples->SplitUri("train") + "/data_tfrecord-00000-of-00001.gz"));
  EXPECT_THAT(*io::ReadFile(examples->uri + "/quarantine/bad_rows.jsonl"),
              HasSubstr(R"("line":4,"reason":"1 cells, but 2 columns","text":"broken")"));
}

TEST_F(ExampleGenTest, ImportTakesWhatCsvGave) {
  Write("data/a.csv", "x,y\n1,a\n2,b\n3,\n");
  const auto csv =
      Run("CsvExampleGen", {{"input", (folder_ / "data").string()}, {"splits", {{"all", 1}}}});
  ASSERT_TRUE(csv.ok()) << csv.status();
  const auto again =
      Run("ImportExampleGen", {{"input", csv->SplitUri("all")}, {"splits", {{"all", 1}}}});
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->IntProperty("num_rows_all"), 3);
  const std::string file = "/data_tfrecord-00000-of-00001.gz";
  EXPECT_EQ(*io::ReadFile(csv->SplitUri("all") + file),
            *io::ReadFile(again->SplitUri("all") + file));
}

TEST_F(ExampleGenTest, WhatWasShapedIsRecorded) {
  Write("data/2024-01-01/a.csv", "id,y,v\n1,0,1\n2,0,1\n3,1,1\n");
  Write("data/2024-01-02/a.csv", "id,y,v\n1,0,2\n4,0,1\n5,0,1\nbroken\n");
  Write("data/2024-01-03/a.csv", "id,y,v\n9,1,1\n");
  const auto examples =
      Run("CsvExampleGen", {{"input", (folder_ / "data/{YYYY}-{MM}-{DD}/*").string()},
                            {"spans", {{"latest", 2}, {"skip_recent", 1}}},
                            {"deduplicate", {{"key", "id"}, {"keep", {{"max", "v"}}}}},
                            {"balance", {{"feature", "y"}, {"ratio", 2}}},
                            {"splits", {{"all", 1}}},
                            {"on_bad_row", "quarantine"},
                            {"output_format", "parquet"}});
  ASSERT_TRUE(examples.ok()) << examples.status();
  EXPECT_EQ(examples->IntProperty("span"), 19724);
  EXPECT_EQ(examples->StringProperty("spans"), "[19723,19724]");
  EXPECT_EQ(examples->IntProperty("num_duplicate_rows"), 1);
  EXPECT_EQ(examples->IntProperty("num_unbalanced_rows"), 2);
  EXPECT_EQ(examples->IntProperty("num_bad_rows"), 1);
  EXPECT_EQ(examples->IntProperty("num_rows"), 3);
  EXPECT_EQ(examples->StringProperty("payload_format"), "FORMAT_PARQUET");
  EXPECT_EQ(examples->StringProperty("file_format"), "");
  const Json shaping = Json::parse(examples->StringProperty("shaping"));
  EXPECT_EQ(shaping["deduplicate"]["keep"]["max"], "v");
  EXPECT_EQ(shaping["balance"]["num_rows"], Json({{"0", 4}, {"1", 1}}));
  EXPECT_EQ(shaping["balance"]["fractions"], Json({{"0", 0.5}, {"1", 1.0}}));
  EXPECT_THAT(summary_, HasSubstr("1 duplicates dropped; 2 rows dropped to balance classes"));
  EXPECT_TRUE(*io::Exists(examples->SplitUri("all") + "/data_parquet-00000-of-00001.parquet"));
}

TEST_F(ExampleGenTest, ErrorsNameTheParameterOrTheFile) {
  const auto error = [&](const char* component, const Json& params) {
    return std::string(Message(Run(component, params).status()));
  };
  const std::string csv = Write("a.csv", "x\n1\n2\n3\n4\n5\n6\n7\n8\n");
  EXPECT_THAT(error("CsvExampleGen", {{"input", csv + "x"}}), HasSubstr("a.csvx"));
  EXPECT_THAT(error("CsvExampleGen", {{"input", csv}, {"delimiter", ",,"}}),
              HasSubstr("must be one character"));
  EXPECT_THAT(error("CsvExampleGen", {{"input", csv}, {"column_types", {{"x", "DATE"}}}}),
              HasSubstr("must be INT, FLOAT or STRING"));
  EXPECT_THAT(error("ImportExampleGen", {{"input", csv}}), HasSubstr("not a TFRecord file"));
  Json parquet = {{"input", csv}, {"payload_format", "FORMAT_PARQUET"}};
  parquet["output_format"] = "tf_sequence_example";
  EXPECT_THAT(error("ImportExampleGen", parquet),
              HasSubstr("'output_format': must be parquet for a payload_format of FORMAT_PARQUET"));
  parquet["output_data_format"] = 6;
  EXPECT_THAT(error("ImportExampleGen", parquet),
              HasSubstr("'output_data_format': must be 15 for a payload_format of"));
}

}  // namespace
}  // namespace bessemer::components
