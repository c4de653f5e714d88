#include <CLI/CLI.hpp>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/evaluation/dataset.h"
#include "bessemer/evaluation/files.h"
#include "bessemer/evaluation/summary.h"
#include "bessemer/evaluation/validation.h"
#include "bessemer/io/file.h"

namespace bessemer::cli::evaluate {
namespace {

struct Options {
  std::string examples, model, baseline, predictions, label, weight, config, output;
  std::vector<std::string> metrics, slices;
  int max_slices = 30;
};

StatusOr<std::string> ServingModel(const std::string& path) {
  if (path.empty()) return path;
  return evaluation::FindServingModel(path);
}

// The configuration file with what flags say on top.
StatusOr<evaluation::EvalConfig> ReadConfig(const Options& options) {
  Json json = Json::object();
  if (!options.config.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node, ConfigNode::ReadFile(options.config));
    if (!node.is_map()) return node.Error("an eval config must be a map");
    json = node.ToJson();
  }
  if (!options.metrics.empty()) json["metrics"] = options.metrics;
  for (const std::string& slice : options.slices) {
    Json columns = Json::array();
    for (size_t begin = 0; begin <= slice.size();) {
      const size_t end = std::min(slice.find(',', begin), slice.size());
      columns.push_back(slice.substr(begin, end - begin));
      begin = end + 1;
    }
    json["slices"].push_back(columns);
  }
  if (!options.label.empty() && options.config.empty()) json["label"] = options.label;
  StatusOr<evaluation::EvalConfig> config = evaluation::EvalConfigFromJson(json);
  if (!config.ok()) {
    return options.config.empty() ? config.status() : WithContext(config.status(), options.config);
  }
  if (config->model_specs().empty()) config->add_model_specs();
  for (auto& spec : *config->mutable_model_specs()) {
    if (!options.label.empty()) spec.set_label_key(options.label);
    if (!options.predictions.empty()) spec.set_prediction_key(options.predictions);
    if (!options.weight.empty()) spec.set_example_weight_key(options.weight);
  }
  return config;
}

StatusOr<int> Run(const Options& options, Session& session) {
  evaluation::EvaluationRequest request;
  BESSEMER_ASSIGN_OR_RETURN(request.config, ReadConfig(options));
  BESSEMER_ASSIGN_OR_RETURN(request.files, io::ListFiles(options.examples));
  BESSEMER_ASSIGN_OR_RETURN(request.model, ServingModel(options.model));
  BESSEMER_ASSIGN_OR_RETURN(request.baseline, ServingModel(options.baseline));
  request.num_threads = session.num_threads;
  BESSEMER_ASSIGN_OR_RETURN(const evaluation::EvalResult result,
                            evaluation::EvaluateExamples(request, &session.progress()));
  BESSEMER_ASSIGN_OR_RETURN(const auto validation, evaluation::Validate(result, false));
  if (!options.output.empty()) {
    BESSEMER_RETURN_IF_ERROR(evaluation::WriteResult(
        options.output, result, &validation,
        {.data = options.examples, .models = {{"", request.model}}}));
  }
  const bool decided = !validation.missing_thresholds();
  const std::vector<std::string> reasons =
      decided ? evaluation::ExplainFailures(validation) : std::vector<std::string>();
  if (session.json) {
    Json json = evaluation::ResultToJson(result);
    if (decided) {
      json["validation_ok"] = validation.validation_ok();
      json["failures"] = reasons;
    }
    fmt::print("{}\n", JsonText(json, 2));
  } else {
    fmt::print("{}", evaluation::MetricsTable(result, options.max_slices));
    if (decided && validation.validation_ok()) fmt::print("all thresholds are met\n");
    for (const std::string& reason : reasons) fmt::print("{}\n", session.Styled(reason, "31"));
  }
  return decided && !validation.validation_ok() ? kExitFindings : kExitOk;
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add(
      {.name = "evaluate",
       .doc = "Metrics of a model, or of predictions in the data, by slice",
       .setup = [](CLI::App& app, Session& session) {
         auto options = std::make_shared<Options>();
         app.add_option("--examples", options->examples, "TFRecords of tf.Example: files, a "
                                                         "pattern")
             ->required();
         app.add_option("--model", options->model, "SavedModel to run");
         app.add_option("--baseline", options->baseline, "SavedModel to compare with");
         app.add_option("--predictions", options->predictions, "Feature that holds predictions");
         app.add_option("--label", options->label, "Feature that holds the label");
         app.add_option("--weight", options->weight, "Feature that holds the example's weight");
         app.add_option("--config", options->config, "EvalConfig or its short form, YAML or JSON");
         app.add_option("--metric", options->metrics, "Metric class; repeat for more");
         app.add_option("--slice", options->slices, "Features to slice by, a,b for a cross");
         app.add_option("--max-slices", options->max_slices, "Rows of the table");
         app.add_option("-o,--out,--output", options->output, "Folder for TFMA's result files");
         app.footer(
             "Exit code 1 if a threshold is not met.\n"
             "Examples:\n"
             "  bessemer evaluate --examples 'eval/*.gz' --model model --label late --slice "
             "carrier\n"
             "  bessemer evaluate --examples eval --predictions score --label late --metric AUC\n"
             "  bessemer evaluate --examples eval --model new --baseline old --config eval.yaml -o "
             "out");
         app.callback([&session, options] {
           session.Run([options, &session] { return Run(*options, session); });
         });
       }});
}

}  // namespace bessemer::cli::evaluate
