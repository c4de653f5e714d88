#include "bessemer/tensorflow/graph_builder.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/tensor.pb.h"

namespace bessemer::tf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT64;
using ::tensorflow::DT_STRING;

std::vector<std::string> NodeNames(const GraphBuilder& builder) {
  std::vector<std::string> names;
  for (const auto& node : builder.graph().node()) names.push_back(node.name());
  return names;
}

TEST(GraphBuilderTest, NamesAreUniqueScopedAndValid) {
  GraphBuilder b;
  b.ConstFloat(1, "x");
  b.ConstFloat(1, "x");
  {
    const auto outer = b.Enter("outer scope");
    b.ConstFloat(1, "x");
    const auto inner = b.Enter("inner");
    b.ConstFloat(1, "_é");
  }
  b.ConstFloat(1, "x_1");
  EXPECT_THAT(NodeNames(b),
              ElementsAre("x", "x_1", "outer_scope/x", "outer_scope/inner/n___", "x_1_1"));
  EXPECT_TRUE(b.status().ok()) << b.status();
}

TEST(GraphBuilderTest, WritesInputsAndAttributes) {
  GraphBuilder b;
  const Tensor x = b.Placeholder(DT_FLOAT, {-1, 3}, "x");
  const Tensor y = b.Add(x, b.ConstFloat(2.5, "c"));
  EXPECT_EQ(y.name(), "AddV2:0");
  EXPECT_EQ(y.dtype, DT_FLOAT);
  b.AddControlInput(y, "c");
  const auto& node = b.graph().node(2);
  EXPECT_THAT(node.input(), ElementsAre("x", "c", "^c"));
  EXPECT_EQ(node.attr().at("T").type(), DT_FLOAT);
  EXPECT_EQ(b.graph().node(0).attr().at("shape").shape().dim(0).size(), -1);
  EXPECT_EQ(b.graph().node(1).attr().at("value").tensor().float_val(0), 2.5f);
}

TEST(GraphBuilderTest, OutputsOfParseExamplesAreInTheOrderOfTheOp) {
  GraphBuilder b;
  const Tensor serialized = b.Placeholder(DT_STRING, {-1}, "examples");
  const auto parsed = b.ParseExamples(serialized, {{"a", DT_FLOAT, {}}, {"b", DT_INT64, {2}}},
                                      {{"s", DT_STRING}}, {{"r", DT_INT64}});
  ASSERT_EQ(parsed.dense.size(), 2u);
  EXPECT_EQ(parsed.sparse[0].indices.name(), "parse:0");
  EXPECT_EQ(parsed.sparse[0].values.name(), "parse:1");
  EXPECT_EQ(parsed.sparse[0].dense_shape.name(), "parse:2");
  EXPECT_EQ(parsed.dense[1].name(), "parse:4");
  EXPECT_EQ(parsed.ragged[0].values.name(), "parse:5");
  EXPECT_EQ(parsed.ragged[0].row_splits.name(), "parse:6");
  EXPECT_TRUE(b.Finish().ok());
}

TEST(GraphBuilderTest, TablesBringInitialisersAndAssets) {
  GraphBuilder b;
  const auto scope = b.Enter("t");
  const Tensor table = b.VocabularyTable("/nowhere/vocab.txt");
  b.LookupFind(table, b.Placeholder(DT_STRING, {-1}, "keys"), b.ConstInt64(-1));
  EXPECT_THAT(b.initializers(), ElementsAre("t/vocabulary_init"));
  ASSERT_EQ(b.assets().size(), 1u);
  EXPECT_EQ(b.assets()[0].filename_node, "t/vocabulary_asset");
  EXPECT_EQ(b.assets()[0].path, "/nowhere/vocab.txt");
}

TEST(GraphBuilderTest, ConstTablesOfDifferentContentDoNotShareAName) {
  GraphBuilder b;
  const auto shared_name = [&](const std::string& key) {
    const Tensor table = b.ConstTable(b.ConstStrings({key}), b.ConstInt64s({1}));
    for (const auto& node : b.graph().node()) {
      if (node.name() == table.node) return node.attr().at("shared_name").s();
    }
    return std::string();
  };
  EXPECT_EQ(shared_name("a"), shared_name("a"));
  EXPECT_NE(shared_name("a"), shared_name("b"));
}

TEST(GraphBuilderTest, TheFirstMistakeIsKept) {
  struct Case {
    const char* name;
    void (*make)(GraphBuilder&);
    const char* message;
  };
  const Case cases[] = {
      {"unknown input", [](GraphBuilder& b) { b.Identity({"ghost", 0, DT_FLOAT}); },
       "input 'ghost' of node 'Identity'"},
      {"types differ", [](GraphBuilder& b) { b.Add({"f", 0, DT_FLOAT}, {"i", 1, DT_INT64}); },
       "AddV2 of 'f:0' (DT_FLOAT) and 'i:1' (DT_INT64): the types differ"},
      {"sizes", [](GraphBuilder& b) { b.ConstFloats({1, 2, 3}, {2, 2}); },
       "3 values for a shape of 4"},
      {"twice", [](GraphBuilder& b) { b.Op("NoOp", {}, {{"a", 1}, {"a", 2}}, DT_FLOAT); },
       "attribute 'a' of node 'NoOp' (NoOp) is given twice"},
      {"number of strings", [](GraphBuilder& b) { b.ConstOf(DT_STRING, 1); },
       "no constant number of type DT_STRING"},
      {"nothing to join", [](GraphBuilder& b) { b.Concat({}, 0); }, "Concat of nothing"},
      {"control", [](GraphBuilder& b) { b.AddControlInput(b.ConstFloat(1), "ghost"); },
       "control input 'ghost'"},
  };
  for (const Case& c : cases) {
    GraphBuilder b;
    c.make(b);
    b.Identity({"later", 0, DT_FLOAT});
    EXPECT_EQ(b.Finish().status().code(), StatusCode::kInvalidArgument) << c.name;
    EXPECT_THAT(Message(b.status()), HasSubstr(c.message)) << c.name;
  }
}

TEST(GraphBuilderTest, AddNodeRefusesATakenName) {
  GraphBuilder b;
  b.ConstFloat(1, "x");
  EXPECT_THAT(Message(b.AddNode(b.graph().node(0))), HasSubstr("already has a node 'x'"));
}

TEST(GraphBuilderTest, FunctionsAreTheSameInAnyOrderOfAttributes) {
  const auto library = [](bool other, bool backwards) {
    ::tensorflow::GraphDef graph;
    auto& function = *graph.mutable_library()->add_function();
    function.mutable_signature()->set_name("f");
    for (int i = 0; i < 50; ++i) {
      const int key = backwards ? 49 - i : i;
      (*function.mutable_attr())[std::to_string(key)].set_i(other ? 1 : key);
    }
    return graph;
  };
  GraphBuilder b;
  ASSERT_TRUE(b.AddFunctions(library(false, false)).ok());
  EXPECT_TRUE(b.AddFunctions(library(false, true)).ok());
  EXPECT_EQ(b.graph().library().function_size(), 1);
  EXPECT_THAT(Message(b.AddFunctions(library(true, false))), HasSubstr("another function 'f'"));
}

TEST(GraphBuilderTest, AConstantWithoutTypeIsNoString) {
  ::tensorflow::NodeDef node;
  node.set_name("c");
  node.set_op("Const");
  GraphBuilder b;
  ASSERT_TRUE(b.AddNode(node).ok());
  EXPECT_THAT(Message(b.SetString("c", "x")), HasSubstr("'c' is not a string constant"));
}

TEST(GraphBuilderTest, SameCallsSameBytes) {
  const auto build = [] {
    GraphBuilder b;
    b.Add(b.ConstFloat(1), b.OneHot(b.ConstInt64s({0, 1}), 2));
    return b.Finish()->DebugString();
  };
  EXPECT_EQ(build(), build());
}

}  // namespace
}  // namespace bessemer::tf
