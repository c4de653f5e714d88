#include "bessemer/example_gen/sequence_example.h"

#include <arrow/api.h>
#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <gtest/gtest.h>

#include "bessemer/base/random.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

::tensorflow::SequenceExample RandomSequence(Random& random) {
  ::tensorflow::SequenceExample example;
  auto& context = *example.mutable_context()->mutable_feature();
  if (random.Below(3) > 0) context["c"].mutable_int64_list()->add_value(5);
  auto& lists = *example.mutable_feature_lists()->mutable_feature_list();
  for (const char* name : {"a", "b"}) {
    if (random.Below(4) == 0) continue;
    auto& list = lists[name];
    for (uint64_t steps = random.Below(4); steps > 0; --steps) {
      auto* feature = list.add_feature();
      if (random.Below(4) == 0) continue;
      for (uint64_t i = random.Below(3); i > 0; --i) {
        if (*name == 'a') {
          feature->mutable_int64_list()->add_value(static_cast<int64_t>(random.Below(1000)));
        } else {
          feature->mutable_bytes_list()->add_value("value");
        }
      }
    }
  }
  return example;
}

TEST(SequenceExampleDecoderTest, KeepsEveryStep) {
  Random random(2);
  SequenceExampleDecoder decoder;
  std::vector<::tensorflow::SequenceExample> wanted;
  for (int i = 0; i < 200; ++i) {
    wanted.push_back(RandomSequence(random));
    ASSERT_TRUE(decoder.Append(wanted.back().SerializeAsString()).ok());
  }
  const auto batch = decoder.Finish();
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_TRUE((*batch)->ValidateFull().ok());
  const auto& column = static_cast<const arrow::StructArray&>(
      *(*batch)->GetColumnByName(std::string(kSequenceColumn)));
  const auto& rows = static_cast<const arrow::ListArray&>(*column.GetFieldByName("a"));
  const auto& steps = static_cast<const arrow::ListArray&>(*rows.values());
  const auto& values = static_cast<const arrow::Int64Array&>(*steps.values());
  for (int64_t row = 0; row < 200; ++row) {
    const auto& lists = wanted[static_cast<size_t>(row)].feature_lists().feature_list();
    ASSERT_EQ(rows.IsValid(row), lists.contains("a"));
    if (!lists.contains("a")) continue;
    const auto& list = lists.at("a");
    ASSERT_EQ(rows.value_length(row), list.feature_size());
    for (int step = 0; step < list.feature_size(); ++step) {
      const int64_t at = rows.value_offset(row) + step;
      ASSERT_EQ(steps.IsValid(at), list.feature(step).has_int64_list());
      const auto& numbers = list.feature(step).int64_list().value();
      ASSERT_EQ(steps.IsValid(at) ? steps.value_length(at) : 0, numbers.size());
      for (int i = 0; i < numbers.size(); ++i) {
        ASSERT_EQ(values.Value(steps.value_offset(at) + i), numbers[i]);
      }
    }
  }
  EXPECT_EQ(decoder.num_rows(), 0);
}

TEST(SequenceExampleDecoderTest, ErrorsNameRecordAndList) {
  ::tensorflow::SequenceExample ints;
  (*ints.mutable_feature_lists()->mutable_feature_list())["a"]
      .add_feature()
      ->mutable_int64_list()
      ->add_value(1);
  ::tensorflow::SequenceExample floats;
  (*floats.mutable_feature_lists()->mutable_feature_list())["a"]
      .add_feature()
      ->mutable_float_list()
      ->add_value(1);
  SequenceExampleDecoder decoder;
  ASSERT_TRUE(decoder.Append(ints.SerializeAsString()).ok());
  EXPECT_THAT(Message(decoder.Append(floats.SerializeAsString())),
              HasSubstr("record 1: feature 'a' holds float values"));
}

TEST(SequenceExampleDecoderTest, SurvivesMutatedRecords) {
  const google::protobuf::LogSilencer quiet;
  Random random(8);
  int num_read = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string record = RandomSequence(random).SerializeAsString();
    for (uint64_t flips = random.Below(4); flips > 0 && !record.empty(); --flips) {
      record[random.Below(record.size())] = static_cast<char>(random.Next());
    }
    SequenceExampleDecoder decoder;
    if (!decoder.Append(record).ok()) continue;
    const auto batch = decoder.Finish();
    ASSERT_TRUE(batch.ok());
    ASSERT_TRUE((*batch)->ValidateFull().ok());
    ++num_read;
  }
  EXPECT_GT(num_read, 1000);
}

}  // namespace
}  // namespace bessemer::example_gen
