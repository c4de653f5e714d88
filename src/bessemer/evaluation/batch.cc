#include "bessemer/evaluation/batch.h"

#include <arrow/array.h>
#include <arrow/scalar.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <numeric>
#include <unordered_map>

#include "bessemer/evaluation/config.h"
#include "bessemer/evaluation/pairing.h"

namespace bessemer::evaluation {
namespace {

using columnar::FeatureColumn;

Status CheckRows(const FeatureColumn& column, const std::string& what, int64_t first_row) {
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    if (column.IsPresent(row) && column.end(row) > column.begin(row)) continue;
    return InvalidArgumentError(
        "{}: example {} (counted from 0) has no value; leave such examples out ('where' of the "
        "ExampleGen), or fill the value in the Transform and name its output",
        what, first_row + row);
  }
  return OkStatus();
}

StatusOr<std::vector<double>> ReadValues(const arrow::Array& values, const std::string& what) {
  std::vector<double> result(values.length());
  const Status status = columnar::DispatchNumeric(*values.type(), [&](auto type) {
    using ArrayType = typename decltype(type)::type;
    const auto& typed = static_cast<const ArrayType&>(values);
    for (int64_t i = 0; i < typed.length(); ++i) result[i] = static_cast<double>(typed.Value(i));
    return OkStatus();
  });
  if (!status.ok()) {
    return InvalidArgumentError("{}: values are {}; metrics need numbers", what,
                                columnar::IsBytes(*values.type()) ? "text"
                                                                  : values.type()->ToString());
  }
  return result;
}

StatusOr<std::shared_ptr<arrow::Array>> FindColumn(const Batch& batch, const std::string& name,
                                                   const char* role) {
  std::shared_ptr<arrow::Array> array = batch.Find(name);
  if (array) return array;
  std::vector<std::string> names;
  for (const auto* source : {&batch.transformed, &batch.features}) {
    if (*source) {
      for (const auto& field : (*source)->schema()->fields()) {
        if (!field->name().starts_with("__")) names.push_back(field->name());  // our own columns
      }
    }
  }
  return NotFoundError("{} '{}' is not a feature of the examples{}", role, name,
                       SuggestName(name, names));
}

// The predictions of a model: its outputs, or the feature its spec names.
StatusOr<Ragged> ReadPredictions(const ::tensorflow_model_analysis::EvalConfig& config,
                                 const std::string& model_name, const std::string& output_name,
                                 const Batch& batch) {
  BESSEMER_ASSIGN_OR_RETURN(const ModelColumns columns,
                            ColumnsOf(config, model_name, output_name));
  const std::string what = fmt::format("prediction '{}'", columns.prediction_key);
  const auto model = batch.predictions.find(model_name);
  if (model == batch.predictions.end()) {
    if (columns.prediction_key.empty()) {
      return FailedPreconditionError(
          "no model{} was run and its model_spec names no prediction_key: give a model, or the "
          "feature that holds its predictions",
          model_name.empty() ? "" : " '" + model_name + "'");
    }
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> array,
                              FindColumn(batch, columns.prediction_key, "prediction_key"));
    return ReadNumbers(array, what, /*allow_absent=*/false, batch.first_row);
  }
  const std::map<std::string, std::shared_ptr<arrow::Array>>& outputs = model->second;
  for (const std::string& name : {output_name, columns.prediction_key}) {
    const auto found = outputs.find(name);
    if (found != outputs.end()) return ReadNumbers(found->second, what, false);
  }
  if (outputs.size() == 1) return ReadNumbers(outputs.begin()->second, what, false);
  // The names estimators and classification signatures use, in the order TFMA tries them.
  for (const char* name :
       {"scores", "outputs", "predictions", "logistic", "probabilities", "logits"}) {
    const auto found = outputs.find(name);
    if (found != outputs.end()) return ReadNumbers(found->second, what, false);
  }
  std::string names;
  for (const auto& [name, array] : outputs) names += (names.empty() ? "" : ", ") + name;
  return InvalidArgumentError("the model has several outputs ({}): set prediction_key, or "
                              "output_names in the metrics_spec",
                              names);
}

bool HasNan(std::span<const double> numbers) {
  return std::any_of(numbers.begin(), numbers.end(), [](double x) { return std::isnan(x); });
}

// Examples with a value that is NaN.
int64_t CountNan(const Ragged& values, int64_t num_rows) {
  int64_t count = 0;
  for (int64_t row = 0; row < num_rows; ++row) count += HasNan(values.row(row));
  return count;
}

// Some metrics would leave NaN out in silence, others become NaN.
Status CheckNoNan(const Ragged& numbers, const std::string& what, const Batch& batch) {
  if (CountNan(numbers, batch.num_rows()) == 0) return OkStatus();
  for (int64_t row = 0;; ++row) {
    if (!HasNan(numbers.row(row))) continue;
    return InvalidArgumentError(
        "{}: the value of example {} (counted from 0) is NaN; leave such examples out ('where' of "
        "the ExampleGen), or fill the value in the Transform",
        what, batch.first_row + row);
  }
}

// Whether labels of numbers are names of the classes, too: "-1" and "1", but not "0", "1", "2".
bool AreOtherNumbers(const std::vector<std::string>& classes) {
  bool positions = true;
  for (size_t i = 0; i < classes.size(); ++i) {
    double number = 0;
    const char* end = classes[i].data() + classes[i].size();
    const auto result = std::from_chars(classes[i].data(), end, number);
    if (result.ec != std::errc() || result.ptr != end) return false;
    positions = positions && number == static_cast<double>(i);
  }
  return !positions;
}

// Labels that name classes, as their positions.
StatusOr<Ragged> ReadClassLabels(const FeatureColumn& column, const std::string& what,
                                 const std::vector<std::string>& classes, int64_t first_row) {
  BESSEMER_RETURN_IF_ERROR(CheckRows(column, what, first_row));
  std::unordered_map<std::string, double> ids;
  for (const std::string& name : classes) ids.emplace(name, static_cast<double>(ids.size()));
  std::vector<double> values;
  const auto find = [&](const std::string& name) -> Status {
    const auto found = ids.find(name);
    if (found == ids.end()) {
      return InvalidArgumentError("{}: '{}' is no class of the model, which knows {}", what, name,
                                  fmt::join(classes, ", "));
    }
    values.push_back(found->second);
    return OkStatus();
  };
  if (columnar::IsBytes(*column.value_type())) {
    const Status status = columnar::DispatchBytes(*column.value_type(), [&](auto type) -> Status {
      const auto& typed = static_cast<const typename decltype(type)::type&>(*column.values());
      for (int64_t row = 0; row < column.num_rows(); ++row) {
        BESSEMER_RETURN_IF_ERROR(find(std::string(typed.GetView(column.begin(row)))));
      }
      return OkStatus();
    });
    BESSEMER_RETURN_IF_ERROR(status);
  } else {
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<double> numbers,
                              ReadValues(*column.values(), what));
    for (int64_t row = 0; row < column.num_rows(); ++row) {
      BESSEMER_RETURN_IF_ERROR(find(fmt::format("{}", numbers[column.begin(row)])));
    }
  }
  Ragged labels;
  labels.values = std::move(values);
  return labels;
}

StatusOr<Ragged> ReadLabels(const ViewSpec& spec,
                            const ::tensorflow_model_analysis::EvalConfig& config,
                            const Batch& batch) {
  if (!spec.compare_with.empty()) {
    return ReadPredictions(config, spec.compare_with, spec.output_name, batch);
  }
  std::string name = spec.label_feature;
  const bool is_feature = !name.empty();
  if (!is_feature) {
    BESSEMER_ASSIGN_OR_RETURN(const ModelColumns columns,
                              ColumnsOf(config, spec.model_name, spec.output_name));
    name = columns.label_key;
    if (name.empty()) {
      return FailedPreconditionError("the model_spec names no label_key, but a metric needs "
                                     "labels");
    }
  }
  const char* role = is_feature ? "feature" : "label_key";
  BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> array,
                            FindColumn(batch, name, role));
  const std::string what = fmt::format("{} '{}'", role, name);
  const auto classes = batch.classes.find(spec.model_name);
  if (!is_feature && classes != batch.classes.end()) {
    BESSEMER_ASSIGN_OR_RETURN(const FeatureColumn column, FeatureColumn::Make(array));
    if (column.layout() != FeatureColumn::Layout::kAbsent &&
        (columnar::IsBytes(*column.value_type()) || AreOtherNumbers(classes->second))) {
      return ReadClassLabels(column, what, classes->second, batch.first_row);
    }
  }
  BESSEMER_ASSIGN_OR_RETURN(Ragged labels, ReadNumbers(array, what, is_feature, batch.first_row));
  if (!is_feature) BESSEMER_RETURN_IF_ERROR(CheckNoNan(labels, what, batch));
  return labels;
}

StatusOr<std::vector<double>> ReadWeights(const ViewSpec& spec,
                                          const ::tensorflow_model_analysis::EvalConfig& config,
                                          const Batch& batch) {
  std::vector<double> ones(batch.num_rows(), 1.0);
  if (!spec.weighted) return ones;
  BESSEMER_ASSIGN_OR_RETURN(const ModelColumns columns,
                            ColumnsOf(config, spec.model_name, spec.output_name));
  if (columns.example_weight_key.empty()) return ones;
  BESSEMER_ASSIGN_OR_RETURN(
      const std::shared_ptr<arrow::Array> array,
      FindColumn(batch, columns.example_weight_key, "example_weight_key"));
  const std::string what = fmt::format("example_weight_key '{}'", columns.example_weight_key);
  BESSEMER_ASSIGN_OR_RETURN(Ragged weights, ReadNumbers(array, what, false, batch.first_row));
  if (!weights.scalar()) {
    return InvalidArgumentError("{}: an example must have exactly one weight", what);
  }
  BESSEMER_RETURN_IF_ERROR(CheckNoNan(weights, what, batch));
  return std::move(weights.values);
}

}  // namespace

std::shared_ptr<arrow::Array> Batch::Find(const std::string& name) const {
  if (transformed) {
    if (auto array = transformed->GetColumnByName(name)) return array;
  }
  return features->GetColumnByName(name);
}

std::shared_ptr<arrow::Array> Batch::FindSlice(const std::string& name) const {
  if (!slice_by_transformed) {
    if (auto array = features->GetColumnByName(name)) return array;
  }
  return Find(name);
}

StatusOr<Ragged> ReadNumbers(const std::shared_ptr<arrow::Array>& array, const std::string& what,
                             bool allow_absent, int64_t first_row) {
  BESSEMER_ASSIGN_OR_RETURN(const FeatureColumn column, FeatureColumn::Make(array));
  if (!allow_absent) BESSEMER_RETURN_IF_ERROR(CheckRows(column, what, first_row));
  Ragged result;
  if (column.layout() == FeatureColumn::Layout::kAbsent) {
    result.offsets.assign(column.num_rows() + 1, 0);
    return result;
  }
  BESSEMER_ASSIGN_OR_RETURN(std::vector<double> values, ReadValues(*column.values(), what));
  if (column.values()->null_count() > 0 && column.layout() == FeatureColumn::Layout::kRagged) {
    return InvalidArgumentError("{}: a value inside a list is null", what);
  }
  bool scalar = true, contiguous = true;
  const int64_t first = column.num_rows() > 0 ? column.begin(0) : 0;
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    scalar = scalar && column.IsPresent(row) && column.end(row) - column.begin(row) == 1;
    contiguous = contiguous && column.begin(row) == first + row;
  }
  if (scalar && contiguous) {
    result.values.assign(values.begin() + first, values.begin() + first + column.num_rows());
    return result;
  }
  result.offsets.push_back(0);
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    if (column.IsPresent(row)) {
      result.values.insert(result.values.end(), values.begin() + column.begin(row),
                           values.begin() + column.end(row));
    }
    result.offsets.push_back(static_cast<int64_t>(result.values.size()));
  }
  return result;
}

StatusOr<View> View::Make(const ViewSpec& spec,
                          const ::tensorflow_model_analysis::EvalConfig& config,
                          const Batch& batch) {
  View view;
  BESSEMER_ASSIGN_OR_RETURN(std::vector<double> weights, ReadWeights(spec, config, batch));
  Ragged labels, predictions;
  if (spec.needs_labels) {
    BESSEMER_ASSIGN_OR_RETURN(labels, ReadLabels(spec, config, batch));
  }
  if (spec.needs_predictions) {
    BESSEMER_ASSIGN_OR_RETURN(
        predictions, ReadPredictions(config, spec.model_name, spec.output_name, batch));
    view.num_nan_predictions_ = CountNan(predictions, batch.num_rows());
  }
  const int64_t num_rows = batch.num_rows();
  if (!spec.query_key.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Array> array,
                              FindColumn(batch, spec.query_key, "query_key"));
    for (int64_t row = 0; row < num_rows; ++row) {
      const auto scalar = array->GetScalar(row);
      if (!scalar.ok()) return InternalError("query_key: {}", scalar.status().ToString());
      view.examples_.groups.push_back((*scalar)->ToString());
    }
  }
  view.status_ = FormPairs(spec, std::move(labels), std::move(predictions), std::move(weights),
                           num_rows, &view.examples_, &view.begin_);
  return view;
}

Examples View::Gather(std::span<const int32_t> rows) const {
  Examples result;
  auto add = [&](const Ragged& from, int64_t row, Ragged* to) {
    if (from.values.empty() && from.offsets.empty()) return;
    to->Append(from.row(row), result.num_rows);
  };
  for (const int32_t example : rows) {
    const int64_t begin = begin_.empty() ? example : begin_[example];
    const int64_t end = begin_.empty() ? example + 1 : begin_[example + 1];
    for (int64_t row = begin; row < end; ++row) {
      add(examples_.labels, row, &result.labels);
      add(examples_.predictions, row, &result.predictions);
      result.weights.push_back(examples_.weights[row]);
      if (!examples_.groups.empty()) result.groups.push_back(examples_.groups[row]);
      ++result.num_rows;
    }
  }
  return result;
}

}  // namespace bessemer::evaluation
