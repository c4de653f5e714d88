#include "bessemer/validation/check.h"

namespace bessemer::validation::num_examples {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::NumericValueComparator;

void Compare(DatasetCheckContext& context, const schema::DatasetView* other, std::string_view name,
             NumericValueComparator* comparator) {
  if (other == nullptr) return;
  const double num_examples = context.datasets.current.num_examples();
  const double num_other = other->num_examples();
  if (num_other == 0) {
    if (!comparator->has_max_fraction_threshold()) return;
    context.findings.push_back(
        {AnomalyInfo::COMPARATOR_HIGH_NUM_EXAMPLES, "Far more examples than before",
         fmt::format("Expected at most {} times the examples of the {}; that has none.",
                     NumberText(comparator->max_fraction_threshold()), name)});
    comparator->clear_max_fraction_threshold();
    return;
  }
  const double ratio = num_examples / num_other;
  if (comparator->has_max_fraction_threshold() && ratio > comparator->max_fraction_threshold()) {
    context.findings.push_back(
        {AnomalyInfo::COMPARATOR_HIGH_NUM_EXAMPLES, "Far more examples than before",
         fmt::format("Expected at most {} times the examples of the {}; there are {} times as many "
                     "({} against {}).",
                     NumberText(comparator->max_fraction_threshold()), name, NumberText(ratio),
                     NumberText(num_examples), NumberText(num_other))});
    comparator->set_max_fraction_threshold(ratio);
  }
  if (comparator->has_min_fraction_threshold() && ratio < comparator->min_fraction_threshold()) {
    context.findings.push_back(
        {AnomalyInfo::COMPARATOR_LOW_NUM_EXAMPLES, "Far fewer examples than before",
         fmt::format("Expected at least {} times the examples of the {}; there are {} times as "
                     "many ({} against {}).",
                     NumberText(comparator->min_fraction_threshold()), name, NumberText(ratio),
                     NumberText(num_examples), NumberText(num_other))});
    comparator->set_min_fraction_threshold(ratio);
  }
}

Status Run(DatasetCheckContext& context) {
  auto& constraints = context.constraints;
  if (constraints.has_num_examples_drift_comparator()) {
    Compare(context, context.datasets.previous_span, "previous span",
            constraints.mutable_num_examples_drift_comparator());
  }
  if (constraints.has_num_examples_version_comparator()) {
    Compare(context, context.datasets.previous_version, "previous version",
            constraints.mutable_num_examples_version_comparator());
  }
  // The upper bound counts only together with the lower one, as in TensorFlow Data Validation.
  if (!constraints.has_min_examples_count()) return OkStatus();
  const double seen = context.datasets.current.num_examples();
  if (seen < static_cast<double>(constraints.min_examples_count())) {
    context.findings.push_back({AnomalyInfo::DATASET_LOW_NUM_EXAMPLES, "Too few examples",
                                fmt::format("Expected at least {} examples; there are {}.",
                                            constraints.min_examples_count(), NumberText(seen))});
    constraints.set_min_examples_count(static_cast<int64_t>(seen));
  }
  if (constraints.has_max_examples_count() &&
      seen > static_cast<double>(constraints.max_examples_count())) {
    context.findings.push_back({AnomalyInfo::DATASET_HIGH_NUM_EXAMPLES, "Too many examples",
                                fmt::format("Expected at most {} examples; there are {}.",
                                            constraints.max_examples_count(), NumberText(seen))});
    constraints.set_max_examples_count(static_cast<int64_t>(seen));
  }
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "num_examples",
                .doc = "The number of examples is in bounds, by itself and against the previous "
                       "span and version (dataset_constraints); max_examples_count needs "
                       "min_examples_count beside it",
                .stage = Stage::kAmount,
                .finds = {AnomalyInfo::DATASET_LOW_NUM_EXAMPLES,
                          AnomalyInfo::DATASET_HIGH_NUM_EXAMPLES,
                          AnomalyInfo::COMPARATOR_LOW_NUM_EXAMPLES,
                          AnomalyInfo::COMPARATOR_HIGH_NUM_EXAMPLES},
                .dataset = Run});
}

}  // namespace bessemer::validation::num_examples
