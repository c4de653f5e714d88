#include "bessemer/example_gen/example_codec.h"

#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <gmock/gmock.h>
#include <google/protobuf/stubs/logging.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include "bessemer/base/random.h"
#include "bessemer/example_gen/row_json.h"
#include "bessemer/proto/serialize.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::example_gen {
namespace {

using ::testing::HasSubstr;

std::string Field(uint8_t tag, std::string_view bytes) {
  return std::string(1, static_cast<char>(tag)) + static_cast<char>(bytes.size()) +
         std::string(bytes);
}
std::string Entry(std::string_view key, std::string_view feature) {
  return Field(0x0a, Field(0x0a, key) + Field(0x12, feature));
}
std::string Record(std::string_view entries) { return Field(0x0a, entries); }
std::string Ints(std::string_view varints) { return Field(0x1a, Field(0x0a, varints)); }

std::string Rendered(const arrow::RecordBatch& batch) {
  Json all = Json::object();
  for (int i = 0; i < batch.num_columns(); ++i) {
    const auto column = columnar::FeatureColumn::Make(batch.column(i));
    Json cells = Json::array();
    for (int64_t row = 0; row < batch.num_rows(); ++row) cells.push_back(CellToJson(*column, row));
    all[batch.column_name(i)] = std::move(cells);
  }
  return all.dump();
}

std::string Decoded(const std::vector<std::string>& records, ExampleDecoderOptions options = {}) {
  const auto batch = DecodeExamples({records.begin(), records.end()}, std::move(options));
  if (!batch.ok()) return std::string(Message(batch.status()));
  EXPECT_TRUE((*batch)->ValidateFull().ok());
  return Rendered(**batch);
}

struct WireCase {
  const char* name;
  std::vector<std::string> records;
  const char* expected;
};

class WireShapes : public ::testing::TestWithParam<WireCase> {};

TEST_P(WireShapes, Decode) { EXPECT_EQ(Decoded(GetParam().records), GetParam().expected); }

INSTANTIATE_TEST_SUITE_P(
    ExampleDecoder, WireShapes,
    ::testing::Values(
        WireCase{"empty_record", {""}, "{}"},
        WireCase{"packed", {Record(Entry("x", Ints("\x01\x02")))}, R"({"x":[[1,2]]})"},
        WireCase{
            "unpacked", {Record(Entry("x", Field(0x1a, "\x08\x05\x08\x06")))}, R"({"x":[[5,6]]})"},
        WireCase{"negative",
                 {Record(Entry("x", Ints("\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")))},
                 R"({"x":[[-1]]})"},
        WireCase{"unpacked_float",
                 {Record(Entry("x", Field(0x12, std::string("\x0d\0\0\xc0\x3f", 5))))},
                 R"({"x":[[1.5]]})"},
        WireCase{"sorted_by_name",
                 {Record(Entry("b", Ints("\1")) + Entry("a", Ints("\2")))},
                 R"({"a":[[2]],"b":[[1]]})"},
        WireCase{"absent_and_empty",
                 {Record(Entry("x", Ints("\1"))), Record(Entry("x", "")),
                  Record(Entry("x", Field(0x1a, ""))), Record("")},
                 R"({"x":[[1],null,[],null]})"},
        WireCase{"no_kind_anywhere", {Record(Entry("x", "")), ""}, R"({"x":[null,null]})"},
        WireCase{"duplicate_key_last_wins",
                 {Record(Entry("x", Ints("\1\2")) + Entry("x", Ints("\3")))},
                 R"({"x":[[3]]})"},
        WireCase{"duplicate_key_changes_kind",
                 {Record(Entry("x", Ints("\1")) + Entry("x", Field(0x0a, Field(0x0a, "v")))),
                  Record(Entry("x", Field(0x0a, Field(0x0a, "w"))))},
                 R"({"x":[["v"],["w"]]})"},
        WireCase{"oneof_last_wins",
                 {Record(Entry("x", Ints("\1") + Field(0x0a, Field(0x0a, "v"))))},
                 R"({"x":[["v"]]})"},
        WireCase{"split_list_is_joined",
                 {Record(Entry("x", Ints("\1") + Ints("\2")))},
                 R"({"x":[[1,2]]})"},
        WireCase{"split_features_are_joined",
                 {Record(Entry("x", Ints("\1"))) + Record(Entry("y", Ints("\2")))},
                 R"({"x":[[1]],"y":[[2]]})"},
        WireCase{"value_twice_is_merged",
                 {Record(Field(0x0a, Field(0x0a, "x") + Field(0x12, Ints("\1")) +
                                         Field(0x12, Ints("\2"))))},
                 R"({"x":[[1,2]]})"},
        WireCase{"value_before_key",
                 {Record(Field(0x0a, Field(0x12, Ints("\1")) + Field(0x0a, "x")))},
                 R"({"x":[[1]]})"},
        WireCase{"entry_without_key_or_value", {Record(Field(0x0a, ""))}, R"({"":[null]})"},
        WireCase{"unknown_fields",
                 {"\x10\x07" + Record(Entry("x", Ints("\1") + "\x28\x01") + "\x1d____") +
                  "\x13\x08\x01\x14"},
                 R"({"x":[[1]]})"}),
    [](const auto& info) { return info.param.name; });

TEST(ExampleDecoderTest, ErrorsNameRecordAndFeature) {
  const std::string ok = Record(Entry("x", Ints("\1")));
  EXPECT_THAT(Decoded({ok, "\x0a\x05zz"}), HasSubstr("record 1: not a tf.Example"));
  EXPECT_THAT(Decoded({Record(Entry("x", "\x1a\x7f"))}), HasSubstr("feature 'x' is damaged"));
  EXPECT_THAT(
      Decoded({ok, ok, Record(Entry("x", Field(0x0a, Field(0x0a, "v"))))}),
      HasSubstr("record 2: feature 'x' holds bytes values, but row 0 of the batch has int64"));
  EXPECT_THAT(Decoded({ok}, {.features = {{{"x", ValueKind::kFloat}}}}),
              HasSubstr("holds int64 values, but float is wanted"));
  EXPECT_THAT(Decoded({Record(Entry("\xff", Ints("\1")))}), HasSubstr("not UTF-8"));
}

TEST(ExampleDecoderTest, SelectsFeaturesInTheGivenOrder) {
  const std::string record = Record(Entry("a", Ints("\1")) + Entry("b", Ints("\2")));
  EXPECT_EQ(Decoded({record}, {.features = {{{"z", ValueKind::kFloat}, {"b"}, {"b"}}}}),
            R"({"z":[null],"b":[[2]]})");
  const auto batch = DecodeExamples({record}, {.features = {{{"z", ValueKind::kFloat}}}});
  EXPECT_EQ((*batch)->column(0)->type()->ToString(), "list<item: float>");
}

TEST(ExampleDecoderTest, CarriesTheRawRecord) {
  const std::string record = Record(Entry("a", Ints("\1")));
  const auto batch = DecodeExamples({record, ""}, {.raw_record_column = "raw"});
  ASSERT_TRUE(batch.ok());
  const auto& raw = static_cast<const arrow::BinaryArray&>(*(*batch)->GetColumnByName("raw"));
  EXPECT_EQ(raw.GetView(0), record);
  EXPECT_EQ(raw.GetView(1), "");
}

TEST(ExampleDecoderTest, BatchesAreIndependent) {
  ExampleDecoder decoder;
  ASSERT_TRUE(decoder.Append(Record(Entry("x", Ints("\1")))).ok());
  EXPECT_EQ(Rendered(**decoder.Finish()), R"({"x":[[1]]})");
  ASSERT_TRUE(decoder.Append(Record(Entry("x", Field(0x0a, Field(0x0a, "v"))))).ok());
  EXPECT_EQ(Rendered(**decoder.Finish()), R"({"x":[["v"]]})");
  EXPECT_EQ(decoder.num_rows(), 0);
}

::tensorflow::Example RandomExample(Random& random) {
  ::tensorflow::Example example;
  auto& features = *example.mutable_features()->mutable_feature();
  for (int f = 0; f < 6; ++f) {
    const uint64_t choice = random.Below(8);
    if (choice == 0) continue;
    ::tensorflow::Feature& feature = features["feature_" + std::string(f, 'x') + "é"];
    if (choice == 1) continue;
    const auto count = static_cast<int>(random.Below(4));
    if (f % 3 == 0) {
      feature.mutable_int64_list();
      for (int i = 0; i < count; ++i) {
        feature.mutable_int64_list()->add_value(
            static_cast<int64_t>(random.Next() >> random.Below(64)));
      }
    } else if (f % 3 == 1) {
      feature.mutable_float_list();
      for (int i = 0; i < count; ++i) {
        feature.mutable_float_list()->add_value(static_cast<float>(random.Normal()));
      }
    } else {
      feature.mutable_bytes_list();
      for (int i = 0; i < count; ++i) {
        feature.mutable_bytes_list()->add_value(std::string(random.Below(300), 'v'));
      }
    }
  }
  return example;
}

TEST(ExampleCodecTest, AgreesWithProtobufOnRandomExamples) {
  Random random(20240611);
  std::vector<std::string> records;
  for (int i = 0; i < 500; ++i) records.push_back(RandomExample(random).SerializeAsString());
  const auto batch = DecodeExamples({records.begin(), records.end()});
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_TRUE((*batch)->ValidateFull().ok());
  auto encoder = ExampleEncoder::Make(*batch);
  ASSERT_TRUE(encoder.ok());
  std::string storage;
  for (size_t i = 0; i < records.size(); ++i) {
    ::tensorflow::Example wanted;
    ASSERT_TRUE(wanted.ParseFromString(records[i]));
    // A feature without kind decodes like an absent one.
    std::vector<std::string> without_kind;
    for (const auto& [key, feature] : wanted.features().feature()) {
      if (feature.kind_case() == ::tensorflow::Feature::KIND_NOT_SET) without_kind.push_back(key);
    }
    for (const auto& key : without_kind) wanted.mutable_features()->mutable_feature()->erase(key);
    const std::string got(encoder->Encode(static_cast<int64_t>(i)));
    const std::string any_order = wanted.SerializeAsString();
    const auto canonical = CanonicalExample(any_order, &storage);
    ASSERT_TRUE(canonical.ok());
    ASSERT_EQ(got, *canonical) << "record " << i;
    std::string unused = "unused";
    ASSERT_EQ(CanonicalExample(got, &unused)->data(), got.data()) << "taken as it is";
  }
}

// What Python's SerializeToString(deterministic=True) gives for the same message.
TEST(CanonicalExampleTest, IsTheDeterministicForm) {
  const std::string golden =
      "0a460a0d0a0161120812060a040000c03f0a160a016212111a0f0a0d01fbffffffffffffffff01ac020a070a0165"
      "12021a000a050a016e12000a0d0a02c3a412070a050a01780a00";
  std::string wanted;
  for (size_t i = 0; i < golden.size(); i += 2) {
    wanted += static_cast<char>(std::stoi(golden.substr(i, 2), nullptr, 16));
  }
  ::tensorflow::Example example;
  ASSERT_TRUE(google::protobuf::TextFormat::ParseFromString(
      "features { feature { key: 'b' value { int64_list { value: [1, -5, 300] } } }"
      "feature { key: 'a' value { float_list { value: 1.5 } } }"
      "feature { key: '\\303\\244' value { bytes_list { value: ['x', ''] } } }"
      "feature { key: 'e' value { int64_list {} } } feature { key: 'n' value {} } }",
      &example));
  const std::string any_order = example.SerializeAsString();
  std::string storage;
  EXPECT_EQ(*CanonicalExample(any_order, &storage), wanted);
  EXPECT_EQ(FindFeature(wanted, "e"), std::string_view("\x1a\0", 2));
  EXPECT_EQ(FindFeature(wanted, "q"), std::nullopt);
}

TEST(CanonicalExampleTest, RepairsWhatIsNotCanonical) {
  const std::string wanted = Record(Entry("x", Ints("\1")) + Entry("y", Ints("\2")));
  for (const std::string& record :
       {Record(Entry("y", Ints("\2")) + Entry("x", Ints("\1"))),
        Record(Entry("x", Ints("\1")) + Entry("y", Field(0x1a, "\x08\x02"))),
        Record(Entry("x", Ints("\1"))) + Record(Entry("y", Ints("\2"))),
        Record(Entry("x", Ints(std::string("\x81\x00", 2))) + Entry("y", Ints("\2")))}) {
    std::string storage;
    EXPECT_EQ(*CanonicalExample(record, &storage), wanted);
  }
  std::string storage;
  const std::string unknown = Record(Entry("x", Ints("\1"))) + "\x10\x07";
  EXPECT_EQ(*CanonicalExample(unknown, &storage), unknown) << "unknown fields are kept";
  EXPECT_EQ(CanonicalExample("\x0a\x7f", &storage).status().code(), StatusCode::kDataLoss);
}

std::shared_ptr<arrow::RecordBatch> Batch(
    const std::vector<std::tuple<std::string, std::shared_ptr<arrow::DataType>, std::string>>&
        columns) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const auto& [name, type, json] : columns) {
    fields.push_back(arrow::field(name, type));
    arrays.push_back(*arrow::json::ArrayFromJSONString(type, json));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays);
}

std::string Text(std::string_view record) {
  ::tensorflow::Example example;
  EXPECT_TRUE(example.ParseFromArray(record.data(), static_cast<int>(record.size())));
  const std::string any_order = example.SerializeAsString();
  std::string storage;
  EXPECT_EQ(*CanonicalExample(any_order, &storage), record);
  return example.features().ShortDebugString();
}

TEST(ExampleEncoderTest, WritesMissingCellsAsAsked) {
  const auto batch = Batch({{"i", arrow::int64(), "[null]"},
                            {"f", arrow::float32(), "[null]"},
                            {"s", arrow::utf8(), "[null]"},
                            {"n", arrow::null(), "[null]"}});
  const auto encoded = [&](MissingCell missing) {
    return Text(ExampleEncoder::Make(batch, {.missing = missing})->Encode(0));
  };
  EXPECT_EQ(encoded(MissingCell::kOmit), "");
  EXPECT_EQ(encoded(MissingCell::kNoKind),
            "feature { key: \"f\" value { } } feature { key: \"i\" value { } } "
            "feature { key: \"n\" value { } } feature { key: \"s\" value { } }");
  EXPECT_EQ(encoded(MissingCell::kEmptyList),
            "feature { key: \"f\" value { float_list { } } } "
            "feature { key: \"i\" value { int64_list { } } } feature { key: \"n\" value { } } "
            "feature { key: \"s\" value { bytes_list { } } }");
}

TEST(ExampleEncoderTest, TakesEveryWidth) {
  const auto batch = Batch({{"a", arrow::int8(), "[-3]"},
                            {"b", arrow::uint64(), "[7]"},
                            {"c", arrow::float64(), "[0.1]"},
                            {"d", arrow::large_utf8(), "[\"x\"]"},
                            {"e", arrow::large_list(arrow::int32()), "[[1, 2]]"},
                            {"f", arrow::list(arrow::large_binary()), "[[\"y\", \"\"]]"}});
  EXPECT_EQ(Text(ExampleEncoder::Make(batch)->Encode(0)),
            "feature { key: \"a\" value { int64_list { value: -3 } } } "
            "feature { key: \"b\" value { int64_list { value: 7 } } } "
            "feature { key: \"c\" value { float_list { value: 0.1 } } } "
            "feature { key: \"d\" value { bytes_list { value: \"x\" } } } "
            "feature { key: \"e\" value { int64_list { value: 1 value: 2 } } } "
            "feature { key: \"f\" value { bytes_list { value: \"y\" value: \"\" } } }");
}

TEST(ExampleEncoderTest, SlicesAndFeatures) {
  const auto batch = Batch({{"x", arrow::list(arrow::int64()), "[[1], null, [2, 3]]"}})->Slice(1);
  auto encoder = ExampleEncoder::Make(batch);
  EXPECT_EQ(encoder->EncodeFeature(0, 0), std::nullopt);
  EXPECT_EQ(encoder->EncodeFeature(0, 1), Ints("\2\3"));
  EXPECT_EQ(encoder->Encode(1), Record(Entry("x", Ints("\2\3"))));
}

TEST(ExampleEncoderTest, RefusesWhatExamplesCannotHold) {
  const auto error = [](const std::shared_ptr<arrow::RecordBatch>& batch) {
    return std::string(Message(ExampleEncoder::Make(batch).status()));
  };
  EXPECT_THAT(error(Batch({{"a", arrow::list(arrow::boolean()), "[[true]]"}})),
              HasSubstr("column 'a'"));
  EXPECT_THAT(error(Batch({{"x", arrow::int64(), "[1]"}, {"x", arrow::int64(), "[1]"}})),
              HasSubstr("column 'x': the batch has it twice"));
  EXPECT_THAT(error(Batch({{"x", arrow::list(arrow::int64()), "[[1, null]]"}})),
              HasSubstr("row 0 has a null inside its list"));
  EXPECT_THAT(error(Batch({{"x", arrow::uint64(), "[18446744073709551615]"}})),
              HasSubstr("does not fit int64"));
}

// Damaged records are refused or read, never worse; what is read encodes again.
TEST(ExampleDecoderTest, SurvivesMutatedRecords) {
  const google::protobuf::LogSilencer quiet;
  Random random(7);
  int num_read = 0;
  for (int round = 0; round < 40000; ++round) {
    std::string record = proto::Serialize(RandomExample(random)).substr(0, 200);
    for (uint64_t flips = random.Below(4); flips > 0 && !record.empty(); --flips) {
      record[random.Below(record.size())] = static_cast<char>(random.Next());
    }
    const auto batch = DecodeExamples({record});
    ::tensorflow::Example reference;
    const bool parses = reference.ParseFromString(record);
    ASSERT_TRUE(!parses || batch.ok() || batch.status().code() == StatusCode::kInvalidArgument)
        << batch.status();
    if (!batch.ok()) continue;
    ++num_read;
    ASSERT_TRUE((*batch)->ValidateFull().ok());
    auto encoder = ExampleEncoder::Make(*batch);
    ASSERT_TRUE(encoder.ok());
    const std::string again(encoder->Encode(0));
    ASSERT_EQ(Rendered(**DecodeExamples({again}, {.features = {{}}})), "{}");
  }
  EXPECT_GT(num_read, 1000);
}

}  // namespace
}  // namespace bessemer::example_gen
