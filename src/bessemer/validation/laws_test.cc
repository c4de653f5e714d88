#include <gtest/gtest.h>

#include <random>

#include "bessemer/schema/infer.h"
#include "bessemer/validation/anomaly_table.h"
#include "bessemer/validation/update.h"
#include "bessemer/validation/validate.h"

// Laws that hold for any data: random statistics and schemas, from fixed seeds.

namespace bessemer::validation {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::Histogram;
using ::tensorflow::metadata::v0::Schema;

class Generator {
 public:
  explicit Generator(uint32_t seed) : random_(seed) {}

  DatasetFeatureStatistics Statistics() {
    DatasetFeatureStatistics statistics;
    statistics.set_num_examples(10);
    for (const char* name : {"a", "b", "c", "d"}) {
      if (Chance(4)) continue;
      auto* feature = statistics.add_features();
      feature->mutable_path()->add_step(name);
      Fill(feature);
      if (feature->type() != FeatureNameStatistics::STRUCT) continue;
      auto* child = statistics.add_features();
      child->mutable_path()->add_step(name);
      child->mutable_path()->add_step("x");
      Fill(child);
    }
    return statistics;
  }

  // Changes fields of the message at random, by reflection.
  void Mutate(google::protobuf::Message* message, int depth = 0) {
    const auto* reflection = message->GetReflection();
    const auto* descriptor = message->GetDescriptor();
    if (descriptor->field_count() == 0) return;
    for (int n = 0; n < 2; ++n) {
      const auto* field = descriptor->field(static_cast<int>(Below(descriptor->field_count())));
      using Type = google::protobuf::FieldDescriptor;
      if (field->is_repeated()) {
        const int size = reflection->FieldSize(*message, field);
        if (size > 0 && Chance(3)) {
          reflection->RemoveLast(message, field);
        } else if (field->cpp_type() == Type::CPPTYPE_MESSAGE && !field->is_map() && size > 0) {
          Mutate(reflection->MutableRepeatedMessage(message, field, Below(size)), depth + 1);
        } else if (field->cpp_type() == Type::CPPTYPE_MESSAGE && !field->is_map() && depth < 6) {
          Mutate(reflection->AddMessage(message, field), depth + 1);
        }
        continue;
      }
      switch (field->cpp_type()) {
        case Type::CPPTYPE_MESSAGE:
          if (depth < 6) Mutate(reflection->MutableMessage(message, field), depth + 1);
          break;
        case Type::CPPTYPE_DOUBLE:
          reflection->SetDouble(message, field, Number());
          break;
        case Type::CPPTYPE_FLOAT:
          reflection->SetFloat(message, field, static_cast<float>(Number()));
          break;
        case Type::CPPTYPE_INT64:
          reflection->SetInt64(message, field, static_cast<int64_t>(Below(7)) - 3);
          break;
        case Type::CPPTYPE_UINT64:
          reflection->SetUInt64(message, field, Chance(5) ? ~0ull : Below(12));
          break;
        case Type::CPPTYPE_BOOL:
          reflection->SetBool(message, field, Chance(2));
          break;
        case Type::CPPTYPE_STRING:
          reflection->SetString(message, field, Word());
          break;
        case Type::CPPTYPE_ENUM:
          reflection->SetEnumValue(
              message, field,
              field->enum_type()->value(Below(field->enum_type()->value_count()))->number());
          break;
        default:
          break;
      }
    }
  }

 private:
  uint64_t Below(uint64_t n) { return random_() % n; }
  bool Chance(int one_in) { return Below(one_in) == 0; }
  std::string Word() {
    static constexpr const char* kWords[] = {"a", "b", "x", "1", "0", "true", "", "d", "-3", "2.5"};
    return kWords[Below(std::size(kWords))];
  }
  double Number() {
    static constexpr double kNumbers[] = {0, 1, -1, 0.5, 10, 1e300, -1e300, HUGE_VAL, -HUGE_VAL};
    return Chance(12) ? std::nan("") : kNumbers[Below(std::size(kNumbers))];
  }

  template <typename Stats>
  void Common(Stats* stats) {
    auto* common = stats->mutable_common_stats();
    common->set_num_non_missing(Below(11));
    common->set_num_missing(10 - common->num_non_missing());
    common->set_min_num_values(Below(3));
    common->set_max_num_values(common->min_num_values() + Below(3));
    common->set_tot_num_values(10);
  }

  void Fill(FeatureNameStatistics* feature) {
    switch (Below(4)) {
      case 0:
      case 1: {
        feature->set_type(Chance(2) ? FeatureNameStatistics::INT : FeatureNameStatistics::FLOAT);
        auto* numbers = feature->mutable_num_stats();
        Common(numbers);
        numbers->set_min(static_cast<double>(Below(4)) - 1);
        numbers->set_max(numbers->min() + static_cast<double>(Below(3)));
        auto* bucket = numbers->add_histograms()->add_buckets();
        bucket->set_low_value(numbers->min());
        bucket->set_high_value(numbers->max());
        bucket->set_sample_count(10);
        break;
      }
      case 2: {
        feature->set_type(FeatureNameStatistics::STRING);
        auto* strings = feature->mutable_string_stats();
        Common(strings);
        for (uint64_t n = Below(4); n > 0; --n) {
          auto* bucket = strings->mutable_rank_histogram()->add_buckets();
          bucket->set_label(Word());
          bucket->set_sample_count(static_cast<double>(1 + Below(5)));
        }
        break;
      }
      default:
        feature->set_type(FeatureNameStatistics::STRUCT);
        Common(feature->mutable_struct_stats());
        // A struct that is never there has no children to speak of.
        feature->mutable_struct_stats()->mutable_common_stats()->set_num_non_missing(1 + Below(10));
    }
  }

  std::mt19937 random_;
};

TEST(LawsTest, NothingIsWrongWithTheDataTheSchemaWasInferredFrom) {
  Generator generator(1);
  for (int i = 0; i < 500; ++i) {
    const DatasetFeatureStatistics statistics = generator.Statistics();
    const auto schema = schema::InferSchema(statistics, {.infer_feature_shape = i % 2 == 0});
    ASSERT_TRUE(schema.ok()) << Message(schema.status());
    const auto anomalies = Validate(statistics, *schema);
    ASSERT_TRUE(anomalies.ok());
    ASSERT_EQ(AnomalyTable(*anomalies), "") << statistics.DebugString() << schema->DebugString();
  }
}

TEST(LawsTest, AnUpdatedSchemaAcceptsTheData) {
  Generator generator(2);
  for (int i = 0; i < 500; ++i) {
    const auto schema = schema::InferSchema(generator.Statistics());
    const DatasetFeatureStatistics statistics = generator.Statistics();
    const auto updated = UpdateSchema(*schema, statistics);
    ASSERT_TRUE(updated.ok()) << Message(updated.status());
    const auto anomalies = Validate(statistics, *updated);
    ASSERT_TRUE(anomalies.ok());
    ASSERT_EQ(AnomalyTable(*anomalies), "") << statistics.DebugString() << updated->DebugString();
  }
}

TEST(LawsTest, MutatedMessagesGiveAnAnswerOrAnError) {
  Generator generator(3);
  int num_errors = 0;
  for (int i = 0; i < 4000; ++i) {
    DatasetFeatureStatistics statistics = generator.Statistics();
    DatasetFeatureStatistics previous = generator.Statistics();
    Schema schema = *schema::InferSchema(generator.Statistics());
    for (int n = 0; n < 4; ++n) {
      generator.Mutate(&statistics);
      generator.Mutate(&previous);
      generator.Mutate(&schema);
    }
    statistics.set_num_examples(10);
    const auto anomalies =
        Validate(statistics, schema,
                 {.environment = i % 2 == 0 ? schema::Environment("a") : std::nullopt,
                  .previous_span = &previous,
                  .serving = &previous,
                  .with_edits = true});
    num_errors += !anomalies.ok();
    if (anomalies.ok()) AnomalyTable(*anomalies);
    num_errors += !UpdateSchema(schema, statistics).ok();
    num_errors += !schema::InferSchema(statistics).ok();
  }
  EXPECT_GT(num_errors, 0);
  EXPECT_LT(num_errors, 6000);
}

}  // namespace
}  // namespace bessemer::validation
