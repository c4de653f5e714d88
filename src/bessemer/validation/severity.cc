#include "bessemer/validation/severity.h"

#include <algorithm>

#include "bessemer/base/nearest_name.h"
#include "bessemer/io/file.h"
#include "bessemer/schema/text_errors.h"
#include "tensorflow_data_validation/anomalies/proto/validation_config.pb.h"

namespace bessemer::validation {

using ::tensorflow::data_validation::ValidationConfig;
using ::tensorflow::metadata::v0::AnomalyInfo;

namespace {

template <typename Enum>
StatusOr<Enum> ParseEnum(const google::protobuf::EnumDescriptor* names, std::string_view name,
                         std::string_view what) {
  if (const auto* value = names->FindValueByName(std::string(name))) {
    return static_cast<Enum>(value->number());
  }
  std::vector<std::string> known;
  for (int i = 0; i < names->value_count(); ++i) known.push_back(names->value(i)->name());
  return InvalidArgumentError("unknown {} '{}'{}", what, name, SuggestName(name, known));
}

// SUCH_A_NAME: most likely a type, maybe misspelled.
bool LooksLikeType(std::string_view name) {
  return name.find('_') != std::string_view::npos &&
         std::all_of(name.begin(), name.end(),
                     [](char c) { return (c >= 'A' && c <= 'Z') || c == '_'; });
}

}  // namespace

Severity SeverityOf(AnomalyType type, const Severities& severities) {
  for (const AnomalyType key : {type, AnomalyInfo::UNKNOWN_TYPE}) {
    const auto found = severities.find(key);
    if (found != severities.end()) return found->second;
  }
  return AnomalyInfo::ERROR;
}

Status SeverityOverrides::Add(std::string_view key, std::string_view severity) {
  BESSEMER_ASSIGN_OR_RETURN(const Severity parsed, ParseSeverity(severity));
  const size_t colon = key.rfind(':');
  const std::string_view last = colon == std::string_view::npos ? key : key.substr(colon + 1);
  const std::string feature(colon == std::string_view::npos ? "" : key.substr(0, colon));
  if (!feature.empty() && last == "*") {
    features[feature][AnomalyInfo::UNKNOWN_TYPE] = parsed;
    return OkStatus();
  }
  const auto type = ParseAnomalyType(last);
  if (type.ok()) {
    (feature.empty() ? types : features[feature])[*type] = parsed;
  } else if (LooksLikeType(last)) {
    return type.status();
  } else {
    features[std::string(key)][AnomalyInfo::UNKNOWN_TYPE] = parsed;
  }
  return OkStatus();
}

Status SeverityOverrides::Add(std::string_view text) {
  const size_t equals = text.rfind('=');
  if (equals == std::string_view::npos) {
    return InvalidArgumentError("severity '{}': write TYPE=SEVERITY, FEATURE=SEVERITY or "
                                "FEATURE:TYPE=SEVERITY, e.g. SCHEMA_NEW_COLUMN=WARNING",
                                text);
  }
  return Add(text.substr(0, equals), text.substr(equals + 1));
}

void SeverityOverrides::Merge(const SeverityOverrides& other) {
  for (const auto& [type, severity] : other.types) types[type] = severity;
  for (const auto& [feature, severities] : other.features) {
    for (const auto& [type, severity] : severities) features[feature][type] = severity;
  }
}

Severities SeverityOverrides::For(const std::string& feature) const {
  const auto found = features.find(feature);
  if (found == features.end()) return types;
  if (found->second.contains(AnomalyInfo::UNKNOWN_TYPE)) return found->second;
  Severities severities = types;
  for (const auto& [type, severity] : found->second) severities[type] = severity;
  return severities;
}

Severity SeverityOverrides::Of(const std::string& feature, AnomalyType type) const {
  return features.contains(feature) ? SeverityOf(type, For(feature)) : SeverityOf(type, types);
}

Severities SeveritiesOf(const ValidationConfig& config) {
  Severities severities;
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
  const bool warn_of_new_features = config.new_features_are_warnings();
#pragma GCC diagnostic pop
  if (warn_of_new_features) {
    severities[AnomalyInfo::SCHEMA_NEW_COLUMN] = AnomalyInfo::WARNING;
  }
  for (const auto& override : config.severity_overrides()) {
    if (override.type() == AnomalyInfo::UNKNOWN_TYPE) continue;  // what nothing reports
    severities[override.type()] = override.severity();
  }
  return severities;
}

StatusOr<ValidationConfig> ReadValidationConfig(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  ValidationConfig config;
  const Status text = schema::ParseTextQuietly(bytes, &config);
  if (text.ok() || config.ParseFromString(bytes)) return config;
  return InvalidArgumentError("{}:{} (expected a ValidationConfig)", path, Message(text));
}

StatusOr<AnomalyType> ParseAnomalyType(std::string_view name) {
  return ParseEnum<AnomalyType>(AnomalyInfo::Type_descriptor(), name, "anomaly type");
}

StatusOr<Severity> ParseSeverity(std::string_view name) {
  return ParseEnum<Severity>(AnomalyInfo::Severity_descriptor(), name, "severity");
}

}  // namespace bessemer::validation
