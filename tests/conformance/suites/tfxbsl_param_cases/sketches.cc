#include <cmath>

#include "bessemer/statistics/quantile_summary.h"
#include "bessemer/statistics/state_codec.h"
#include "conformance/arrow_json.h"
#include "conformance/suites/tfxbsl_param_cases/runs.h"

namespace bessemer::conformance::tfxbsl_param_cases {
namespace {

using statistics::Quantiles;
using statistics::QuantilesSketch;

constexpr double kEpsilon = 0.00001;
constexpr int64_t kMaxElements = int64_t{1} << 32;
constexpr double kTolerance = 1e-7;  // the tests compare to seven places

bool Contains(const std::string& text, const char* part) {
  return text.find(part) != std::string::npos;
}

Status SaveAndLoad(QuantilesSketch empty, QuantilesSketch* sketch) {
  statistics::StateWriter out;
  sketch->Save(&out);
  statistics::StateReader in(out.data());
  empty.Load(&in);
  BESSEMER_RETURN_IF_ERROR(in.status());
  *sketch = std::move(empty);
  return OkStatus();
}

// The arrays `begin` … `end` of the case that belong to one of the streams that lie side by side:
// every num_streams-th value, with a weight for each row of values.
void AddStream(const Json& params, size_t begin, size_t end, size_t stream, size_t num_streams,
               QuantilesSketch* sketch) {
  const bool weighted = params.contains("weights") && !params["weights"].is_null();
  for (size_t i = begin; i < end; ++i) {
    const Json& values = params.at("values").at(i).at("@array").at("values");
    for (size_t j = stream; j < values.size(); j += num_streams) {
      if (values[j].is_null()) continue;
      double weight = 1;
      if (weighted) {
        weight = NumberOf(params["weights"].at(i).at("@array").at("values").at(j / num_streams));
      }
      sketch->Add(NumberOf(values[j]), weight);
    }
  }
}

StatusOr<QuantilesSketch> StreamSketch(const std::string& test, const Json& params, size_t stream,
                                       size_t num_streams) {
  const QuantilesSketch empty(kEpsilon, kMaxElements);
  const size_t num_arrays = params.at("values").size();
  const size_t half = num_arrays / 2;
  QuantilesSketch sketch = empty;
  AddStream(params, 0, half, stream, num_streams, &sketch);
  if (Contains(test, "compact")) sketch.Compact();
  if (Contains(test, "merge")) {
    QuantilesSketch rest = empty;
    AddStream(params, half, num_arrays, stream, num_streams, &rest);
    sketch.Merge(rest);
  } else {
    AddStream(params, half, num_arrays, stream, num_streams, &sketch);
  }
  if (Contains(test, "compact")) sketch.Compact();
  if (Contains(test, "pickle")) BESSEMER_RETURN_IF_ERROR(SaveAndLoad(empty, &sketch));
  return sketch;
}

Verdict CompareStream(const Json& params, size_t stream, const QuantilesSketch& sketch) {
  const Json& expected = params.at("expected").at(stream);
  const Quantiles got = sketch.Finish(static_cast<int64_t>(expected.size()) - 1);
  for (size_t i = 0; i < expected.size(); ++i) {
    if (std::fabs(got.values.at(i) - NumberOf(expected[i])) > kTolerance) {
      return Failed(fmt::format("stream {}, quantile {}: expected {}, got {}", stream, i,
                                NumberOf(expected[i]), got.values[i]));
    }
    if (!params.contains("expected_weights") || params["expected_weights"].is_null()) continue;
    const double cumulative = NumberOf(params["expected_weights"].at(stream).at(i));
    if (std::fabs(got.cumulative.at(i) - cumulative) > kTolerance) {
      return Failed(fmt::format("stream {}, weight {}: expected {}, got {}", stream, i, cumulative,
                                got.cumulative[i]));
    }
  }
  return Passed();
}

// The numbers n - 1 … 0 with weights 0 … n - 1, as the tests of accuracy add them.
QuantilesSketch AccuracySketch(const std::string& test, double eps, int64_t n, Status* status) {
  const QuantilesSketch empty(eps, n);
  const auto add = [n](int64_t begin, int64_t end, QuantilesSketch* sketch) {
    for (int64_t i = begin; i < end; ++i) {
      sketch->Add(static_cast<double>(n - 1 - i), static_cast<double>(i));
    }
  };
  QuantilesSketch sketch = empty;
  if (Contains(test, "after_merge") || Contains(test, "after_compact")) {
    const bool compact = Contains(test, "after_compact");
    QuantilesSketch second = empty;
    QuantilesSketch third = empty;
    add(0, n / 10, &sketch);
    add(n / 10, n / 3, &second);
    add(n / 3, n, &third);
    if (compact) second.Compact();
    if (compact) third.Compact();
    second.Merge(third);
    if (compact) second.Compact();
    if (compact) sketch.Compact();
    sketch.Merge(second);
    if (compact) sketch.Compact();
    return sketch;
  }
  const bool pickle = Contains(test, "after_pickle");
  add(0, n / 2, &sketch);
  if (pickle) status->Update(SaveAndLoad(empty, &sketch));
  add(n / 2, n, &sketch);
  if (pickle) status->Update(SaveAndLoad(empty, &sketch));
  return sketch;
}

// Ranks are within eps of what was asked for, or as near as whole numbers come.
Verdict RunAccuracy(const std::string& test, const Json& params) {
  const double eps = params.at("eps");
  const int64_t n = params.at("max_num_elements");
  const int64_t num_quantiles = params.at("num_quantiles");
  const double total = static_cast<double>(n - 1) * static_cast<double>(n) / 2;
  const auto cdf = [n, total](double x) {
    return (2.0 * static_cast<double>(n - 1) - x) * (x + 1) / 2 / total;
  };
  Status status;
  const Quantiles got = AccuracySketch(test, eps, n, &status).Finish(num_quantiles - 1);
  if (!status.ok()) return Failed(status);
  if (got.empty()) return Failed("no quantiles");
  if (got.cumulative.back() != total) return Same(total, got.cumulative.back());
  const double last = static_cast<double>(got.values.size() - 1);
  for (size_t i = 0; i < got.values.size(); ++i) {
    const double value = got.values[i];
    const double level = static_cast<double>(i) / last;
    const double left = cdf(value - 1);
    const bool near = std::fabs(level - cdf(value)) < eps ||
                      (left < level && level < cdf(value + 1)) || (level == 0 && left == 0);
    if (!near) {
      return Failed(
          fmt::format("quantile {}: {} has rank {}, not {}", i, value, cdf(value), level));
    }
    const double reported = got.cumulative[i] / total;
    if (std::fabs(reported - cdf(value)) > eps + 1e-7 * cdf(value)) {
      return Failed(fmt::format("quantile {}: rank {} is given as {}", i, cdf(value), reported));
    }
  }
  return Passed();
}

}  // namespace

Verdict RunQuantiles(const Case& one) {
  const std::string test = one.json.at("test");
  const Json& params = one.json.at("params");
  if (params.contains("max_num_elements")) return RunAccuracy(test, params);
  if (!params.contains("expected")) return NotImplemented(test);
  const size_t num_streams = params.value("num_streams", size_t{1});
  for (size_t stream = 0; stream < num_streams; ++stream) {
    const auto sketch = StreamSketch(test, params, stream, num_streams);
    if (!sketch.ok()) return Failed(sketch.status());
    const Verdict verdict = CompareStream(params, stream, *sketch);
    if (!verdict.passed()) return verdict;
  }
  return Passed();
}

}  // namespace bessemer::conformance::tfxbsl_param_cases
