#ifndef BESSEMER_EXAMPLE_GEN_SPAN_PARAMS_H_
#define BESSEMER_EXAMPLE_GEN_SPAN_PARAMS_H_

#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/span.h"

namespace bessemer::example_gen {

// span, spans and range_config: which spans are the input.
std::vector<Param> SpanParams();

// The range they ask for; the latest span if none is given. INVALID_ARGUMENT at the parameter that
// is wrong.
StatusOr<SpanRange> ReadSpanRange(const ParamValues& params);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SPAN_PARAMS_H_
