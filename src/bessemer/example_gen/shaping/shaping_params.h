#ifndef BESSEMER_EXAMPLE_GEN_SHAPING_SHAPING_PARAMS_H_
#define BESSEMER_EXAMPLE_GEN_SHAPING_SHAPING_PARAMS_H_

#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/shaping/rules.h"

namespace bessemer::example_gen::shaping {

// deduplicate, sample, group_by, stratify, by_value, by_time, balance: the rules as parameters of
// components and flags of the command line.
std::vector<Param> ShapingParams();

// The rules that are given. `hash` is the split by hash that the other parameters (splits,
// output_config, partition_feature_name) ask for, without splits if there is none;
// `splits_are_given`: it is not just the default. The input's own splits stay if no rule of
// splitting is given and `hash` has no splits. INVALID_ARGUMENT at the parameter that is wrong.
StatusOr<ShapingRules> ReadShapingRules(const ParamValues& params, const HashSplit& hash,
                                        bool splits_are_given);

}  // namespace bessemer::example_gen::shaping

#endif  // BESSEMER_EXAMPLE_GEN_SHAPING_SHAPING_PARAMS_H_
