#include "bessemer/validation/column_check.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>
#include <cmath>

#include "bessemer/columnar/short_form.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/schema/domains.h"
#include "bessemer/validation/number_text.h"
#include "bessemer/validation/quoted_text.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using columnar::FeatureColumn;

namespace {

// Calls visit(row, i) for the values of present rows until it returns true: then the next row.
template <typename Visit>
void ForEachValue(const FeatureColumn& column, const Visit& visit) {
  const int64_t num_rows = column.num_rows();
  for (int64_t row = 0; row < num_rows; ++row) {
    if (!column.IsPresent(row)) continue;
    const int64_t end = column.end(row);
    for (int64_t i = column.begin(row); i < end; ++i) {
      if (visit(row, i)) break;
    }
  }
}

bool FitsType(const Feature& feature, const arrow::DataType& type) {
  switch (feature.type()) {
    case ::tensorflow::metadata::v0::INT:
      return columnar::IsInteger(type);
    case ::tensorflow::metadata::v0::FLOAT:
      return columnar::IsFloat(type);
    case ::tensorflow::metadata::v0::BYTES:
      return columnar::IsBytes(type);
    default:
      return false;
  }
}

}  // namespace

ColumnCheck::ColumnCheck(const Feature& feature, const schema::SchemaModel& schema,
                         const schema::Environment& environment)
    : feature_(feature), name_(feature.name()) {
  in_environment_ = schema::IsInEnvironment(feature, schema.proto(), environment);
  always_present_ = in_environment_ && feature.presence().min_fraction() >= 1;
  if (feature.has_shape() && in_environment_) {
    shape_size_ = 1;
    for (const auto& dim : feature.shape().dim()) {
      if (__builtin_mul_overflow(shape_size_, dim.size(), &shape_size_)) shape_size_ = INT64_MAX;
    }
  }
  if (feature.has_domain()) domain_ = schema.FindDomain(feature.domain());
  if (feature.has_string_domain()) domain_ = &feature.string_domain();
  if (domain_ != nullptr) known_ = {domain_->value().begin(), domain_->value().end()};
}

ColumnCheck ColumnCheck::Nested(const Feature& feature, const schema::SchemaModel& schema,
                                const schema::Environment& environment, std::string name) {
  ColumnCheck check(feature, schema, environment);
  check.name_ = std::move(name);
  check.is_nested_ = true;
  check.always_present_ = false;
  check.shape_size_ = -1;
  return check;
}

void StructCheck::Check(const arrow::RecordBatch& batch, std::vector<RowFinding>* findings) const {
  arrow::ArrayVector columns;
  for (int i = 0; i < batch.num_columns(); ++i) {
    const std::string& column = batch.column_name(i);
    if (column == name || column.starts_with(name + ".")) columns.push_back(batch.column(i));
  }
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    if (std::any_of(columns.begin(), columns.end(),
                    [row](const auto& column) { return column->IsValid(row); })) {
      continue;
    }
    findings->push_back({.row = row,
                         .feature = name,
                         .type = AnomalyInfo::FEATURE_TYPE_LOW_FRACTION_PRESENT,
                         .text = "Expected the feature in every example; this one lacks it."});
  }
}

void ColumnCheck::Add(int64_t row, AnomalyType type, std::string text, Findings* findings) const {
  findings->push_back({.row = row, .feature = name(), .type = type, .text = std::move(text)});
}

void ColumnCheck::CheckMissing(int64_t row, Findings* findings) const {
  if (always_present_) {
    Add(row, AnomalyInfo::FEATURE_TYPE_LOW_FRACTION_PRESENT,
        "Expected the feature in every example; this one lacks it.", findings);
  }
  if (shape_size_ >= 0) {
    Add(row, AnomalyInfo::INVALID_FEATURE_SHAPE,
        fmt::format("Expected {} values in every example; this one has none.", shape_size_),
        findings);
  }
}

void ColumnCheck::Check(const std::shared_ptr<arrow::Array>& array, int64_t num_rows,
                        Findings* findings) const {
  if (array == nullptr || array->type_id() == arrow::Type::NA) {
    for (int64_t row = 0; row < num_rows; ++row) CheckMissing(row, findings);
    return;
  }
  for (int64_t row = 0; array->null_count() > 0 && row < num_rows; ++row) {
    if (array->IsNull(row)) CheckMissing(row, findings);
  }
  if (!in_environment_) {
    for (int64_t row = 0; row < num_rows; ++row) {
      if (array->IsNull(row)) continue;
      Add(row, AnomalyInfo::SCHEMA_NEW_COLUMN,
          "The schema does not have this feature in the environment of the data.", findings);
    }
    return;
  }
  const auto column = FeatureColumn::Make(array);
  if (!column.ok() || !CheckType(*column, findings)) return;
  CheckCounts(*column, findings);
  if (columnar::IsInteger(*column->value_type())) {
    CheckIntegers(*column, findings);
  } else if (columnar::IsFloat(*column->value_type())) {
    CheckFloats(*column, findings);
  } else {
    CheckBytes(*column, findings);
  }
}

bool ColumnCheck::CheckType(const FeatureColumn& column, Findings* findings) const {
  if (column.layout() == FeatureColumn::Layout::kAbsent) return false;
  if (FitsType(feature_, *column.value_type())) return true;
  const char* got = columnar::IsInteger(*column.value_type()) ? "INT"
                    : columnar::IsFloat(*column.value_type()) ? "FLOAT"
                                                              : "STRING";
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    if (!column.IsPresent(row)) continue;
    Add(row, AnomalyInfo::UNEXPECTED_DATA_TYPE,
        fmt::format("Expected data of type {}; got {}.",
                    ::tensorflow::metadata::v0::FeatureType_Name(feature_.type()), got),
        findings);
  }
  return false;
}

void ColumnCheck::CheckCounts(const FeatureColumn& column, Findings* findings) const {
  const auto& bounds = feature_.value_count();
  const bool has_min = feature_.has_value_count() && bounds.has_min();
  const bool has_max = feature_.has_value_count() && bounds.has_max();
  if (is_nested_) return;
  if (!has_min && !has_max && shape_size_ < 0) return;
  const bool is_plain = column.layout() == FeatureColumn::Layout::kPlain;
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    if (!column.IsPresent(row)) continue;
    const int64_t size = is_plain ? 1 : column.end(row) - column.begin(row);
    if (has_min && size < bounds.min()) {
      Add(row, AnomalyInfo::FEATURE_TYPE_LOW_NUMBER_VALUES,
          fmt::format("Expected at least {} values; there are {}.", bounds.min(), size), findings);
    }
    if (has_max && size > bounds.max()) {
      Add(row, AnomalyInfo::FEATURE_TYPE_HIGH_NUMBER_VALUES,
          fmt::format("Expected at most {} values; there are {}.", bounds.max(), size), findings);
    }
    if (shape_size_ >= 0 && size != shape_size_) {
      Add(row, AnomalyInfo::INVALID_FEATURE_SHAPE,
          fmt::format("Expected {} values; there are {}.", shape_size_, size), findings);
    }
  }
}

void ColumnCheck::CheckInteger(int64_t row, int64_t value, Findings* findings) const {
  if (feature_.has_bool_domain()) {
    Add(row, value < 0 ? AnomalyInfo::BOOL_TYPE_SMALL_INT : AnomalyInfo::BOOL_TYPE_BIG_INT,
        fmt::format("Expected 0 or 1; saw {}.", value), findings);
    return;
  }
  const auto& domain = feature_.int_domain();
  const bool small = domain.has_min() && value < domain.min();
  Add(row, small ? AnomalyInfo::INT_TYPE_SMALL_INT : AnomalyInfo::INT_TYPE_BIG_INT,
      small ? fmt::format("Expected at least {}; saw {}.", domain.min(), value)
            : fmt::format("Expected at most {}; saw {}.", domain.max(), value),
      findings);
}

void ColumnCheck::CheckIntegers(const FeatureColumn& column, Findings* findings) const {
  const bool is_bool = feature_.has_bool_domain();
  if (!is_bool && !feature_.has_int_domain()) return;
  const auto& domain = feature_.int_domain();
  const int64_t low = is_bool ? 0 : domain.has_min() ? domain.min() : INT64_MIN;
  const int64_t high = is_bool ? 1 : domain.has_max() ? domain.max() : INT64_MAX;
  if (low == INT64_MIN && high == INT64_MAX) return;
  columnar::DispatchNumeric(*column.value_type(), [&](auto tag) -> Status {
    using Array = typename decltype(tag)::type;
    const auto* values = static_cast<const Array&>(*column.values()).raw_values();
    const bool has_nulls = column.values()->null_count() > 0;
    ForEachValue(column, [&](int64_t row, int64_t i) {
      // What is beyond int64 is beyond any bound.
      const auto value = static_cast<int64_t>(values[i]);
      const bool wraps = std::is_same_v<typename Array::value_type, uint64_t> && value < 0;
      if (!wraps && value >= low && value <= high) return false;
      if (has_nulls && column.values()->IsNull(i)) return false;
      CheckInteger(row, wraps ? INT64_MAX : value, findings);
      return true;
    });
    return OkStatus();
  }).IgnoreError();
}

void ColumnCheck::CheckFloat(int64_t row, float value, Findings* findings) const {
  if (feature_.has_bool_domain()) {
    if (value == 0 || value == 1) return;
    Add(row, AnomalyInfo::BOOL_TYPE_UNEXPECTED_FLOAT,
        fmt::format("Expected 0 or 1; saw {}.", NumberText(value)), findings);
    return;
  }
  const auto& domain = feature_.float_domain();
  if (std::isnan(value)) {
    if (domain.disallow_nan()) {
      Add(row, AnomalyInfo::FLOAT_TYPE_HAS_NAN, "Expected numbers; saw NaN.", findings);
    }
    return;
  }
  if (domain.disallow_inf() && std::isinf(value)) {
    Add(row, AnomalyInfo::FLOAT_TYPE_HAS_INF, "Expected finite values; saw infinity.", findings);
  }
  if (domain.has_min() && value < domain.min()) {
    const auto [expected, seen] = NumberTexts(domain.min(), value);
    Add(row, AnomalyInfo::FLOAT_TYPE_SMALL_FLOAT,
        fmt::format("Expected at least {}; saw {}.", expected, seen), findings);
  }
  if (domain.has_max() && value > domain.max()) {
    const auto [expected, seen] = NumberTexts(domain.max(), value);
    Add(row, AnomalyInfo::FLOAT_TYPE_BIG_FLOAT,
        fmt::format("Expected at most {}; saw {}.", expected, seen), findings);
  }
}

void ColumnCheck::CheckFloats(const FeatureColumn& column, Findings* findings) const {
  if (!feature_.has_bool_domain() && !feature_.has_float_domain()) return;
  const auto& domain = feature_.float_domain();
  const float low = feature_.has_bool_domain() ? HUGE_VALF
                    : domain.has_min()         ? domain.min()
                                               : -HUGE_VALF;
  const float high = domain.has_max() ? domain.max() : HUGE_VALF;
  const bool any_inf = !domain.disallow_inf();
  const bool any_nan = !domain.disallow_nan() && !feature_.has_bool_domain();
  columnar::DispatchNumeric(*column.value_type(), [&](auto tag) -> Status {
    using Array = typename decltype(tag)::type;
    const auto* values = static_cast<const Array&>(*column.values()).raw_values();
    const bool has_nulls = column.values()->null_count() > 0;
    ForEachValue(column, [&](int64_t row, int64_t i) {
      const auto value = static_cast<float>(values[i]);
      if (value >= low && value <= high && (any_inf || !std::isinf(value))) return false;
      if ((any_nan && std::isnan(value)) || (has_nulls && column.values()->IsNull(i))) return false;
      const size_t before = findings->size();
      CheckFloat(row, value, findings);
      return findings->size() > before;
    });
    return OkStatus();
  }).IgnoreError();
}

void ColumnCheck::CheckText(int64_t row, std::string_view value, Findings* findings) const {
  switch (feature_.domain_info_case()) {
    case Feature::kBoolDomain: {
      const auto& domain = feature_.bool_domain();
      if (domain.has_true_value() && value == domain.true_value()) return;
      if (domain.has_false_value() && value == domain.false_value()) return;
      Add(row, AnomalyInfo::BOOL_TYPE_UNEXPECTED_STRING,
          fmt::format("Expected {} or {}; saw {}.", QuotedText(domain.true_value()),
                      QuotedText(domain.false_value()), QuotedText(value)),
          findings);
      return;
    }
    case Feature::kIntDomain: {
      const auto number = schema::ParseInt(value);
      const auto& domain = feature_.int_domain();
      if (!number.has_value()) {
        Add(row, AnomalyInfo::INT_TYPE_NOT_INT_STRING,
            fmt::format("Expected decimal integers; saw {}.", QuotedText(value)), findings);
      } else if ((domain.has_min() && *number < domain.min()) ||
                 (domain.has_max() && *number > domain.max())) {
        CheckInteger(row, *number, findings);
      }
      return;
    }
    case Feature::kFloatDomain: {
      const auto number = schema::ParseFloat(value);
      if (number.has_value()) return CheckFloat(row, *number, findings);
      Add(row, AnomalyInfo::FLOAT_TYPE_STRING_NOT_FLOAT,
          fmt::format("Expected decimal numbers; saw {}.", QuotedText(value)), findings);
      return;
    }
    case Feature::kImageDomain: {
      const auto limit = feature_.image_domain().max_image_byte_size();
      if (!feature_.image_domain().has_max_image_byte_size()) return;
      if (static_cast<int64_t>(value.size()) <= limit) return;
      Add(row, AnomalyInfo::MAX_IMAGE_BYTE_SIZE_EXCEEDED,
          fmt::format("Expected images of at most {} bytes; this has {}.", limit, value.size()),
          findings);
      return;
    }
    default:
      break;
  }
  if (domain_ == nullptr || known_.contains(value)) return;
  // What schema inference knows of a large value.
  const bool is_large = value.size() > columnar::kLargeValueBytes;
  if (is_large && known_.contains(columnar::ShortForm(value))) return;
  if (!columnar::IsUtf8(value)) {
    Add(row, AnomalyInfo::ENUM_TYPE_INVALID_UTF8, "Expected valid UTF-8; the text is not.",
        findings);
    return;
  }
  Add(row, AnomalyInfo::ENUM_TYPE_UNEXPECTED_STRING_VALUES,
      fmt::format("Expected one of {} known values; saw {}.", domain_->value_size(),
                  QuotedText(value)),
      findings);
}

void ColumnCheck::CheckBytes(const FeatureColumn& column, Findings* findings) const {
  if (domain_ == nullptr && !feature_.has_bool_domain() && !feature_.has_int_domain() &&
      !feature_.has_float_domain() && !feature_.has_image_domain()) {
    return;
  }
  columnar::DispatchBytes(*column.value_type(), [&](auto tag) -> Status {
    using Array = typename decltype(tag)::type;
    const auto& values = static_cast<const Array&>(*column.values());
    const bool has_nulls = values.null_count() > 0;
    ForEachValue(column, [&](int64_t row, int64_t i) {
      if (has_nulls && values.IsNull(i)) return false;
      const auto view = values.GetView(i);
      const size_t before = findings->size();
      CheckText(row, std::string_view(view.data(), view.size()), findings);
      return findings->size() > before;
    });
    return OkStatus();
  }).IgnoreError();
}

void CompositeCheck::Check(const arrow::RecordBatch& batch,
                           std::vector<RowFinding>* findings) const {
  std::vector<std::optional<FeatureColumn>> columns;
  for (size_t i = 0; i <= companions.size(); ++i) {
    const auto array = batch.GetColumnByName(i == 0 ? value : companions[i - 1]);
    columns.emplace_back();
    if (array == nullptr) continue;
    auto column = FeatureColumn::Make(array);
    if (column.ok()) columns.back() = *std::move(column);
  }
  const auto length = [&](size_t i, int64_t row) -> int64_t {
    if (!columns[i].has_value() || !columns[i]->IsPresent(row)) return -1;
    if (columns[i]->layout() == FeatureColumn::Layout::kPlain) return 1;
    return columns[i]->end(row) - columns[i]->begin(row);
  };
  const auto add = [&](int64_t row, AnomalyType type, std::string text) {
    findings->push_back({.row = row, .feature = name, .type = type, .text = std::move(text)});
  };
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    const int64_t num_values = length(0, row);
    bool any_companion = false;
    for (size_t i = 1; i < columns.size(); ++i) any_companion |= length(i, row) >= 0;
    if (num_values < 0 && !any_companion) continue;
    if (num_values < 0) {
      add(row,
          is_weighted ? AnomalyInfo::WEIGHTED_FEATURE_MISSING_VALUE
                      : AnomalyInfo::SPARSE_FEATURE_MISSING_VALUE,
          fmt::format("Expected the value feature {}; it is missing.", value));
    }
    for (size_t i = 1; i < columns.size(); ++i) {
      const int64_t size = length(i, row);
      if (size < 0) {
        add(row,
            is_weighted ? AnomalyInfo::WEIGHTED_FEATURE_MISSING_WEIGHT
                        : AnomalyInfo::SPARSE_FEATURE_MISSING_INDEX,
            fmt::format("Expected the feature {}; it is missing.", companions[i - 1]));
      }
      if (std::max<int64_t>(size, 0) == std::max<int64_t>(num_values, 0)) continue;
      add(row,
          is_weighted ? AnomalyInfo::WEIGHTED_FEATURE_LENGTH_MISMATCH
                      : AnomalyInfo::SPARSE_FEATURE_LENGTH_MISMATCH,
          fmt::format("Expected as many values in {} as in {}; there are {} and {}.",
                      companions[i - 1], value, std::max<int64_t>(size, 0),
                      std::max<int64_t>(num_values, 0)));
    }
  }
}

}  // namespace bessemer::validation
