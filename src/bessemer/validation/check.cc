#include "bessemer/validation/check.h"

#include <algorithm>

namespace bessemer::validation {

const std::vector<Check>& Checks() {
  static const std::vector<Check> checks = [] {
    CheckRegistry registry("check");
    RegisterPlugins(registry);
    std::vector<Check> sorted = registry.entries();
    std::sort(sorted.begin(), sorted.end(), [](const Check& a, const Check& b) {
      return a.stage != b.stage ? a.stage < b.stage : a.name < b.name;
    });
    return sorted;
  }();
  return checks;
}

}  // namespace bessemer::validation
