#include "bessemer/transform/nested_columns.h"

#include <arrow/json/from_string.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <tensorflow_metadata/proto/v0/schema.pb.h>

#include "bessemer/transform/tensors.h"

namespace bessemer::transform {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

const auto kInts = arrow::list(arrow::int64());

std::shared_ptr<arrow::Array> Make(const std::shared_ptr<arrow::DataType>& type,
                                   std::string_view json) {
  return arrow::json::ArrayFromJSONString(type, json).ValueOrDie();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> Flatten(const std::shared_ptr<arrow::Array>& array,
                                                      const std::string& partitions) {
  ::tensorflow::metadata::v0::Schema schema;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
      R"(tensor_representation_group { key: "g" value { tensor_representation { key: "x" value {
           ragged_tensor { feature_path { step: "v" } )" + partitions + "} } } } }", &schema));
  const auto batch = arrow::RecordBatch::Make(arrow::schema({arrow::field("x", array->type())}),
                                              array->length(), {array});
  return FlattenNestedColumns(*batch, schema);
}

TEST(NestedColumns, BecomeValuesAndLengths) {
  const auto type = arrow::list(arrow::large_list(kInts));
  const auto got = Flatten(Make(type, "[[[[1, 2], [3]]], null, [], [[[], [4]], [[5], []]]]"),
                           R"(partition { row_length: "n" } partition { uniform_row_length: 2 }
                              partition { row_length: "m" })");
  ASSERT_TRUE(got.ok()) << got.status();
  ASSERT_TRUE((*got)->ValidateFull().ok());
  EXPECT_THAT((*got)->schema()->field_names(), ElementsAre("n", "m", "v"));
  EXPECT_TRUE((*got)->column(0)->Equals(Make(kInts, "[[1], null, [], [1, 1]]")));
  EXPECT_TRUE((*got)->column(1)->Equals(Make(kInts, "[[2, 1], null, [], [0, 1, 1, 0]]")));
  EXPECT_TRUE((*got)->column(2)->Equals(Make(kInts, "[[1, 2, 3], null, [], [4, 5]]")));
}

TEST(NestedColumns, ReadBackAsTheSameTensor) {
  const char* partitions = R"(partition { row_length: "n" })";
  const auto flat = Flatten(Make(arrow::list(kInts), "[[[1, 2], []], null, [[3]]]"), partitions);
  ASSERT_TRUE(flat.ok()) << flat.status();
  ::tensorflow::metadata::v0::TensorRepresentation representation;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      fmt::format(R"(ragged_tensor {{ feature_path {{ step: "v" }} {} }})", partitions),
      &representation));
  const auto tensor = MakeTensor(**flat, representation);
  ASSERT_TRUE(tensor.ok()) << tensor.status();
  EXPECT_THAT(std::get<RaggedTensor>(*tensor).row_splits,
              ElementsAre(ElementsAre(0, 2, 2, 3), ElementsAre(0, 2, 2, 3)));
}

TEST(NestedColumns, Errors) {
  const auto nested = Make(arrow::list(kInts), "[[[1, 2, 3]]]");
  const auto message = [&](const char* partitions) {
    return std::string(Message(Flatten(nested, partitions).status()));
  };
  EXPECT_THAT(message(""), HasSubstr("does not go with the partitions"));
  EXPECT_THAT(message(R"(partition { row_length: "n" } partition { row_length: "m" })"),
              HasSubstr("does not go with the partitions"));
  EXPECT_THAT(message(R"(partition { row_length: "n" } partition { uniform_row_length: 2 })"),
              HasSubstr("a list of 3 elements, which cannot be cut into rows of 2"));
  EXPECT_THAT(message(R"(partition { row_length: "v" })"), HasSubstr("would be named 'v'"));
  const auto batch = arrow::RecordBatch::Make(
      arrow::schema({arrow::field("y", nested->type())}), 1, {nested});
  EXPECT_THAT(std::string(Message(FlattenNestedColumns(*batch, {}).status())),
              HasSubstr("needs a ragged tensor of that name"));
}

}  // namespace
}  // namespace bessemer::transform
