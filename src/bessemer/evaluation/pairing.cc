#include "bessemer/evaluation/pairing.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

namespace bessemer::evaluation {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// One example on its way to rows; buffers are reused.
struct Row {
  std::vector<double> labels, predictions;
  std::vector<int> order;  // scratch
};

// Makes a sparse label one-hot.
Status MakeDense(Row* row) {
  if (row->labels.size() == row->predictions.size()) return OkStatus();
  if (row->labels.size() != 1) {
    return InvalidArgumentError("{} labels cannot be paired with {} predictions",
                                row->labels.size(), row->predictions.size());
  }
  const double label = row->labels[0];
  const auto n = static_cast<double>(row->predictions.size());
  if (!(label >= -1 && label <= n)) {
    return InvalidArgumentError("label {} is not a class of a prediction of {} values", label, n);
  }
  row->labels.assign(row->predictions.size(), 0.0);
  const auto id = static_cast<int64_t>(label);
  if (id >= 0 && id < static_cast<int64_t>(row->labels.size())) row->labels[id] = 1.0;
  return OkStatus();
}

// Marks the k largest predictions in order (first k of `order`, best first).
Status SortLargest(int k, Row* row) {
  const size_t n = row->predictions.size();
  if (k < 1 || n < static_cast<size_t>(k)) {
    return InvalidArgumentError("k is {}, but a prediction has {} values", k, n);
  }
  row->order.resize(n);
  std::iota(row->order.begin(), row->order.end(), 0);
  const std::vector<double>& p = row->predictions;
  std::partial_sort(row->order.begin(), row->order.begin() + k, row->order.end(),
                    [&p](int a, int b) { return p[a] != p[b] ? p[a] > p[b] : a > b; });
  return OkStatus();
}

Status Select(const SubKey& key, bool aggregated, Row* row) {
  if (key.k) {
    BESSEMER_RETURN_IF_ERROR(SortLargest(*key.k, row));
    BESSEMER_RETURN_IF_ERROR(MakeDense(row));
    const int best = row->order[*key.k - 1];
    row->labels = {row->labels[best]};
    row->predictions = {row->predictions[best]};
    return OkStatus();
  }
  if (key.top_k) {
    BESSEMER_RETURN_IF_ERROR(SortLargest(*key.top_k, row));
    std::sort(row->order.begin(), row->order.begin() + *key.top_k);
    Row kept;
    if (aggregated) BESSEMER_RETURN_IF_ERROR(MakeDense(row));
    if (!aggregated) kept.predictions.assign(row->predictions.size(), -kInfinity);
    for (int i = 0; i < *key.top_k; ++i) {
      const int id = row->order[i];
      if (aggregated) {
        kept.labels.push_back(row->labels[id]);
        kept.predictions.push_back(row->predictions[id]);
      } else {
        kept.predictions[id] = row->predictions[id];
      }
    }
    if (aggregated) row->labels = kept.labels;
    row->predictions = kept.predictions;
  }
  if (key.class_id) {
    const auto id = static_cast<size_t>(*key.class_id);
    if (id >= row->predictions.size()) {
      return InvalidArgumentError("class_id {} is not a class of a prediction of {} values", id,
                                  row->predictions.size());
    }
    if (row->labels.size() == row->predictions.size()) {
      row->labels = {row->labels[id]};
    } else if (row->labels.size() == 1) {
      row->labels = {row->labels[0] == static_cast<double>(id) ? 1.0 : 0.0};
    } else {
      return InvalidArgumentError("class_id {}: {} labels for {} predictions", id,
                                  row->labels.size(), row->predictions.size());
    }
    row->predictions = {row->predictions[id]};
  }
  return OkStatus();
}

Status CheckFractional(std::span<const double> labels) {
  for (const double label : labels) {
    if (!(label >= 0 && label <= 1)) {
      return InvalidArgumentError("label {} is not in [0, 1], as metrics of binary labels need it",
                                  label);
    }
  }
  return OkStatus();
}

Status AddRow(const ViewSpec& spec, const Row& row, double weight, Examples* out) {
  if (!spec.flatten) {
    if (!spec.class_weights.empty()) {
      return InvalidArgumentError("class weights and micro averages need a metric of single "
                                  "classes");
    }
    if (spec.needs_labels) out->labels.Append(row.labels, out->num_rows);
    if (spec.needs_predictions) out->predictions.Append(row.predictions, out->num_rows);
    out->weights.push_back(weight);
    ++out->num_rows;
    return OkStatus();
  }
  const size_t n = spec.needs_predictions ? row.predictions.size() : row.labels.size();
  for (size_t i = 0; i < n; ++i) {
    double w = weight;
    if (!spec.class_weights.empty()) {
      const auto found = spec.class_weights.find(static_cast<int>(i));
      w *= found == spec.class_weights.end() ? 0.0 : found->second;
    }
    if (spec.needs_labels) out->labels.values.push_back(row.labels[i]);
    if (spec.needs_predictions) out->predictions.values.push_back(row.predictions[i]);
    out->weights.push_back(w);
    ++out->num_rows;
  }
  return OkStatus();
}

}  // namespace

Status FormPairs(const ViewSpec& spec, Ragged labels, Ragged predictions,
                 std::vector<double> weights, int64_t num_examples, Examples* out,
                 std::vector<int64_t>* begin) {
  const bool simple = spec.sub_key.empty() && spec.class_weights.empty() &&
                      (!spec.needs_labels || labels.scalar() || !spec.flatten) &&
                      (!spec.needs_predictions || predictions.scalar() || !spec.flatten);
  if (simple) {  // the common case: binary classification and regression, nothing to move
    if (spec.fractional_labels && spec.needs_labels) {
      BESSEMER_RETURN_IF_ERROR(CheckFractional(labels.values));
    }
    out->labels = std::move(labels);
    out->predictions = std::move(predictions);
    out->weights = std::move(weights);
    out->num_rows = num_examples;
    return OkStatus();
  }
  Row row;
  std::vector<std::string> groups = std::move(out->groups);
  out->groups.clear();
  for (int64_t i = 0; i < num_examples; ++i) {
    begin->push_back(out->num_rows);
    auto add = [&]() -> Status {
      if (spec.needs_labels) row.labels.assign(labels.row(i).begin(), labels.row(i).end());
      if (spec.needs_predictions) {
        row.predictions.assign(predictions.row(i).begin(), predictions.row(i).end());
      }
      if (spec.needs_labels && spec.needs_predictions) {
        BESSEMER_RETURN_IF_ERROR(Select(spec.sub_key, spec.aggregated, &row));
        if (spec.flatten) BESSEMER_RETURN_IF_ERROR(MakeDense(&row));
      }
      if (spec.fractional_labels) BESSEMER_RETURN_IF_ERROR(CheckFractional(row.labels));
      return AddRow(spec, row, weights[i], out);
    };
    const Status status = add();
    if (!status.ok()) return WithContext(status, fmt::format("row {} of a batch", i));
    if (!groups.empty()) out->groups.resize(out->num_rows, groups[i]);
  }
  begin->push_back(out->num_rows);
  return OkStatus();
}

}  // namespace bessemer::evaluation
