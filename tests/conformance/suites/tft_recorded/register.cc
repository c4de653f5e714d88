#include <arrow/array.h>
#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <cmath>
#include <map>
#include <stdexcept>

#include "bessemer/transform/analysis.h"
#include "bessemer/transform/transform_graph.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/suite.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

// Operation graphs of TensorFlow Transform's own tests, run as expressions.

namespace bessemer::conformance::tft_recorded {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using expression::Column;
using expression::Kind;
using transform::TransformGraph;

// An output of ours that makes a vocabulary needed.
constexpr char kVocabularyOutput[] = "bessemer_vocabulary";

void Must(const arrow::Status& status) {
  if (!status.ok()) throw std::runtime_error(status.ToString());
}

// The leaves of a value, whatever its nesting.
void Flatten(const Json& value, std::vector<Json>& out) {
  if (value.is_null()) return;
  if (value.is_array()) {
    for (const Json& item : value) Flatten(item, out);
  } else if (value.is_object() && value.size() == 1 && !value.contains("b64")) {
    const Json& inner = value.begin().value();
    Flatten(inner.is_object() && inner.contains("values") ? inner["values"] : inner, out);
  } else {
    out.push_back(value);
  }
}

// Null if absent.
const Json& Field(const Json& object, std::string_view key) {
  static const Json* const null = new Json();
  const auto found = object.find(key);
  return found == object.end() ? *null : *found;
}

std::shared_ptr<arrow::Array> MakeColumn(const std::vector<Json>& rows, v0::FeatureType type) {
  std::shared_ptr<arrow::ArrayBuilder> leaves;
  if (type == v0::INT) leaves = std::make_shared<arrow::Int64Builder>();
  if (type == v0::FLOAT) leaves = std::make_shared<arrow::FloatBuilder>();
  if (type == v0::BYTES) leaves = std::make_shared<arrow::BinaryBuilder>();
  arrow::ListBuilder lists(arrow::default_memory_pool(), leaves);
  for (const Json& row : rows) {
    std::vector<Json> values;
    Flatten(row, values);
    Must(lists.Append());
    for (const Json& value : values) {
      if (type == v0::INT) {
        Must(static_cast<arrow::Int64Builder&>(*leaves).Append(value.get<int64_t>()));
      } else if (type == v0::FLOAT) {
        Must(static_cast<arrow::FloatBuilder&>(*leaves)
                 .Append(static_cast<float>(NumberOf(value))));
      } else {
        const bool bytes = value.is_string() || value.is_object();
        Must(static_cast<arrow::BinaryBuilder&>(*leaves)
                 .Append(bytes ? BytesOf(value) : value.dump()));
      }
    }
  }
  return lists.Finish().ValueOrDie();
}

std::shared_ptr<arrow::RecordBatch> MakeBatch(const Json& rows, const v0::Schema& schema) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const v0::Feature& feature : schema.feature()) {
    std::vector<Json> column;
    for (const Json& row : rows) {
      column.push_back(row.contains(feature.name()) ? row[feature.name()] : Json());
    }
    arrays.push_back(MakeColumn(column, feature.type()));
    fields.push_back(arrow::field(feature.name(), arrays.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), static_cast<int64_t>(rows.size()),
                                  arrays);
}

// The expression of a value of the trace, or "" if the language has none.
class Translator {
 public:
  std::string Value(const Json& value) const {
    if (!value.is_object() || !value.contains("$")) {
      std::vector<Json> flat;
      if (value.is_array()) {
        Flatten(value, flat);
        return Json(flat).dump();
      }
      return value.is_number() ? value.dump() : "";
    }
    const std::string name = value["$"].get<std::string>();
    if (name.starts_with("in:")) {
      if (name.find('.') != std::string::npos) return "";
      return fmt::format("`{}`", name.substr(3));
    }
    const auto found = steps_.find(name);
    return found == steps_.end() ? "" : found->second;
  }

  void Add(const Json& step) { steps_[step["out"].get<std::string>()] = Call(step); }

 private:
  static bool Unset(const Json& args, const char* key) {
    return !args.contains(key) || args[key].is_null() || args[key] == false;
  }

  std::string Call(const Json& step) const {
    const std::string call = step["call"].get<std::string>().substr(4);
    const Json& args = step["args"];
    const std::string x = Value(args.contains("x") ? args["x"] : Json());
    if (x.empty()) return "";
    for (const char* key : {"elementwise", "labels", "coverage_top_k", "key_fn",
                            "coverage_frequency_threshold", "fingerprint_shuffle",
                            "reserved_tokens"}) {
      if (!Unset(args, key)) return "";
    }
    const bool vocabulary = call == "compute_and_apply_vocabulary" || call == "vocabulary";
    const std::string weights = Unset(args, "weights") ? "" : Value(args["weights"]);
    if (!Unset(args, "weights") && (!vocabulary || weights.empty())) return "";
    const auto number = [&](const char* key, double otherwise) {
      return args.contains(key) ? NumberOf(args[key]) : otherwise;
    };
    if (args.contains("reduce_instance_dims") && args["reduce_instance_dims"] == false) return "";
    if (vocabulary) {
      std::string settings;
      for (const char* key : {"top_k", "frequency_threshold", "default_value",
                              "num_oov_buckets"}) {
        if (Unset(args, key)) continue;
        const Json value = args[key].is_string() ? Json::parse(args[key].get<std::string>())
                                                 : args[key];
        settings += fmt::format(", {}={}", key, static_cast<int64_t>(std::ceil(NumberOf(value))));
      }
      if (weights.empty()) return fmt::format("vocabulary({}{})", x, settings);
      return fmt::format("weighted_vocabulary({}, {}{})", x, weights, settings);
    }
    const std::map<std::string, std::string> plain = {
        {"scale_to_z_score", "z_score"}, {"scale_to_0_1", "scale_0_1"}, {"min", "minimum"},
        {"max", "maximum"}, {"sum", "sum"}, {"size", "size"}, {"mean", "mean"}, {"var", "var"}};
    if (const auto found = plain.find(call); found != plain.end()) {
      return fmt::format("{}({})", found->second, x);
    }
    if (call == "scale_by_min_max") {
      return fmt::format("scale_min_max({}, {}, {})", x, number("output_min", 0),
                         number("output_max", 1));
    }
    const std::string key = args.contains("key") ? Value(args["key"]) : "";
    if (!key.empty() && call == "scale_to_z_score_per_key") {
      return fmt::format("z_score_per_key({}, {})", x, key);
    }
    if (!key.empty() && call == "scale_to_0_1_per_key") {
      return fmt::format("scale_0_1_per_key({}, {})", x, key);
    }
    if (!key.empty() && call == "scale_by_min_max_per_key") {
      return fmt::format("scale_min_max_per_key({}, {}, {}, {})", x, key, number("output_min", 0),
                         number("output_max", 1));
    }
    if (call == "bucketize" || call == "quantiles") {
      return fmt::format("{}({}, {})", call, x, Field(args, "num_buckets").get<int64_t>());
    }
    if (call == "apply_buckets") {
      const std::string boundaries = Value(Field(args, "bucket_boundaries"));
      return boundaries.empty() ? "" : fmt::format("apply_buckets({}, {})", x, boundaries);
    }
    return "";
  }

  std::map<std::string, std::string> steps_;
};

bool Near(const Json& expected, const Column& column, int64_t i) {
  if (column.type().kind == Kind::kBytes) {
    return expected.is_string() && column.bytes()[i] == expected.get<std::string>();
  }
  const double got = column.type().kind == Kind::kInt ? static_cast<double>(column.ints()[i])
                                                      : static_cast<double>(column.floats()[i]);
  const double want = NumberOf(expected);
  if (std::isnan(want) || std::isnan(got)) return std::isnan(want) == std::isnan(got);
  return got == want || std::abs(got - want) <= 1e-5 * std::max(1.0, std::abs(want));
}

bool SameRows(const Json& expected, const std::string& name, const Column& column) {
  if (static_cast<int64_t>(expected.size()) != column.num_rows()) return false;
  for (int64_t row = 0; row < column.num_rows(); ++row) {
    std::vector<Json> values;
    if (expected[row].contains(name)) Flatten(expected[row][name], values);
    if (static_cast<int64_t>(values.size()) != column.end(row) - column.begin(row)) return false;
    for (size_t i = 0; i < values.size(); ++i) {
      if (!Near(values[i], column, column.begin(row) + static_cast<int64_t>(i))) return false;
    }
  }
  return true;
}

bool SameConstant(const Json& expected, const Column& column) {
  std::vector<Json> values;
  Flatten(expected, values);
  if (static_cast<int64_t>(values.size()) != column.num_values()) return false;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!Near(values[i], column, static_cast<int64_t>(i))) return false;
  }
  return true;
}

bool SameVocabulary(const Json& expected, const Column& tokens) {
  if (static_cast<int64_t>(expected.size()) != tokens.num_values()) return false;
  for (size_t i = 0; i < expected.size(); ++i) {
    // With frequencies an entry is a pair of token and count.
    const Json& entry = expected[i].is_array() ? expected[i][0] : expected[i];
    if (!entry.is_string() || tokens.bytes()[i] != entry.get<std::string>()) return false;
  }
  return true;
}

bool SameDomains(const std::string& text, const v0::Schema& ours) {
  const auto expected = FromText<v0::Schema>(text);
  for (const v0::Feature& feature : expected.feature()) {
    const v0::Feature* same = nullptr;
    for (const v0::Feature& other : ours.feature()) {
      if (other.name() == feature.name()) same = &other;
    }
    if (same == nullptr || same->type() != feature.type()) return false;
    if (feature.has_int_domain() &&
        feature.int_domain().SerializeAsString() != same->int_domain().SerializeAsString()) {
      return false;
    }
  }
  return true;
}

// "" when all is as expected.
std::string Check(const Json& test, const v0::Schema& schema, TransformGraph& graph) {
  const auto batch = MakeBatch(Field(test, "input"), schema);
  if (const auto report = transform::Analyze(graph, transform::InMemory({batch})); !report.ok()) {
    return std::string(Message(report.status()));
  }
  if (test.contains("expected_outputs")) {
    for (const auto& [name, text] : graph.spec().outputs) {
      // "if(…, 0, mean(…))" or "apply_buckets(…, quantiles(…))": the last argument's function.
      const size_t start = text.starts_with("apply") ? text.find(", ") + 2 : text.find(", 0, ") + 5;
      const std::string analyzer = text.substr(start, text.find('(', start) - start);
      const Column* found = nullptr;
      for (const auto& node : graph.graph().nodes()) {
        if (node.is_constant() && node.function != nullptr && node.function->name == analyzer) {
          found = &node.constant;
        }
      }
      if (found == nullptr) return fmt::format("no result of {}", analyzer);
      if (!SameConstant(Field(Field(test, "expected_outputs"), name), *found)) {
        return fmt::format("{} is {}", name, found->ToJson().dump());
      }
    }
    return "";
  }
  const bool other = test.contains("test_data") && !test["test_data"].is_null();
  const auto applied = graph.graph().Evaluate(
      other ? *MakeBatch(test["test_data"], schema) : *batch, graph.output_nodes());
  if (!applied.ok()) return std::string(Message(applied.status()));
  for (size_t i = 0; i < applied->size(); ++i) {
    const std::string& name = graph.spec().outputs[i].first;
    if (Field(test, "expected_data").is_array() && name != kVocabularyOutput &&
        !SameRows(Field(test, "expected_data"), name, (*applied)[i])) {
      return fmt::format("the rows of {} differ", name);
    }
  }
  if (Field(test, "expected_vocab").is_object()) {
    const auto vocabularies = graph.vocabularies();
    if (vocabularies.size() == 1 && Field(test, "expected_vocab").size() == 1) {
      const Column& tokens = graph.graph().nodes()[vocabularies[0].node].constant;
      if (!SameVocabulary(Field(test, "expected_vocab").begin().value(), tokens)) {
        return "the vocabulary differs";
      }
    }
  }
  if (Field(test, "expected_schema").is_string() &&
      !SameDomains(Field(test, "expected_schema").get<std::string>(), *graph.TransformedSchema())) {
    return "the schema differs";
  }
  return "";
}

// The outputs as expressions; empty if the language lacks one. Vocabularies get an output of ours.
std::string SpecOf(const Json& test, const v0::Schema& schema, transform::TransformSpec* spec) {
  Translator translator;
  const Json& trace = test["trace"];
  for (const Json& step : trace["steps"]) translator.Add(step);
  for (const auto& [name, value] : Field(trace, "outputs").items()) {
    std::string text = translator.Value(value);
    if (text.empty()) return "output " + name;
    if (test.contains("expected_outputs")) {
      const std::string feature = fmt::format("`{}`", schema.feature(0).name());
      const bool list = text.starts_with("quantiles(");
      text = list ? fmt::format("apply_buckets({}, {})", feature, text)
                  : fmt::format("if(is_present({}), 0, {})", feature, text);
    }
    spec->outputs.emplace_back(name, text);
  }
  for (const Json& step : trace["steps"]) {
    const std::string text = translator.Value({{"$", step["out"]}});
    if (text.empty()) return step["call"].get<std::string>();
    if (step["call"] == "tft.vocabulary") spec->outputs.emplace_back(kVocabularyOutput, text);
  }
  return "";
}

Verdict Run(const Case& one) {
  const Json& test = one.json;
  if (!test.contains("trace") || !test["trace"].is_object()) {
    return NotApplicable("the case was recorded without its operations");
  }
  if (Field(test["trace"], "pure_tft") != true) {
    return NotImplemented("TensorFlow operations beside those of tft");
  }
  const auto schema = FromText<v0::Schema>(test.at("input_schema"));
  if (schema.tensor_representation_group_size() > 0 || schema.sparse_feature_size() > 0) {
    return NotImplemented("inputs that are sparse or ragged tensors");
  }
  transform::TransformSpec spec;
  const std::string missing = SpecOf(test, schema, &spec);
  if (!missing.empty()) return NotImplemented(missing);
  if (test["trace"]["steps"].empty() && Field(test, "expected_vocab").is_object()) {
    return NotImplemented("vocabularies without an operation");
  }
  auto graph = TransformGraph::Bind(spec, schema);
  if (!graph.ok()) return Failed(graph.status());
  return FromDifference(Check(test, schema, *graph));
}

}  // namespace

void Register(SuiteRegistry& registry) {
  const auto add = [&](const char* line, const char* kind, const char* doc) {
    registry.Add({"tft_recorded", line, doc,
                  [kind](const Case& one) { return one.json.value("kind", "") == kind; }, Run});
  };
  add("analyze_and_transform", "tft_analyze_and_transform", "rows to transformed rows");
  add("analyzer_outputs", "tft_analyzer_outputs", "what analyzers find");
}

}  // namespace bessemer::conformance::tft_recorded
