#include "bessemer/validation/check.h"

namespace bessemer::validation::data_type {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

bool IsForBytes(DomainCase domain) {
  return domain == Feature::DOMAIN_INFO_NOT_SET || domain == Feature::kNaturalLanguageDomain ||
         domain == Feature::kImageDomain || domain == Feature::kUrlDomain;
}

Status Run(FeatureCheckContext& context) {
  Feature& feature = context.feature();
  const auto type = context.statistics.type();
  if (context.statistics.feature_type() != feature.type()) {
    const std::string& name = FeatureNameStatistics::Type_Name(type);
    context.Report(AnomalyInfo::UNEXPECTED_DATA_TYPE, "Unexpected data type",
                   fmt::format("Expected data of type {}; got {}.",
                               ::tensorflow::metadata::v0::FeatureType_Name(feature.type()),
                               name.empty() ? fmt::format("unknown ({})", int{type}) : name));
    context.Deprecate();
  }
  if (type == FeatureNameStatistics::BYTES && !IsForBytes(feature.domain_info_case())) {
    context.Report(AnomalyInfo::DOMAIN_INVALID_FOR_TYPE, "Domain does not fit the data",
                   fmt::format("The data is bytes that are not text, which cannot have a {}.",
                               schema::DomainKind(feature)));
    feature.clear_domain_info();
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "data_type",
                .doc = "The data is of the type, and its kind can have the domain (type)",
                .stage = Stage::kType,
                .finds = {AnomalyInfo::UNEXPECTED_DATA_TYPE, AnomalyInfo::DOMAIN_INVALID_FOR_TYPE},
                .feature = Run});
}

}  // namespace bessemer::validation::data_type
