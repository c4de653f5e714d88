#include <gtest/gtest.h>
#include <stdlib.h>
#include <unistd.h>

#include <map>
#include <mutex>

#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/pipeline/test_components.h"

namespace bessemer::pipeline {
namespace {

using components::Component;
using components::RunContext;

std::mutex g_mutex;
std::map<std::string, int> g_runs;

int CountRun(const std::string& component) {
  const std::lock_guard lock(g_mutex);
  return ++g_runs[component];
}

StatusOr<std::string> ReadInput(RunContext& context, std::string_view port) {
  std::string all;
  for (const components::Artifact& artifact : context.inputs.at(std::string(port))) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string text,
                              io::ReadFile(io::JoinPath(artifact.uri, "text")));
    all += text;
  }
  return all;
}

Status WriteOutput(RunContext& context, std::string_view port, std::string_view text) {
  BESSEMER_ASSIGN_OR_RETURN(auto out,
                            io::OpenOutput(io::JoinPath(context.Output(port).uri, "text")));
  BESSEMER_RETURN_IF_ERROR(out->Write(text));
  return out->Close();
}

Status RunGen(RunContext& context) {
  CountRun("Gen");
  context.Output("examples").properties["span"] = context.params.Int("span");
  context.Output("examples").SetSplitNames({"train"});
  return WriteOutput(context, "examples", context.params.String("text"));
}

Status RunStats(RunContext& context) {
  CountRun("Stats");
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, ReadInput(context, "examples"));
  context.Output("statistics").properties["span"] = context.Input("examples")->IntProperty("span");
  return WriteOutput(context, "statistics", std::to_string(text.size()));
}

Status CheckShout(const ParamValues& params) {
  if (params.Int("times") == 13) return InvalidArgumentError("thirteen times is too often");
  for (const auto& [mark, count] : params.Value("marks").items()) {
    if (count.is_number()) continue;
    return params.Error("marks", fmt::format("'marks.{}' must be a number", mark));
  }
  return OkStatus();
}

Status RunShout(RunContext& context) {
  CountRun("Shout");
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, ReadInput(context, "examples"));
  std::string loud;
  for (int64_t i = 0; i < context.params.Int("times"); ++i) loud += text;
  return WriteOutput(context, "transformed_examples", loud);
}

Status RunTrain(RunContext& context) {
  CountRun("Train");
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, ReadInput(context, "examples"));
  return WriteOutput(context, "model", "model of " + text);
}

Status RunJudge(RunContext& context) {
  CountRun("Judge");
  components::Artifact& blessing = context.Output("blessing");
  const bool blessed = !context.params.Bool("strict");
  blessing.custom_properties["blessed"] = int64_t{blessed};
  if (context.params.Bool("moody")) {
    blessing.custom_properties[components::kOfTheMoment] = int64_t{1};
    blessing.custom_properties["reason"] = std::string("in a bad mood");
  }
  blessing.custom_properties["current_model_id"] = context.Input("model")->id;
  const components::Artifact* baseline = context.Input("baseline");
  return WriteOutput(context, "blessing",
                     baseline == nullptr ? "no baseline" : std::to_string(baseline->id));
}

Status RunJoin(RunContext& context) {
  CountRun("Join");
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, ReadInput(context, "examples"));
  return WriteOutput(context, "joined_examples", text);
}

Status RunShip(RunContext& context) {
  CountRun("Ship");
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, ReadInput(context, "examples"));
  context.Output("shipped").custom_properties["to"] = context.params.String("to");
  BESSEMER_RETURN_IF_ERROR(io::WriteFileAtomically(context.params.String("to"), text));
  return WriteOutput(context, "shipped", text);
}

Status ShipStands(const std::map<std::string, std::vector<components::Artifact>>& outputs) {
  const std::string to = outputs.at("shipped").at(0).StringProperty("to");
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(to));
  return there ? OkStatus() : NotFoundError("{} is gone", to);
}

Status RunFail(RunContext& context) {
  const int run = CountRun("Fail");
  BESSEMER_RETURN_IF_ERROR(WriteOutput(context, "schema", "half"));
  if (run > context.params.Int("times")) return OkStatus();
  return MakeStatus(static_cast<StatusCode>(context.params.Int("code")), "row 7: it broke");
}

}  // namespace

components::ComponentRegistry TestComponents() {
  components::ComponentRegistry registry("component");
  const Param span{.name = "span", .type = ParamType::kInt, .default_value = 0, .doc = "Span."};
  const Param text{.name = "text", .doc = "What to write.", .required = true};
  const Param times{.name = "times", .type = ParamType::kInt, .default_value = 1, .doc = "Times."};
  registry.Add({.name = "Gen",
                .doc = "Makes examples.",
                .outputs = {{"examples", "Examples", "The text."}},
                .params = {text, span},
                .run = RunGen,
                .tfx_class = "tfx.components.example_gen.csv_example_gen.component.CsvExampleGen"});
  registry.Add({.name = "Stats",
                .doc = "Measures.",
                .inputs = {{"examples", "Examples", "Measured.", false, false, {"examples"}}},
                .outputs = {{"statistics", "ExampleStatistics", "The length."}},
                .run = RunStats});
  registry.Add({.name = "Shout",
                .doc = "Transforms.",
                .inputs = {{"examples", "Examples", "Repeated.", false, false, {"examples"}}},
                .outputs = {{"transformed_examples", "Examples", "Louder."}},
                .params = {times, {.name = "marks", .type = ParamType::kMap, .doc = "Unused."}},
                .check = CheckShout,
                .run = RunShout});
  registry.Add({.name = "Train",
                .doc = "Trains.",
                .inputs = {{"examples", "Examples", "To learn.", false, false,
                            {"transformed_examples", "examples"}},
                           {"baseline", "Model", "Warm start.", true}},
                .outputs = {{"model", "Model", "The model."}},
                .run = RunTrain});
  registry.Add({.name = "Judge",
                .doc = "Judges.",
                .inputs = {{"model", "Model", "Judged."},
                           {"baseline", "Model", "Compared with.", true, false, {},
                            "latest_blessed_model"}},
                .outputs = {{"blessing", "ModelBlessing", "The judgement."}},
                .params = {{.name = "strict", .type = ParamType::kBool, .default_value = false,
                            .doc = "Bless nothing."},
                           {.name = "moody", .type = ParamType::kBool, .default_value = false,
                            .doc = "What it says is of the moment."}},
                .run = RunJudge});
  registry.Add({.name = "Join",
                .doc = "Joins.",
                .inputs = {{"examples", "Examples", "Joined.", false, true, {"examples"}}},
                .outputs = {{"joined_examples", "Examples", "All."}},
                .run = RunJoin});
  registry.Add({.name = "Ship",
                .doc = "Ships.",
                .inputs = {{"examples", "Examples", "Shipped.", false, false, {"examples"}}},
                .outputs = {{"shipped", "PushedModel", "What was shipped."}},
                .params = {{.name = "to", .doc = "A file.", .required = true}},
                .stands = ShipStands,
                .run = RunShip});
  registry.Add({.name = "Fail",
                .doc = "Fails.",
                .inputs = {{"examples", "Examples", "Ignored.", true, false, {"examples"}}},
                .outputs = {{"schema", "Schema", "Never whole."}},
                .params = {times, {.name = "code", .type = ParamType::kInt, .default_value = 14,
                                   .doc = "Status code."}},
                .run = RunFail});
  return registry;
}

int TestRuns(const std::string& component) {
  const std::lock_guard lock(g_mutex);
  return g_runs[component];
}

void ResetTestRuns() {
  const std::lock_guard lock(g_mutex);
  g_runs.clear();
}

std::string MakeTestRoot() {
  // In memory where possible: syncing costs nothing there.
  const std::string parent = access("/dev/shm", W_OK) == 0 ? "/dev/shm/" : ::testing::TempDir();
  std::string path = parent + "pipeline_test_XXXXXX";
  return mkdtemp(path.data()) == nullptr ? "" : path;
}

}  // namespace bessemer::pipeline
