#include <optional>

#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/statistics/dataset_state.h"
#include "bessemer/statistics/statistics_file.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::components::statistics_merger {
namespace {

using statistics::DatasetStatisticsState;

StatusOr<DatasetStatisticsState> MergeSplit(const std::vector<Artifact>& parts,
                                            const std::string& split) {
  std::optional<DatasetStatisticsState> merged;
  for (const Artifact& part : parts) {
    const std::string path = io::JoinPath(part.SplitUri(split), statistics::kStateFile);
    BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
    StatusOr<DatasetStatisticsState> state = DatasetStatisticsState::Load(bytes);
    if (!state.ok()) return WithContext(state.status(), path);
    if (!merged) {
      merged = *std::move(state);
    } else {
      BESSEMER_RETURN_IF_ERROR(WithContext(merged->Merge(*state), path));
    }
  }
  return *std::move(merged);
}

Status Run(RunContext& context) {
  const Artifact* first = context.Input("statistics");
  if (first == nullptr) {
    return FailedPreconditionError("StatisticsMerger has nothing to merge; connect 'statistics'");
  }
  const std::vector<Artifact>& parts = context.inputs.at("statistics");
  const Artifact& newest = parts.back();
  Artifact& out = context.Output("statistics");
  for (const std::string& split : newest.SplitNames()) {
    const auto state = MergeSplit(parts, split);
    if (!state.ok()) return WithContext(state.status(), fmt::format("split '{}'", split));
    const std::string folder = out.SplitUri(split);
    BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(folder));
    const auto result = state->Finish();
    BESSEMER_RETURN_IF_ERROR(state->status());
    BESSEMER_RETURN_IF_ERROR(
        statistics::WriteStatistics(io::JoinPath(folder, statistics::kStatisticsFile), result));
    BESSEMER_RETURN_IF_ERROR(state->SaveFile(io::JoinPath(folder, statistics::kStateFile)));
  }
  out.SetSplitNames(newest.SplitNames());
  if (const PropertyValue* span = newest.Property("span")) out.properties["span"] = *span;
  context.summary = fmt::format("{} span{}: {} to {}", parts.size(), parts.size() == 1 ? "" : "s",
                                first->IntProperty("span"), newest.IntProperty("span"));
  return OkStatus();
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "StatisticsMerger",
       .doc = "Joins the statistics of several spans into those of all their data\n"
              "From the states that StatisticsGen keeps: no example is read again, and the result "
              "is that of one pass over everything. All must come from equal options.",
       .inputs = {{.name = "statistics",
                   .artifact_type = "ExampleStatistics",
                   .doc = "Of disjoint data, oldest first, e.g. "
                          "rolling_window(StatisticsGen.statistics, 3).",
                   .many = true}},
       .outputs = {{.name = "statistics",
                    .artifact_type = "ExampleStatistics",
                    .doc = "A folder for each split of the newest; its span is the newest's."}},
       .params = {},
       .run = Run});
}

}  // namespace bessemer::components::statistics_merger
