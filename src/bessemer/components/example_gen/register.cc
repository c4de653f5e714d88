#include "bessemer/components/example_gen/file_example_gen.h"
#include "bessemer/components/example_gen/query_example_gen.h"

namespace bessemer::components::example_gen {

// A component for every source that names one.
void Register(ComponentRegistry& registry) {
  for (const ::bessemer::example_gen::Source& source :
       ::bessemer::example_gen::Sources().entries()) {
    if (source.component.empty()) continue;
    if (source.open_files != nullptr) registry.Add(FileExampleGen(source));
    if (source.run_query != nullptr) registry.Add(QueryExampleGen(source));
  }
  registry.Add(FileBasedExampleGen());
}

}  // namespace bessemer::components::example_gen
