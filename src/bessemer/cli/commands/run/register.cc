#include <CLI/CLI.hpp>

#include <algorithm>
#include <memory>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/cli/commands/run/run_display.h"
#include "bessemer/cli/commands/run/run_page.h"
#include "bessemer/components/component.h"
#include "bessemer/pipeline/builder.h"
#include "bessemer/pipeline/definition.h"

namespace bessemer::cli::run {
namespace {

struct Args {
  std::string file;
  std::vector<std::string> from, to, only, set;
  std::string root, memory;
  int parallel = 0;
  bool explain = false;
  bool no_cache = false;
};

StatusOr<pipeline::LoadOptions> LoadOptionsOf(const Args& args) {
  pipeline::LoadOptions options;
  options.root = args.root;
  for (const std::string& assignment : args.set) {
    const size_t equals = assignment.find('=');
    if (equals == std::string::npos || equals == 0) {
      return InvalidArgumentError("--set {}: write name=value", assignment);
    }
    options.variables[assignment.substr(0, equals)] = assignment.substr(equals + 1);
  }
  return options;
}

int ExitCode(const pipeline::RunRecord& run) {
  if (run.interrupted) return kExitInterrupted;
  if (run.failed()) return kExitFailure;
  return run.Findings().empty() ? kExitOk : kExitFindings;
}

StatusOr<int> Run(Session& session, const Args& args) {
  components::ComponentRegistry registry("component");
  components::RegisterPlugins(registry);
  BESSEMER_RETURN_IF_ERROR(registry.status());
  BESSEMER_ASSIGN_OR_RETURN(const pipeline::LoadOptions load, LoadOptionsOf(args));
  StatusOr<pipeline::Pipeline> pipeline = pipeline::LoadPipeline(args.file, registry, load);
  if (!pipeline.ok()) {  // whatever is wrong in the file is a matter of usage
    return MakeStatus(StatusCode::kInvalidArgument, Message(pipeline.status()));
  }

  pipeline::RunOptions options;
  options.part = {.from = args.from, .to = args.to, .only = args.only};
  options.use_cache = !args.no_cache;
  options.num_threads = session.num_threads;
  options.max_running = args.parallel;
  if (options.max_running == 0 && session.num_threads > 0) {
    options.max_running = session.num_threads;
  }
  if (!args.memory.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(options.memory_bytes, pipeline::ParseBytes(args.memory));
  }
  size_t width = 0;
  for (const pipeline::Step& step : pipeline->steps) width = std::max(width, step.id.size());
  RunDisplay display(session, static_cast<int>(width), args.explain);
  options.observer = &display;
  options.cancel = &session.progress();
  BESSEMER_ASSIGN_OR_RETURN(const pipeline::RunRecord run,
                            pipeline::RunPipeline(*pipeline, options));
  const std::string page = WritePage(run);
  if (session.json) {
    fmt::print("{}\n", JsonText(run.ToJson(), 2));
  } else {
    PrintEnd(session, run);
    PrintPlaces(run, pipeline->metadata_path, page);
  }
  return ExitCode(run);
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add(
      {.name = "run",
       .doc = "Runs a pipeline; what has not changed since an earlier run is reused",
       .setup = [](CLI::App& app, Session& session) {
         auto args = std::make_shared<Args>();
         app.add_option("pipeline", args->file, "The pipeline file (YAML)")->required();
         app.add_flag("--explain", args->explain, "Say of each step why it ran or was reused");
         app.add_option("--from", args->from, "Run only this step and what depends on it")
             ->allow_extra_args(false);
         app.add_option("--to", args->to, "Run only this step and what it depends on")
             ->allow_extra_args(false);
         app.add_option("--only", args->only, "Run only this step, with inputs of earlier runs")
             ->allow_extra_args(false);
         app.add_flag("--no-cache", args->no_cache, "Run every step, changed or not");
         app.add_option("--set", args->set, "name=value: replace a variable of the file")
             ->type_name("NAME=VALUE")
             ->allow_extra_args(false);
         app.add_option("--root", args->root, "Replace the output folder of the file");
         app.add_option("--memory", args->memory,
                        "For all steps that run at the same time, e.g. 4GiB");
         app.add_option("--parallel", args->parallel,
                        "Steps that may run at the same time; 0: as many as processors, at most 8")
             ->check(CLI::Range(0, 1 << 30));
         app.footer("Exit code: 0 all is well, 1 with findings (not blessed, anomalies, not "
                    "pushed), 2 a mistake in the file, 3 a step failed, 130 interrupted.\n"
                    "Examples:\n"
                    "  bessemer run flights.yaml\n"
                    "  bessemer run flights.yaml --explain --set learning_rate=0.01\n"
                    "  bessemer run flights.yaml --from Trainer --no-cache");
         app.callback([&session, args] {
           session.Run([&session, args] { return Run(session, *args); });
         });
       }});
}

}  // namespace bessemer::cli::run
