#include "bessemer/training/dataset.h"

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "bessemer/base/hash.h"
#include "bessemer/training/column_values_internal.h"

namespace bessemer::training {
namespace {

using columnar::FeatureColumn;

Status WrongType(const FeatureInput& feature, const FeatureColumn& column,
                 std::string_view split) {
  return InvalidArgumentError("feature '{}' of split '{}' holds {}; in training it was {}",
                              feature.name, split, column.value_type()->ToString(),
                              ::tensorflow::DataType_Name(feature.dtype));
}

Status FillNumbers(const FeatureInput& feature, const FeatureColumn& column, int num_columns,
                   float* out) {
  return ForEachNumber(column, [&](int64_t row, int64_t slot, auto raw) {
    if (slot >= feature.width) return;
    const float value = static_cast<float>(raw);
    if (!std::isfinite(value)) return;
    out[row * num_columns + feature.first_column + slot] =
        (value - feature.mean[slot]) * feature.inverse_stddev[slot];
  });
}

Status FillCategories(const FeatureInput& feature, const FeatureColumn& column, int num_columns,
                      int32_t* out) {
  const auto unknown = static_cast<int32_t>(feature.num_ids - 1);
  return ForEachNumber(column, [&](int64_t row, int64_t slot, auto raw) {
    if (slot >= feature.width) return;
    const auto value = static_cast<int64_t>(raw);
    out[row * num_columns + feature.first_column + slot] =
        value < feature.min || value > feature.max ? unknown
                                                   : static_cast<int32_t>(value - feature.min);
  });
}

Status FillHashes(const FeatureInput& feature, const FeatureColumn& column, int num_columns,
                  int32_t* out) {
  const auto buckets = static_cast<uint64_t>(feature.num_ids - 1);
  return ForEachText(column, [&](int64_t row, int64_t slot, std::string_view text) {
    if (slot >= feature.width) return;
    out[row * num_columns + feature.first_column + slot] =
        static_cast<int32_t>(text.empty() ? buckets : Fingerprint64(text) % buckets);
  });
}

Status FillBuckets(const FeatureInput& feature, const FeatureColumn& column, int num_columns,
                   int32_t* out) {
  return ForEachNumber(column, [&](int64_t row, int64_t slot, auto raw) {
    const float value = static_cast<float>(raw);
    if (slot >= feature.width || !std::isfinite(value)) return;
    const auto above =
        std::upper_bound(feature.boundaries.begin(), feature.boundaries.end(), value);
    out[row * num_columns + feature.first_column + slot] =
        static_cast<int32_t>(above - feature.boundaries.begin());
  });
}

// Before any value is there: one slot unknown, others empty.
void FillMissingIds(const FeatureInput& feature, int64_t num_rows, int num_columns, int32_t* out) {
  const auto unknown = static_cast<int32_t>(feature.num_ids - 1);
  for (int64_t row = 0; row < num_rows; ++row) {
    int32_t* cell = out + row * num_columns + feature.first_column;
    std::fill_n(cell, feature.width, feature.width == 1 ? unknown : kNoId);
  }
}

Status FillFeature(const FeatureInput& feature, const arrow::RecordBatch& batch,
                   const InputPlan& plan, std::string_view split, float* numbers, int32_t* ids) {
  if (!feature.is_number()) {
    FillMissingIds(feature, batch.num_rows(), plan.num_id_columns, ids);
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto column, FindColumn(batch, feature.name));
  if (!column) return OkStatus();
  const arrow::DataType& type = *column->value_type();
  const bool fits = feature.dtype == ::tensorflow::DT_STRING  ? columnar::IsBytes(type)
                    : feature.dtype == ::tensorflow::DT_INT64 ? columnar::IsInteger(type)
                                                              : columnar::IsFloat(type);
  if (!fits) return WrongType(feature, *column, split);
  switch (feature.kind) {
    case FeatureInput::Kind::kNumber:
      return FillNumbers(feature, *column, plan.num_number_columns, numbers);
    case FeatureInput::Kind::kCategory:
      return FillCategories(feature, *column, plan.num_id_columns, ids);
    case FeatureInput::Kind::kHashed:
      return FillHashes(feature, *column, plan.num_id_columns, ids);
    case FeatureInput::Kind::kBucket:
      return FillBuckets(feature, *column, plan.num_id_columns, ids);
  }
  return OkStatus();
}

class LabelReader {
 public:
  explicit LabelReader(const LabelInput& label) : label_(label) {
    for (size_t i = 0; i < label.classes.size(); ++i) classes_[label.classes[i]] = i;
  }

  // Fills one value per row; NaN stands for "not seen".
  Status Read(const arrow::RecordBatch& batch, std::string_view split, int64_t first_row,
              float* out) const {
    BESSEMER_ASSIGN_OR_RETURN(const auto column, FindColumn(batch, label_.name));
    std::fill_n(out, batch.num_rows(), NAN);
    std::string unknown;
    if (column && columnar::IsBytes(*column->value_type())) {
      BESSEMER_RETURN_IF_ERROR(
          ForEachText(*column, [&](int64_t row, int64_t slot, std::string_view text) {
            if (slot == 0) out[row] = Class(std::string(text), &unknown);
          }));
    } else if (column) {
      BESSEMER_RETURN_IF_ERROR(ForEachNumber(*column, [&](int64_t row, int64_t slot, auto raw) {
        const auto value = static_cast<double>(raw);
        if (slot != 0) return;
        out[row] = label_.task == Task::kRegression
                       ? static_cast<float>((value - label_.mean) / label_.stddev)
                       : Class(ClassText(value), &unknown);
      }));
    }
    if (!unknown.empty()) {
      return InvalidArgumentError(
          "label '{}' has the value '{}' in split '{}', which the training examples do not have; "
          "'stratify' of the ExampleGen gives each split a share of each value, 'where' leaves "
          "rare ones out",
          label_.name, unknown, split);
    }
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      if (!std::isfinite(out[row])) {
        return InvalidArgumentError(
            "label '{}' is missing or not a number in example {} of split '{}' (counted from 0); "
            "leave such rows out ('where: is_present(…)' of the ExampleGen) or fill the label in "
            "the Transform",
            label_.name, first_row + row, split);
      }
    }
    return OkStatus();
  }

 private:
  float Class(const std::string& text, std::string* unknown) const {
    const auto found = classes_.find(text);
    if (found == classes_.end()) {
      if (text != "nan") *unknown = text;
      return NAN;
    }
    return static_cast<float>(found->second);
  }

  const LabelInput& label_;
  std::unordered_map<std::string, size_t> classes_;
};

Status ReadWeights(const arrow::RecordBatch& batch, const std::string& name,
                   std::string_view split, float* out) {
  std::fill_n(out, batch.num_rows(), NAN);
  BESSEMER_ASSIGN_OR_RETURN(const auto column, FindColumn(batch, name));
  if (!column) {
    return NotFoundError("the weight feature '{}' is not in split '{}'", name, split);
  }
  BESSEMER_RETURN_IF_ERROR(ForEachNumber(*column, [&](int64_t row, int64_t slot, auto raw) {
    if (slot == 0) out[row] = static_cast<float>(raw);
  }));
  for (int64_t row = 0; row < batch.num_rows(); ++row) {
    if (!(out[row] >= 0) || !std::isfinite(out[row])) {
      return InvalidArgumentError(
          "weight feature '{}' of split '{}': every example needs a finite weight of at least 0",
          name, split);
    }
  }
  return OkStatus();
}

}  // namespace

std::string_view TaskName(Task task) {
  switch (task) {
    case Task::kBinary:
      return "binary";
    case Task::kMulticlass:
      return "multiclass";
    case Task::kRegression:
      return "regression";
  }
  return "";
}

std::string ClassText(double value) {
  return value == std::floor(value) && std::abs(value) < 1e15 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{}", value);
}

std::vector<Param> DataParams(int64_t number_buckets) {
  return {
      {.name = "label", .type = ParamType::kString, .doc = "The feature to predict.",
       .required = true},
      {.name = "weight", .type = ParamType::kString,
       .doc = "The feature that holds the weight of each example."},
      {.name = "features", .type = ParamType::kList,
       .doc = "The features to learn from; by default all but label, weight and excluded ones."},
      {.name = "exclude", .type = ParamType::kList, .doc = "Features not to learn from."},
      {.name = "task", .type = ParamType::kString, .default_value = "auto",
       .doc = "What to learn; auto: as the values of the label suggest.",
       .choices = {"auto", "binary", "multiclass", "regression"}},
      {.name = "hash_buckets", .type = ParamType::kInt, .default_value = 1000,
       .doc = "Ids for the values of a feature of strings.", .min = 1, .max = 10000000},
      {.name = "number_buckets", .type = ParamType::kInt, .default_value = number_buckets,
       .doc = "Numbers also enter as the id of their bucket between so many quantiles; 0: not.",
       .min = 0, .max = 65536},
  };
}

DataOptions DataOptionsOf(const ParamValues& params) {
  return {.label = params.String("label"),
          .weight = params.String("weight"),
          .features = params.Strings("features"),
          .exclude = params.Strings("exclude"),
          .task = params.String("task"),
          .hash_buckets = params.Int("hash_buckets"),
          .number_buckets = params.Int("number_buckets")};
}

StatusOr<Dataset> MakeDataset(const Batches& batches, const InputPlan& plan,
                              std::string_view split) {
  Dataset data;
  for (const auto& batch : batches) data.num_rows += batch->num_rows();
  data.numbers.resize(data.num_rows * plan.num_number_columns);
  data.ids.resize(data.num_rows * plan.num_id_columns);
  data.labels.resize(data.num_rows);
  data.weights.assign(data.num_rows, 1.0f);
  const LabelReader labels(plan.label);
  int64_t row = 0;
  for (const auto& batch : batches) {
    for (const FeatureInput& feature : plan.features) {
      BESSEMER_RETURN_IF_ERROR(FillFeature(feature, *batch, plan, split,
                                           data.numbers.data() + row * plan.num_number_columns,
                                           data.ids.data() + row * plan.num_id_columns));
    }
    BESSEMER_RETURN_IF_ERROR(labels.Read(*batch, split, row, data.labels.data() + row));
    if (!plan.weight.empty()) {
      BESSEMER_RETURN_IF_ERROR(
          ReadWeights(*batch, plan.weight, split, data.weights.data() + row));
    }
    row += batch->num_rows();
  }
  return data;
}

}  // namespace bessemer::training
