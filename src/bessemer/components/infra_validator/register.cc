#include <algorithm>

#include "bessemer/components/component.h"
#include "bessemer/evaluation/dataset.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/serving/model_probe.h"
#include "bessemer/serving/push.h"
#include "bessemer/serving/warmup.h"

namespace bessemer::components::infra_validator {
namespace {

constexpr char kReason[] = "reason";

// The splits requests may come from, the best first.
std::vector<std::string> RequestSplits(const RunContext& context, const Artifact& examples) {
  const std::string named = context.params.String("split_name");
  if (!named.empty()) return {named};
  std::vector<std::string> splits = examples.SplitNames();
  if (splits.empty()) return {"eval"};
  std::reverse(splits.begin(), splits.end());
  std::stable_partition(splits.begin(), splits.end(),
                        [](const std::string& name) { return name == "eval"; });
  return splits;
}

// The first file with examples of the splits requests come from, "" without an input.
StatusOr<std::string> RequestFile(const RunContext& context) {
  const Artifact* examples = context.Input("examples");
  if (examples == nullptr) return std::string();
  const std::vector<std::string> splits = RequestSplits(context, *examples);
  for (const std::string& split : splits) {
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files,
                              example_gen::ListExampleFiles(examples->SplitUri(split)));
    for (const std::string& file : files) {  // a split of few examples leaves some files empty
      BESSEMER_ASSIGN_OR_RETURN(const auto reader, example_gen::OpenExampleRecords(file));
      std::string_view record;
      BESSEMER_ASSIGN_OR_RETURN(const bool any, reader->Next(&record));
      if (any) return file;
    }
  }
  return FailedPreconditionError("{}: no examples to make requests from in split {}",
                                 examples->uri, fmt::join(splits, ", "));
}

Status Stamp(const RunContext& context, const serving::ProbeRequest& request, Artifact& blessing) {
  const std::string stamped = io::JoinPath(blessing.uri, "stamped_model");
  BESSEMER_RETURN_IF_ERROR(serving::CopyModel(request.model, stamped));
  BESSEMER_RETURN_IF_ERROR(serving::WriteWarmup(stamped, request.signatures,
                                                context.params.String("model_name"),
                                                request.examples_file, request.num_examples));
  blessing.custom_properties["has_model"] = int64_t{1};
  return OkStatus();
}

Status Bless(bool blessed, const std::string& reason, Artifact& blessing) {
  blessing.custom_properties["blessed"] = static_cast<int64_t>(blessed);
  if (!blessed) {
    blessing.custom_properties[kReason] = reason;
    BESSEMER_RETURN_IF_ERROR(
        io::WriteFileAtomically(io::JoinPath(blessing.uri, "reason.txt"), reason + "\n"));
  }
  return io::WriteFileAtomically(
      io::JoinPath(blessing.uri, blessed ? "INFRA_BLESSED" : "INFRA_NOT_BLESSED"), "");
}

Status Run(RunContext& context) {
  const ParamValues& params = context.params;
  serving::ProbeRequest request{.signatures = params.Strings("signature_names"),
                                .num_examples = params.Int("num_examples")};
  BESSEMER_ASSIGN_OR_RETURN(request.examples_file, RequestFile(context));
  const serving::ProbeLimits limits{
      .max_loading_seconds = params.Float("max_loading_time_seconds"),
      .max_request_seconds = params.Float("max_request_time_seconds"),
      .max_memory_bytes = params.Int("max_memory_mb") << 20,
      .num_tries = static_cast<int>(params.Int("num_tries"))};
  Artifact& blessing = context.Output("blessing");
  const StatusOr<std::string> model = evaluation::FindServingModel(context.Input("model")->uri);
  if (!model.ok()) {
    context.summary = fmt::format("not servable: {}\n", Message(model.status()));
    return Bless(false, std::string(Message(model.status())), blessing);
  }
  request.model = *model;
  const StatusOr<serving::ProbeReport> report =
      serving::ProbeModel(request, limits, *context.progress);
  if (!report.ok()) {
    // A child that could not be started, or was stopped, says nothing about the model.
    if (report.status().code() == StatusCode::kUnavailable || context.progress->cancelled()) {
      return report.status();
    }
    context.summary = fmt::format("not servable: {}\n", Message(report.status()));
    if (report.status().code() == StatusCode::kDeadlineExceeded) {
      blessing.custom_properties[kOfTheMoment] = int64_t{1};  // the machine may have been busy
    }
    return Bless(false, std::string(Message(report.status())), blessing);
  }
  if (params.Bool("make_warmup")) {
    if (request.examples_file.empty()) {
      return params.Error("make_warmup", "needs examples to make requests from");
    }
    BESSEMER_RETURN_IF_ERROR(Stamp(context, request, blessing));
  }
  blessing.custom_properties["loading_time_ms"] = report->loading_ms;
  blessing.custom_properties["request_time_ms"] = report->median_request_ms;
  context.summary = fmt::format(
      "loads in {:.0f} ms; {} request{}, {:.2f} ms each (slowest {:.2f} ms); {} MiB of memory\n",
      report->loading_ms, report->num_requests, report->num_requests == 1 ? "" : "s",
      report->median_request_ms,
      report->slowest_request_ms, report->peak_memory_bytes >> 20);
  return Bless(true, "", blessing);
}

std::vector<Param> Params() {
  return {{.name = "max_loading_time_seconds",
           .type = ParamType::kFloat,
           .default_value = 300.0,
           .doc = "A model that takes longer to load is not servable",
           .min = 0.001},
          {.name = "max_request_time_seconds",
           .type = ParamType::kFloat,
           .default_value = 60.0,
           .doc = "The same for all requests together",
           .min = 0.001},
          {.name = "max_memory_mb",
           .type = ParamType::kInt,
           .default_value = 0,
           .doc = "The same for resident memory in MiB; 0: no limit",
           .min = 0,
           .max = 1 << 30},
          {.name = "num_tries",
           .type = ParamType::kInt,
           .default_value = 5,
           .doc = "How often to try a model whose process dies",
           .min = 1},
          {.name = "signature_names",
           .type = ParamType::kList,
           .default_value = Json::array(),
           .doc = "Signatures to call; none: serving_default"},
          {.name = "num_examples",
           .type = ParamType::kInt,
           .default_value = 1,
           .doc = "How many examples to send to each signature",
           .min = 1},
          {.name = "split_name",
           .type = ParamType::kString,
           .default_value = "",
           .doc = "Split they come from; empty: eval, or the last one that has examples"},
          {.name = "make_warmup",
           .type = ParamType::kBool,
           .default_value = false,
           .doc = "Keep a copy of the model that warms up with these requests"},
          {.name = "model_name",
           .type = ParamType::kString,
           .default_value = "infra-validation-model",
           .doc = "Name of the model in the warm-up requests"}};
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add({.name = "InfraValidator",
                .doc = "Loads a model in a process of its own and sends it requests, before any "
                       "server does",
                .inputs = {{.name = "model", .artifact_type = "Model", .doc = "What to try"},
                           {.name = "examples",
                            .artifact_type = "Examples",
                            .doc = "Requests; without them the model is only loaded",
                            .optional = true,
                            .prefer = {"examples"}}},
                .outputs = {{.name = "blessing",
                             .artifact_type = "InfraBlessing",
                             .doc = "INFRA_BLESSED or INFRA_NOT_BLESSED with the reason; perhaps "
                                    "the "
                                    "model with warm-up requests"}},
                .params = Params(),
                .run = Run,
                .tfx_class = "tfx.components.infra_validator.component.InfraValidator"});
}

}  // namespace bessemer::components::infra_validator
