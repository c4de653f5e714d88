#include "bessemer/transform/transform_graph.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <google/protobuf/text_format.h>
#include <tensorflow_metadata/proto/v0/schema.pb.h>

#include <algorithm>
#include <set>

#include "bessemer/schema/text_errors.h"

namespace bessemer::transform {

namespace v0 = ::tensorflow::metadata::v0;
using expression::Column;
using expression::Graph;
using expression::InputTypes;
using expression::Kind;
using expression::Node;
using expression::Shape;
using expression::Type;

namespace {

constexpr int kFormat = 1;

Status CheckOutput(const std::string& name, const Type& type) {
  if (type.per_row()) return OkStatus();
  return InvalidArgumentError(
      "output '{}' is a {}, the same for every row; an output must depend on a feature", name,
      type.ToString());
}

// The number of passes each node needs before it can be computed, or be analysed for analyzers.
std::vector<int> PhasesBefore(const Graph& graph) {
  std::vector<int> phases(graph.nodes().size(), 0);
  for (size_t i = 0; i < phases.size(); ++i) {
    for (const int input : graph.nodes()[i].inputs) {
      const int after = phases[input] + graph.nodes()[input].is_analyzer();
      phases[i] = std::max(phases[i], after);
    }
  }
  return phases;
}

// An output may have any name; a file's stays in its folder.
std::string FileName(std::string name) {
  for (char& c : name) {
    const bool separates = static_cast<unsigned char>(c) <= ' ' || c == '/' || c == '\\';
    if (separates || (c == '.' && &c == name.data())) c = '_';
  }
  return name;
}

}  // namespace

TransformGraph::TransformGraph(const Library* library, Graph graph)
    : library_(library), graph_(std::move(graph)) {}
TransformGraph::TransformGraph(TransformGraph&&) noexcept = default;
TransformGraph& TransformGraph::operator=(TransformGraph&&) noexcept = default;
TransformGraph::~TransformGraph() = default;

StatusOr<TransformGraph> TransformGraph::Bind(const TransformSpec& spec, const v0::Schema& schema,
                                              const Library& library) {
  BESSEMER_RETURN_IF_ERROR(library.functions.status());
  BESSEMER_RETURN_IF_ERROR(library.analyzers.status());
  BESSEMER_RETURN_IF_ERROR(library.emitters.status());
  if (spec.outputs.empty()) return InvalidArgumentError("a transform needs at least one output");
  TransformGraph out(&library, Graph(&library.functions, InputTypes::FromSchema(schema)));
  out.spec_ = spec;
  out.schema_ = std::make_unique<v0::Schema>(schema);
  std::set<std::string> names;
  for (const auto& [name, text] : spec.outputs) {
    if (name.empty()) return InvalidArgumentError("an output has no name");
    if (!names.insert(name).second) return InvalidArgumentError("two outputs are named '{}'", name);
    auto node = out.graph_.Add(text);
    if (!node.ok()) return WithContext(node.status(), fmt::format("output '{}'", name));
    BESSEMER_RETURN_IF_ERROR(CheckOutput(name, out.graph_.nodes()[*node].type));
    out.outputs_.push_back(*node);
  }
  BESSEMER_RETURN_IF_ERROR(out.graph_.Fold());
  return out;
}

int TransformGraph::num_phases() const {
  const std::vector<bool> needed = graph_.NeededBy(outputs_);
  const std::vector<int> phases = PhasesBefore(graph_);
  int count = 0;
  for (size_t i = 0; i < phases.size(); ++i) {
    if (needed[i] && graph_.nodes()[i].is_analyzer()) count = std::max(count, phases[i] + 1);
  }
  return count;
}

std::vector<int> TransformGraph::NextPhase() const {
  const std::vector<bool> needed = graph_.NeededBy(outputs_);
  const std::vector<int> phases = PhasesBefore(graph_);
  std::vector<int> analyzers;
  for (size_t i = 0; i < phases.size(); ++i) {
    if (needed[i] && graph_.nodes()[i].is_analyzer() && phases[i] == 0) {
      analyzers.push_back(static_cast<int>(i));
    }
  }
  return analyzers;
}

Status TransformGraph::SetResults(std::vector<std::pair<int, Column>> results) {
  for (auto& [node, value] : results) {
    BESSEMER_RETURN_IF_ERROR(graph_.SetConstant(node, std::move(value)));
  }
  return graph_.Fold();
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> TransformGraph::Apply(
    const arrow::RecordBatch& batch) const {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Column> columns, graph_.Evaluate(batch, outputs_));
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (size_t i = 0; i < columns.size(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN(auto array, columns[i].ToArrow(batch.num_rows()));
    fields.push_back(arrow::field(spec_.outputs[i].first, array->type()));
    arrays.push_back(std::move(array));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), batch.num_rows(), arrays);
}

StatusOr<v0::Schema> TransformGraph::TransformedSchema() const {
  if (!analyzed()) return FailedPreconditionError("the transform has not been analysed");
  v0::Schema schema;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const Node& node = graph_.nodes()[outputs_[i]];
    v0::Feature& feature = *schema.add_feature();
    feature.set_name(spec_.outputs[i].first);
    feature.set_type(node.type.kind == Kind::kInt     ? v0::INT
                     : node.type.kind == Kind::kFloat ? v0::FLOAT
                                                      : v0::BYTES);
    const bool vector = node.type.shape == Shape::kVector;
    if (vector || (node.type.shape == Shape::kRow && !node.type.optional)) {
      feature.mutable_presence()->set_min_fraction(1);
      feature.mutable_shape();
      if (vector) feature.mutable_shape()->add_dim()->set_size(node.type.size);
    }
    if (node.function == nullptr || !node.function->domain) continue;
    if (const auto domain = node.function->domain(graph_.ContextOf(node))) {
      feature.mutable_int_domain()->set_min(domain->first);
      feature.mutable_int_domain()->set_max(domain->second);
      feature.mutable_int_domain()->set_is_categorical(true);
    }
  }
  return schema;
}

std::vector<TransformGraph::Vocabulary> TransformGraph::vocabularies() const {
  std::vector<Vocabulary> out;
  std::set<std::string> taken;
  std::set<int> seen;
  for (size_t i = 0; i < outputs_.size(); ++i) {
    const std::vector<bool> needed = graph_.NeededBy({outputs_[i]});
    for (size_t j = 0; j < needed.size(); ++j) {
      const Node& node = graph_.nodes()[j];
      if (!needed[j] || node.function == nullptr || node.function->analyzer != "vocabulary" ||
          !seen.insert(static_cast<int>(j)).second) {
        continue;
      }
      const Json& given = node.attrs["name"];
      const std::string wish =
          given.is_string() ? given.get<std::string>() : FileName(spec_.outputs[i].first);
      std::string name = wish;
      for (int k = 1; !taken.insert(name).second; ++k) name = fmt::format("{}_{}", wish, k);
      out.push_back({name, static_cast<int>(j)});
    }
  }
  return out;
}

Json TransformGraph::ToJson() const {
  Json outputs = Json::array();
  for (const auto& [name, text] : spec_.outputs) outputs.push_back({name, text});
  Json results = Json::array();
  for (size_t i = 0; i < graph_.nodes().size(); ++i) {
    const Node& node = graph_.nodes()[i];
    if (!node.is_constant() || node.function == nullptr || node.function->analyzer.empty()) {
      continue;
    }
    results.push_back(
        {{"node", i}, {"function", node.function->name}, {"value", node.constant.ToJson()}});
  }
  std::string schema;
  google::protobuf::TextFormat::PrintToString(*schema_, &schema);
  return {{"format", kFormat}, {"outputs", outputs}, {"schema", schema}, {"results", results}};
}

StatusOr<TransformGraph> TransformGraph::FromJson(const Json& json, const Library& library) {
  const auto bad = [](std::string_view what) {
    return DataLossError("not a saved transform: {}", what);
  };
  if (!json.is_object() || !json.contains("format") || json["format"] != kFormat) {
    return bad(fmt::format("'format' is not {}", kFormat));
  }
  for (const char* key : {"outputs", "schema", "results"}) {
    if (!json.contains(key)) return bad(fmt::format("'{}' is missing", key));
  }
  TransformSpec spec;
  if (!json["outputs"].is_array() || !json["results"].is_array() || !json["schema"].is_string()) {
    return bad("a field has another type");
  }
  for (const Json& output : json["outputs"]) {
    if (!output.is_array() || output.size() != 2 || !output[0].is_string() ||
        !output[1].is_string()) {
      return bad("'outputs' are not pairs of name and expression");
    }
    spec.outputs.emplace_back(output[0].get<std::string>(), output[1].get<std::string>());
  }
  v0::Schema schema;
  if (!schema::ParseTextQuietly(json["schema"].get_ref<const std::string&>(), &schema).ok()) {
    return bad("'schema' is not a Schema in text form");
  }
  BESSEMER_ASSIGN_OR_RETURN(TransformGraph graph, Bind(spec, schema, library));
  for (const Json& result : json["results"]) {
    if (!result.is_object() || !result.contains("node") || !result.contains("value") ||
        !result.contains("function") || !result["node"].is_number_integer()) {
      return bad("a result is incomplete");
    }
    const int64_t node = result["node"].get<int64_t>();
    if (node < 0 || node >= static_cast<int64_t>(graph.graph_.nodes().size()) ||
        graph.graph_.nodes()[node].function == nullptr ||
        graph.graph_.nodes()[node].function->name != result["function"]) {
      return bad("its results belong to another version of the expressions");
    }
    BESSEMER_ASSIGN_OR_RETURN(Column value, Column::FromJson(result["value"]));
    // Results are in the order of nodes, so an analyzer's arguments are known before it.
    if (!graph.graph_.nodes()[node].is_analyzer()) continue;
    BESSEMER_RETURN_IF_ERROR(graph.SetResults({{static_cast<int>(node), std::move(value)}}));
  }
  return graph;
}

}  // namespace bessemer::transform
