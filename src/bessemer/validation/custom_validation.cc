#include "bessemer/validation/custom_validation.h"

#include <algorithm>

#include "bessemer/io/file.h"
#include "bessemer/schema/path.h"
#include "bessemer/schema/text_errors.h"
#include "bessemer/validation/anomaly_builder.h"
#include "bessemer/validation/rule_evaluator.h"
#include "tensorflow_data_validation/anomalies/proto/custom_validation_config.pb.h"

namespace bessemer::validation {

using ::tensorflow::data_validation::CustomValidationConfig;
using ::tensorflow::data_validation::Validation;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

namespace {

using Validations = google::protobuf::RepeatedPtrField<Validation>;
using Bindings = std::map<std::string, const FeatureNameStatistics*>;

class FeatureScope : public RuleScope {
 public:
  explicit FeatureScope(const Bindings& bindings) : bindings_(bindings) {}
  StatusOr<std::optional<RuleValue>> Name(const std::string& name) override {
    const auto found = bindings_.find(name);
    if (found == bindings_.end()) return std::optional<RuleValue>();
    return std::optional<RuleValue>(
        RuleValue::MessageRef{found->second, FeatureNameStatistics::descriptor()});
  }

 private:
  const Bindings& bindings_;
};

StatusOr<const FeatureNameStatistics*> FindFeature(const DatasetFeatureStatisticsList& list,
                                                   const std::string& dataset_name,
                                                   const schema::Path& path) {
  const DatasetFeatureStatistics* dataset = nullptr;
  for (const DatasetFeatureStatistics& candidate : list.datasets()) {
    if (dataset == nullptr && candidate.name() == dataset_name) dataset = &candidate;
  }
  if (dataset == nullptr) {
    return NotFoundError("custom validation: the statistics have no dataset named '{}'",
                         dataset_name);
  }
  for (const FeatureNameStatistics& feature : dataset->features()) {
    const schema::Path candidate = feature.has_path() ? schema::Path::FromProto(feature.path())
                                                      : schema::Path({feature.name()});
    if (candidate == path) return &feature;
  }
  return NotFoundError("custom validation: the statistics have no feature '{}'", path.ToString());
}

bool AppliesIn(const schema::Environment& environment, const Validation& validation) {
  const auto& wanted = validation.in_environment();
  return !environment.has_value() || wanted.empty() ||
         std::find(wanted.begin(), wanted.end(), *environment) != wanted.end();
}

Status Run(const Validations& validations, const Bindings& bindings, const schema::Path& path,
           const schema::Environment& environment, Anomalies* anomalies) {
  FeatureScope scope(bindings);
  for (const Validation& validation : validations) {
    if (!AppliesIn(environment, validation)) continue;
    const std::string& sql = validation.sql_expression();
    const auto syntax = ParseRule(sql);
    if (!syntax.ok()) return WithContext(syntax.status(), "custom validation");
    const auto holds = RuleEvaluator(sql).Holds(**syntax, scope);
    if (!holds.ok()) return WithContext(holds.status(), "custom validation");
    if (*holds) continue;
    AnomalyInfo& anomaly = (*anomalies->mutable_anomaly_info())[path.ToString()];
    *anomaly.mutable_path() = path.ToProto();
    AddFindings({{AnomalyInfo::CUSTOM_VALIDATION, validation.description(),
                  fmt::format("Expected {}; it does not hold.", sql)}},
                {{AnomalyInfo::CUSTOM_VALIDATION, validation.severity()}}, &anomaly);
  }
  return OkStatus();
}

}  // namespace

StatusOr<Anomalies> CustomValidate(const DatasetFeatureStatisticsList& statistics,
                                   const DatasetFeatureStatisticsList* baseline,
                                   const CustomValidationConfig& config,
                                   const schema::Environment& environment) {
  Anomalies anomalies;
  for (const auto& validation : config.feature_validations()) {
    const schema::Path path = schema::Path::FromProto(validation.feature_path());
    BESSEMER_ASSIGN_OR_RETURN(const auto* feature,
                              FindFeature(statistics, validation.dataset_name(), path));
    BESSEMER_RETURN_IF_ERROR(Run(validation.validations(), {{"feature", feature}}, path,
                                 environment, &anomalies));
  }
  for (const auto& pair : config.feature_pair_validations()) {
    const schema::Path path = schema::Path::FromProto(pair.feature_test_path());
    BESSEMER_ASSIGN_OR_RETURN(const auto* test,
                              FindFeature(statistics, pair.dataset_name(), path));
    BESSEMER_ASSIGN_OR_RETURN(
        const auto* base,
        FindFeature(baseline == nullptr ? statistics : *baseline, pair.base_dataset_name(),
                    schema::Path::FromProto(pair.feature_base_path())));
    BESSEMER_RETURN_IF_ERROR(Run(pair.validations(),
                                 {{"feature_test", test}, {"feature_base", base}}, path,
                                 environment, &anomalies));
  }
  return anomalies;
}

StatusOr<CustomValidationConfig> ReadCustomValidationConfig(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  CustomValidationConfig config;
  const Status text = schema::ParseTextQuietly(bytes, &config);
  if (text.ok() || config.ParseFromString(bytes)) return config;
  return InvalidArgumentError("{}:{} (expected a CustomValidationConfig)", path, Message(text));
}

void MergeAnomalies(const Anomalies& from, Anomalies* to) {
  const auto merge = [](const AnomalyInfo& more, AnomalyInfo* anomaly) {
    const Severity severity = Greater(anomaly->severity(), more.severity());
    if (more.has_path()) *anomaly->mutable_path() = more.path();
    anomaly->mutable_reason()->MergeFrom(more.reason());
    anomaly->set_severity(severity);
    Summarise(anomaly);
  };
  for (const auto& [path, anomaly] : from.anomaly_info()) {
    merge(anomaly, &(*to->mutable_anomaly_info())[path]);
  }
  if (from.has_dataset_anomaly_info()) {
    merge(from.dataset_anomaly_info(), to->mutable_dataset_anomaly_info());
  }
}

}  // namespace bessemer::validation
