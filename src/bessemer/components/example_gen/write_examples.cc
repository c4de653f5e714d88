#include "bessemer/components/example_gen/write_examples.h"

#include "bessemer/example_gen/input_params.h"
#include "bessemer/expression/check.h"

namespace bessemer::components::example_gen {

namespace gen = ::bessemer::example_gen;

std::vector<Port> ExamplesOutput() {
  return {{.name = "examples",
           .artifact_type = "Examples",
           .doc = "TFRecords of tf.Example, a folder per split."}};
}

Status CheckOutput(const ParamValues& params, size_t num_input_splits) {
  BESSEMER_ASSIGN_OR_RETURN(const gen::IngestOptions options,
                            gen::ReadIngestOptions(params, num_input_splits));
  if (!options.where.empty()) {
    const Status status = expression::CheckExpression(options.where);
    if (!status.ok()) return params.Error("where", Message(status));
  }
  for (const auto& [name, text] : options.computed) {
    const Status status = expression::CheckExpression(text);
    if (!status.ok()) {
      return params.Error("columns", fmt::format("'{}': {}", name, Message(status)));
    }
  }
  return OkStatus();
}

Status WriteExamples(const std::vector<gen::InputRows>& input, gen::IngestOptions options,
                     RunContext& context) {
  options.num_threads = context.num_threads;
  options.progress = context.progress;
  if (!context.scratch_dir.empty()) options.scratch_dir = context.scratch_dir;
  Artifact& examples = context.Output("examples");
  BESSEMER_ASSIGN_OR_RETURN(const gen::IngestResult result,
                            gen::IngestRows(input, examples.uri, options));
  const gen::ExamplesDescription description =
      gen::DescribeExamples(context.resolved, options, result);
  examples.SetSplitNames(description.split_names);
  for (const auto& [name, number] : description.numbers) examples.custom_properties[name] = number;
  for (const auto& [name, text] : description.texts) examples.custom_properties[name] = text;
  context.summary = description.summary;
  return OkStatus();
}

}  // namespace bessemer::components::example_gen
