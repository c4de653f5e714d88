#include "bessemer/evaluation/value.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace bessemer::evaluation {
namespace {

namespace tfma = ::tensorflow_model_analysis;
using Op = std::function<double(double, double)>;

constexpr double kEpsilon = 1e-7;

Matrices CombineMatrices(const Matrices& a, const Matrices& b, const Op& op) {
  std::map<double, std::array<std::array<double, 4>, 2>> joined;
  auto add = [&](const Matrices& m, int side) {
    for (size_t i = 0; i < m.thresholds.size(); ++i) {
      joined[m.thresholds[i]][side] = {m.tp[i], m.tn[i], m.fp[i], m.fn[i]};
    }
  };
  add(a, 0);
  add(b, 1);
  Matrices result;
  for (const auto& [threshold, sides] : joined) {
    result.thresholds.push_back(threshold);
    result.tp.push_back(op(sides[0][0], sides[1][0]));
    result.tn.push_back(op(sides[0][1], sides[1][1]));
    result.fp.push_back(op(sides[0][2], sides[1][2]));
    result.fn.push_back(op(sides[0][3], sides[1][3]));
  }
  return result;
}

MultiClassMatrices CombineMultiClass(const MultiClassMatrices& a, const MultiClassMatrices& b,
                                     const Op& op) {
  MultiClassMatrices result;
  auto find = [](const MultiClassMatrices& m, const std::tuple<double, int, int>& key) {
    const auto found = m.entries.find(key);
    return found == m.entries.end() ? 0.0 : found->second;
  };
  for (const MultiClassMatrices* m : {&a, &b}) {
    for (const auto& [key, count] : m->entries) {
      result.entries[key] = op(find(a, key), find(b, key));
    }
  }
  return result;
}

double RoundTo6(double x) { return std::isfinite(x) ? std::round(x * 1e6) / 1e6 : x; }

}  // namespace

std::vector<double> Elements(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return {*number};
  if (const auto* array = std::get_if<NumberArray>(&value)) return array->values;
  std::vector<double> result;
  if (const auto* m = std::get_if<Matrices>(&value)) {
    for (const auto* part : {&m->tp, &m->tn, &m->fp, &m->fn}) {
      result.insert(result.end(), part->begin(), part->end());
    }
  } else if (const auto* multi = std::get_if<MultiClassMatrices>(&value)) {
    for (const auto& [key, count] : multi->entries) result.push_back(count);
  }
  return result;
}

std::optional<Value> Combine(const Value& a, const Value& b, const Op& op) {
  if (a.index() != b.index()) return std::nullopt;
  if (const auto* number = std::get_if<double>(&a)) return op(*number, std::get<double>(b));
  if (const auto* array = std::get_if<NumberArray>(&a)) {
    const NumberArray& other = std::get<NumberArray>(b);
    if (array->values.size() != other.values.size()) return std::nullopt;
    NumberArray result = *array;
    for (size_t i = 0; i < other.values.size(); ++i) {
      result.values[i] = op(array->values[i], other.values[i]);
    }
    return result;
  }
  if (const auto* m = std::get_if<Matrices>(&a)) {
    return CombineMatrices(*m, std::get<Matrices>(b), op);
  }
  if (const auto* multi = std::get_if<MultiClassMatrices>(&a)) {
    return CombineMultiClass(*multi, std::get<MultiClassMatrices>(b), op);
  }
  return std::nullopt;
}

tfma::ConfusionMatrixAtThresholds MatricesToProto(const Matrices& m) {
  tfma::ConfusionMatrixAtThresholds proto;
  auto divide = [](double a, double b) { return a / b; };  // 0/0 is NaN, as in the files of TFMA
  for (size_t i = 0; i < m.thresholds.size(); ++i) {
    const double tp = m.tp[i], tn = m.tn[i], fp = m.fp[i], fn = m.fn[i];
    const double precision = tp + fp > 0 ? tp / (tp + fp) : 1.0;
    const double recall = tp + fn > 0 ? tp / (tp + fn) : 0.0;
    auto* matrix = proto.add_matrices();
    matrix->set_threshold(RoundTo6(m.thresholds[i]));
    matrix->set_true_positives(tp);
    matrix->set_true_negatives(tn);
    matrix->set_false_positives(fp);
    matrix->set_false_negatives(fn);
    matrix->set_precision(precision);
    matrix->set_recall(recall);
    matrix->set_false_positive_rate(divide(fp, fp + tn));
    matrix->set_false_omission_rate(divide(fn, tn + fn));
    matrix->set_f1(divide(2 * precision * recall, precision + recall));
    matrix->set_accuracy(divide(tp + tn, tp + tn + fp + fn));
  }
  return proto;
}

tfma::MultiClassConfusionMatrixAtThresholds MultiClassToProto(const MultiClassMatrices& m) {
  tfma::MultiClassConfusionMatrixAtThresholds proto;
  double current = std::numeric_limits<double>::quiet_NaN();
  for (const auto& [key, count] : m.entries) {
    const auto& [threshold, actual, predicted] = key;
    if (threshold != current) {
      current = threshold;
      // The outer thresholds lie a little outside [0, 1]; readers expect 0 and 1.
      proto.add_matrices()->set_threshold(threshold == -kEpsilon        ? 0.0
                                          : threshold == 1.0 + kEpsilon ? 1.0
                                                                        : threshold);
    }
    auto* entry = proto.mutable_matrices(proto.matrices_size() - 1)->add_entries();
    entry->set_actual_class_id(actual);
    entry->set_predicted_class_id(predicted);
    entry->set_num_weighted_examples(count);
  }
  return proto;
}

tfma::MetricValue ToProto(const Value& value) {
  tfma::MetricValue proto;
  if (const auto* number = std::get_if<double>(&value)) {
    proto.mutable_double_value()->set_value(*number);
  } else if (const auto* array = std::get_if<NumberArray>(&value)) {
    tfma::ArrayValue* out = proto.mutable_array_value();
    out->set_data_type(tfma::ArrayValue::FLOAT64);
    out->add_shape(static_cast<int>(array->values.size()));
    for (const double x : array->values) out->add_float64_values(x);
  } else if (const auto* m = std::get_if<Matrices>(&value)) {
    *proto.mutable_confusion_matrix_at_thresholds() = MatricesToProto(*m);
  } else if (const auto* multi = std::get_if<MultiClassMatrices>(&value)) {
    *proto.mutable_multi_class_confusion_matrix_at_thresholds() = MultiClassToProto(*multi);
  } else if (const auto* error = std::get_if<MetricError>(&value)) {
    proto.mutable_unknown_type()->set_error(error->message);
  }
  return proto;
}

Value FromProto(const tfma::MetricValue& proto) {
  switch (proto.type_case()) {
    case tfma::MetricValue::kDoubleValue:
      return proto.double_value().value();
    case tfma::MetricValue::kArrayValue: {
      const tfma::ArrayValue& array = proto.array_value();
      if (array.data_type() != tfma::ArrayValue::FLOAT64) break;
      return NumberArray{{array.float64_values().begin(), array.float64_values().end()}};
    }
    case tfma::MetricValue::kConfusionMatrixAtThresholds: {
      Matrices m;
      for (const auto& matrix : proto.confusion_matrix_at_thresholds().matrices()) {
        m.thresholds.push_back(matrix.threshold());
        m.tp.push_back(matrix.true_positives());
        m.tn.push_back(matrix.true_negatives());
        m.fp.push_back(matrix.false_positives());
        m.fn.push_back(matrix.false_negatives());
      }
      return m;
    }
    case tfma::MetricValue::kMultiClassConfusionMatrixAtThresholds: {
      MultiClassMatrices m;
      for (const auto& matrix : proto.multi_class_confusion_matrix_at_thresholds().matrices()) {
        for (const auto& entry : matrix.entries()) {
          m.entries[{matrix.threshold(), entry.actual_class_id(), entry.predicted_class_id()}] =
              entry.num_weighted_examples();
        }
      }
      return m;
    }
    case tfma::MetricValue::kUnknownType:
      return MetricError{proto.unknown_type().error()};
    default:
      break;
  }
  return MetricError{"a kind of value that is not read: " + proto.ShortDebugString()};
}

std::string ValueString(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return fmt::format("{:.6g}", *number);
  if (const auto* array = std::get_if<NumberArray>(&value)) {
    std::string text = "[";
    for (const double x : array->values) {
      text += fmt::format("{}{:.6g}", text.size() == 1 ? "" : ", ", x);
    }
    return text + "]";
  }
  if (const auto* m = std::get_if<Matrices>(&value)) {
    return fmt::format("{} matrices", m->thresholds.size());
  }
  if (const auto* multi = std::get_if<MultiClassMatrices>(&value)) {
    return fmt::format("{} matrix entries", multi->entries.size());
  }
  if (const auto* error = std::get_if<MetricError>(&value)) return "error: " + error->message;
  return "plot";
}

}  // namespace bessemer::evaluation
