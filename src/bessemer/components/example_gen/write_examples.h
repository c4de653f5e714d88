#ifndef BESSEMER_COMPONENTS_EXAMPLE_GEN_WRITE_EXAMPLES_H_
#define BESSEMER_COMPONENTS_EXAMPLE_GEN_WRITE_EXAMPLES_H_

#include <vector>

#include "bessemer/components/component.h"
#include "bessemer/example_gen/ingest.h"

namespace bessemer::components::example_gen {

// The port all these components have: Examples.
std::vector<Port> ExamplesOutput();

// Component::check of what is kept, how it is split and what is written.
Status CheckOutput(const ParamValues& params, size_t num_input_splits);

// Writes the rows to the run's output "examples" and says on the artifact, and in the summary, what
// was written. Threads, progress and scratch folder of `options` are the run's.
Status WriteExamples(const std::vector<::bessemer::example_gen::InputRows>& input,
                     ::bessemer::example_gen::IngestOptions options, RunContext& context);

}  // namespace bessemer::components::example_gen

#endif  // BESSEMER_COMPONENTS_EXAMPLE_GEN_WRITE_EXAMPLES_H_
