#include "bessemer/evaluation/summary.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>

#include "bessemer/evaluation/validation.h"

namespace bessemer::evaluation {
namespace {

using Rows = std::vector<std::vector<std::string>>;

// What a terminal of 100 columns shows of a line that is indented by four, as a run does.
constexpr size_t kMaxWidth = 96;
constexpr size_t kMaxTitle = 40;

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
  std::string text = number != nullptr && std::isnan(*number) ? "NaN"  // also if it is negative
                     : number != nullptr && *number != std::floor(*number)
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

std::string Layout(const Rows& rows) {
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

size_t LayoutWidth(const std::string& text) {
  size_t width = 0;
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = std::min(text.find('\n', begin), text.size());
    width = std::max(width, Width(text.substr(begin, end - begin)));
    begin = end + 1;
  }
  return width;
}

// The start of a name that is too long, without half a character.
std::string Clipped(const std::string& text, size_t max_width) {
  if (Width(text) <= max_width) return text;
  std::string start;
  size_t width = 0;
  for (const char c : text) {
    if ((c & 0xc0) != 0x80 && ++width == max_width) break;
    start += c;
  }
  return start + "…";
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

bool IsOverall(const SliceResult& slice) { return slice.key.empty() && !slice.baseline; }

// The overall slice before all.
std::vector<const SliceResult*> LargestFirst(const EvalResult& result) {
  std::vector<const SliceResult*> slices;
  for (const SliceResult& slice : result.slices) slices.push_back(&slice);
  std::stable_sort(slices.begin(), slices.end(), [](const SliceResult* a, const SliceResult* b) {
    if (IsOverall(*a) != IsOverall(*b)) return IsOverall(*a);
    return a->num_examples > b->num_examples;
  });
  return slices;
}

std::vector<MetricKey> SingleNumbers(const std::vector<const SliceResult*>& slices) {
  std::vector<MetricKey> keys;
  for (const SliceResult* slice : slices) {
    for (const auto& [key, value] : slice->values) {
      const bool single = std::holds_alternative<double>(value) ||
                          std::holds_alternative<MetricError>(value);
      if (single && std::find(keys.begin(), keys.end(), key) == keys.end()) keys.push_back(key);
    }
  }
  return keys;
}

// Without the model, if it goes without saying.
std::string NameOf(MetricKey key, bool one_model) {
  if (one_model) key.model_name.clear();
  return key.ToString();
}

Rows RowsOfSlices(const std::vector<const SliceResult*>& slices, const std::vector<MetricKey>& keys,
                  size_t max_title, bool one_model = false) {
  Rows rows(1, {"slice", "examples"});
  for (const MetricKey& key : keys) rows[0].push_back(NameOf(key, one_model));
  for (const SliceResult* slice : slices) {
    rows.push_back({Clipped(SliceTitle(*slice), max_title),
                    fmt::format("{}", slice->num_examples)});
    if (!slice->dropped.empty()) rows.back().push_back("too small");
    for (const MetricKey& key : keys) {
      if (slice->dropped.empty()) rows.back().push_back(CellText(*slice, key));
    }
  }
  return rows;
}

// A row for each metric of each model but the baseline, whose value stands beside it.
Rows RowsOfMetrics(const SliceResult& slice, const std::vector<MetricKey>& keys,
                   const std::string& baseline, bool one_candidate) {
  Rows rows(1, {"metric", "value"});
  if (!baseline.empty()) rows[0].insert(rows[0].end(), {"baseline", "difference"});
  const auto has = [&keys](const MetricKey& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const MetricKey& key : keys) {
    MetricKey value = key;
    value.is_diff = false;
    if (baseline.empty()) {
      rows.push_back({key.ToString(), CellText(slice, key)});
      continue;
    }
    // Differences stand beside their values, unless there is nothing but a difference.
    if (key.model_name == baseline || (key.is_diff && has(value))) continue;
    MetricKey of_baseline = value;
    of_baseline.model_name = baseline;
    MetricKey difference = value;
    difference.is_diff = true;
    rows.push_back({NameOf(value, one_candidate), CellText(slice, value),
                    CellText(slice, of_baseline), CellText(slice, difference)});
  }
  return rows;
}

// Where a row for each slice is too wide: all metrics of the overall slice one below the other, and
// of the slices as many of the candidate's as fit.
std::string NarrowTables(const EvalResult& result, const std::vector<const SliceResult*>& slices,
                         const std::vector<MetricKey>& keys) {
  const std::string baseline = BaselineName(result.config);
  const bool one_candidate = !baseline.empty() && result.config.model_specs_size() == 2;
  std::string text;
  if (!slices.empty() && IsOverall(*slices[0])) {
    text = fmt::format("{}, {} examples\n", SliceTitle(*slices[0]), slices[0]->num_examples);
    if (!slices[0]->dropped.empty()) {
      text += "too small\n";
    } else {
      text += Layout(RowsOfMetrics(*slices[0], keys, baseline, one_candidate));
    }
    if (slices.size() == 1) return text;
    text += "\n";
  }
  std::vector<MetricKey> candidates;
  for (const MetricKey& key : keys) {
    if (baseline.empty() || (key.model_name != baseline && !key.is_diff)) candidates.push_back(key);
  }
  std::vector<MetricKey> fitting;
  std::string table = Layout(RowsOfSlices(slices, fitting, kMaxTitle, one_candidate));
  for (const MetricKey& key : candidates) {
    fitting.push_back(key);
    std::string wider = Layout(RowsOfSlices(slices, fitting, kMaxTitle, one_candidate));
    if (fitting.size() > 1 && LayoutWidth(wider) > kMaxWidth) {
      fitting.pop_back();
      break;
    }
    table = std::move(wider);
  }
  text += table;
  if (fitting.size() < keys.size()) {
    text += fmt::format(
        "({} of {} numbers by slice; the report and `bessemer evaluate --json` have all)\n",
        fitting.size(), keys.size());
  }
  return text;
}

}  // namespace

namespace {

std::string OutsideText(const OutsidePredictions& outside) {
  std::string of;
  if (!outside.model.empty()) of += fmt::format(" of model '{}'", outside.model);
  if (!outside.output.empty()) of += fmt::format(" of output '{}'", outside.output);
  return fmt::format(
      "{} of {} predictions{} are not between 0 and 1 (from {:.6g} to {:.6g}), but AUC, accuracy, "
      "cross-entropy and others take them for probabilities: evaluate probabilities, or give "
      "`thresholds`, or `from_logits` for cross-entropy",
      outside.num_outside, outside.num_values, of, outside.least, outside.greatest);
}

}  // namespace

std::string MetricsTable(const EvalResult& result, int max_slices) {
  const std::vector<const SliceResult*> slices = LargestFirst(result);
  const std::vector<MetricKey> keys = SingleNumbers(slices);
  const size_t num_shown = std::min(slices.size(), static_cast<size_t>(std::max(max_slices, 0)));
  const std::vector<const SliceResult*> shown(slices.begin(),
                                              slices.begin() + static_cast<int64_t>(num_shown));
  std::string text = Layout(RowsOfSlices(shown, keys, std::string::npos));
  if (LayoutWidth(text) > kMaxWidth) text = NarrowTables(result, shown, keys);
  if (slices.size() > num_shown) {
    text += fmt::format("… and {} smaller slices\n", slices.size() - num_shown);
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
  for (const OutsidePredictions& outside : result.outside) text += OutsideText(outside) + "\n";
  return text;
}

std::string Summary(const EvalResult& result,
                    const ::tensorflow_model_analysis::ValidationResult& validation) {
  std::string text = result.num_examples > 0 ? MetricsTable(result, 8)
                                             : "there are no examples to evaluate on\n";
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
  for (const OutsidePredictions& outside : result.outside) {
    json["warnings"].push_back(OutsideText(outside));
  }
  return json;
}

}  // namespace bessemer::evaluation
