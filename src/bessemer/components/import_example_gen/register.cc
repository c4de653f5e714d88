#include "bessemer/components/component.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/input_params.h"

namespace bessemer::components::import_example_gen {
namespace {

Status Run(RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(example_gen::IngestOptions options,
                            example_gen::ReadIngestOptions(context.params));
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::ResolvedInput input,
                            example_gen::ResolvedFromJson(context.resolved));
  options.num_threads = context.num_threads;
  options.progress = context.progress;
  Artifact& examples = context.Output("examples");
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::IngestResult result,
                            example_gen::IngestExamples(input.splits, examples.uri, options));
  const example_gen::ExamplesDescription description =
      example_gen::DescribeExamples(context.resolved, result);
  examples.SetSplitNames(description.split_names);
  for (const auto& [name, number] : description.numbers) examples.custom_properties[name] = number;
  for (const auto& [name, text] : description.texts) examples.custom_properties[name] = text;
  context.summary = description.summary;
  return OkStatus();
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add({
      .name = "ImportExampleGen",
      .doc =
          "Takes TFRecord files of tf.Example in and splits them.\n"
          "Records are written in protobuf's deterministic form, so that equal examples are equal "
          "bytes and fall into the same split.",
      .inputs = {},
      .outputs = {{.name = "examples",
                   .artifact_type = "Examples",
                   .doc = "TFRecords of tf.Example, a folder per split."}},
      .params = example_gen::InputParams(),
      .resolve = example_gen::ResolveInputParams,
      .run = Run,
      .tfx_class = "tfx.components.example_gen.import_example_gen.component.ImportExampleGen",
  });
}

}  // namespace bessemer::components::import_example_gen
