#include "bessemer/evaluation/metric.h"

#include <cmath>
#include <limits>

#include "bessemer/evaluation/state_bytes.h"

namespace bessemer::evaluation {
namespace {

class Sums final : public Accumulator {
 public:
  Sums(int num_sums, std::shared_ptr<const AddToSums> add)
      : sums_(num_sums), add_(std::move(add)) {}

  Status Update(const Examples& examples) override { return (*add_)(examples, sums_); }
  void Merge(const Accumulator& other) override {
    const auto& sums = static_cast<const Sums&>(other).sums_;
    for (size_t i = 0; i < sums_.size(); ++i) sums_[i] += sums[i];
  }
  void Save(std::string* out) const override {
    for (const double sum : sums_) PutNumber(out, sum);
  }
  Status Load(std::string_view bytes) override {
    StateReader reader(bytes);
    for (double& sum : sums_) sum = reader.Number<double>();
    return reader.Finish("sums");
  }
  std::span<const double> sums() const { return sums_; }

 private:
  std::vector<double> sums_;
  std::shared_ptr<const AddToSums> add_;
};

}  // namespace

void Ragged::Append(std::span<const double> row, int64_t count) {
  if (offsets.empty() && row.size() != 1) {
    for (int64_t i = 0; i <= count; ++i) offsets.push_back(i);
  }
  values.insert(values.end(), row.begin(), row.end());
  if (!offsets.empty()) offsets.push_back(static_cast<int64_t>(values.size()));
}

std::string ViewSpec::Id() const {
  std::string id = fmt::format("{}|{}|{}|{}{}{}{}{}{}{}|{}|{}|{}", model_name, output_name,
                               sub_key.ToString(), aggregated, weighted, flatten,
                               fractional_labels, probabilities, needs_labels, needs_predictions,
                               label_feature, compare_with, query_key);
  for (const auto& [class_id, weight] : class_weights) {
    id += fmt::format("|{}:{}", class_id, weight);
  }
  return id;
}

std::unique_ptr<Accumulator> MakeSums(int num_sums, std::shared_ptr<const AddToSums> add) {
  return std::make_unique<Sums>(num_sums, std::move(add));
}

std::span<const double> SumsOf(const Accumulator& accumulator) {
  return static_cast<const Sums&>(accumulator).sums();
}

MetricPlan SumsPlan(const MetricContext& context, ViewSpec view, std::string id, int num_sums,
                    AddToSums add, std::function<double(std::span<const double>)> finish) {
  auto shared = std::make_shared<const AddToSums>(std::move(add));
  return {.view = std::move(view),
          .accumulator_id = std::move(id),
          .make = [num_sums, shared] { return MakeSums(num_sums, shared); },
          .finish = [key = context.key, finish = std::move(finish)](const Accumulator& state) {
            return std::vector<std::pair<MetricKey, Value>>{{key, finish(SumsOf(state))}};
          }};
}

const MetricRegistry& AllMetrics() {
  static const MetricRegistry* const registry = [] {
    auto* all = new MetricRegistry("metric");
    RegisterPlugins(*all);
    return all;
  }();
  return *registry;
}

double Ratio(double a, double b) {
  return b > 0 ? a / b : std::numeric_limits<double>::quiet_NaN();
}

}  // namespace bessemer::evaluation
