#include <CLI/CLI.hpp>
#include <memory>

#include "bessemer/cli/commands/report/report_command.h"
#include "bessemer/cli/metadata_store.h"
#include "bessemer/metadata/store.h"
#include "bessemer/pipeline/run_record.h"
#include "bessemer/report/from_run_record.h"

namespace bessemer::cli::report {
namespace {

struct RunArgs {
  std::string db, run, pipeline, out;
};

StatusOr<int> Run(const Session& session, const RunArgs& args) {
  BESSEMER_ASSIGN_OR_RETURN(const auto store, OpenStore(args.db));
  const auto found = pipeline::LoadRun(*store, args.run, args.pipeline);
  if (found.status().code() == StatusCode::kNotFound) {
    return InvalidArgumentError("{}", Message(found.status()));
  }
  BESSEMER_RETURN_IF_ERROR(found.status());
  const pipeline::RunRecord& record = *found;
  const std::string out =
      args.out.empty() ? ::bessemer::report::RunPagePath(record.root, record.run_id) : args.out;
  BESSEMER_RETURN_IF_ERROR(
      ::bessemer::report::WriteRunPage(::bessemer::report::FromRunRecord(record), out));
  PrintWritten(session, out);
  return kExitOk;
}

}  // namespace

void SetUpRun(CLI::App& app, Session& session) {
  CLI::App* run = app.add_subcommand("run", "The page of a pipeline run, from the metadata store");
  auto args = std::make_shared<RunArgs>();
  AddStoreFlag(*run, args->db);
  run->add_option("--run", args->run, "Id of the run; none: the newest");
  run->add_option("--pipeline", args->pipeline, "Name of its pipeline; none: any");
  run->add_option("-o,--out", args->out,
                  "The HTML file to write; none: reports/<run id>.html below the pipeline root");
  run->footer(
      "Examples:\n"
      "  bessemer report run --db runs/flights/metadata.db\n"
      "  bessemer report run --run 2026-11-23T13:05:09.120443 -o run.html");
  run->callback(
      [&session, args] { session.Run([&session, args] { return Run(session, *args); }); });
}

}  // namespace bessemer::cli::report
