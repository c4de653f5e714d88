#include <algorithm>

#include "bessemer/validation/check.h"

// The entry itself: what no data could satisfy.

namespace bessemer::validation::specification {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::FeatureType;
using ::tensorflow::metadata::v0::ValueCount;

constexpr const char* kUnsound = "Schema entry is not valid";

bool DomainFits(DomainCase domain, FeatureType type) {
  namespace v0 = ::tensorflow::metadata::v0;
  switch (domain) {
    case Feature::kBoolDomain:
      return type == v0::INT || type == v0::BYTES || type == v0::FLOAT;
    case Feature::kIntDomain:
    case Feature::kNaturalLanguageDomain:
    case Feature::kTimeDomain:
      return type == v0::INT || type == v0::BYTES;
    case Feature::kFloatDomain:
      return type == v0::FLOAT || type == v0::BYTES;
    case Feature::kDomain:
    case Feature::kStringDomain:
    case Feature::kImageDomain:
    case Feature::kMidDomain:
    case Feature::kUrlDomain:
      return type == v0::BYTES;
    case Feature::kStructDomain:
      return type == v0::STRUCT;
    default:
      return type == v0::INT || type == v0::FLOAT || type == v0::BYTES || type == v0::STRUCT;
  }
}

// False: nothing more can be said of the entry.
bool CheckNameAndType(FeatureCheckContext& context) {
  Feature& feature = context.feature();
  if (!feature.has_name()) {
    context.Report(AnomalyInfo::FEATURE_MISSING_NAME, "Feature without a name",
                   "The schema holds a feature without a name: give it one.");
    context.Deprecate();
    return false;
  }
  if (feature.has_type()) return true;
  if (feature.has_domain() || feature.has_string_domain()) {
    context.Report(AnomalyInfo::FEATURE_MISSING_TYPE, "Feature without a type",
                   "The schema gives no type; its string domain says BYTES.");
    feature.set_type(::tensorflow::metadata::v0::BYTES);
    return true;
  }
  context.Report(AnomalyInfo::FEATURE_MISSING_TYPE, "Feature without a type",
                 "The schema gives no type and no domain that would tell it: set the type.");
  context.Deprecate();
  return false;
}

void CheckPresence(FeatureCheckContext& context) {
  Feature& feature = context.feature();
  const double fraction = feature.presence().min_fraction();
  if (fraction < 0) {
    context.Report(AnomalyInfo::INVALID_SCHEMA_SPECIFICATION, kUnsound,
                   fmt::format("presence.min_fraction is {}: it must not be negative.",
                               NumberText(fraction)));
    feature.mutable_presence()->clear_min_fraction();
  } else if (fraction > 1) {
    context.Report(AnomalyInfo::INVALID_SCHEMA_SPECIFICATION, kUnsound,
                   fmt::format("presence.min_fraction is {}: it must be at most 1.",
                               NumberText(fraction)));
    feature.mutable_presence()->set_min_fraction(1);
  }
}

void CheckValueCount(FeatureCheckContext& context, const std::string& where, ValueCount* count) {
  if (count->min() < 0) {
    context.Report(AnomalyInfo::INVALID_SCHEMA_SPECIFICATION, kUnsound,
                   fmt::format("{}.min is {}: it must not be negative.", where, count->min()));
    count->clear_min();
  }
  if (count->has_max() && count->max() < count->min()) {
    context.Report(AnomalyInfo::INVALID_SCHEMA_SPECIFICATION, kUnsound,
                   fmt::format("{}.max is {}, less than min, which is {}.", where, count->max(),
                               count->min()));
    count->set_max(count->min());
  }
}

void CheckShape(FeatureCheckContext& context) {
  Feature& feature = context.feature();
  if (feature.has_value_count()) {
    CheckValueCount(context, "value_count", feature.mutable_value_count());
  }
  for (int i = 0; i < feature.value_counts().value_count_size(); ++i) {
    CheckValueCount(context, fmt::format("value_counts.value_count[{}]", i),
                    feature.mutable_value_counts()->mutable_value_count(i));
  }
  for (const auto& dim : feature.shape().dim()) {
    if (dim.size() > 0) continue;
    context.Report(AnomalyInfo::INVALID_SCHEMA_SPECIFICATION, kUnsound,
                   fmt::format("shape.dim.size is {}: it must be positive.", dim.size()));
    feature.clear_shape();
    break;
  }
}

void CheckDomain(FeatureCheckContext& context) {
  Feature& feature = context.feature();
  if (!DomainFits(feature.domain_info_case(), feature.type())) {
    context.Report(
        AnomalyInfo::DOMAIN_INVALID_FOR_TYPE, "Domain does not fit the type",
        fmt::format("A feature of type {} cannot have a {}.",
                    ::tensorflow::metadata::v0::FeatureType_Name(feature.type()),
                    schema::DomainKind(feature)));
    feature.clear_domain_info();
  }
  switch (feature.domain_info_case()) {
    case Feature::kDomain:
      if (context.schema.FindDomain(feature.domain()) != nullptr) return;
      context.Report(AnomalyInfo::INVALID_DOMAIN_SPECIFICATION, "Missing domain",
                     fmt::format("The schema has no string_domain named '{}'.", feature.domain()));
      feature.clear_domain();
      return;
    case Feature::kStringDomain:
      return;
    case Feature::kBoolDomain:
    case Feature::kIntDomain:
    case Feature::kFloatDomain:
    case Feature::kStructDomain:
    case Feature::kNaturalLanguageDomain:
    case Feature::kImageDomain:
    case Feature::kMidDomain:
    case Feature::kUrlDomain:
    case Feature::kTimeDomain:
    case Feature::DOMAIN_INFO_NOT_SET:
      break;
    default:
      context.Report(AnomalyInfo::INVALID_DOMAIN_SPECIFICATION, "Unsupported domain",
                     fmt::format("A {} cannot be checked.", schema::DomainKind(feature)));
      feature.clear_domain_info();
      return;
  }
  if (!feature.has_distribution_constraints()) return;
  const std::string_view kind = schema::DomainKind(feature);
  context.Report(AnomalyInfo::INVALID_SCHEMA_SPECIFICATION, kUnsound,
                 fmt::format("distribution_constraints need a string domain; the feature has {}.",
                             kind.empty() ? "no domain" : kind));
  feature.clear_distribution_constraints();
}

// Repetitions do no harm, but a schema that is written back should not keep them.
void Tidy(Feature* feature) {
  if (feature->has_bool_domain()) {
    auto* domain = feature->mutable_bool_domain();
    if (domain->has_true_value() && domain->has_false_value() &&
        domain->true_value() == domain->false_value()) {
      domain->clear_false_value();
    }
  } else if (feature->has_string_domain()) {
    auto* values = feature->mutable_string_domain()->mutable_value();
    std::vector<std::string> kept;
    for (const std::string& value : *values) {
      if (std::find(kept.begin(), kept.end(), value) == kept.end()) kept.push_back(value);
    }
    if (static_cast<int>(kept.size()) == values->size()) return;
    values->Assign(kept.begin(), kept.end());
  }
}

Status Run(FeatureCheckContext& context) {
  if (schema::IsInactive(context.feature())) {
    context.stop = true;
    return OkStatus();
  }
  if (!CheckNameAndType(context)) {
    context.stop = true;
    return OkStatus();
  }
  CheckPresence(context);
  CheckShape(context);
  CheckDomain(context);
  Tidy(&context.feature());
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "specification",
                .doc = "The entry in the schema is complete and does not contradict itself: name, "
                       "type, ranges of presence, value counts and shape, a domain that exists and "
                       "fits the type, distribution constraints only with a string domain",
                .stage = Stage::kEntry,
                .finds = {AnomalyInfo::FEATURE_MISSING_NAME, AnomalyInfo::FEATURE_MISSING_TYPE,
                          AnomalyInfo::INVALID_SCHEMA_SPECIFICATION,
                          AnomalyInfo::DOMAIN_INVALID_FOR_TYPE,
                          AnomalyInfo::INVALID_DOMAIN_SPECIFICATION},
                .feature = Run});
}

}  // namespace bessemer::validation::specification
