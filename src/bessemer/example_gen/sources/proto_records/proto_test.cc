#include <arrow/api.h>
#include <gmock/gmock.h>
#include <google/protobuf/descriptor.pb.h>
#include <gtest/gtest.h>

#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sources/proto_records/proto_columns.h"
#include "bessemer/example_gen/test_files.h"
#include "bessemer/io/tfrecord.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::example_gen::proto_records {
namespace {

using ::testing::HasSubstr;

// The set of a message's file and those it imports.
std::string SetOf(const google::protobuf::FileDescriptor& file) {
  google::protobuf::FileDescriptorSet set;
  for (int i = 0; i < file.dependency_count(); ++i) {
    file.dependency(i)->CopyTo(set.add_file());
  }
  file.CopyTo(set.add_file());
  return set.SerializeAsString();
}

std::string Read(const std::string& path, const Json& params) {
  const auto rows = OpenRowFiles({*FindFileSource("proto"), {path}}, {.params = params});
  if (!rows.ok()) return std::string(Message(rows.status()));
  const auto batch = ReadRows(**rows, (*rows)->schema())->Next();
  if (!batch.ok()) return std::string(Message(batch.status()));
  std::vector<RowFault> faults;
  const auto features = FeatureConverter((*rows)->schema()).Convert(**batch, &faults);
  return features.ok() ? BatchToJson(**features).dump() : std::string(Message(features.status()));
}

std::string Write(const TestFolder& folder, const std::vector<std::string>& records) {
  const auto writer =
      io::TFRecordWriter::Open(folder.path("x.tfrecord"), io::Compression::kNone);
  for (const std::string& record : records) EXPECT_TRUE((*writer)->Write(record).ok());
  EXPECT_TRUE((*writer)->Close().ok());
  return folder.path("x.tfrecord");
}

// A message whose type is at hand everywhere: a descriptor.
std::string Described() {
  google::protobuf::FieldDescriptorProto field;
  field.set_name("x");
  field.set_number(3);
  field.set_label(google::protobuf::FieldDescriptorProto::LABEL_REPEATED);
  return field.SerializeAsString();
}

TEST(ProtoTest, RecordsAreBytesOrFeatures) {
  const TestFolder folder;
  const std::string file = Write(folder, {"abc", ""});
  EXPECT_EQ(Read(file, Json::object()), R"({"raw_record":[["abc"],[""]]})");
  const std::string set = folder.Write(
      "set.pb", SetOf(*google::protobuf::FieldDescriptorProto::descriptor()->file()));
  google::protobuf::UninterpretedOption::NamePart part;
  part.set_name_part("V");
  part.set_is_extension(true);
  EXPECT_EQ(Read(Write(folder, {part.SerializeAsString()}),
                 {{"descriptor_set", set},
                  {"message", "google.protobuf.UninterpretedOption.NamePart"}}),
            R"({"name_part":[["V"]],"is_extension":[[1]]})");
}

TEST(ProtoTest, MapsListsAndMessages) {
  const auto decoder = ProtoDecoder::Make(SetOf(*tensorflow::Example::descriptor()->file()),
                                          "tensorflow.Example");
  ASSERT_TRUE(decoder.ok()) << decoder.status();
  tensorflow::Example example;
  (*example.mutable_features()->mutable_feature())["a"].mutable_int64_list()->add_value(5);
  const auto batch = (*decoder)->Decode({example.SerializeAsString(), ""});
  ASSERT_TRUE(batch.ok()) << batch.status();
  ASSERT_TRUE((*batch)->ValidateFull().ok());
  EXPECT_THAT((*batch)->schema()->ToString(), HasSubstr("key: binary"));
  EXPECT_THAT((*batch)->column(0)->ToString(), HasSubstr("5"));
  EXPECT_TRUE((*batch)->column(0)->IsNull(1));
  EXPECT_THAT(std::string(Message((*decoder)->Decode({"\xff"}).status())),
              HasSubstr("record 0: not a tensorflow.Example"));
}

TEST(ProtoTest, ErrorsSayWhat) {
  const TestFolder folder;
  const std::string file = Write(folder, {Described()});
  const std::string set = folder.Write(
      "set.pb", SetOf(*google::protobuf::FieldDescriptorProto::descriptor()->file()));
  EXPECT_THAT(Read(file, {{"message", "x"}}), HasSubstr("together"));
  EXPECT_THAT(Read(file, {{"message", "x.Y"}, {"descriptor_set", set}}),
              HasSubstr("set.pb: the set has no message 'x.Y'"));
  EXPECT_THAT(Read(file, {{"message", "google.protobuf.DescriptorProto"}, {"descriptor_set", set}}),
              HasSubstr("contains itself"));
  EXPECT_THAT(Read(file, {{"message", "x"}, {"descriptor_set", file}}),
              HasSubstr("not a FileDescriptorSet"));
}

}  // namespace
}  // namespace bessemer::example_gen::proto_records
