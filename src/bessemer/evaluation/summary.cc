#include "bessemer/evaluation/summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "bessemer/evaluation/validation.h"

namespace bessemer::evaluation {
namespace {

std::string SliceTitle(const SliceResult& slice) {
  return slice.baseline ? SliceName(*slice.baseline) + " less " + SliceName(slice.key)
                        : SliceName(slice.key);
}

// JSON has no NaN: those become strings, as in protobuf's JSON.
Json NumberToJson(double x) {
  if (std::isnan(x)) return "NaN";
  if (std::isinf(x)) return x > 0 ? "Infinity" : "-Infinity";
  return x;
}

Json ValueToJson(const Value& value) {
  if (const auto* number = std::get_if<double>(&value)) return NumberToJson(*number);
  if (const auto* error = std::get_if<MetricError>(&value)) return {{"error", error->message}};
  if (const auto* m = std::get_if<Matrices>(&value)) {
    Json list = Json::array();
    for (size_t i = 0; i < m->thresholds.size(); ++i) {
      list.push_back({{"threshold", NumberToJson(m->thresholds[i])},
                      {"true_positives", m->tp[i]},
                      {"false_positives", m->fp[i]},
                      {"true_negatives", m->tn[i]},
                      {"false_negatives", m->fn[i]}});
    }
    return list;
  }
  if (const auto* m = std::get_if<MultiClassMatrices>(&value)) {
    Json list = Json::array();
    for (const auto& [key, weight] : m->entries) {
      list.push_back({{"threshold", NumberToJson(std::get<0>(key))},
                      {"actual", std::get<1>(key)},
                      {"predicted", std::get<2>(key)},
                      {"weight", weight}});
    }
    return list;
  }
  Json list = Json::array();
  for (const double x : Elements(value)) list.push_back(NumberToJson(x));
  return list;
}

std::string CellText(const SliceResult& slice, const MetricKey& key) {
  const Value* value = FindValue(slice, key);
  if (value == nullptr) return "";
  if (std::holds_alternative<MetricError>(*value)) return "error";
  const auto* number = std::get_if<double>(value);
  // Fractions with the same number of digits, so that a column lines up.
  std::string text = number != nullptr && *number != std::floor(*number)
                         ? fmt::format("{:#.5g}", *number)
                         : ValueString(*value);
  const auto interval = slice.intervals.find(key);
  if (interval != slice.intervals.end()) {
    text += fmt::format(" ±{:.2g}",
                        (interval->second.upper_bound - interval->second.lower_bound) / 2);
  }
  return text;
}

// Width as a terminal shows it: bytes that continue a UTF-8 character take none.
size_t Width(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(),
                                           [](char c) { return (c & 0xc0) != 0x80; }));
}

std::string Layout(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string text;
  for (const auto& row : rows) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      const std::string pad(widths[i] - Width(row[i]), ' ');
      line += i == 0 ? row[i] + pad : "  " + pad + row[i];  // numbers to the right
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

// By metric, the first error among slices: the cells have no room for it.
std::map<std::string, std::string> FirstErrors(const std::vector<const SliceResult*>& slices) {
  std::map<std::string, std::string> errors;
  for (const SliceResult* slice : slices) {
    for (const auto& [key, value] : slice->values) {
      if (const auto* error = std::get_if<MetricError>(&value)) {
        errors.try_emplace(key.ToString(), error->message);
      }
    }
  }
  return errors;
}

// "carrier × origin = JFK": what a spec asks for.
std::string SpecName(const ::tensorflow_model_analysis::SlicingSpec& spec) {
  std::vector<std::string> parts(spec.feature_keys().begin(), spec.feature_keys().end());
  const std::map<std::string, std::string> values(spec.feature_values().begin(),
                                                  spec.feature_values().end());
  for (const auto& [feature, value] : values) parts.push_back(feature + " = " + value);
  return fmt::format("{}", fmt::join(parts, " × "));
}

}  // namespace

std::string MetricsTable(const EvalResult& result, int max_slices) {
  std::vector<const SliceResult*> slices;
  for (const SliceResult& slice : result.slices) slices.push_back(&slice);
  std::stable_sort(slices.begin(), slices.end(), [](const SliceResult* a, const SliceResult* b) {
    const bool a_overall = a->key.empty() && !a->baseline;
    const bool b_overall = b->key.empty() && !b->baseline;
    if (a_overall != b_overall) return a_overall;
    return a->num_examples > b->num_examples;
  });
  std::vector<MetricKey> keys;
  for (const SliceResult* slice : slices) {
    for (const auto& [key, value] : slice->values) {
      const bool single = std::holds_alternative<double>(value) ||
                          std::holds_alternative<MetricError>(value);
      if (single && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  std::vector<std::vector<std::string>> rows(1, {"slice", "examples"});
  for (const MetricKey& key : keys) rows[0].push_back(key.ToString());
  for (size_t i = 0; i < slices.size() && static_cast<int>(i) < max_slices; ++i) {
    const SliceResult& slice = *slices[i];
    rows.push_back({SliceTitle(slice), fmt::format("{}", slice.num_examples)});
    if (!slice.dropped.empty()) rows.back().push_back("too small");
    for (const MetricKey& key : keys) {
      if (slice.dropped.empty()) rows.back().push_back(CellText(slice, key));
    }
  }
  std::string text = Layout(rows);
  if (static_cast<int>(slices.size()) > max_slices) {
    text += fmt::format("… and {} smaller slices\n", static_cast<int>(slices.size()) - max_slices);
  }
  for (const auto& [key, message] : FirstErrors(slices)) {
    text += fmt::format("{}: error: {}\n", key, message);
  }
  for (const auto& spec : result.config.slicing_specs()) {
    const bool found = std::any_of(
        result.slices.begin(), result.slices.end(),
        [&](const SliceResult& slice) { return SliceMatches(spec, slice.key); });
    if (!found && result.num_examples > 0) {
      text += fmt::format("no example is in the slices of {}: is the feature's name right?\n",
                          SpecName(spec));
    }
  }
  return text;
}

std::string Summary(const EvalResult& result,
                    const ::tensorflow_model_analysis::ValidationResult& validation) {
  std::string text = MetricsTable(result, 8);
  text += validation.validation_ok() ? "blessed\n" : "not blessed\n";
  const std::vector<std::string> reasons = ExplainFailures(validation);
  for (size_t i = 0; i < reasons.size() && i < 10; ++i) text += "  " + reasons[i] + "\n";
  if (reasons.size() > 10) text += fmt::format("  … and {} more\n", reasons.size() - 10);
  return text;
}

Json ResultToJson(const EvalResult& result) {
  Json json = {{"num_examples", result.num_examples}, {"slices", Json::array()}};
  for (const SliceResult& slice : result.slices) {
    Json out = {{"slice", SliceTitle(slice)}, {"num_examples", slice.num_examples}};
    if (!slice.dropped.empty()) out["dropped"] = slice.dropped;
    out["metrics"] = Json::object();
    for (const auto& [key, value] : slice.values) {
      if (!std::holds_alternative<PlotPtr>(value)) {
        out["metrics"][key.ToString()] = ValueToJson(value);
      }
    }
    for (const auto& [key, ci] : slice.intervals) {
      out["intervals"][key.ToString()] = {NumberToJson(ci.lower_bound),
                                          NumberToJson(ci.upper_bound)};
    }
    json["slices"].push_back(std::move(out));
  }
  return json;
}

}  // namespace bessemer::evaluation
