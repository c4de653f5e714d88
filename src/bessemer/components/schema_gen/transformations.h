#ifndef BESSEMER_COMPONENTS_SCHEMA_GEN_TRANSFORMATIONS_H_
#define BESSEMER_COMPONENTS_SCHEMA_GEN_TRANSFORMATIONS_H_

#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::components::schema_gen {

// What is changed in a schema once it is inferred; in TFDV a user's Python function does this. By
// parameters: environments, features that are not there in some of them, and fields of features.

std::vector<Param> TransformationParams();

// INVALID_ARGUMENT, naming parameter and feature, for a feature that the schema does not have and
// for what is not a Feature message.
Status ApplyTransformations(const ParamValues& params,
                            ::tensorflow::metadata::v0::Schema* schema);

}  // namespace bessemer::components::schema_gen

#endif  // BESSEMER_COMPONENTS_SCHEMA_GEN_TRANSFORMATIONS_H_
