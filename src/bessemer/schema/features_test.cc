#include "bessemer/schema/features.h"

#include <google/protobuf/text_format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace bessemer::schema {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using ::testing::HasSubstr;

Schema Sample() {
  Schema schema;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(R"(
      feature { name: "a" type: INT int_domain { min: 1 is_categorical: true } }
      feature { name: "s" type: STRUCT struct_domain {
        feature { name: "t" type: BYTES domain: "words" value_count { max: 1 } }
        feature { name: "u" type: FLOAT shape { dim { size: 1 } } } } }
      string_domain { name: "words" value: "x" })", &schema));
  return schema;
}

Path P(std::vector<std::string> steps) { return Path(std::move(steps)); }
std::string MessageOf(const Status& status) { return std::string(Message(status)); }

TEST(Features, FoundByPath) {
  const Schema schema = Sample();
  EXPECT_EQ(GetFeature(schema, P({"s", "t"})).value()->domain(), "words");
  EXPECT_THAT(MessageOf(GetFeature(schema, P({"s", "x"})).status()), HasSubstr("no 'x'"));
  EXPECT_THAT(MessageOf(GetFeature(schema, P({"a", "x"})).status()),
              HasSubstr("'a' is not a struct"));
  EXPECT_EQ(GetFeature(schema, Path()).status().code(), StatusCode::kNotFound);
}

TEST(Features, DomainsAreReadAndSet) {
  Schema schema = Sample();
  EXPECT_EQ(GetDomain(schema, P({"a"})).value().int_domain().min(), 1);
  EXPECT_EQ(GetDomain(schema, P({"s", "t"})).value().string_domain().value(0), "x");
  EXPECT_THAT(MessageOf(GetDomain(schema, P({"s", "u"})).status()), HasSubstr("has no domain"));

  Feature domain;
  EXPECT_THAT(MessageOf(SetDomain(domain, P({"a"}), &schema)), HasSubstr("no domain is given"));
  domain.set_domain("words");
  ASSERT_TRUE(SetDomain(domain, P({"a"}), &schema).ok());
  EXPECT_FALSE(schema.feature(0).has_int_domain());
  EXPECT_EQ(schema.feature(0).domain(), "words");
  domain.mutable_bool_domain()->set_true_value("T");
  ASSERT_TRUE(SetDomain(domain, P({"s", "u"}), &schema).ok());
  EXPECT_EQ(GetDomain(schema, P({"s", "u"})).value().bool_domain().true_value(), "T");
  EXPECT_THAT(MessageOf(SetDomain(domain, P({"s"}), &schema)), HasSubstr("'s' is a struct"));
  domain.set_domain("none");
  EXPECT_THAT(MessageOf(SetDomain(domain, P({"a"}), &schema)), HasSubstr("'none' for feature"));
}

TEST(Features, Kinds) {
  const Schema schema = Sample();
  const auto leaves = LeafFeatures(schema);
  ASSERT_EQ(leaves.size(), 3u);
  EXPECT_EQ(leaves[1].first.ToString(), "s.t");
  EXPECT_TRUE(IsCategorical(*leaves[0].second));
  EXPECT_TRUE(IsCategorical(*leaves[1].second));
  EXPECT_FALSE(IsCategorical(*leaves[2].second));
  EXPECT_TRUE(IsMultivalent(*leaves[0].second));
  EXPECT_FALSE(IsMultivalent(*leaves[1].second));
  EXPECT_FALSE(IsMultivalent(*leaves[2].second));
}

TEST(Features, SchemaOfPaths) {
  const Schema schema = SchemaOfPaths({P({"a"}), P({"s", "t"}), P({"s", "u"})});
  ASSERT_EQ(schema.feature_size(), 2);
  EXPECT_EQ(schema.feature(1).struct_domain().feature(1).name(), "u");
}

}  // namespace
}  // namespace bessemer::schema
