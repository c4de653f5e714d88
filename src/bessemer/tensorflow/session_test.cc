#include "bessemer/tensorflow/session.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "bessemer/io/file.h"
#include "bessemer/tensorflow/c_api_internal.h"
#include "bessemer/tensorflow/graph_builder.h"
#include "bessemer/tensorflow/runtime.h"
#include "bessemer/tensorflow/test_runtime.h"
#include "tensorflow/core/framework/graph.pb.h"

namespace bessemer::tf {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::tensorflow::DT_FLOAT;
using ::tensorflow::DT_INT64;
using ::tensorflow::DT_STRING;

TEST(RuntimeTest, AMissingLibraryIsAnErrorThatSaysWhatToDo) {
  const Status status = LoadCApi("/nowhere").status();
  EXPECT_EQ(status.code(), StatusCode::kNotFound);
  EXPECT_THAT(Message(status), HasSubstr("/nowhere/libtensorflow_framework.so.2 does not exist"));
  EXPECT_THAT(Message(status), HasSubstr("BESSEMER_TENSORFLOW_DIR"));
}

TEST(RuntimeTest, AFileThatIsNoLibraryIsAnError) {
  BESSEMER_NEEDS_TENSORFLOW();
  std::string directory = ::testing::TempDir() + "no_library_XXXXXX";
  ASSERT_NE(mkdtemp(directory.data()), nullptr);
  auto out = io::OpenOutput(directory + "/libtensorflow_framework.so.2");
  ASSERT_TRUE(out.ok() && (*out)->Write("not an ELF file").ok() && (*out)->Close().ok());
  const Status status = LoadCApi(directory).status();
  EXPECT_EQ(status.code(), StatusCode::kFailedPrecondition);
  EXPECT_THAT(Message(status), HasSubstr("cannot be loaded"));
  EXPECT_TRUE(io::RemoveTree(directory).ok());
}

TEST(RuntimeTest, HasAVersion) {
  BESSEMER_NEEDS_TENSORFLOW();
  const auto version = RuntimeVersion();
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_THAT(*version, ::testing::StartsWith("2."));
}

TEST(SessionTest, RunsNumbersAndStrings) {
  BESSEMER_NEEDS_TENSORFLOW();
  GraphBuilder b;
  const Tensor x = b.Placeholder(DT_FLOAT, {-1}, "x");
  const Tensor y = b.Mul(x, b.ConstFloat(2));
  const Tensor s = b.Placeholder(DT_STRING, {-1}, "s");
  const Tensor joined = b.StringJoin({s, s}, "-");
  const Tensor length = b.Op("StringLength", {s}, {}, ::tensorflow::DT_INT32);
  const auto session = Session::Create(b);
  ASSERT_TRUE(session.ok()) << session.status();
  const std::string longer(100, 'q');  // beyond the small-string form of TF_TString
  const auto result =
      (*session)->Run({{"x", HostTensor::Vector<float>({1, 2})},
                       {"s", HostTensor::Strings({std::string("a\0b", 3), longer, ""})}},
                      {y.name(), joined.name(), length.name()});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT((*result)[0].values<float>(), ElementsAre(2, 4));
  EXPECT_THAT((*result)[1].strings(),
              ElementsAre(std::string("a\0b-a\0b", 7), longer + "-" + longer, "-"));
  EXPECT_THAT((*result)[2].values<int32_t>(), ElementsAre(3, 100, 0));
  EXPECT_THAT((*result)[0].shape(), ElementsAre(2));
}

TEST(SessionTest, EmptyTensorsPass) {
  BESSEMER_NEEDS_TENSORFLOW();
  GraphBuilder b;
  const Tensor y = b.Unary("Neg", b.Placeholder(DT_FLOAT, {-1, 3}, "x"));
  const auto session = Session::Create(b);
  ASSERT_TRUE(session.ok()) << session.status();
  const auto result = (*session)->Run({{"x", HostTensor::Make(DT_FLOAT, {0, 3})}}, {y.name()});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT((*result)[0].shape(), ElementsAre(0, 3));
}

TEST(SessionTest, ErrorsNameWhatIsWrong) {
  BESSEMER_NEEDS_TENSORFLOW();
  GraphBuilder b;
  const Tensor x = b.Placeholder(DT_FLOAT, {-1}, "x");
  b.Op("Reshape", {x, b.ConstInt32s({2, 2})}, {{"T", DT_FLOAT}, {"Tshape", ::tensorflow::DT_INT32}},
       DT_FLOAT, "square");
  const auto session = Session::Create(b);
  ASSERT_TRUE(session.ok()) << session.status();
  const HostTensor three = HostTensor::Vector<float>({1, 2, 3});
  const HostTensor ints = HostTensor::Vector<int64_t>({1, 2, 3, 4});
  EXPECT_THAT(Message((*session)->Run({{"x", three}}, {"square"}).status()),
              HasSubstr("running the graph: "));
  EXPECT_THAT(Message((*session)->Run({{"x", ints}}, {"square"}).status()),
              HasSubstr("input 'x' takes DT_FLOAT, not DT_INT64"));
  EXPECT_THAT(Message((*session)->Run({{"ghost", three}}, {"square"}).status()),
              HasSubstr("the graph has no node 'ghost'"));
  EXPECT_THAT(Message((*session)->Run({{"x", three}}, {"square:3"}).status()),
              HasSubstr("there is no 'square:3'"));
  const auto callable = (*session)->Prepare({"x"}, {"square"}, {}, "testing");
  ASSERT_TRUE(callable.ok());
  EXPECT_THAT(Message(callable->Run({}).status()), HasSubstr("testing: 0 values for 1 inputs"));
}

TEST(SessionTest, AGraphTensorFlowDoesNotKnowIsAnError) {
  BESSEMER_NEEDS_TENSORFLOW();
  GraphBuilder b;
  b.Op("NoSuchOp", {}, {}, DT_FLOAT);
  EXPECT_THAT(Message(Session::Create(b).status()), HasSubstr("NoSuchOp"));
}

TEST(SessionTest, DerivesAndExtends) {
  BESSEMER_NEEDS_TENSORFLOW();
  GraphBuilder b;
  const Tensor x = b.Placeholder(DT_FLOAT, {-1}, "x");
  const Tensor loss = b.Reduce("Sum", b.Unary("Square", x), {0});
  const Tensor apart = b.ConstFloat(1, "apart");
  auto session = Session::Create(b);
  ASSERT_TRUE(session.ok()) << session.status();
  const auto gradients = (*session)->AddGradients(loss, {x}, "gradients");
  ASSERT_TRUE(gradients.ok()) << gradients.status();
  EXPECT_EQ((*gradients)[0].dtype, DT_FLOAT);
  GraphBuilder more;
  const auto scope = more.Enter("more");
  const Tensor in = more.Placeholder(DT_FLOAT, {-1}, "in");
  const Tensor out = more.Unary("Neg", in);
  ASSERT_TRUE((*session)->Extend(more, {{in.node, (*gradients)[0]}}).ok());
  const auto result = (*session)->Run({{"x", HostTensor::Vector<float>({3, -1})}}, {out.name()});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_THAT((*result)[0].values<float>(), ElementsAre(-6, 2));
  EXPECT_THAT(Message((*session)->AddGradients(loss, {apart}, "g2").status()),
              HasSubstr("gradients of 'Sum:0': Cannot compute"));
}

TEST(HostTensorTest, ConcatRowsChecksTypesAndShapes) {
  const HostTensor a = HostTensor::Of<float>(std::vector<float>{1, 2}, {1, 2});
  const HostTensor b = HostTensor::Of<float>(std::vector<float>{3, 4, 5, 6}, {2, 2});
  const auto both = ConcatRows({a, b});
  ASSERT_TRUE(both.ok());
  EXPECT_THAT(both->shape(), ElementsAre(3, 2));
  EXPECT_THAT(both->values<float>(), ElementsAre(1, 2, 3, 4, 5, 6));
  const auto strings = ConcatRows({HostTensor::Strings({"a"}), HostTensor::Strings({"b", "c"})});
  EXPECT_THAT(strings->strings(), ElementsAre("a", "b", "c"));
  EXPECT_THAT(Message(ConcatRows({a, HostTensor::Make(DT_INT64, {1, 2})}).status()),
              HasSubstr("DT_FLOAT [1,2] and DT_INT64 [1,2]"));
  EXPECT_FALSE(ConcatRows({}).ok());
  const HostTensor odd = HostTensor::Wrap(::tensorflow::DT_QINT8, {4}, nullptr, 4);
  EXPECT_THAT(Message(ConcatRows({odd, odd}).status()), HasSubstr("of type DT_QINT8"));
  EXPECT_THAT(*HostTensor::Vector<int64_t>({4, 5}).ToDoubles(), ElementsAre(4, 5));
  EXPECT_THAT(Message(HostTensor::Strings({"a"}).ToDoubles().status()), HasSubstr("DT_STRING"));
}

}  // namespace
}  // namespace bessemer::tf
