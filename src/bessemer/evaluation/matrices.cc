#include "bessemer/evaluation/matrices.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "bessemer/evaluation/histogram.h"
#include "bessemer/evaluation/state_bytes.h"

namespace bessemer::evaluation {
namespace {

// From the histogram: thresholds are moved up a little, since buckets hold [edge, next edge) and
// matrices want (threshold, …). TFMA does the same, so that values on an edge fall the same way.
Matrices MatricesOf(const Histogram& histogram, const std::vector<double>& thresholds) {
  std::vector<double> edges;
  const bool first_edge_added = thresholds.front() >= 0;
  if (first_edge_added) edges.push_back(-kThresholdEpsilon);
  for (const double t : thresholds) edges.push_back(t != 0 ? t + kThresholdEpsilon : t);
  if (thresholds.back() < 1.0) edges.push_back(1.0 + kThresholdEpsilon);
  const std::vector<HistogramBucket> buckets = histogram.Rebin(edges);

  const size_t n = buckets.size();
  std::vector<double> tp(n + 1), fp(n + 1), tn(n + 1), fn(n + 1);
  for (size_t i = n; i-- > 0;) {
    tp[i] = tp[i + 1] + buckets[i].weighted_labels;
    fp[i] = fp[i + 1] + (buckets[i].weight - buckets[i].weighted_labels);
  }
  for (size_t i = 0; i < n; ++i) {
    fn[i + 1] = fn[i] + buckets[i].weighted_labels;
    tn[i + 1] = tn[i] + (buckets[i].weight - buckets[i].weighted_labels);
  }
  const size_t offset = first_edge_added ? 1 : 0;
  Matrices m{.thresholds = thresholds};
  for (size_t i = 0; i < thresholds.size(); ++i) {
    const bool beyond = thresholds[i] >= 1.0 + kThresholdEpsilon;
    m.tp.push_back(beyond ? 0.0 : tp[offset + i]);
    m.fp.push_back(beyond ? 0.0 : fp[offset + i]);
    m.fn.push_back(beyond ? m.tp[0] : fn[offset + i]);
    m.tn.push_back(beyond ? m.fp[0] : tn[offset + i]);
  }
  return m;
}

}  // namespace

ThresholdCounts::ThresholdCounts(std::vector<double> thresholds)
    : thresholds_(std::move(thresholds)), sorted_(thresholds_) {
  std::sort(sorted_.begin(), sorted_.end());
  positive_.resize(sorted_.size() + 1);
  negative_.resize(sorted_.size() + 1);
}

Status ThresholdCounts::Update(const Examples& examples) {
  for (int64_t i = 0; i < examples.num_rows; ++i) {
    const double prediction = examples.predictions.values[i];
    // The number of thresholds below the prediction; NaN is above none.
    const size_t above =
        std::isnan(prediction)
            ? 0
            : std::lower_bound(sorted_.begin(), sorted_.end(), prediction) - sorted_.begin();
    const double label = examples.labels.values[i];
    const double weight = examples.weights[i];
    positive_[above] += weight * label;
    negative_[above] += weight * (1 - label);
  }
  return OkStatus();
}

void ThresholdCounts::Merge(const Accumulator& other) {
  const auto& counts = static_cast<const ThresholdCounts&>(other);
  for (size_t i = 0; i < positive_.size(); ++i) {
    positive_[i] += counts.positive_[i];
    negative_[i] += counts.negative_[i];
  }
}

void ThresholdCounts::Save(std::string* out) const {
  for (const double x : positive_) PutNumber(out, x);
  for (const double x : negative_) PutNumber(out, x);
}

Status ThresholdCounts::Load(std::string_view bytes) {
  StateReader reader(bytes);
  for (double& x : positive_) x = reader.Number<double>();
  for (double& x : negative_) x = reader.Number<double>();
  return reader.Finish("threshold counts");
}

Matrices ThresholdCounts::Finish() const {
  const size_t n = sorted_.size();
  std::vector<double> tp(n + 1), fp(n + 1), tn(n + 1), fn(n + 1);
  for (size_t i = n; i-- > 0;) {
    tp[i] = tp[i + 1] + positive_[i + 1];
    fp[i] = fp[i + 1] + negative_[i + 1];
  }
  for (size_t i = 0; i < n; ++i) {
    fn[i] = (i == 0 ? 0 : fn[i - 1]) + positive_[i];
    tn[i] = (i == 0 ? 0 : tn[i - 1]) + negative_[i];
  }
  Matrices m{.thresholds = thresholds_};
  for (const double t : thresholds_) {
    // The last of equal thresholds: the counts in front of the others are empty.
    const size_t i = std::upper_bound(sorted_.begin(), sorted_.end(), t) - sorted_.begin() - 1;
    m.tp.push_back(tp[i]);
    m.fp.push_back(fp[i]);
    m.tn.push_back(tn[i]);
    m.fn.push_back(fn[i]);
  }
  return m;
}

std::vector<double> InterpolatedThresholds(int64_t n) {
  std::vector<double> thresholds = {-kThresholdEpsilon};
  for (int64_t i = 1; i + 1 < n; ++i) {
    thresholds.push_back(static_cast<double>(i) / static_cast<double>(n - 1));
  }
  thresholds.push_back(1.0 + kThresholdEpsilon);
  return thresholds;
}

StatusOr<ThresholdSpec> ResolveThresholds(std::optional<int64_t> num_thresholds,
                                          std::optional<std::vector<double>> thresholds) {
  if (thresholds && thresholds->empty()) thresholds.reset();
  if (thresholds) {
    const auto size = static_cast<int64_t>(thresholds->size());
    // Keras turns num_thresholds into the list of the inner points; such lists mean the number.
    if (!num_thresholds && size >= 2 && *thresholds == InterpolatedThresholds(size)) {
      num_thresholds = size;
      thresholds.reset();
    } else if (num_thresholds && (*num_thresholds == 10000 || *num_thresholds == 200) &&
               size == *num_thresholds - 2) {
      thresholds.reset();
    }
  }
  if (num_thresholds && thresholds) {
    return InvalidArgumentError(
        "give either 'thresholds' or 'num_thresholds', not both (num_thresholds {} and {} "
        "thresholds)",
        *num_thresholds, thresholds->size());
  }
  if (thresholds) return ThresholdSpec{.thresholds = *std::move(thresholds)};
  const int64_t n = num_thresholds.value_or(kDefaultNumThresholds);
  if (n < 2) return InvalidArgumentError("num_thresholds is {}; it must be at least 2", n);
  return ThresholdSpec{.thresholds = InterpolatedThresholds(n), .from_histogram = true};
}

StatusOr<ThresholdSpec> ThresholdsOf(const MetricContext& context, const ViewSpec& view,
                                     std::optional<double> default_threshold) {
  std::optional<int64_t> num_thresholds;
  if (context.params.Has("num_thresholds")) num_thresholds = context.params.Int("num_thresholds");
  BESSEMER_ASSIGN_OR_RETURN(std::optional<std::vector<double>> thresholds,
                            NumbersParam(context.params, "thresholds"));
  bool is_default = false;
  if (!num_thresholds && !thresholds) {
    if (view.sub_key.top_k) {
      thresholds = {-std::numeric_limits<double>::infinity()};
    } else if (default_threshold) {
      thresholds = {*default_threshold};
      is_default = true;
    }
  }
  StatusOr<ThresholdSpec> spec = ResolveThresholds(num_thresholds, std::move(thresholds));
  if (!spec.ok()) return WithContext(spec.status(), "metric '" + context.name + "'");
  spec->of_probabilities = spec->from_histogram || is_default;
  return spec;
}

std::function<Matrices(const Accumulator&)> UseMatrices(const ThresholdSpec& spec,
                                                        MetricPlan* plan) {
  plan->view.flatten = true;
  plan->view.fractional_labels = true;
  plan->view.probabilities = spec.of_probabilities;
  const std::vector<double> thresholds = spec.thresholds;
  if (spec.from_histogram) {
    UseHistogram(0.0, 1.0, plan);
    return [thresholds](const Accumulator& state) {
      return MatricesOf(static_cast<const Histogram&>(state), thresholds);
    };
  }
  plan->accumulator_id = "threshold counts";
  for (const double t : thresholds) plan->accumulator_id += fmt::format(" {}", t);
  plan->make = [thresholds] { return std::make_unique<ThresholdCounts>(thresholds); };
  return [](const Accumulator& state) {
    return static_cast<const ThresholdCounts&>(state).Finish();
  };
}

Param TopKParam() {
  return {.name = "top_k",
          .type = ParamType::kInt,
          .doc = "Count only the largest top_k predictions of an example as positive",
          .min = 1};
}

Param ClassIdParam() {
  return {.name = "class_id",
          .type = ParamType::kInt,
          .doc = "This class against all others",
          .min = 0};
}

std::vector<Param> ThresholdParams() {
  return {{.name = "thresholds",
           .type = ParamType::kAny,
           .doc = "A threshold or a list of them, counted exactly"},
          {.name = "num_thresholds",
           .type = ParamType::kInt,
           .doc = "So many thresholds spread over [0, 1], counted from 10000 buckets",
           .min = 2,
           .max = 1'000'000},
          TopKParam(),
          ClassIdParam()};
}

StatusOr<std::optional<std::vector<double>>> NumbersParam(const ParamValues& params,
                                                          std::string_view name) {
  if (!params.Has(name)) return std::nullopt;
  const Json& value = params.Value(name);
  if (value.is_number()) return std::vector<double>{value.get<double>()};
  if (!value.is_array()) return params.Error(name, "must be a number or a list of numbers");
  std::vector<double> numbers;
  for (const Json& item : value) {
    if (!item.is_number()) return params.Error(name, "must be a number or a list of numbers");
    numbers.push_back(item.get<double>());
  }
  return numbers;
}

Status ApplySubKeyParams(const MetricContext& context, ViewSpec* view, MetricKey* key) {
  auto apply = [&](const char* name, std::optional<int> SubKey::*part) -> Status {
    if (!context.params.Has(name)) return OkStatus();
    if (view->sub_key.*part) {
      return context.params.Error(
          name, fmt::format("metric '{}' sets it, but so do the metrics_spec's binarize options; "
                            "keep one of them",
                            context.name));
    }
    view->sub_key.*part = static_cast<int>(context.params.Int(name));
    key->sub_key.*part = view->sub_key.*part;
    return OkStatus();
  };
  BESSEMER_RETURN_IF_ERROR(apply("top_k", &SubKey::top_k));
  return apply("class_id", &SubKey::class_id);
}

}  // namespace bessemer::evaluation
