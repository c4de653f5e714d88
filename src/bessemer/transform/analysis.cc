#include "bessemer/transform/analysis.h"

#include <arrow/record_batch.h>

#include <algorithm>
#include <optional>

#include "bessemer/base/parallel.h"

namespace bessemer::transform {

using expression::Column;
using expression::Node;

namespace {

class Batches : public columnar::BatchSource {
 public:
  explicit Batches(std::vector<std::shared_ptr<arrow::RecordBatch>> batches)
      : batches_(std::move(batches)) {}
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    return next_ < batches_.size() ? batches_[next_++] : nullptr;
  }

 private:
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  size_t next_ = 0;
};

// Whether a text argument is an int's decimal text.
bool IsTextOfInteger(const expression::Graph& graph, const Node& node) {
  if (node.inputs.empty()) return false;
  const Node& arg = graph.nodes()[node.inputs[0]];
  return arg.op == Node::Op::kCall && arg.function->name == "string" &&
         graph.nodes()[arg.inputs[0]].type.kind == expression::Kind::kInt;
}

}  // namespace

StatusOr<PhaseState> PhaseState::Make(const TransformGraph& graph) {
  PhaseState state(&graph);
  for (const int index : graph.NextPhase()) {
    const Node& node = graph.graph().nodes()[index];
    size_t shared = 0;
    while (shared < state.accumulators_.size() &&
           (state.accumulators_[shared].analyzer != node.function->analyzer ||
            state.accumulators_[shared].args != node.inputs)) {
      ++shared;
    }
    if (shared == state.accumulators_.size()) {
      BESSEMER_ASSIGN_OR_RETURN(const Analyzer* analyzer,
                                graph.library().analyzers.Find(node.function->analyzer));
      std::vector<expression::Type> types;
      std::vector<size_t> slots;
      for (const int input : node.inputs) {
        types.push_back(graph.graph().nodes()[input].type);
        const auto found = std::find(state.values_.begin(), state.values_.end(), input);
        slots.push_back(found - state.values_.begin());
        if (found == state.values_.end()) state.values_.push_back(input);
      }
      state.accumulators_.push_back({analyzer->name, node.inputs, analyzer->make(types)});
      state.arg_slots_.push_back(std::move(slots));
    }
    state.nodes_.emplace_back(index, shared);
  }
  return state;
}

Status PhaseState::Update(const arrow::RecordBatch& batch) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Column> values,
                            graph_->graph().Evaluate(batch, values_));
  std::vector<Column> args;
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    args.clear();
    for (const size_t slot : arg_slots_[i]) args.push_back(values[slot]);
    BESSEMER_RETURN_IF_ERROR(accumulators_[i].state->Update(args, batch.num_rows()));
  }
  num_rows_ += batch.num_rows();
  return OkStatus();
}

Status PhaseState::Merge(const PhaseState& other) {
  if (other.accumulators_.size() != accumulators_.size()) {
    return InvalidArgumentError("the states to merge are of different transforms");
  }
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    BESSEMER_RETURN_IF_ERROR(accumulators_[i].state->Merge(*other.accumulators_[i].state));
  }
  num_rows_ += other.num_rows_;
  return OkStatus();
}

std::string PhaseState::Save() const {
  Json states = Json::array();
  for (const Shared& shared : accumulators_) {
    states.push_back({{"analyzer", shared.analyzer}, {"state", shared.state->Save()}});
  }
  const Json json = {{"rows", num_rows_}, {"accumulators", std::move(states)}};
  std::string bytes;
  Json::to_cbor(json, bytes);
  return bytes;
}

Status PhaseState::Load(const std::string& bytes) {
  const Json json = Json::from_cbor(bytes, true, false);
  if (!json.is_object() || !json.contains("rows") || !json["rows"].is_number_integer() ||
      !json.contains("accumulators") || !json["accumulators"].is_array() ||
      json["accumulators"].size() != accumulators_.size()) {
    return DataLossError("the bytes are no saved state of this transform");
  }
  for (size_t i = 0; i < accumulators_.size(); ++i) {
    const Json& saved = json["accumulators"][i];
    if (!saved.is_object() || !saved.contains("state") || !saved.contains("analyzer") ||
        saved["analyzer"] != accumulators_[i].analyzer) {
      return DataLossError("the bytes are a state of another transform");
    }
    try {
      BESSEMER_RETURN_IF_ERROR(accumulators_[i].state->Load(saved["state"]));
    } catch (const Json::exception& error) {
      return DataLossError("the saved state of {} is damaged: {}", accumulators_[i].analyzer,
                           error.what());
    }
  }
  num_rows_ = json["rows"].get<int64_t>();
  return OkStatus();
}

StatusOr<std::vector<std::pair<int, Column>>> PhaseState::Finish() const {
  std::vector<std::pair<int, Column>> results;
  for (const auto& [index, shared] : nodes_) {
    const Node& node = graph_->graph().nodes()[index];
    const ResultRequest request{.function = node.function->name,
                                .attrs = &node.attrs,
                                .type = node.type,
                                .of_integers = IsTextOfInteger(graph_->graph(), node)};
    auto value = accumulators_[shared].state->Finish(request);
    if (!value.ok()) return WithContext(value.status(), node.function->name);
    results.emplace_back(index, *std::move(value));
  }
  return results;
}

StatusOr<AnalyzeReport> Analyze(TransformGraph& graph, const Dataset& dataset,
                                const AnalyzeOptions& options) {
  AnalyzeReport report;
  const int num_passes = graph.num_phases();
  while (!graph.analyzed()) {
    ++report.num_passes;
    options.progress->Start(fmt::format("analysing, pass {} of {}", report.num_passes, num_passes),
                            0, "rows");
    std::vector<std::optional<PhaseState>> states(dataset.num_shards);
    BESSEMER_RETURN_IF_ERROR(
        ParallelFor(dataset.num_shards, options.num_threads, [&](int64_t shard) -> Status {
          BESSEMER_ASSIGN_OR_RETURN(PhaseState state, PhaseState::Make(graph));
          BESSEMER_ASSIGN_OR_RETURN(const auto source, dataset.open(shard));
          while (true) {
            BESSEMER_ASSIGN_OR_RETURN(const auto batch, source->Next());
            if (batch == nullptr) break;
            if (options.progress->cancelled()) return CancelledError("interrupted");
            BESSEMER_RETURN_IF_ERROR(state.Update(*batch));
            options.progress->Advance(batch->num_rows());
          }
          states[shard] = std::move(state);
          return OkStatus();
        }));
    BESSEMER_ASSIGN_OR_RETURN(PhaseState total, PhaseState::Make(graph));
    for (const auto& state : states) BESSEMER_RETURN_IF_ERROR(total.Merge(*state));
    BESSEMER_ASSIGN_OR_RETURN(auto results, total.Finish());
    report.num_rows = total.num_rows();
    BESSEMER_RETURN_IF_ERROR(graph.SetResults(std::move(results)));
  }
  return report;
}

Dataset InMemory(std::vector<std::shared_ptr<arrow::RecordBatch>> batches) {
  return {.num_shards = 1, .open = [batches = std::move(batches)](int64_t) {
            return StatusOr<std::unique_ptr<columnar::BatchSource>>(
                std::make_unique<Batches>(batches));
          }};
}

}  // namespace bessemer::transform
