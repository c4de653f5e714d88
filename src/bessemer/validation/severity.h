#ifndef BESSEMER_VALIDATION_SEVERITY_H_
#define BESSEMER_VALIDATION_SEVERITY_H_

#include <map>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"

namespace tensorflow::data_validation {
class ValidationConfig;
}

namespace bessemer::validation {

using AnomalyType = ::tensorflow::metadata::v0::AnomalyInfo::Type;
using Severity = ::tensorflow::metadata::v0::AnomalyInfo::Severity;

// By type. UNKNOWN_TYPE stands for all types that are not listed; types neither listed nor meant by
// it are errors.
using Severities = std::map<AnomalyType, Severity>;

Severity SeverityOf(AnomalyType type, const Severities& severities);

// The key under which severities of anomalies of the whole data set are kept.
inline constexpr char kDatasetKey[] = "(dataset)";

// What shall be an error, a warning, or (UNKNOWN) nothing at all.
struct SeverityOverrides {
  Severities types;
  // By text form of the path; these go before `types`. One with UNKNOWN_TYPE is of all of them.
  std::map<std::string, Severities> features;

  bool empty() const { return types.empty() && features.empty(); }

  // `key` is a type ("SCHEMA_NEW_COLUMN"), a feature ("fare", or "FARE:*" where the name could be a
  // type's), or both ("fare:FLOAT_TYPE_BIG_FLOAT"). INVALID_ARGUMENT for what is neither, with the
  // nearest name.
  Status Add(std::string_view key, std::string_view severity);
  // "key=severity".
  Status Add(std::string_view text);
  // Those of `other` go before these.
  void Merge(const SeverityOverrides& other);

  Severities For(const std::string& feature) const;
  Severity Of(const std::string& feature, AnomalyType type) const;
};

// The severities of TFDV's configuration message; of two overrides of one type the later stands.
Severities SeveritiesOf(const ::tensorflow::data_validation::ValidationConfig& config);

// Such a message in text or binary form. INVALID_ARGUMENT names file and line.
StatusOr<::tensorflow::data_validation::ValidationConfig> ReadValidationConfig(
    const std::string& path);

// INVALID_ARGUMENT for a name that is none, with the nearest one: "SCHEMA_NEW_COLUMN"; "WARNING".
StatusOr<AnomalyType> ParseAnomalyType(std::string_view name);
StatusOr<Severity> ParseSeverity(std::string_view name);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_SEVERITY_H_
