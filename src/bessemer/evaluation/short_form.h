#ifndef BESSEMER_EVALUATION_SHORT_FORM_H_
#define BESSEMER_EVALUATION_SHORT_FORM_H_

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

namespace bessemer::evaluation {

// Whether a map is the short form of an eval config (see config.h): it has one of its keys and none
// of EvalConfig's.
bool IsShortForm(const Json& json);

// The same configuration in EvalConfig's fields. INVALID_ARGUMENT names the key that is wrong;
// thresholds must name one of the metrics listed, by the name of its result.
StatusOr<Json> ExpandShortForm(const Json& json);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_SHORT_FORM_H_
