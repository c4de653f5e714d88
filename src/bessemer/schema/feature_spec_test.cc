#include "bessemer/schema/feature_spec.h"

#include <google/protobuf/text_format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bessemer::schema {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Key;

v0::Schema Parse(const char* text) {
  v0::Schema schema;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text, &schema)) << text;
  return schema;
}

std::string MessageOf(const Status& status) { return std::string(Message(status)); }

constexpr char kSparse[] = R"(
    feature { name: "index" type: INT int_domain { min: 0 max: 9 } }
    feature { name: "value" type: FLOAT float_domain { max: 1 } }
    sparse_feature { name: "x" is_sorted: true
                     index_feature { name: "index" } value_feature { name: "value" } })";

TEST(TensorRepresentation, Inferred) {
  const auto got = InferTensorRepresentations(Parse(R"(
      feature { name: "fixed" type: INT presence { min_fraction: 1 } shape { dim { size: 2 } } }
      feature { name: "any" type: BYTES }
      feature { name: "old" type: INT lifecycle_stage: DEPRECATED }
      feature { name: "derived" type: INT lifecycle_stage: VALIDATION_DERIVED }
      feature { name: "s" type: STRUCT struct_domain { feature { name: "f" type: INT } } })"));
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(*got, ElementsAre(Key("any"), Key("fixed"), Key("s.f")));
  EXPECT_EQ(got->at("fixed").dense_tensor().shape().dim(0).size(), 2);
  EXPECT_EQ(got->at("any").varlen_sparse_tensor().column_name(), "any");
  EXPECT_EQ(got->at("s.f").ragged_tensor().feature_path().step_size(), 2);

  const auto sparse = InferTensorRepresentations(Parse(kSparse));
  ASSERT_TRUE(sparse.ok()) << sparse.status();
  EXPECT_THAT(*sparse, ElementsAre(Key("x")));
  EXPECT_EQ(sparse->at("x").sparse_tensor().dense_shape().dim(0).size(), 10);
  EXPECT_TRUE(sparse->at("x").sparse_tensor().already_sorted());
}

TEST(TensorRepresentation, ShapesByValueCount) {
  const v0::Schema schema = Parse(R"(
      feature { name: "one" type: INT value_count { min: 1 max: 1 } }
      feature { name: "two" type: BYTES value_count { min: 2 max: 2 } presence { min_fraction: 1 } }
      feature { name: "some" type: INT value_count { min: 1 max: 2 } })");
  const auto got = InferTensorRepresentations(schema, {.shape_by_value_count = true});
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_EQ(got->at("one").dense_tensor().default_value().int_value(), -1);
  EXPECT_EQ(got->at("one").dense_tensor().shape().dim_size(), 0);
  EXPECT_FALSE(got->at("two").dense_tensor().has_default_value());
  EXPECT_TRUE(got->at("some").has_varlen_sparse_tensor());
}

TEST(TensorRepresentation, ErrorsNameTheFeature) {
  const auto message = [](const char* text) {
    return MessageOf(InferTensorRepresentations(Parse(text)).status());
  };
  EXPECT_THAT(message(R"(feature { name: "x" type: INT shape {} })"),
              HasSubstr("feature 'x' has a shape but presence.min_fraction 0"));
  EXPECT_THAT(message(R"(sparse_feature { name: "x" index_feature { name: "i" } })"),
              HasSubstr("names 'i' as index feature"));
  EXPECT_THAT(message(R"(feature { name: "i" type: INT int_domain { min: 0 } }
                         sparse_feature { name: "x" index_feature { name: "i" } })"),
              HasSubstr("of index feature 'i' has no max"));
  EXPECT_THAT(message(R"(feature { name: "i" type: INT int_domain { min: 1 max: 2 } }
                         sparse_feature { name: "x" index_feature { name: "i" } })"),
              HasSubstr("is 1 to 2"));
}

TEST(TensorRepresentation, ProjectsAndChecks) {
  v0::Schema schema = Parse(kSparse);
  schema.add_feature()->set_name("other");
  const auto projected = ProjectToTensors(schema, {"x"});
  ASSERT_TRUE(projected.ok()) << projected.status();
  EXPECT_EQ(projected->feature_size(), 2);
  EXPECT_EQ(FindTensorRepresentations(*projected)->size(), 1u);
  EXPECT_TRUE(CheckTensorRepresentations(*projected).ok());
  EXPECT_THAT(MessageOf(ProjectToTensors(schema, {"y"}).status()), HasSubstr("no tensor 'y'"));

  EXPECT_EQ(CheckTensorRepresentations(schema).code(), StatusCode::kNotFound);
  SetTensorRepresentations(*FindTensorRepresentations(*projected), &schema);
  EXPECT_THAT(MessageOf(CheckTensorRepresentations(schema)),
              HasSubstr("no tensor is made of: other"));
}

TEST(FeatureSpec, ThereAndBack) {
  FeatureSpec spec;
  spec["dense"] = FixedLenFeature{.type = v0::FLOAT, .shape = {2, 3}};
  spec["list"] = VarLenFeature{v0::BYTES};
  spec["x"] = SparseFeature{v0::FLOAT, "value", {"index"}, {10}, true};
  spec["ragged"] = RaggedFeature{v0::INT, "v", {std::string("lengths"), int64_t{4}}};
  v0::Feature domain;
  domain.mutable_float_domain()->set_max(1);
  const auto schema = SchemaOf(spec, {{"x", domain}});
  ASSERT_TRUE(schema.ok()) << schema.status();
  const auto back = FeatureSpecOf(*schema);
  ASSERT_TRUE(back.ok()) << back.status();
  EXPECT_TRUE(back->spec == spec);
  ASSERT_EQ(back->domains.size(), 1u);
  EXPECT_EQ(back->domains.at("x").SerializeAsString(), domain.SerializeAsString());

  spec["dense"] = FixedLenFeature{.type = v0::FLOAT, .default_value = 1.0f};
  EXPECT_THAT(MessageOf(SchemaOf(spec).status()), HasSubstr("'dense' has a default value"));
}

TEST(FeatureSpec, DomainsOfTheSchemaAreResolved) {
  const auto got = FeatureSpecOf(Parse(R"(
      feature { name: "a" type: BYTES domain: "d" } feature { name: "b" type: BYTES domain: "?" }
      string_domain { name: "d" value: "v" })"));
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(got->domains, ElementsAre(Key("a")));
  EXPECT_EQ(got->domains.at("a").string_domain().value(0), "v");
}

TEST(FeatureSpec, SequencesLoseTheirStruct) {
  v0::Schema schema = Parse(R"(
      feature { name: "c" type: INT }
      feature { name: "##SEQUENCE##" type: STRUCT
                struct_domain { feature { name: "f" type: FLOAT } } })");
  EXPECT_THAT(MessageOf(SequenceFeatureSpecOf(schema).status()),
              HasSubstr("needs tensor representations"));
  SetTensorRepresentations(*InferTensorRepresentations(schema), &schema);
  const auto got = SequenceFeatureSpecOf(schema);
  ASSERT_TRUE(got.ok()) << got.status();
  EXPECT_THAT(got->context, ElementsAre(Key("c")));
  EXPECT_EQ(std::get<RaggedFeature>(got->sequence.begin()->second).value_key, "f");
}

TEST(FeatureSpec, ParsersNeedEachColumnOnce) {
  const auto parsing = ExampleParsingOf(Parse(kSparse));
  ASSERT_TRUE(parsing.ok()) << parsing.status();
  EXPECT_EQ(parsing->tensors.at("_tfx_bsl_x_x"), "x");
  v0::Schema twice = Parse(R"(feature { name: "a" type: INT })");
  TensorRepresentations two = *InferTensorRepresentations(twice);
  two["b"] = two.at("a");
  SetTensorRepresentations(two, &twice);
  EXPECT_THAT(MessageOf(ExampleParsingOf(twice).status()), HasSubstr("column 'a' of tensor 'b'"));
  EXPECT_FALSE(ExampleParsingOf(v0::Schema()).ok());
}

}  // namespace
}  // namespace bessemer::schema
