#include "bessemer/transform/tensors.h"

#include <arrow/json/from_string.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>
#include <tensorflow_metadata/proto/v0/schema.pb.h>

namespace bessemer::transform {
namespace {

using ::tensorflow::metadata::v0::TensorRepresentation;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Columns = std::vector<std::tuple<const char*, std::shared_ptr<arrow::DataType>, const char*>>;

const auto kInts = arrow::list(arrow::int64());

std::shared_ptr<arrow::RecordBatch> Batch(const Columns& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, type, json] : columns) {
    fields.push_back(arrow::field(name, type));
    arrays.push_back(arrow::json::ArrayFromJSONString(type, json).ValueOrDie());
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays);
}

StatusOr<Tensor> Make(const Columns& columns, const char* text) {
  TensorRepresentation representation;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &representation)) << text;
  return MakeTensor(*Batch(columns), representation);
}

std::string MessageOf(const Columns& columns, const char* text) {
  return std::string(Message(Make(columns, text).status()));
}

constexpr char kDense[] =
    R"(dense_tensor { column_name: "x" shape { dim { size: 2 } } default_value { int_value: 7 } })";

TEST(Tensors, DenseFillsNullRows) {
  const auto got = Make({{"x", kInts, "[[1, 2], null]"}}, kDense);
  ASSERT_TRUE(got.ok()) << got.status();
  const auto& dense = std::get<DenseTensor>(*got);
  EXPECT_THAT(dense.shape, ElementsAre(2, 2));
  EXPECT_EQ(dense.values->ToString(),
            arrow::json::ArrayFromJSONString(arrow::int64(), "[1, 2, 7, 7]").ValueOrDie()
                ->ToString());
  EXPECT_THAT(MessageOf({{"x", kInts, "[[1, 2], [3]]"}}, kDense),
              HasSubstr("row 1 of column 'x' has 1 values, its tensor needs 2"));
  EXPECT_THAT(MessageOf({{"x", kInts, "[null]"}}, R"(dense_tensor { column_name: "x" shape {} })"),
              HasSubstr("set a default"));
  EXPECT_THAT(MessageOf({{"x", arrow::list(arrow::utf8()), "[]"}}, kDense),
              HasSubstr("default value of column 'x' does not fit its type, string"));
  EXPECT_THAT(MessageOf({{"y", kInts, "[]"}}, kDense), HasSubstr("no column 'x'"));
  EXPECT_THAT(MessageOf({{"x", arrow::int64(), "[]"}}, kDense), HasSubstr("is int64"));
}

TEST(Tensors, SparseOfOneColumn) {
  const auto got = Make({{"x", kInts, "[[1, 2], null, [3]]"}},
                        R"(varlen_sparse_tensor { column_name: "x" })");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(std::get<SparseTensor>(*got).indices, ElementsAre(0, 0, 0, 1, 2, 0));
  EXPECT_THAT(std::get<SparseTensor>(*got).dense_shape, ElementsAre(3, 2));
}

TEST(Tensors, SparseOfIndexColumns) {
  constexpr char kSparse[] = R"(sparse_tensor { index_column_names: "i" value_column_name: "v"
                                                dense_shape { dim { size: 9 } } })";
  const auto got = Make({{"i", kInts, "[[8, 0], null]"}, {"v", kInts, "[[1, 2], []]"}}, kSparse);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(std::get<SparseTensor>(*got).indices, ElementsAre(0, 8, 0, 0));
  EXPECT_THAT(std::get<SparseTensor>(*got).dense_shape, ElementsAre(2, 9));
  EXPECT_THAT(MessageOf({{"i", kInts, "[[8]]"}, {"v", kInts, "[[1, 2]]"}}, kSparse),
              HasSubstr("row 0 has 2 values in column 'v' but 1 indices in column 'i'"));
  EXPECT_THAT(MessageOf({{"i", arrow::list(arrow::float32()), "[]"}, {"v", kInts, "[]"}}, kSparse),
              HasSubstr("index column 'i' is a list of float"));
}

TEST(Tensors, RaggedWithPartitions) {
  constexpr char kRagged[] = R"(ragged_tensor { feature_path { step: "v" }
      partition { row_length: "n" } partition { uniform_row_length: 2 } })";
  const Columns columns = {{"v", kInts, "[[1, 2, 3, 4, 5, 6], null, [7, 8]]"},
                           {"n", kInts, "[[1, 2], [], [1]]"}};
  const auto got = Make(columns, kRagged);
  ASSERT_TRUE(got.ok()) << got.status();
  const auto& ragged = std::get<RaggedTensor>(*got);
  EXPECT_THAT(ragged.row_splits, ElementsAre(ElementsAre(0, 2, 2, 3), ElementsAre(0, 1, 3, 4)));
  EXPECT_THAT(ragged.inner_shape, ElementsAre(2));
  EXPECT_EQ(ragged.values->length(), 8);
  EXPECT_THAT(MessageOf({{"v", kInts, "[[1, 2, 3]]"}, {"n", kInts, "[[1]]"}}, kRagged),
              HasSubstr("cannot be cut into rows of 2"));
  EXPECT_THAT(MessageOf({{"v", kInts, "[[1, 2]]"}, {"n", kInts, "[[2]]"}}, kRagged),
              HasSubstr("row lengths in 'n' add up to 2"));
  EXPECT_THAT(MessageOf({{"v", kInts, "[[1, 2]]"}, {"n", kInts, "[[2, -1]]"}}, kRagged),
              HasSubstr("not negative"));
  EXPECT_THAT(MessageOf({{"v", kInts, "[]"}}, kRagged), HasSubstr("no column 'n'"));
}

TEST(Tensors, RaggedInStructs) {
  const auto type = arrow::list(arrow::struct_({arrow::field("f", kInts)}));
  const auto got = Make({{"s", type, R"([[{"f": [1]}, {"f": null}], null, [{"f": [2, 3]}]])"}},
                        R"(ragged_tensor { feature_path { step: "s" step: "f" } })");
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(std::get<RaggedTensor>(*got).row_splits,
              ElementsAre(ElementsAre(0, 2, 2, 3), ElementsAre(0, 1, 1, 3)));
  EXPECT_THAT(MessageOf({{"s", type, "[]"}},
                        R"(ragged_tensor { feature_path { step: "s" step: "g" } })"),
              HasSubstr("no field 'g'"));
}

TEST(Tensors, Types) {
  TensorRepresentation representation;
  representation.mutable_ragged_tensor()->mutable_feature_path()->add_step("x");
  representation.mutable_ragged_tensor()->add_partition()->set_uniform_row_length(3);
  const auto got = TensorTypeOf(*arrow::schema({arrow::field("x", arrow::list(kInts))}),
                                representation);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->ragged_rank, 2);
  EXPECT_THAT(got->shape, ElementsAre(-1, -1, -1, 3));
  EXPECT_THAT(std::string(Message(TensorTypeOf(*arrow::schema({}), {}).status())),
              HasSubstr("no kind"));
}

}  // namespace
}  // namespace bessemer::transform
