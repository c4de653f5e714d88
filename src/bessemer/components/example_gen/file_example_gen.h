#ifndef BESSEMER_COMPONENTS_EXAMPLE_GEN_FILE_EXAMPLE_GEN_H_
#define BESSEMER_COMPONENTS_EXAMPLE_GEN_FILE_EXAMPLE_GEN_H_

#include "bessemer/components/component.h"
#include "bessemer/example_gen/source.h"

namespace bessemer::components::example_gen {

// The component of a source of files. `source` lives for ever.
Component FileExampleGen(const ::bessemer::example_gen::Source& source);

// TFX's FileBasedExampleGen: files of whatever format their names tell, or of the one given.
Component FileBasedExampleGen();

}  // namespace bessemer::components::example_gen

#endif  // BESSEMER_COMPONENTS_EXAMPLE_GEN_FILE_EXAMPLE_GEN_H_
