#include "bessemer/evaluation/scorer.h"

#include <arrow/builder.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/tensorflow/session.h"

namespace bessemer::evaluation {
namespace {

using tf::HostTensor;

constexpr char kTransformSignature[] = "transform_features";

// A row of a tensor becomes a row of the array: one value, or the list of its values row by row.
StatusOr<std::shared_ptr<arrow::Array>> ToArray(const HostTensor& tensor, int64_t num_rows) {
  std::shared_ptr<arrow::Array> values;
  if (tensor.dtype() == ::tensorflow::DT_STRING) {
    arrow::BinaryBuilder builder;
    for (const std::string& text : tensor.strings()) {
      BESSEMER_RETURN_IF_ERROR(FromArrow(builder.Append(text)));
    }
    BESSEMER_RETURN_IF_ERROR(FromArrow(builder.Finish(&values)));
  } else if (tensor.dtype() == ::tensorflow::DT_INT64) {
    arrow::Int64Builder builder;
    const auto numbers = tensor.values<int64_t>();
    BESSEMER_RETURN_IF_ERROR(FromArrow(
        builder.AppendValues(numbers.data(), static_cast<int64_t>(numbers.size()))));
    BESSEMER_RETURN_IF_ERROR(FromArrow(builder.Finish(&values)));
  } else {
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<double> numbers, tensor.ToDoubles());
    arrow::DoubleBuilder builder;
    BESSEMER_RETURN_IF_ERROR(FromArrow(builder.AppendValues(numbers)));
    BESSEMER_RETURN_IF_ERROR(FromArrow(builder.Finish(&values)));
  }
  if (num_rows == 0 || tensor.shape().empty() || tensor.shape()[0] != num_rows) {
    return InvalidArgumentError("gives {} rows for {} examples", tensor.num_rows(), num_rows);
  }
  const int64_t width = tensor.num_elements() / num_rows;
  if (width == 1) return values;
  arrow::Int32Builder offsets;
  for (int64_t row = 0; row <= num_rows; ++row) {
    BESSEMER_RETURN_IF_ERROR(
        FromArrow(offsets.Append(static_cast<int32_t>(row * width))));
  }
  std::shared_ptr<arrow::Array> starts;
  BESSEMER_RETURN_IF_ERROR(FromArrow(offsets.Finish(&starts)));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Array> lists,
                                  arrow::ListArray::FromArrays(*starts, *values));
  return lists;
}

}  // namespace

Scorer::~Scorer() = default;

StatusOr<std::unique_ptr<Scorer>> Scorer::Load(
    const std::string& directory, const ::tensorflow_model_analysis::ModelSpec& spec) {
  std::unique_ptr<Scorer> scorer(new Scorer);
  scorer->directory_ = directory;
  BESSEMER_ASSIGN_OR_RETURN(scorer->session_, tf::Session::Load(directory));
  const tf::Signatures& signatures = scorer->session_->signatures();
  scorer->signature_ = !spec.signature_name().empty()   ? spec.signature_name()
                       : signatures.contains("predict") ? "predict"
                                                        : "serving_default";
  BESSEMER_RETURN_IF_ERROR(scorer->session_->FindSignature(scorer->signature_).status());
  for (const std::string& name : spec.preprocessing_function_names()) {
    BESSEMER_RETURN_IF_ERROR(scorer->session_->FindSignature(name).status());
    scorer->preprocessing_.push_back(name);
  }
  scorer->wants_preprocessing_ = !scorer->preprocessing_.empty();
  if (scorer->preprocessing_.empty() && signatures.contains(kTransformSignature)) {
    scorer->preprocessing_.push_back(kTransformSignature);
  }
  if (spec.inference_batch_size() > 0) {
    scorer->batch_size_ = spec.inference_batch_size();
  }
  return scorer;
}

Status Scorer::Score(const std::vector<std::string>& examples, const std::string& model_name,
                     Batch* batch) const {
  const StatusOr<std::map<std::string, HostTensor>> outputs =
      session_->PredictExamples(signature_, examples, batch_size_);
  if (!outputs.ok()) return WithContext(outputs.status(), directory_);
  auto& predictions = batch->predictions[model_name];
  for (const auto& [name, tensor] : *outputs) {
    if (tensor.dtype() == ::tensorflow::DT_STRING) continue;  // class names: not a score
    const auto array = ToArray(tensor, static_cast<int64_t>(examples.size()));
    if (!array.ok()) {
      return WithContext(array.status(),
                         fmt::format("{}: output '{}' of '{}'", directory_, name, signature_));
    }
    predictions[name] = *array;
  }
  if (predictions.empty()) {
    return InvalidArgumentError("{}: signature '{}' has no numeric output", directory_, signature_);
  }
  return OkStatus();
}

Status Scorer::Transform(const std::vector<std::string>& examples, Batch* batch) const {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  const auto num_rows = static_cast<int64_t>(examples.size());
  for (const std::string& function : preprocessing_) {
    const StatusOr<std::map<std::string, HostTensor>> outputs =
        session_->PredictExamples(function, examples, batch_size_);
    if (!outputs.ok()) return WithContext(outputs.status(), directory_);
    for (const auto& [name, tensor] : *outputs) {
      const auto array = ToArray(tensor, num_rows);
      if (!array.ok()) {
        return WithContext(array.status(),
                           fmt::format("{}: output '{}' of '{}'", directory_, name, function));
      }
      fields.push_back(arrow::field(name, (*array)->type()));
      columns.push_back(*array);
    }
  }
  batch->transformed = arrow::RecordBatch::Make(arrow::schema(fields), num_rows, columns);
  return OkStatus();
}

}  // namespace bessemer::evaluation
