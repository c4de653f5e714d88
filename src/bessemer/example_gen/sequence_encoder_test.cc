#include "bessemer/example_gen/sequence_encoder.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/proto/serialize.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

struct TestColumn {
  std::string name;
  std::shared_ptr<arrow::DataType> type;
  std::string json;
};

std::shared_ptr<arrow::RecordBatch> BatchOf(const std::vector<TestColumn>& columns) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& [name, type, json] : columns) {
    fields.push_back(arrow::field(name, type));
    arrays.push_back(*arrow::json::ArrayFromJSONString(type, json));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays);
}

::tensorflow::SequenceExample Parse(std::string_view record) {
  ::tensorflow::SequenceExample example;
  EXPECT_TRUE(example.ParseFromArray(record.data(), static_cast<int>(record.size())));
  return example;
}

TEST(SequenceExampleEncoderTest, NestedListsBecomeFeatureLists) {
  const auto ints = arrow::list(arrow::list(arrow::int64()));
  const auto words = arrow::large_list(arrow::list(arrow::utf8()));
  const auto batch = BatchOf({{"words", words, R"([[["a", "b"], []], [], null])"},
                              {"id", arrow::int32(), "[7, 8, null]"},
                              {"ints", ints, "[[[1], null, [2, 3]], [], [[4]]]"}});
  auto encoder = SequenceExampleEncoder::Make(batch, {.missing = MissingCell::kEmptyList});
  ASSERT_TRUE(encoder.ok()) << encoder.status();
  const char* wanted[] = {
      R"pb(context { feature { key: "id" value { int64_list { value: 7 } } } }
           feature_lists {
             feature_list {
               key: "ints"
               value {
                 feature { int64_list { value: 1 } }
                 feature {}
                 feature { int64_list { value: [ 2, 3 ] } }
               }
             }
             feature_list {
               key: "words"
               value {
                 feature { bytes_list { value: "a" value: "b" } }
                 feature { bytes_list {} }
               }
             }
           })pb",
      R"pb(context { feature { key: "id" value { int64_list { value: 8 } } } }
           feature_lists {
             feature_list { key: "ints" value {} }
             feature_list { key: "words" value {} }
           })pb",
      R"pb(context { feature { key: "id" value { int64_list {} } } }
           feature_lists {
             feature_list { key: "ints" value { feature { int64_list { value: 4 } } } }
           })pb",
  };
  for (int64_t row = 0; row < 3; ++row) {
    ::tensorflow::SequenceExample example;
    ASSERT_TRUE(::google::protobuf::TextFormat::ParseFromString(wanted[row], &example));
    EXPECT_EQ(encoder->Encode(row), proto::Serialize(example)) << row;
  }
}

TEST(SequenceExampleEncoderTest, GivesBackWhatWasDecoded) {
  ::tensorflow::SequenceExample example;
  (*example.mutable_context()->mutable_feature())["c"].mutable_float_list()->add_value(1.5f);
  auto& lists = *example.mutable_feature_lists()->mutable_feature_list();
  lists["b"].add_feature()->mutable_bytes_list()->add_value("x");
  lists["b"].add_feature();
  lists["a"].add_feature()->mutable_int64_list();
  SequenceExampleDecoder decoder;
  ASSERT_TRUE(decoder.Append(example.SerializeAsString()).ok());
  const auto batch = decoder.Finish();
  ASSERT_TRUE(batch.ok());
  auto encoder = SequenceExampleEncoder::Make(*batch);
  ASSERT_TRUE(encoder.ok()) << encoder.status();
  EXPECT_EQ(Parse(encoder->Encode(0)).DebugString(), example.DebugString());
}

TEST(SequenceExampleEncoderTest, ErrorsNameTheColumn) {
  const auto lists = arrow::list(arrow::list(arrow::int64()));
  const auto error = [](const std::vector<TestColumn>& columns) {
    return std::string(Message(SequenceExampleEncoder::Make(BatchOf(columns)).status()));
  };
  EXPECT_THAT(error({{"x", lists, "[]"}, {"x", lists, "[]"}}), HasSubstr("'x': the batch has it"));
  EXPECT_THAT(error({{"x", lists, "[[[1, null]]]"}}), HasSubstr("column 'x': row 0 has a null"));
  EXPECT_THAT(error({{"x", arrow::list(lists), "[]"}}), HasSubstr("column 'x'"));
}

}  // namespace
}  // namespace bessemer::example_gen
