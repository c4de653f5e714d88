#ifndef BESSEMER_PIPELINE_DEFINITION_H_
#define BESSEMER_PIPELINE_DEFINITION_H_

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/params.h"
#include "bessemer/base/status.h"
#include "bessemer/components/component.h"

// What is to be run: steps, wired and checked. It comes from a YAML file (LoadPipeline) or from C++
// (PipelineBuilder); both give the same Pipeline.
//
//   pipeline: flights
//   root: runs/flights
//   vars: {data: data/flights}
//   steps:
//     - CsvExampleGen: {input: "${data}", splits: {train: 2, eval: 1}}
//     - StatisticsGen
//     - SchemaGen
//     - Trainer: {label: late}
//       id: wide_trainer                 # default: the component's name
//       inputs: {examples: Transform.transformed_examples, baseline: latest_blessed_model}
//       after: [ExampleValidator]        # runs only if this has succeeded
//       retries: 2                       # after errors that may pass (UNAVAILABLE, ABORTED, …)
//       timeout: 600                     # seconds; then the step is asked to stop
//       memory: 2GiB                     # what the step asks for
//       cache: false                     # run it every time

namespace bessemer::pipeline {

// Where one input gets artifacts from: an output of a step of this pipeline, or a resolver that
// looks into the metadata store.
struct InputSource {
  std::string step;      // id; with a resolver: whose artifacts it looks at, "" for any of the type
  std::string output;    // its key
  std::string resolver;  // "" for a plain output
  std::vector<int64_t> arguments;  // of the resolver, e.g. rolling_window(Gen.examples, 3) has 3
};

struct Step {
  std::string id;
  const components::Component* component = nullptr;  // owned by the registry
  ParamValues params;
  // By input port, in the order of the component's ports; a port without sources is absent.
  std::vector<std::pair<std::string, std::vector<InputSource>>> inputs;
  std::vector<std::string> after;  // ids of steps that must have succeeded, besides the inputs
  int retries = 0;
  double timeout_seconds = 0;  // 0: none
  int64_t memory_bytes = 0;    // 0: the runner's default
  bool cache = true;
};

struct Pipeline {
  std::string name;
  std::string root;           // absolute folder or URI
  std::string metadata_path;  // the SQLite file; "<root>/metadata.db" unless given
  std::vector<Step> steps;    // each after everything it depends on; else in the order of the file

  const Step* Find(std::string_view id) const;  // or null
  // The ids of the steps a step waits for (inputs, resolvers' sources, `after`), without repeats.
  std::vector<std::string> Dependencies(const Step& step) const;
};

struct LoadOptions {
  // --set name=value: replaces or adds variables. Values are YAML text ("5" is an integer).
  std::map<std::string, std::string> variables;
  std::string root;  // replaces the file's, if not empty
};

// Reads and checks a pipeline file. Paths in it are relative to the current directory. `registry`
// must outlive the result. Every error is INVALID_ARGUMENT or NOT_FOUND and names file, line, key
// and the nearest valid name: unknown keys, components, parameters, inputs, steps, outputs,
// resolvers and variables; values of the wrong type or that the component's `check` refuses; a
// required input that nothing provides; ports whose types differ; steps that depend on each other.
StatusOr<Pipeline> LoadPipeline(const std::string& path,
                                const components::ComponentRegistry& registry,
                                const LoadOptions& options = {});
// The same from text; `file_name` is for messages.
StatusOr<Pipeline> ParsePipeline(std::string_view text, std::string_view file_name,
                                 const components::ComponentRegistry& registry,
                                 const LoadOptions& options = {});

// What may be said of a step beside its component and parameters.
struct StepOptions {
  std::string id;  // "": the component's name
  // By input port: "Step.output", "Step", "resolver", "resolver(Step.output, 3)"; several for an
  // input that takes many; "none" leaves an optional input unconnected.
  std::map<std::string, std::vector<std::string>> inputs = {};
  std::vector<std::string> after = {};
  int retries = 0;
  double timeout_seconds = 0;
  int64_t memory_bytes = 0;
  bool cache = true;
};

// Pipelines in C++:
//
//   PipelineBuilder builder("flights", "runs/flights");
//   builder.Step("CsvExampleGen", {{"input", "data/flights"}});
//   builder.Step("StatisticsGen");
//   builder.Step("Trainer", {{"label", "late"}}, {.id = "wide_trainer"});
//   StatusOr<Pipeline> pipeline = builder.Build(registry);
class PipelineBuilder {
 public:
  PipelineBuilder(std::string name, std::string root);

  PipelineBuilder& Step(std::string component, Json params = Json::object(),
                        StepOptions options = {});
  // Checks and wires; errors as of LoadPipeline, with the step in place of file and line.
  StatusOr<Pipeline> Build(const components::ComponentRegistry& registry) const;

 private:
  struct Entry {
    std::string component;
    Json params;
    StepOptions options;
  };
  std::string name_;
  std::string root_;
  std::vector<Entry> entries_;
};

// 63 characters of letters, digits, '_', '-', '.': what names of pipelines and steps may be.
bool IsValidName(std::string_view name);

// "4GiB", "512MB", "1.5 GiB", "1048576" to bytes. INVALID_ARGUMENT otherwise.
StatusOr<int64_t> ParseBytes(std::string_view text);

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_DEFINITION_H_
