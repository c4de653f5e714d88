#include "bessemer/example_gen/shaping/row_key.h"

#include <arrow/array.h>

namespace bessemer::example_gen::shaping {
namespace {

using columnar::FeatureColumn;

std::string What(std::string_view use, const std::string& feature) {
  return fmt::format("{}: feature '{}'", use, feature);
}

}  // namespace

StatusOr<FeatureColumn> FindColumn(const arrow::RecordBatch& batch, const std::string& feature,
                                   std::string_view use) {
  std::shared_ptr<arrow::Array> array = batch.GetColumnByName(feature);
  if (array == nullptr) array = std::make_shared<arrow::NullArray>(batch.num_rows());
  StatusOr<FeatureColumn> column = FeatureColumn::Make(std::move(array));
  if (!column.ok()) return WithContext(column.status(), What(use, feature));
  return column;
}

StatusOr<RowKey> RowKey::Make(const arrow::RecordBatch& batch,
                              const std::vector<std::string>& features, std::string_view use,
                              bool keep_kind) {
  std::vector<FeatureColumn> columns;
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const std::string& feature : features) {
    BESSEMER_ASSIGN_OR_RETURN(FeatureColumn column, FindColumn(batch, feature, use));
    fields.push_back(arrow::field(feature, column.array()->type()));
    arrays.push_back(column.array());
    columns.push_back(std::move(column));
  }
  StatusOr<ExampleEncoder> encoder =
      ExampleEncoder::Make(arrow::RecordBatch::Make(arrow::schema(std::move(fields)),
                                                    batch.num_rows(), std::move(arrays)),
                           {.missing = MissingCell::kEmptyList});
  if (!encoder.ok()) return WithContext(encoder.status(), use);
  return RowKey(*std::move(encoder), std::move(columns), keep_kind);
}

bool RowKey::HasValue(size_t i, int64_t row) const {
  const FeatureColumn& column = columns_[i];
  return column.layout() != FeatureColumn::Layout::kAbsent && column.IsPresent(row) &&
         column.begin(row) < column.end(row);
}

std::string_view RowKey::Feature(size_t i, int64_t row) {
  if (!keep_kind_ && !HasValue(i, row)) return "";
  return *encoder_.EncodeFeature(static_cast<int>(i), row);
}

std::string_view RowKey::Of(int64_t row) {
  if (columns_.size() == 1) return Feature(0, row);
  key_.clear();
  for (size_t i = 0; i < columns_.size(); ++i) {
    const std::string_view feature = Feature(i, row);
    for (uint64_t size = feature.size(), byte = 0; byte < 8; ++byte, size >>= 8) {
      key_ += static_cast<char>(size);
    }
    key_ += feature;
  }
  return key_;
}

bool RowKey::IsMissing(int64_t row) const {
  for (size_t i = 0; i < columns_.size(); ++i) {
    if (HasValue(i, row)) return false;
  }
  return true;
}

bool RowKey::IsAbsent(int64_t row) const {
  return columns_[0].layout() == FeatureColumn::Layout::kAbsent || !columns_[0].IsPresent(row);
}

namespace {

// The index of the value of a row, -1 for none.
StatusOr<int64_t> OnlyValue(const FeatureColumn& column, int64_t row, const std::string& what) {
  if (column.layout() == FeatureColumn::Layout::kAbsent || !column.IsPresent(row)) return -1;
  const int64_t begin = column.begin(row);
  const int64_t size = column.end(row) - begin;
  if (size > 1) return InvalidArgumentError("{} has {} values in a row", what, size);
  return size == 0 || column.values()->IsNull(begin) ? -1 : begin;
}

}  // namespace

StatusOr<RowText> RowText::Make(const arrow::RecordBatch& batch, const std::string& feature,
                                std::string_view use) {
  BESSEMER_ASSIGN_OR_RETURN(FeatureColumn column, FindColumn(batch, feature, use));
  return RowText(std::move(column), What(use, feature));
}

StatusOr<std::optional<std::string_view>> RowText::Of(int64_t row) {
  BESSEMER_ASSIGN_OR_RETURN(const int64_t i, OnlyValue(column_, row, what_));
  if (i < 0) return std::optional<std::string_view>();
  const arrow::Array& values = *column_.values();
  if (columnar::IsBytes(*values.type())) {
    std::optional<std::string_view> text;
    BESSEMER_RETURN_IF_ERROR(columnar::DispatchBytes(
        *values.type(), [&]<typename Array>(std::type_identity<Array>) {
          text = static_cast<const Array&>(values).GetView(i);
          return OkStatus();
        }));
    return text;
  }
  text_.clear();
  BESSEMER_RETURN_IF_ERROR(columnar::DispatchNumeric(
      *values.type(), [&]<typename Array>(std::type_identity<Array>) {
        const auto value = static_cast<const Array&>(values).Value(i);
        // tf.Example holds floats of 32 bits.
        if constexpr (std::is_floating_point_v<decltype(value)>) {
          fmt::format_to(std::back_inserter(text_), "{}", static_cast<float>(value));
        } else {
          fmt::format_to(std::back_inserter(text_), "{}", value);
        }
        return OkStatus();
      }));
  return std::optional<std::string_view>(text_);
}

}  // namespace bessemer::example_gen::shaping
