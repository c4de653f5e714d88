#include <algorithm>
#include <cmath>
#include <map>

#include "bessemer/evaluation/metric.h"
#include "bessemer/evaluation/state_bytes.h"

namespace bessemer::evaluation::exact_auc {
namespace {

struct Run {
  double positive = 0, negative = 0;
};

// Weight of positives and negatives by distinct score. Scores arrive unsorted and are folded into
// the sorted runs when as many wait as there are runs, so the cost is O(n log n) in all and memory
// O(distinct scores). A NaN score counts as the lowest.
class ScoreRuns final : public Accumulator {
 public:
  Status Update(const Examples& examples) override {
    for (int64_t i = 0; i < examples.num_rows; ++i) {
      const double score = examples.predictions.values[i];
      const double label = examples.labels.values[i];
      const double weight = examples.weights[i];
      waiting_.emplace_back(std::isnan(score) ? -INFINITY : score,
                            Run{weight * label, weight * (1 - label)});
    }
    if (waiting_.size() > runs_.size()) Fold();
    return OkStatus();
  }
  void Merge(const Accumulator& other) override {
    const auto& from = static_cast<const ScoreRuns&>(other);
    waiting_.insert(waiting_.end(), from.runs_.begin(), from.runs_.end());
    waiting_.insert(waiting_.end(), from.waiting_.begin(), from.waiting_.end());
    Fold();
  }
  void Save(std::string* out) const override {
    const Runs all = Sorted();
    PutNumber<uint64_t>(out, all.size());
    for (const auto& [score, run] : all) {
      PutNumber(out, score);
      PutNumber(out, run.positive);
      PutNumber(out, run.negative);
    }
  }
  Status Load(std::string_view bytes) override {
    StateReader reader(bytes);
    runs_.clear();
    waiting_.clear();
    const uint64_t count = reader.Count(24);
    for (uint64_t i = 0; i < count; ++i) {
      const double score = reader.Number<double>();
      const double positive = reader.Number<double>();
      runs_.emplace_back(score, Run{positive, reader.Number<double>()});
    }
    return reader.Finish("scores");
  }

  // P(score of a positive > that of a negative) + P(equal) / 2, the Mann-Whitney statistic.
  double Area() const {
    double area = 0, negatives_below = 0, positives = 0;
    for (const auto& [score, run] : Sorted()) {
      area += run.positive * (negatives_below + run.negative / 2);
      negatives_below += run.negative;
      positives += run.positive;
    }
    return Ratio(area, positives * negatives_below);
  }
  // The largest distance between the score distributions of the two classes.
  double KolmogorovSmirnov() const {
    const Runs all = Sorted();
    double positives = 0, negatives = 0;
    for (const auto& [score, run] : all) {
      positives += run.positive;
      negatives += run.negative;
    }
    double p = 0, n = 0, best = 0;
    for (const auto& [score, run] : all) {
      p += run.positive;
      n += run.negative;
      best = std::max(best, std::abs(p / positives - n / negatives));
    }
    return positives > 0 && negatives > 0 ? best : std::nan("");
  }
  // Average precision: sum over distinct scores, best first, of precision times the step of recall.
  double AveragePrecision() const {
    const Runs all = Sorted();
    double tp = 0, fp = 0, sum = 0;
    for (auto it = all.rbegin(); it != all.rend(); ++it) {
      tp += it->second.positive;
      fp += it->second.negative;
      if (it->second.positive > 0) sum += it->second.positive * tp / (tp + fp);
    }
    return Ratio(sum, tp);
  }

 private:
  using Runs = std::vector<std::pair<double, Run>>;

  static void Join(Runs* runs) {
    std::stable_sort(runs->begin(), runs->end(),
                     [](const auto& a, const auto& b) { return a.first < b.first; });
    size_t size = 0;
    for (const auto& [score, run] : *runs) {
      if (size > 0 && (*runs)[size - 1].first == score) {
        (*runs)[size - 1].second.positive += run.positive;
        (*runs)[size - 1].second.negative += run.negative;
      } else {
        (*runs)[size++] = {score, run};
      }
    }
    runs->resize(size);
  }
  void Fold() {
    runs_.insert(runs_.end(), waiting_.begin(), waiting_.end());
    waiting_.clear();
    Join(&runs_);
  }
  Runs Sorted() const {
    Runs all = runs_;
    all.insert(all.end(), waiting_.begin(), waiting_.end());
    Join(&all);
    return all;
  }

  Runs runs_;     // ascending, distinct
  Runs waiting_;  // as they came
};

void AddClass(MetricRegistry& registry, const char* class_name, const char* name, const char* doc,
              double (ScoreRuns::*value)() const) {
  registry.Add({.name = class_name,
                .doc = doc,
                .default_name = name,
                .plan = [value](const MetricContext& context) -> StatusOr<MetricPlan> {
                  MetricPlan plan{.view = context.view, .accumulator_id = "score runs"};
                  plan.view.fractional_labels = true;
                  plan.make = [] { return std::make_unique<ScoreRuns>(); };
                  plan.finish = [key = context.key, value](const Accumulator& state) {
                    return std::vector<std::pair<MetricKey, Value>>{
                        {key, (static_cast<const ScoreRuns&>(state).*value)()}};
                  };
                  return plan;
                }});
}

}  // namespace

void Register(MetricRegistry& registry) {
  AddClass(registry, "ExactAUC", "exact_auc",
           "Area under the ROC curve without thresholds: the chance that a positive scores above a "
           "negative, ties half; any range of scores; NaN unless both classes occur",
           &ScoreRuns::Area);
  AddClass(registry, "KolmogorovSmirnov", "kolmogorov_smirnov",
           "Largest distance between the score distributions of positives and negatives, in [0, "
           "1]; "
           "NaN unless both classes occur",
           &ScoreRuns::KolmogorovSmirnov);
  AddClass(registry, "AveragePrecision", "average_precision_score",
           "Mean of the precision at each positive, best score first; NaN without positives",
           &ScoreRuns::AveragePrecision);
}

}  // namespace bessemer::evaluation::exact_auc
