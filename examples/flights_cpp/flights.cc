// The pipeline of examples/flights/pipeline.yaml, written in C++.
//
//   flights_cpp DATA.csv ROOT      runs it; a second run reuses every step

#include <fmt/format.h>

#include <cstdio>

#include "bessemer/components/component.h"
#include "bessemer/pipeline/builder.h"
#include "bessemer/pipeline/definition.h"

namespace {

using bessemer::Json;
using bessemer::Status;
using bessemer::StatusOr;
using bessemer::pipeline::Pipeline;
using bessemer::pipeline::PipelineBuilder;

// [define]
StatusOr<Pipeline> FlightsPipeline(const bessemer::components::ComponentRegistry& registry,
                                   const std::string& data, const std::string& root) {
  PipelineBuilder builder("flights_cpp", root);
  builder.Step("CsvExampleGen", {{"input", data},
                                 {"splits", {{"train", 2}, {"eval", 1}}},
                                 {"null_spellings", {"NA"}},
                                 {"where", "is_present(arr_delay)"}});
  builder.Step("StatisticsGen");
  builder.Step("SchemaGen");
  builder.Step("ExampleValidator");
  builder.Step("Transform", {{"outputs",
                              {{"late", "arr_delay > 15"},
                               {"weekday", "weekday(year, month, day)"},
                               {"dep_hour", "sched_dep_time // 100"},
                               {"distance", "z_score(log1p(distance))"},
                               {"carrier", "vocabulary(carrier, num_oov_buckets=1)"},
                               {"dest", "vocabulary(dest, top_k=200, num_oov_buckets=1)"}}}});
  builder.Step("Trainer", {{"learner", "linear"},
                           {"label", "late"},
                           {"train_args", {{"num_steps", 400}}},
                           {"seed", 1}});
  builder.Step("Evaluator", {{"eval_config",
                              {{"label", "late"},
                               {"metrics", {"AUC", "BinaryAccuracy", "ExampleCount"}},
                               {"slices", Json::array({Json::array({"carrier"})})},
                               {"thresholds", {{"auc", {{"min", 0.6}}}}}}}});
  builder.Step("Pusher", {{"destination", root + "/serving"}});
  return builder.Build(registry);
}
// [define]

Status Run(const std::string& data, const std::string& root) {
  bessemer::components::ComponentRegistry registry("component");
  bessemer::components::RegisterPlugins(registry);
  BESSEMER_RETURN_IF_ERROR(registry.status());
  BESSEMER_ASSIGN_OR_RETURN(const Pipeline pipeline, FlightsPipeline(registry, data, root));
  BESSEMER_ASSIGN_OR_RETURN(const auto run, bessemer::pipeline::RunPipeline(pipeline));
  for (const auto& step : run.steps) {
    fmt::print("{:<18} {:<8} {:6.2f} s  {}\n", step.id,
               bessemer::pipeline::StepStateName(step.state), step.seconds, step.error);
  }
  return run.failed() ? bessemer::AbortedError("a step failed") : bessemer::OkStatus();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 3) {
    fmt::print(stderr, "usage: flights_cpp DATA.csv ROOT\n");
    return 2;
  }
  if (const Status status = Run(argv[1], argv[2]); !status.ok()) {
    fmt::print(stderr, "flights_cpp: {}\n", bessemer::Message(status));
    return 3;
  }
  return 0;
}
