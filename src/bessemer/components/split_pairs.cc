#include "bessemer/components/split_pairs.h"

#include <algorithm>
#include <set>

#include "bessemer/io/file.h"

namespace bessemer::components {

namespace {

constexpr char kParam[] = "include_split_pairs";

using Names = std::set<std::pair<std::string, std::string>>;

StatusOr<Names> WantedPairs(const ParamValues& params) {
  Names wanted;
  for (const Json& pair : params.Value(kParam)) {
    if (!pair.is_array() || pair.size() != 2 || !pair[0].is_string() || !pair[1].is_string()) {
      return params.Error(kParam, "each pair is a list of two names: [test, base]");
    }
    wanted.emplace(pair[0].get<std::string>(), pair[1].get<std::string>());
  }
  return wanted;
}

}  // namespace

std::string SplitPair::Folder(const Artifact& artifact) const {
  return io::JoinPath(artifact.uri, "SplitPair-" + name());
}

Param SplitPairsParam(DefaultPairs pairs) {
  return {.name = kParam,
          .type = ParamType::kList,
          .default_value = Json::array(),
          .doc = fmt::format("Pairs of splits to compare, each [test, base]; none: {}.",
                             pairs == DefaultPairs::kAll ? "every split with every other"
                                                         : "splits of the same name")};
}

StatusOr<std::vector<SplitPair>> SplitPairs(const ParamValues& params, DefaultPairs pairs,
                                            const Artifact& test, const Artifact& base) {
  BESSEMER_ASSIGN_OR_RETURN(Names wanted, WantedPairs(params));
  const bool by_default = wanted.empty();
  std::vector<SplitPair> result;
  for (const std::string& test_split : test.SplitNames()) {
    for (const std::string& base_split : base.SplitNames()) {
      const bool included = by_default
                                ? pairs == DefaultPairs::kAll || test_split == base_split
                                : wanted.erase({test_split, base_split}) > 0;
      if (included) result.push_back({test_split, base_split});
    }
  }
  const auto splits = [&] {
    return fmt::format("the splits are {} and, to compare with, {}",
                       fmt::join(test.SplitNames(), ", "), fmt::join(base.SplitNames(), ", "));
  };
  if (!wanted.empty()) {
    return params.Error(kParam, fmt::format("there is no pair [{}, {}]: {}", wanted.begin()->first,
                                            wanted.begin()->second, splits()));
  }
  if (result.empty()) {
    return FailedPreconditionError("there are no splits to compare: {}; set {}", splits(), kParam);
  }
  return result;
}

}  // namespace bessemer::components
