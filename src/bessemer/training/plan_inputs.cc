// Which features, of which kind: what PlanInputs decides.
#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "bessemer/base/nearest_name.h"
#include "bessemer/training/column_values_internal.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::training {
namespace {

using columnar::FeatureColumn;
using SchemaFeature = ::tensorflow::metadata::v0::Feature;

constexpr int kMaxWidth = 4096;
constexpr int kMaxClasses = 100;      // of an int label without a categorical domain
constexpr int64_t kMaxRange = 1 << 24;  // ids of one feature

const SchemaFeature* FindFeature(const Schema* schema, const std::string& name) {
  if (schema == nullptr) return nullptr;
  for (const SchemaFeature& feature : schema->feature()) {
    if (feature.name() == name) return &feature;
  }
  return nullptr;
}

// What the training rows say about a feature.
struct Summary {
  enum class Type { kNone, kInt, kFloat, kText } type = Type::kNone;
  int64_t width = 0;
  int64_t num_present = 0;
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  std::vector<double> count, sum, squares;  // of finite values, per slot
};

Status Update(const FeatureColumn& column, const std::string& name, Summary* summary) {
  const auto type = columnar::IsBytes(*column.value_type())   ? Summary::Type::kText
                    : columnar::IsFloat(*column.value_type()) ? Summary::Type::kFloat
                                                              : Summary::Type::kInt;
  if (summary->type != Summary::Type::kNone && summary->type != type) {
    return InvalidArgumentError("feature '{}' has values of different types in different files",
                                name);
  }
  summary->type = type;
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    if (!column.IsPresent(row)) continue;
    summary->width = std::max(summary->width, column.end(row) - column.begin(row));
    summary->num_present += column.end(row) > column.begin(row);
  }
  if (type == Summary::Type::kText || summary->width > kMaxWidth) return OkStatus();
  for (auto* part : {&summary->count, &summary->sum, &summary->squares}) {
    part->resize(summary->width);
  }
  return ForEachNumber(column, [&](int64_t, int64_t slot, auto raw) {
    const double value = static_cast<double>(raw);
    if (!std::isfinite(value)) return;
    summary->min = std::min(summary->min, value);
    summary->max = std::max(summary->max, value);
    summary->count[slot] += 1;
    summary->sum[slot] += value;
    summary->squares[slot] += value * value;
  });
}

StatusOr<Summary> Summarise(const Batches& batches, const std::string& name) {
  Summary summary;
  for (const auto& batch : batches) {
    BESSEMER_ASSIGN_OR_RETURN(const auto column, FindColumn(*batch, name));
    if (column) BESSEMER_RETURN_IF_ERROR(Update(*column, name, &summary));
  }
  return summary;
}

void PlanNumber(const Summary& summary, FeatureInput* input) {
  input->kind = FeatureInput::Kind::kNumber;
  for (int i = 0; i < input->width; ++i) {
    const double n = std::max(1.0, summary.count[i]);
    const double mean = summary.sum[i] / n;
    const double variance = std::max(0.0, summary.squares[i] / n - mean * mean);
    // A column that is constant up to rounding carries nothing: it becomes 0.
    const bool constant = variance <= 1e-12 * mean * mean || variance == 0;
    input->mean.push_back(static_cast<float>(mean));
    input->inverse_stddev.push_back(
        constant ? 0.0f : static_cast<float>(1.0 / std::sqrt(variance)));
  }
}

// Boundaries of buckets of about equally many rows; between all distinct values, if they are fewer.
// A boundary lies midway between two values, so that rounding in the served transform, which may
// differ from that of the training data in the last bit, moves no value across it.
StatusOr<std::vector<float>> Boundaries(const Batches& batches, const std::string& name,
                                        int64_t num_buckets) {
  std::vector<float> values;
  for (const auto& batch : batches) {
    BESSEMER_ASSIGN_OR_RETURN(const auto column, FindColumn(*batch, name));
    if (!column) continue;
    BESSEMER_RETURN_IF_ERROR(ForEachNumber(*column, [&](int64_t, int64_t, auto raw) {
      if (std::isfinite(static_cast<float>(raw))) values.push_back(static_cast<float>(raw));
    }));
  }
  std::sort(values.begin(), values.end());
  std::vector<float> distinct = values;
  distinct.erase(std::unique(distinct.begin(), distinct.end()), distinct.end());
  const auto count = static_cast<int64_t>(distinct.size());
  std::vector<float> boundaries;
  size_t next = 1;  // in `distinct`: values below it have their boundary
  for (int64_t i = 1; i < std::min(count, num_buckets); ++i) {
    if (count > num_buckets) {
      const float quantile = values[values.size() * i / num_buckets];
      while (next < distinct.size() && distinct[next] < quantile) ++next;
    }
    const float boundary = static_cast<float>(
        (static_cast<double>(distinct[next - 1]) + static_cast<double>(distinct[next])) / 2);
    if (boundaries.empty() || boundary > boundaries.back()) boundaries.push_back(boundary);
    if (count <= num_buckets) ++next;
  }
  return boundaries;
}

// Adds the bucketed twins of single numbers that have more than two values.
Status AddBuckets(const Batches& batches, int64_t num_buckets, InputPlan* plan) {
  const size_t count = plan->features.size();
  for (size_t i = 0; i < count && num_buckets > 0; ++i) {
    FeatureInput input = plan->features[i];
    if (!input.is_number() || input.width > 1) continue;
    BESSEMER_ASSIGN_OR_RETURN(input.boundaries, Boundaries(batches, input.name, num_buckets));
    if (input.boundaries.size() < 2) continue;
    input.kind = FeatureInput::Kind::kBucket;
    input.mean.clear();
    input.inverse_stddev.clear();
    input.num_ids = static_cast<int64_t>(input.boundaries.size()) + 2;
    plan->features.push_back(std::move(input));
  }
  return OkStatus();
}

// nullopt: the feature has no values.
StatusOr<std::optional<FeatureInput>> PlanFeature(const std::string& name, const Batches& batches,
                                                  const SchemaFeature* feature,
                                                  const DataOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const Summary summary, Summarise(batches, name));
  if (summary.width == 0) return std::optional<FeatureInput>();
  if (summary.width > kMaxWidth) {
    return InvalidArgumentError(
        "feature '{}' has up to {} values per example; at most {} are possible: exclude it or "
        "transform it",
        name, summary.width, kMaxWidth);
  }
  FeatureInput input;
  input.name = name;
  input.width = static_cast<int>(summary.width);
  if (summary.type == Summary::Type::kText) {
    input.kind = FeatureInput::Kind::kHashed;
    input.dtype = ::tensorflow::DT_STRING;
    input.num_ids = options.hash_buckets + 1;
    return std::optional<FeatureInput>(input);
  }
  const bool is_int = summary.type == Summary::Type::kInt;
  input.dtype = is_int ? ::tensorflow::DT_INT64 : ::tensorflow::DT_FLOAT;
  if (is_int && feature != nullptr && feature->int_domain().is_categorical()) {
    const auto& domain = feature->int_domain();
    input.kind = FeatureInput::Kind::kCategory;
    input.min = domain.has_min() ? domain.min() : static_cast<int64_t>(summary.min);
    input.max = domain.has_max() ? domain.max() : static_cast<int64_t>(summary.max);
    const uint64_t range = static_cast<uint64_t>(input.max) - static_cast<uint64_t>(input.min);
    if (input.max < input.min || range >= static_cast<uint64_t>(kMaxRange)) {
      return InvalidArgumentError("feature '{}': its int_domain [{}, {}] is no range of ids", name,
                                  input.min, input.max);
    }
    input.num_ids = input.max - input.min + 2;
    return std::optional<FeatureInput>(input);
  }
  PlanNumber(summary, &input);
  return std::optional<FeatureInput>(input);
}

std::vector<std::string> ColumnNames(const Batches& batches) {
  std::set<std::string> names;
  for (const auto& batch : batches) {
    for (const auto& field : batch->schema()->fields()) names.insert(field->name());
  }
  return {names.begin(), names.end()};
}

StatusOr<std::vector<std::string>> FeatureNames(const Batches& train, const Schema* schema,
                                                const DataOptions& options) {
  std::vector<std::string> known;
  if (schema == nullptr) {
    known = ColumnNames(train);
  } else {
    for (const SchemaFeature& feature : schema->feature()) {
      if (feature.lifecycle_stage() != ::tensorflow::metadata::v0::DEPRECATED) {
        known.push_back(feature.name());
      }
    }
  }
  for (const auto* list : {&options.features, &options.exclude}) {
    for (const std::string& name : *list) {
      if (std::find(known.begin(), known.end(), name) != known.end()) continue;
      return NotFoundError("there is no feature '{}'{}", name, SuggestName(name, known));
    }
  }
  std::vector<std::string> names = options.features.empty() ? known : options.features;
  std::erase_if(names, [&](const std::string& name) {
    return name == options.label || name == options.weight ||
           std::find(options.exclude.begin(), options.exclude.end(), name) !=
               options.exclude.end();
  });
  return names;
}

// The distinct values of a label, as text, and what they look like.
struct LabelValues {
  std::set<std::string> texts;  // at most kMaxClasses + 1 unless `is_text`
  bool is_text = false;
  bool is_whole = true;  // numbers without fraction
  double min = std::numeric_limits<double>::infinity();
  double max = -std::numeric_limits<double>::infinity();
  double first = 0;  // sums are of what differs from it, so that large labels lose no digits
  double count = 0, sum = 0, squares = 0;
};

StatusOr<LabelValues> ReadLabel(const Batches& train, const std::string& name) {
  LabelValues values;
  bool found = false;
  for (const auto& batch : train) {
    BESSEMER_ASSIGN_OR_RETURN(const auto column, FindColumn(*batch, name));
    if (!column) continue;
    found = true;
    if (columnar::IsBytes(*column->value_type())) {
      values.is_text = true;
      BESSEMER_RETURN_IF_ERROR(
          ForEachText(*column, [&](int64_t, int64_t slot, std::string_view text) {
            if (slot == 0 && values.texts.size() < 1000000) values.texts.emplace(text);
          }));
      continue;
    }
    BESSEMER_RETURN_IF_ERROR(ForEachNumber(*column, [&](int64_t, int64_t slot, auto raw) {
      const double value = static_cast<double>(raw);
      if (slot != 0 || !std::isfinite(value)) return;  // MakeDataset names the rows of the latter
      values.is_whole = values.is_whole && value == std::floor(value);
      values.min = std::min(values.min, value);
      values.max = std::max(values.max, value);
      if (values.count == 0) values.first = value;
      values.count += 1;
      values.sum += value - values.first;
      values.squares += (value - values.first) * (value - values.first);
      if (values.texts.size() <= kMaxClasses) values.texts.insert(ClassText(value));
    }));
  }
  if (!found) {
    return NotFoundError("the label '{}' is not in the training examples{}", name,
                         SuggestName(name, ColumnNames(train)));
  }
  return values;
}

StatusOr<Task> ChooseTask(const LabelValues& values, const SchemaFeature* feature,
                          const DataOptions& options) {
  for (const Task task : {Task::kBinary, Task::kMulticlass, Task::kRegression}) {
    if (options.task == TaskName(task)) return task;
  }
  const std::set<std::string> binary = {"0", "1"};
  const bool two = std::includes(binary.begin(), binary.end(), values.texts.begin(),
                                 values.texts.end()) ||
                   (values.is_text && values.texts.size() <= 2);
  if (two) return Task::kBinary;
  const bool categorical = feature != nullptr && feature->int_domain().is_categorical();
  const bool is_float =
      feature != nullptr && feature->type() == ::tensorflow::metadata::v0::FLOAT;
  const bool few = values.is_whole && values.min == 0 && values.texts.size() <= kMaxClasses &&
                   values.max < kMaxClasses && !is_float;
  return values.is_text || categorical || few ? Task::kMulticlass : Task::kRegression;
}

StatusOr<LabelInput> PlanLabel(const Batches& train, const Schema* schema,
                               const DataOptions& options) {
  LabelInput label;
  label.name = options.label;
  BESSEMER_ASSIGN_OR_RETURN(const LabelValues values, ReadLabel(train, options.label));
  if (values.texts.size() < 2) {
    return InvalidArgumentError(
        "the label '{}' has {} in the training examples: there is nothing to learn", options.label,
        values.texts.empty() ? "no value" : "only the value " + *values.texts.begin());
  }
  BESSEMER_ASSIGN_OR_RETURN(label.task,
                            ChooseTask(values, FindFeature(schema, options.label), options));
  if (label.task == Task::kRegression) {
    if (values.is_text) {
      return InvalidArgumentError("the label '{}' holds strings: task regression needs numbers",
                                  options.label);
    }
    const double shift = values.sum / values.count;
    label.mean = values.first + shift;
    label.stddev = std::sqrt(std::max(1e-30, values.squares / values.count - shift * shift));
    return label;
  }
  if (!values.is_text && values.is_whole && values.min >= 0 && values.max < kMaxRange &&
      (label.task == Task::kMulticlass || values.max <= 1)) {
    for (int64_t i = 0; i <= static_cast<int64_t>(values.max); ++i) {
      label.classes.push_back(std::to_string(i));
    }
  } else {
    label.classes.assign(values.texts.begin(), values.texts.end());
  }
  if (label.task == Task::kBinary && label.classes.size() != 2) {
    return InvalidArgumentError("the label '{}' has {} values: task binary needs two",
                                options.label, label.classes.size());
  }
  return label;
}

}  // namespace

StatusOr<InputPlan> PlanInputs(const Batches& train, const Schema* schema,
                               const DataOptions& options) {
  InputPlan plan;
  BESSEMER_ASSIGN_OR_RETURN(plan.label, PlanLabel(train, schema, options));
  plan.weight = options.weight;
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> names,
                            FeatureNames(train, schema, options));
  for (const std::string& name : names) {
    BESSEMER_ASSIGN_OR_RETURN(
        std::optional<FeatureInput> input,
        PlanFeature(name, train, FindFeature(schema, name), options));
    if (input) plan.features.push_back(std::move(*input));
  }
  if (plan.features.empty()) {
    return InvalidArgumentError(
        "no feature is left to learn '{}' from: all are excluded or without values",
        options.label);
  }
  BESSEMER_RETURN_IF_ERROR(AddBuckets(train, options.number_buckets, &plan));
  std::stable_sort(plan.features.begin(), plan.features.end(),
                   [](const FeatureInput& a, const FeatureInput& b) {
                     const auto key = [](const FeatureInput& f) {
                       return std::make_tuple(!f.is_number(), !f.is_number() && f.width > 1,
                                              f.num_ids);
                     };
                     return key(a) < key(b);
                   });
  for (FeatureInput& feature : plan.features) {
    int& next = feature.is_number() ? plan.num_number_columns : plan.num_id_columns;
    feature.first_column = next;
    next += feature.width;
  }
  return plan;
}

}  // namespace bessemer::training
