#include "bessemer/statistics/basic/feature_stats.h"

#include <algorithm>

#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::basic {
namespace {

using ::tensorflow::metadata::v0::CommonStatistics;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

constexpr uint64_t kNoType = 15;

void MoveRanks(::tensorflow::metadata::v0::RankHistogram* ranks, const char* name,
               FeatureNameStatistics* out) {
  auto* stat = out->add_custom_stats();
  stat->set_name(name);
  stat->mutable_rank_histogram()->Swap(ranks);
}

// What StatisticsOptions::topk_in_custom_stats asks for.
void MoveTopToCustomStats(FeatureNameStatistics* out) {
  auto* text = out->mutable_string_stats();
  if (text->unique() == 0) return;
  MoveRanks(text->mutable_rank_histogram(), "topk_sketch_rank_histogram", out);
  if (text->has_weighted_string_stats()) {
    MoveRanks(text->mutable_weighted_string_stats()->mutable_rank_histogram(),
              "weighted_topk_sketch_rank_histogram", out);
  }
  auto* stat = out->add_custom_stats();
  stat->set_name("uniques_sketch_num_uniques");
  stat->set_num(static_cast<double>(text->unique()));
  text->clear_unique();
  text->clear_top_values();
  text->clear_rank_histogram();
  text->clear_weighted_string_stats();
}

}  // namespace

FeatureStats::FeatureStats(FeaturePath path, const StatisticsOptions& options,
                           const SchemaFacts& facts, bool weighted)
    : path_(std::move(path)),
      options_(&options),
      facts_(&facts),
      weighted_(weighted),
      common_(options, weighted) {}

void FeatureStats::SetType(FeatureType type) {
  type_ = type;
  if (type == FeatureType::kStruct) return;
  const bool text = type == FeatureType::kString;
  if (text && facts_->bytes.contains(path_)) {
    bytes_ = std::make_unique<BytesStats>();
  } else if (text || facts_->IsCategoricalNumber(path_, type)) {
    const auto known = facts_->categorical_strings.find(path_);
    string_ = std::make_unique<StringStats>(
        *options_, weighted_, type,
        known == facts_->categorical_strings.end() ? Categorical::kUnspecified : known->second);
  } else {
    numeric_ = std::make_unique<NumericStats>(*options_, weighted_, type == FeatureType::kInt);
    numeric_->LimitCapacity(capacity_);
  }
}

Status FeatureStats::Update(const FeatureArray& feature) {
  if (feature.type && type_ && *feature.type != *type_) {
    return InvalidArgumentError(
        "feature '{}' has {} values in one batch and {} in another; give it one type",
        PathToString(path_), FeatureTypeName(*type_), FeatureTypeName(*feature.type));
  }
  if (feature.type && !type_) SetType(*feature.type);
  BESSEMER_RETURN_IF_ERROR(common_.Update(feature));
  if (!feature.type) return OkStatus();
  if (numeric_) numeric_->Update(feature);
  if (bytes_) bytes_->Update(feature);
  return string_ ? string_->Update(feature) : OkStatus();
}

Status FeatureStats::Merge(const FeatureStats& other) {
  if (other.type_ && type_ && *other.type_ != *type_) {
    return InvalidArgumentError(
        "feature '{}' has {} values in one shard and {} in another; give it one type",
        PathToString(path_), FeatureTypeName(*type_), FeatureTypeName(*other.type_));
  }
  if (other.weighted_ != weighted_) {
    return InvalidArgumentError("feature '{}' is weighted in one shard only", PathToString(path_));
  }
  if (other.type_ && !type_) SetType(*other.type_);
  BESSEMER_RETURN_IF_ERROR(common_.Merge(other.common_, path_));
  if (numeric_ && other.numeric_) numeric_->Merge(*other.numeric_);
  if (bytes_ && other.bytes_) bytes_->Merge(*other.bytes_);
  if (string_ && other.string_) return string_->Merge(*other.string_);
  return OkStatus();
}

void FeatureStats::LimitCapacity(size_t capacity) {
  capacity_ = std::min(capacity_, capacity);
  if (numeric_) numeric_->LimitCapacity(capacity_);
}

void FeatureStats::Save(StateWriter* out) const {
  out->Varint(type_ ? static_cast<uint64_t>(*type_) : kNoType);
  common_.Save(out);
  if (numeric_) numeric_->Save(out);
  if (string_) string_->Save(out);
  if (bytes_) bytes_->Save(out);
}

void FeatureStats::Load(StateReader* in) {
  const uint64_t type = in->Varint();
  if (type != kNoType) {
    if (type > 4 || type == 3) {
      in->Fail("a feature has an unknown type");
      return;
    }
    SetType(static_cast<FeatureType>(type));
  }
  common_.Load(in);
  if (numeric_) numeric_->Load(in);
  if (string_) string_->Load(in);
  if (bytes_) bytes_->Load(in);
}

Status FeatureStats::Finish(const ParentTotals& parent, FeatureNameStatistics* out) const {
  const bool declared_bytes = facts_->bytes.contains(path_);
  const int64_t num_values = common_.num_values();
  CommonStatistics* common;
  Status status;
  if (declared_bytes && (!type_ || *type_ == FeatureType::kString)) {
    out->set_type(FeatureNameStatistics::BYTES);
    common = out->mutable_bytes_stats()->mutable_common_stats();
    if (bytes_) bytes_->Finish(num_values, out->mutable_bytes_stats());
  } else if (!type_ || string_) {
    out->set_type(type_ ? static_cast<FeatureNameStatistics::Type>(*type_)
                        : FeatureNameStatistics::STRING);
    common = out->mutable_string_stats()->mutable_common_stats();
    if (string_) status = string_->Finish(num_values, out->mutable_string_stats());
    if (options_->topk_in_custom_stats) MoveTopToCustomStats(out);
  } else if (*type_ == FeatureType::kStruct) {
    out->set_type(FeatureNameStatistics::STRUCT);
    common = out->mutable_struct_stats()->mutable_common_stats();
  } else {
    out->set_type(static_cast<FeatureNameStatistics::Type>(*type_));
    common = out->mutable_num_stats()->mutable_common_stats();
    if (numeric_) numeric_->Finish(num_values, out->mutable_num_stats());
  }
  common_.Finish(parent, common);
  if (type_) common_.FinishCustomStats(out);
  return status.ok() ? status : WithContext(status, PathToString(path_));
}

}  // namespace bessemer::statistics::basic
