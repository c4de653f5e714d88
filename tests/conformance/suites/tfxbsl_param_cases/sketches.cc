#include "bessemer/statistics/quantile_summary.h"
#include "bessemer/statistics/state_codec.h"
#include "conformance/arrow_json.h"
#include "conformance/suites/tfxbsl_param_cases/runs.h"

namespace bessemer::conformance::tfxbsl_param_cases {
namespace {

using statistics::QuantilesSketch;

constexpr double kEpsilon = 0.00001;
constexpr int64_t kMaxElements = 1 << 15;

Status SaveAndLoad(QuantilesSketch* sketch) {
  statistics::StateWriter out;
  sketch->Save(&out);
  QuantilesSketch copy(kEpsilon, kMaxElements);
  statistics::StateReader in(out.data());
  copy.Load(&in);
  BESSEMER_RETURN_IF_ERROR(in.status());
  *sketch = copy;
  return OkStatus();
}

}  // namespace

Verdict RunQuantiles(const Case& one) {
  const std::string test = one.json.at("test");
  const Json& params = one.json.at("params");
  if (!params.contains("expected")) return NotImplemented(test);
  if (params.value("num_streams", 1) != 1) return NotImplemented("several sketches side by side");
  const Json& expected = params.at("expected").at(0);
  QuantilesSketch sketch(kEpsilon, kMaxElements);
  for (size_t i = 0; i < params.at("values").size(); ++i) {
    const Json& values = params["values"][i].at("@array").at("values");
    for (size_t j = 0; j < values.size(); ++j) {
      if (values[j].is_null()) continue;
      double weight = 1;
      if (params.contains("weights") && !params["weights"].is_null()) {
        weight = NumberOf(params["weights"][i].at("@array").at("values").at(j));
      }
      sketch.Add(NumberOf(values[j]), weight);
    }
    if (test.find("compact") != std::string::npos) sketch.Compact();
    if (test.find("pickle") != std::string::npos) {
      const Status status = SaveAndLoad(&sketch);
      if (!status.ok()) return Failed(status);
    }
  }
  const statistics::Quantiles got = sketch.Finish(static_cast<int64_t>(expected.size()) - 1);
  for (size_t i = 0; i < expected.size(); ++i) {
    if (got.values.at(i) != NumberOf(expected[i])) {
      return Failed(fmt::format("quantile {}: expected {}, got {}", i, NumberOf(expected[i]),
                                got.values[i]));
    }
    if (!params.contains("expected_weights")) continue;
    const double cumulative = NumberOf(params["expected_weights"].at(0).at(i));
    if (got.cumulative.at(i) != cumulative) {
      return Failed(fmt::format("weight {}: expected {}, got {}", i, cumulative,
                                got.cumulative[i]));
    }
  }
  return Passed();
}

}  // namespace bessemer::conformance::tfxbsl_param_cases
