#include "conformance/suites/tfdv_param_cases/covariance.h"

#include <cmath>

#include "bessemer/base/random.h"
#include "bessemer/statistics/dataset_state.h"
#include "conformance/arrow_json.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance::tfdv_param_cases {
namespace {

using statistics::DatasetStatisticsState;
using Columns = std::vector<std::vector<double>>;

Columns ColumnsOf(const Json& params) {
  Columns columns;
  if (params.contains("vectors")) {
    for (const Json& vector : params["vectors"].at("@ndarray").at("values")) {
      columns.resize(vector.size());
      for (size_t c = 0; c < vector.size(); ++c) columns[c].push_back(NumberOf(vector[c]));
    }
    return columns;
  }
  const auto width = params.at("array_size").get<size_t>();
  const double mean = NumberOf(params.at("distribution_mean"));
  const double deviation = std::sqrt(NumberOf(params.at("distribution_variance")));
  Random random(width);
  columns.resize(width);
  for (int64_t i = 0; i < params.at("num_vectors").get<int64_t>(); ++i) {
    for (auto& column : columns) column.push_back(mean + deviation * random.Normal());
  }
  return columns;
}

StatusOr<DatasetStatisticsState> StateOf(const Columns& columns, size_t begin, size_t end) {
  statistics::StatisticsOptions options;
  options.cross_feature_stats = true;
  Json encoded = Json::array();
  for (size_t c = 0; c < columns.size(); ++c) {
    Json values = Json::array();
    for (size_t i = begin; i < end; ++i) values.push_back(Json::array({columns[c][i]}));
    encoded.push_back({{"name", fmt::format("{:03}", c)},
                       {"type", "list<item: double>"},
                       {"values", std::move(values)}});
  }
  BESSEMER_ASSIGN_OR_RETURN(DatasetStatisticsState state, DatasetStatisticsState::Make(options));
  BESSEMER_ASSIGN_OR_RETURN(
      const auto batch,
      BatchOf({{"@arrow", {{"num_rows", end - begin}, {"columns", std::move(encoded)}}}}));
  BESSEMER_RETURN_IF_ERROR(state.Update(*batch));
  return state;
}

long double MeanOf(const std::vector<double>& column) {
  long double sum = 0;
  for (const double value : column) sum += value;
  return sum / static_cast<long double>(column.size());
}

long double CovarianceOf(const std::vector<double>& x, const std::vector<double>& y) {
  const long double mean_x = MeanOf(x), mean_y = MeanOf(y);
  long double sum = 0;
  for (size_t i = 0; i < x.size(); ++i) sum += (x[i] - mean_x) * (y[i] - mean_y);
  return sum / static_cast<long double>(x.size());
}

}  // namespace

// In two batches and by merged states, against sums in long double.
Verdict RunCovariance(const Case& one) {
  const Columns columns = ColumnsOf(one.json.at("params"));
  const size_t num_rows = columns.at(0).size();
  auto state = StateOf(columns, 0, num_rows / 2);
  if (!state.ok()) return Failed(state.status());
  const auto rest = StateOf(columns, num_rows / 2, num_rows);
  if (!rest.ok()) return Failed(rest.status());
  if (const Status merged = state->Merge(*rest); !merged.ok()) return Failed(merged);
  const auto list = state->Finish();
  const auto& crosses = list.datasets(0).cross_features();
  if (crosses.size() != static_cast<int>(columns.size() * (columns.size() - 1) / 2)) {
    return Failed(fmt::format("{} pairs of {} columns", crosses.size(), columns.size()));
  }
  for (const auto& cross : crosses) {
    const auto& x = columns.at(std::stoul(cross.path_x().step(0)));
    const auto& y = columns.at(std::stoul(cross.path_y().step(0)));
    const auto expected = static_cast<double>(CovarianceOf(x, y));
    const double got = cross.num_cross_stats().covariance();
    // Of what the two numbers could be at most, which rounding of float is measured by.
    const auto scale =
        static_cast<double>(std::sqrt(CovarianceOf(x, x)) * std::sqrt(CovarianceOf(y, y)));
    if (!(std::abs(expected - got) <= 1e-6 * std::max(1.0, scale))) {
      return Failed(fmt::format("covariance of {} and {}: expected {}, got {}",
                                cross.path_x().step(0), cross.path_y().step(0), expected, got));
    }
  }
  return Passed();
}

}  // namespace bessemer::conformance::tfdv_param_cases
