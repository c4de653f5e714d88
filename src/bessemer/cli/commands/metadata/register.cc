#include <CLI/CLI.hpp>

#include <map>
#include <memory>
#include <set>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/cli/commands/metadata/lineage_tree.h"
#include "bessemer/cli/commands/metadata/node_types.h"
#include "bessemer/cli/commands/metadata/tables.h"
#include "bessemer/cli/metadata_store.h"
#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/run_record.h"

namespace bessemer::cli::metadata {
namespace {

using Rows = std::vector<std::vector<std::string>>;

struct Args {
  std::string store;
  std::string pipeline;
  std::string run;
  std::string type;
  int64_t artifact = 0;
  bool downstream = false;
};

StatusOr<int> Runs(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const auto store, OpenStore(args.store));
  BESSEMER_ASSIGN_OR_RETURN(const auto runs, pipeline::ListRuns(*store, args.pipeline));
  Json json = Json::array();
  Rows rows;
  for (const pipeline::RunSummary& run : runs) {
    json.push_back({{"pipeline", run.pipeline}, {"run_id", run.run_id},
                    {"started_micros", run.started_micros}, {"seconds", run.seconds},
                    {"ran", run.num_ran}, {"cached", run.num_cached}, {"failed", run.num_failed},
                    {"skipped", run.num_skipped}, {"finished", run.finished}});
    rows.push_back({run.run_id, run.pipeline, std::to_string(run.num_ran),
                    std::to_string(run.num_cached), std::to_string(run.num_failed),
                    std::to_string(run.num_skipped),
                    run.finished ? fmt::format("{:.2f} s", run.seconds) : "not ended"});
  }
  if (session.json) {
    fmt::print("{}\n", JsonText(json, 2));
  } else {
    PrintTable({"run", "pipeline", "ran", "cached", "failed", "skipped", "time"}, rows);
  }
  return kExitOk;
}

StatusOr<int> Show(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const auto store, OpenStore(args.store));
  const auto found = pipeline::LoadRun(*store, args.run, args.pipeline);
  if (found.status().code() == StatusCode::kNotFound) {
    return InvalidArgumentError("{}", Message(found.status()));
  }
  BESSEMER_RETURN_IF_ERROR(found.status());
  const pipeline::RunRecord& run = *found;
  if (session.json) {
    fmt::print("{}\n", JsonText(run.ToJson(), 2));
    return kExitOk;
  }
  fmt::print("run {} of {}, started {}\n\n", run.run_id, run.pipeline,
             LocalTime(run.started_micros));
  Rows rows;
  for (const pipeline::StepRecord& step : run.steps) {
    std::string ids;
    for (const auto& [port, artifacts] : step.outputs) {
      for (const auto& artifact : artifacts) {
        ids += fmt::format("{}{}={}", ids.empty() ? "" : " ", port, artifact.id);
      }
    }
    const bool timed = step.seconds > 0;
    rows.push_back({step.id, std::string(StepStateName(step.state)),
                    timed ? fmt::format("{:.2f} s", step.seconds) : "", ids,
                    !step.error.empty()        ? step.error
                    : step.reasons.empty() ? ""
                                               : step.reasons[0]});
  }
  PrintTable({"step", "state", "time", "outputs", "why"}, rows);
  for (const std::string& finding : run.Findings()) fmt::print("! {}\n", finding);
  return kExitOk;
}

StatusOr<int> Artifacts(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const auto store, OpenStore(args.store));
  BESSEMER_ASSIGN_OR_RETURN(const auto artifacts, ArtifactsOf(*store, args.type));
  Json json = Json::array();
  Rows rows;
  for (const auto& artifact : artifacts) {
    const std::string state = ::ml_metadata::Artifact::State_Name(artifact.state());
    json.push_back({{"id", artifact.id()}, {"type", artifact.type()}, {"state", state},
                    {"uri", artifact.uri()},
                    {"created_millis", artifact.create_time_since_epoch()}});
    rows.push_back({std::to_string(artifact.id()), artifact.type(), state,
                    LocalTime(artifact.create_time_since_epoch() * 1000), artifact.uri()});
  }
  if (session.json) {
    fmt::print("{}\n", JsonText(json, 2));
  } else {
    PrintTable({"id", "type", "state", "created", "uri"}, rows);
  }
  return kExitOk;
}

StatusOr<int> Executions(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const auto store, OpenStore(args.store));
  BESSEMER_ASSIGN_OR_RETURN(const auto executions, ExecutionsOf(*store, args.type));
  Json json = Json::array();
  Rows rows;
  for (const auto& [execution, step] : executions) {
    const std::string state = ::ml_metadata::Execution::State_Name(execution.last_known_state());
    json.push_back({{"id", execution.id()}, {"type", execution.type()}, {"step", step},
                    {"state", state}, {"created_millis", execution.create_time_since_epoch()}});
    rows.push_back({std::to_string(execution.id()), step, state,
                    LocalTime(execution.create_time_since_epoch() * 1000), execution.type()});
  }
  if (session.json) {
    fmt::print("{}\n", JsonText(json, 2));
  } else {
    PrintTable({"id", "step", "state", "created", "type"}, rows);
  }
  return kExitOk;
}

StatusOr<int> Types(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const auto store, OpenStore(args.store));
  Json json = Json::array();
  Rows rows;
  auto add = [&](const char* kind, const auto& types) {
    for (const auto& type : types) {
      Json properties = Json::object();
      const std::map<std::string, int> sorted(type.properties().begin(), type.properties().end());
      std::string text;
      for (const auto& [name, number] : sorted) {
        const std::string& word =
            ::ml_metadata::PropertyType_Name(static_cast<::ml_metadata::PropertyType>(number));
        properties[name] = word;
        text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", name, word);
      }
      json.push_back({{"id", type.id()}, {"kind", kind}, {"name", type.name()},
                      {"properties", std::move(properties)}});
      rows.push_back({std::to_string(type.id()), kind, type.name(), text});
    }
  };
  BESSEMER_ASSIGN_OR_RETURN(const auto artifact_types, store->GetArtifactTypes());
  BESSEMER_ASSIGN_OR_RETURN(const auto execution_types, store->GetExecutionTypes());
  BESSEMER_ASSIGN_OR_RETURN(const auto context_types, store->GetContextTypes());
  add("artifact", artifact_types);
  add("execution", execution_types);
  add("context", context_types);
  if (session.json) {
    fmt::print("{}\n", JsonText(json, 2));
  } else {
    PrintTable({"id", "kind", "name", "properties"}, rows);
  }
  return kExitOk;
}

StatusOr<int> Lineage(const Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(const auto store, OpenStore(args.store));
  BESSEMER_ASSIGN_OR_RETURN(
      const ::ml_metadata::LineageGraph graph,
      store->GetLineage({args.artifact}, args.downstream
                                             ? ::bessemer::metadata::LineageDirection::kDownstream
                                             : ::bessemer::metadata::LineageDirection::kUpstream));
  if (session.json) {
    fmt::print("{}\n", JsonText(LineageJson(graph), 2));
  } else {
    fmt::print("{}", LineageTree(graph, args.artifact, args.downstream));
  }
  return kExitOk;
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add(
      {.name = "metadata",
       .doc = "Shows what the metadata store knows: runs, artifacts, executions, lineage",
       .setup = [](CLI::App& app, Session& session) {
         auto args = std::make_shared<Args>();
         auto verb = [&](const char* name, const char* doc, const char* example, auto action) {
           CLI::App* sub = app.add_subcommand(name, doc);
           sub->footer(fmt::format("Examples:\n  bessemer metadata {}", example));
           AddStoreFlag(*sub, args->store);
           sub->callback([&session, args, action] {
             session.Run([&session, args, action] { return action(session, *args); });
           });
           return sub;
         };
         CLI::App* runs = verb("runs", "Lists the runs, newest first",
                               "runs --db runs/flights/metadata.db", Runs);
         CLI::App* show = verb("show", "Shows one run: its steps, outputs and reasons",
                               "show --pipeline flights", Show);
         for (CLI::App* sub : {runs, show}) {
           sub->add_option("--pipeline", args->pipeline, "Only of this pipeline");
         }
         show->add_option("run", args->run, "The run's id; none: the newest");
         verb("artifacts", "Lists the artifacts", "artifacts --type Model", Artifacts)
             ->add_option("--type", args->type, "Only of this type, e.g. ExampleStatistics");
         verb("executions", "Lists the executions", "executions --type Trainer", Executions)
             ->add_option("--type", args->type,
                          "Only of this component or step: its name, the step's id or the full "
                          "name of the type");
         verb("types", "Lists the types and their properties", "types --json", Types);
         CLI::App* lineage =
             verb("lineage", "Shows what an artifact was made from, back to the data",
                  "lineage 12 --downstream", Lineage);
         lineage->add_option("artifact", args->artifact, "Its id")->required();
         lineage->add_flag("--downstream", args->downstream, "Show what was made from it instead");
         app.require_subcommand(1);
         app.footer("Examples:\n  bessemer metadata runs --db runs/flights/metadata.db\n"
                    "  bessemer metadata show\n  bessemer metadata artifacts --type Model\n"
                    "  bessemer metadata lineage 12");
       }});
}

}  // namespace bessemer::cli::metadata
