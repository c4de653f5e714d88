#include <sys/prctl.h>
#include <sys/resource.h>

#include <CLI/CLI.hpp>
#include <csignal>

#include "bessemer/base/config.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/serving/model_probe.h"

namespace bessemer::cli::model_probe {
namespace {

void Print(const Json& line) {
  fmt::print("{}\n", JsonText(line));
  std::fflush(stdout);
}

StatusOr<int> Probe(const serving::ProbeRequest& request) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);  // never outlive who asked
  const rlimit no_core{0, 0};
  setrlimit(RLIMIT_CORE, &no_core);
  const StatusOr<serving::ProbeReport> report =
      serving::ProbeHere(request, [](double ms) { Print({{"loading_ms", ms}}); });
  if (!report.ok()) {
    Print({{"error", std::string(Message(report.status()))}});
    return kExitFailure;
  }
  Print({{"num_requests", report->num_requests},
         {"median_request_ms", report->median_request_ms},
         {"slowest_request_ms", report->slowest_request_ms}});
  return kExitOk;
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add(
      {.name = "model-probe",
       .doc = "Loads a model and sends it requests; run by InfraValidator in a process of its own",
       .setup = [](CLI::App& app, Session& session) {
         app.group("");  // not listed: for the program itself
         auto request = std::make_shared<serving::ProbeRequest>();
         app.add_option("model", request->model, "Folder of a SavedModel")->required();
         app.add_option("--examples", request->examples_file, "TFRecord of tf.Example to send");
         app.add_option("--num-examples", request->num_examples, "How many of them");
         app.add_option("--signature", request->signatures, "Signatures to call");
         app.footer("Examples:\n  bessemer model-probe model/Format-Serving --examples eval.gz");
         app.callback([&session, request] {
           session.Run([request] { return Probe(*request); });
         });
       }});
}

}  // namespace bessemer::cli::model_probe
