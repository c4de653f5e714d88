#ifndef BESSEMER_COMPONENTS_EXAMPLE_GEN_QUERY_EXAMPLE_GEN_H_
#define BESSEMER_COMPONENTS_EXAMPLE_GEN_QUERY_EXAMPLE_GEN_H_

#include "bessemer/components/component.h"
#include "bessemer/example_gen/source.h"

namespace bessemer::components::example_gen {

// The component of a query engine. `source` lives for ever.
Component QueryExampleGen(const ::bessemer::example_gen::Source& source);

}  // namespace bessemer::components::example_gen

#endif  // BESSEMER_COMPONENTS_EXAMPLE_GEN_QUERY_EXAMPLE_GEN_H_
