#include "bessemer/statistics/mutual_information/label_information.h"

#include <algorithm>

#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::statistics::mutual_information {
namespace {

using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

using Result = std::vector<std::pair<std::string, double>>;

bool IsCategorical(const Feature& feature) {
  switch (feature.type()) {
    case ::tensorflow::metadata::v0::BYTES:
      return true;
    case ::tensorflow::metadata::v0::INT:
      return (feature.has_int_domain() && feature.int_domain().is_categorical()) ||
             feature.has_bool_domain() || feature.has_natural_language_domain();
    case ::tensorflow::metadata::v0::FLOAT:
      return feature.has_float_domain() && feature.float_domain().is_categorical();
    default:
      return false;
  }
}

bool IsUnivalent(const Feature& feature) {
  return (feature.shape().dim_size() == 1 && feature.shape().dim(0).size() == 1) ||
         feature.value_count().max() == 1;
}

ColumnKind KindOf(const LabelInformationOptions& options, const std::string& name) {
  const auto it = options.kinds.find(name);
  return it == options.kinds.end() ? ColumnKind() : it->second;
}

// A label whose categories are all different tells nothing of any feature.
bool LabelTellsNothing(const std::vector<Column>& columns,
                       const LabelInformationOptions& options) {
  const ColumnKind kind = KindOf(options, options.label);
  if (!kind.categorical || kind.multivalent) return false;
  const auto label = std::find_if(columns.begin(), columns.end(), [&](const Column& column) {
    return column.name == options.label;
  });
  return label != columns.end() && AllDifferent(*label);
}

StatusOr<EncodedColumn> EncodedLabel(const std::vector<Column>& columns,
                                     const LabelInformationOptions& options) {
  for (const Column& column : columns) {
    if (column.name != options.label) continue;
    BESSEMER_ASSIGN_OR_RETURN(
        std::optional<EncodedColumn> encoded,
        Encode(column, KindOf(options, column.name), options.max_encoding_length));
    if (!encoded || encoded->variables.empty()) break;
    return *std::move(encoded);
  }
  return InvalidArgumentError("label '{}' has no values that mutual information can use",
                              options.label);
}

}  // namespace

std::map<std::string, ColumnKind> KindsOf(const Schema& schema) {
  std::map<std::string, ColumnKind> kinds;
  for (const Feature& feature : schema.feature()) {
    if (feature.type() == ::tensorflow::metadata::v0::STRUCT) continue;
    kinds[feature.name()] = {IsCategorical(feature), !IsUnivalent(feature)};
  }
  return kinds;
}

StatusOr<Result> LabelInformation(const std::vector<Column>& columns,
                                  const LabelInformationOptions& options) {
  Result result;
  if (LabelTellsNothing(columns, options)) {
    for (const Column& column : columns) {
      if (column.name != options.label) result.emplace_back(column.name, 0.0);
    }
    return result;
  }
  BESSEMER_ASSIGN_OR_RETURN(const EncodedColumn label, EncodedLabel(columns, options));
  const EstimateOptions estimate;
  if (static_cast<int64_t>(label.variables[0].size()) < estimate.k && options.allow_few_rows) {
    return result;
  }
  const auto information = [&](const Column& column) -> StatusOr<std::optional<double>> {
    BESSEMER_ASSIGN_OR_RETURN(
        const std::optional<EncodedColumn> encoded,
        Encode(column, KindOf(options, column.name), options.max_encoding_length));
    if (!encoded) return std::optional<double>();
    if (encoded->uninformative) return 0.0;
    const StatusOr<double> adjusted = AdjustedMutualInformation(
        label.variables, encoded->variables, estimate, options.seed);
    if (!adjusted.ok()) {
      return WithContext(adjusted.status(), fmt::format("feature '{}'", column.name));
    }
    return *adjusted;
  };
  double max = 0;
  for (const Column& column : columns) {
    const bool is_label = column.name == options.label;
    if (options.ignored.contains(column.name) || (is_label && !options.normalize_by_max)) continue;
    BESSEMER_ASSIGN_OR_RETURN(const std::optional<double> bits, information(column));
    if (!bits) continue;
    if (is_label) {
      max = *bits;
    } else {
      result.emplace_back(column.name, *bits);
    }
  }
  if (options.normalize_by_max) {
    for (auto& [name, bits] : result) bits = max > 0 ? bits / max : 0.0;
  }
  return result;
}

}  // namespace bessemer::statistics::mutual_information
