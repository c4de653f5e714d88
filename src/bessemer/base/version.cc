#include "bessemer/base/version.h"

namespace bessemer {

std::string_view Version() { return BESSEMER_VERSION; }

}  // namespace bessemer
