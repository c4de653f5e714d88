#ifndef BESSEMER_COMPONENTS_SPLIT_PAIRS_H_
#define BESSEMER_COMPONENTS_SPLIT_PAIRS_H_

#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/components/component.h"

namespace bessemer::components {

// A split of an artifact and one of the artifact it is compared with.
struct SplitPair {
  std::string test;
  std::string base;
  std::string name() const { return test + "_" + base; }
  // "<uri>/SplitPair-<test>_<base>".
  std::string Folder(const Artifact& artifact) const;
};

// Which splits components that compare two artifacts put side by side.
enum class DefaultPairs { kAll, kSameName };

// The parameter `include_split_pairs`, a list of [test, base].
Param SplitPairsParam(DefaultPairs pairs);

// The pairs the parameter names, else those of the default; in the order of the splits of test,
// then of base. INVALID_ARGUMENT for a pair that the artifacts do not have, and if there is none.
StatusOr<std::vector<SplitPair>> SplitPairs(const ParamValues& params, DefaultPairs pairs,
                                            const Artifact& test, const Artifact& base);

}  // namespace bessemer::components

#endif  // BESSEMER_COMPONENTS_SPLIT_PAIRS_H_
