#include "bessemer/base/progress.h"

namespace bessemer {

Progress& Progress::None() {
  static Progress* const none = new Progress;
  return *none;
}

}  // namespace bessemer
