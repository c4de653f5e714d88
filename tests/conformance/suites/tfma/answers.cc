#include "conformance/suites/tfma/answers.h"

#include <google/protobuf/util/json_util.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>

#include "bessemer/evaluation/batch.h"
#include "bessemer/evaluation/evaluation.h"
#include "bessemer/evaluation/files.h"
#include "bessemer/evaluation/validation.h"
#include "conformance/arrow_json.h"

// TFMA tells errors in the older of its two maps of metrics.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace bessemer::conformance::tfma {
namespace {

std::optional<double> Number(const Json& x) {
  if (x.is_boolean()) return std::nullopt;
  if (x.is_number()) return x.get<double>();
  if (!x.is_string()) return std::nullopt;
  const auto text = x.get<std::string>();
  if (text == "NaN") return std::nan("");
  if (text == "Infinity") return INFINITY;
  if (text == "-Infinity") return -INFINITY;
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  if (text.empty() || *end != '\0') return std::nullopt;
  return value;
}

// The same number is written 0 and 0.0: keys compare as doubles.
nlohmann::json Normal(const Json& x) {
  if (x.is_number()) return x.get<double>();
  nlohmann::json result = x.is_array() ? nlohmann::json::array() : nlohmann::json::object();
  if (x.is_array()) {
    for (const Json& item : x) result.push_back(Normal(item));
  } else if (x.is_object()) {
    for (const auto& [key, value] : x.items()) result[key] = Normal(value);
  } else {
    return nlohmann::json::parse(x.dump());
  }
  return result;
}

std::optional<std::map<std::string, Json>> Keyed(const Json& list) {
  std::map<std::string, Json> result;
  for (const Json& item : list) {
    if (!item.is_object()) return std::nullopt;
    nlohmann::json key;  // sorts its keys
    if (item.contains("key")) {
      key = Normal(item["key"]);
    } else if (item.contains("slice_key") || item.contains("cross_slice_key")) {
      for (const char* name : {"slice_key", "cross_slice_key"}) {
        if (item.contains(name)) key[name] = Normal(item[name]);
      }
    } else {
      return std::nullopt;
    }
    result[key.dump()] = item;
  }
  return result;
}

void Compare(const Json& a, const Json& b, const std::string& path, std::vector<std::string>* out);

void CompareKeyed(const std::map<std::string, Json>& a, const std::map<std::string, Json>& b,
                  const std::string& path, std::vector<std::string>* out) {
  for (const auto& [key, value] : a) {
    const auto found = b.find(key);
    if (found == b.end()) {
      out->push_back(path + "." + key + " only expected");
    } else {
      Compare(value, found->second, path + "." + key, out);
    }
  }
  for (const auto& [key, value] : b) {
    if (!a.contains(key)) out->push_back(path + "." + key + " only got");
  }
}

void Compare(const Json& a, const Json& b, const std::string& path, std::vector<std::string>* out) {
  const auto x = Number(a), y = Number(b);
  if (x && y) {
    const double scale = std::max({1.0, std::abs(*x), std::abs(*y)});
    if ((std::isnan(*x) && std::isnan(*y)) || *x == *y || std::abs(*x - *y) <= 1e-5 * scale) return;
    out->push_back(fmt::format("{}: {} != {}", path, a.dump(), b.dump()));
  } else if (a.is_object() && b.is_object()) {
    std::map<std::string, Json> left, right;
    for (const auto& [key, value] : a.items()) left[key] = value;
    for (const auto& [key, value] : b.items()) right[key] = value;
    CompareKeyed(left, right, path, out);
  } else if (a.is_array() && b.is_array()) {
    const auto left = Keyed(a), right = Keyed(b);
    if (!a.empty() && !b.empty() && left && right) return CompareKeyed(*left, *right, path, out);
    if (a.size() != b.size()) {
      out->push_back(fmt::format("{}: {} != {} items", path, a.size(), b.size()));
      return;
    }
    for (size_t i = 0; i < a.size(); ++i) Compare(a[i], b[i], fmt::format("{}[{}]", path, i), out);
  } else if (a != b) {
    out->push_back(fmt::format("{}: {} != {}", path, a.dump(), b.dump()));
  }
}

// A column of the values of the rows: text, floats or integers, whichever holds all of them.
StatusOr<std::shared_ptr<arrow::Array>> ColumnOf(const Json& rows, const std::string& name) {
  bool is_text = false, is_float = false;
  Json cells = Json::array();
  for (const Json& row : rows) {
    cells.push_back(row.contains(name) ? row[name] : Json());
    for (const Json& x : cells.back()) {
      is_text = is_text || (x.is_string() && !Number(x));
      is_float = is_float || x.is_number_float() || x.is_string();
    }
  }
  const auto type = is_text ? arrow::binary() : is_float ? arrow::float32() : arrow::int64();
  return MakeArray(arrow::list(type), cells);
}

StatusOr<evaluation::Batch> BatchFromRows(const Json& rows) {
  std::vector<std::string> names;
  for (const Json& row : rows) {
    for (const auto& [name, value] : row.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const std::string& name : names) {
    BESSEMER_ASSIGN_OR_RETURN(auto column, ColumnOf(rows, name));
    fields.push_back(arrow::field(name, column->type()));
    columns.push_back(std::move(column));
  }
  return evaluation::Batch{.features = arrow::RecordBatch::Make(
                               arrow::schema(fields), static_cast<int64_t>(rows.size()), columns)};
}

}  // namespace

Json MessageToJson(const ::google::protobuf::Message& message) {
  std::string text;
  google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  if (!google::protobuf::util::MessageToJsonString(message, &text, options).ok()) return nullptr;
  return Json::parse(text);
}

Json ResultToJson(const evaluation::EvalResult& result) {
  Json answer = {{"metrics", Json::array()}, {"plots", Json::array()}};
  for (const auto& slice : result.slices) {
    const auto metrics = evaluation::MetricsToProto(slice);
    if (metrics.metric_keys_and_values_size() + metrics.metrics_size() > 0) {
      answer["metrics"].push_back(MessageToJson(metrics));
    }
    const auto plots = evaluation::PlotsToProto(slice);
    if (plots.plot_keys_and_values_size() > 0) answer["plots"].push_back(MessageToJson(plots));
  }
  return answer;
}

StatusOr<Json> Answer(const Question& question) {
  const bool has_baseline = !evaluation::BaselineName(question.config).empty();
  BESSEMER_ASSIGN_OR_RETURN(
      const auto config,
      evaluation::WithDefaults(question.config, has_baseline, question.rubber_stamp));
  BESSEMER_ASSIGN_OR_RETURN(const auto setup, evaluation::EvaluationState::Setup::Make(config));
  evaluation::EvaluationState state(setup);
  BESSEMER_ASSIGN_OR_RETURN(const auto batch, BatchFromRows(question.rows));
  BESSEMER_RETURN_IF_ERROR(state.Update(batch, 0));
  const evaluation::EvalResult result = state.Finish();
  Json answer = ResultToJson(result);
  if (question.validate) {
    BESSEMER_ASSIGN_OR_RETURN(const auto validation,
                              evaluation::Validate(result, question.rubber_stamp));
    answer["validation_result"] = MessageToJson(validation);
  }
  return answer;
}

Verdict CompareAnswers(const Json& expected, const Json& got) {
  std::vector<std::string> differences;
  for (const char* part : {"metrics", "plots", "validation_result"}) {
    if (!expected.contains(part)) continue;
    Compare(expected[part], got.contains(part) ? got[part] : Json(), part, &differences);
  }
  if (differences.size() > 5) {
    const size_t more = differences.size() - 5;
    differences.resize(5);
    differences.push_back(fmt::format("and {} more", more));
  }
  return FromDifference(fmt::format("{}", fmt::join(differences, "\n")));
}

}  // namespace bessemer::conformance::tfma
