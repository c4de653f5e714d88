#include "bessemer/evaluation/scorer.h"

#include <arrow/array/concatenate.h>
#include <arrow/builder.h>

#include <algorithm>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/tensorflow/session.h"

namespace bessemer::evaluation {
namespace {

using tf::HostTensor;

constexpr char kTransformSignature[] = "transform_features";

// The values of a tensor, row by row.
StatusOr<std::shared_ptr<arrow::Array>> ValuesOf(const HostTensor& tensor) {
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
  return values;
}

// Lists of `values` between the offsets.
StatusOr<std::shared_ptr<arrow::Array>> Lists(const std::vector<int32_t>& offsets,
                                              const arrow::Array& values) {
  arrow::Int32Builder builder;
  BESSEMER_RETURN_IF_ERROR(FromArrow(builder.AppendValues(offsets)));
  std::shared_ptr<arrow::Array> starts;
  BESSEMER_RETURN_IF_ERROR(FromArrow(builder.Finish(&starts)));
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Array> lists,
                                  arrow::ListArray::FromArrays(*starts, values));
  return lists;
}

// A row of a tensor becomes a row of the array: one value, or the list of its values row by row.
StatusOr<std::shared_ptr<arrow::Array>> ToArray(const HostTensor& tensor, int64_t num_rows) {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> values, ValuesOf(tensor));
  if (num_rows == 0 || tensor.shape().empty() || tensor.shape()[0] != num_rows) {
    return InvalidArgumentError("gives {} rows for {} examples", tensor.num_rows(), num_rows);
  }
  const int64_t width = tensor.num_elements() / num_rows;
  if (width == 1) return values;
  std::vector<int32_t> offsets;
  for (int64_t row = 0; row <= num_rows; ++row) {
    offsets.push_back(static_cast<int32_t>(row * width));
  }
  return Lists(offsets, *values);
}

// The classes of the first example, the same for all; empty if the tensor holds one an example,
// which is then what was predicted.
std::vector<std::string> ClassesOf(const HostTensor& tensor, int64_t num_rows) {
  const std::vector<std::string>& texts = tensor.strings();
  const size_t width = num_rows > 0 ? texts.size() / static_cast<size_t>(num_rows) : 0;
  if (width < 2) return {};
  return {texts.begin(), texts.begin() + static_cast<int64_t>(width)};
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
  if (!outputs.ok()) return outputs.status();
  auto& predictions = batch->predictions[model_name];
  for (const auto& [name, tensor] : *outputs) {
    if (tensor.dtype() == ::tensorflow::DT_STRING) {  // class names: not a score
      std::vector<std::string> classes = ClassesOf(tensor, static_cast<int64_t>(examples.size()));
      const bool named = name == "all_classes" || name == "classes";
      if (named && !classes.empty()) batch->classes.emplace(model_name, std::move(classes));
      continue;
    }
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

bool Scorer::Transforms(const std::string& name) const {
  return std::any_of(preprocessing_.begin(), preprocessing_.end(),
                     [&](const std::string& function) {
                       return session_->signatures().at(function).outputs.contains(name);
                     });
}

Status Scorer::AddSparse(const std::string& function, const std::vector<std::string>& examples,
                         const std::set<std::string>& wanted, arrow::FieldVector* fields,
                         arrow::ArrayVector* columns) const {
  const tf::Signature& signature = session_->signatures().at(function);
  std::vector<std::string> names, fetches;
  for (const auto& [name, output] : signature.outputs) {
    if (!output.sparse || !wanted.contains(name)) continue;
    names.push_back(name);
    fetches.push_back(output.sparse->indices.name());
    fetches.push_back(output.sparse->values.name());
  }
  if (names.empty()) return OkStatus();
  BESSEMER_ASSIGN_OR_RETURN(
      const tf::Callable callable,
      session_->Prepare({signature.inputs.begin()->second.dense.name()}, fetches, {},
                        fmt::format("signature '{}' of {}", function, directory_)));
  std::vector<arrow::ArrayVector> parts(names.size());
  std::vector<std::vector<int32_t>> offsets(names.size(), std::vector<int32_t>(1, 0));
  for (size_t begin = 0; begin < examples.size(); begin += static_cast<size_t>(batch_size_)) {
    const size_t end = std::min(examples.size(), begin + static_cast<size_t>(batch_size_));
    const HostTensor feed = HostTensor::Strings({examples.begin() + static_cast<int64_t>(begin),
                                                 examples.begin() + static_cast<int64_t>(end)});
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<HostTensor> values, callable.Run({&feed, 1}));
    for (size_t i = 0; i < names.size(); ++i) {
      const HostTensor& indices = values[2 * i];  // [n, rank], rows ascending
      const auto numbers = indices.values<int64_t>();
      const size_t rank = indices.shape().size() == 2 ? indices.shape()[1] : 1;
      std::vector<int32_t> counts(end - begin, 0);
      for (size_t k = 0; k < numbers.size(); k += rank) {
        if (numbers[k] < 0 || numbers[k] >= static_cast<int64_t>(counts.size())) {
          return InvalidArgumentError("{}: output '{}' of '{}' has a value for row {} of {}",
                                      directory_, names[i], function, numbers[k], counts.size());
        }
        ++counts[static_cast<size_t>(numbers[k])];
      }
      for (const int32_t count : counts) offsets[i].push_back(offsets[i].back() + count);
      BESSEMER_ASSIGN_OR_RETURN(parts[i].emplace_back(), ValuesOf(values[2 * i + 1]));
    }
  }
  for (size_t i = 0; i < names.size(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto values, arrow::Concatenate(parts[i]));
    BESSEMER_ASSIGN_OR_RETURN(columns->emplace_back(), Lists(offsets[i], *values));
    fields->push_back(arrow::field(names[i], columns->back()->type()));
  }
  return OkStatus();
}

Status Scorer::Transform(const std::vector<std::string>& examples,
                         const std::set<std::string>& wanted, Batch* batch) const {
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  const auto num_rows = static_cast<int64_t>(examples.size());
  for (const std::string& function : preprocessing_) {
    const StatusOr<std::map<std::string, HostTensor>> outputs =
        session_->PredictExamples(function, examples, batch_size_);
    if (!outputs.ok()) return outputs.status();
    for (const auto& [name, tensor] : *outputs) {
      const auto array = ToArray(tensor, num_rows);
      if (!array.ok()) {
        return WithContext(array.status(),
                           fmt::format("{}: output '{}' of '{}'", directory_, name, function));
      }
      fields.push_back(arrow::field(name, (*array)->type()));
      columns.push_back(*array);
    }
    BESSEMER_RETURN_IF_ERROR(AddSparse(function, examples, wanted, &fields, &columns));
  }
  batch->transformed = arrow::RecordBatch::Make(arrow::schema(fields), num_rows, columns);
  return OkStatus();
}

}  // namespace bessemer::evaluation
