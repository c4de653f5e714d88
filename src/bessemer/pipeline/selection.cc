#include "bessemer/pipeline/selection.h"

#include <algorithm>

#include "bessemer/base/nearest_name.h"

namespace bessemer::pipeline {
namespace {

using Set = std::vector<bool>;

class Selector {
 public:
  explicit Selector(const Pipeline& pipeline) : size_(pipeline.steps.size()), before_(size_) {
    for (size_t i = 0; i < size_; ++i) {
      for (const std::string& id : pipeline.Dependencies(pipeline.steps[i])) {
        before_[i].push_back(pipeline.Find(id) - pipeline.steps.data());
      }
    }
  }

  // Steps come after those they depend on: one pass in either direction is enough.
  Set Descendants(Set set) const {
    for (size_t i = 0; i < size_; ++i) {
      for (const size_t b : before_[i]) set[i] = set[i] || set[b];
    }
    return set;
  }
  Set Ancestors(Set set) const {
    for (size_t i = size_; i-- > 0;) {
      if (!set[i]) continue;
      for (const size_t b : before_[i]) set[b] = true;
    }
    return set;
  }

 private:
  size_t size_;
  std::vector<std::vector<size_t>> before_;
};

StatusOr<Set> Named(const Pipeline& pipeline, const std::vector<std::string>& ids,
                    std::string_view flag) {
  Set set(pipeline.steps.size(), false);
  for (const std::string& id : ids) {
    const Step* step = pipeline.Find(id);
    if (step == nullptr) {
      std::vector<std::string> known;
      for (const Step& s : pipeline.steps) known.push_back(s.id);
      return InvalidArgumentError("{}: the pipeline '{}' has no step '{}'{}", flag, pipeline.name,
                                  id, SuggestName(id, known));
    }
    set[step - pipeline.steps.data()] = true;
  }
  return set;
}

}  // namespace

StatusOr<std::vector<Selected>> SelectSteps(const Pipeline& pipeline, const PartialRun& part) {
  const size_t size = pipeline.steps.size();
  const Selector selector(pipeline);
  BESSEMER_ASSIGN_OR_RETURN(const Set from, Named(pipeline, part.from, "--from"));
  BESSEMER_ASSIGN_OR_RETURN(const Set to, Named(pipeline, part.to, "--to"));
  BESSEMER_ASSIGN_OR_RETURN(Set run, Named(pipeline, part.only, "--only"));
  if (part.only.empty()) {
    const Set after = part.from.empty() ? Set(size, true) : selector.Descendants(from);
    const Set before = part.to.empty() ? Set(size, true) : selector.Ancestors(to);
    for (size_t i = 0; i < size; ++i) run[i] = after[i] && before[i];
  } else if (!part.from.empty() || !part.to.empty()) {
    return InvalidArgumentError("--only cannot be combined with --from or --to");
  }
  if (std::none_of(run.begin(), run.end(), [](bool b) { return b; })) {
    return InvalidArgumentError("no step of '{}' lies between --from and --to", pipeline.name);
  }
  const Set needed = selector.Ancestors(run);
  std::vector<Selected> selected(size, Selected::kSkip);
  for (size_t i = 0; i < size; ++i) {
    if (run[i]) {
      selected[i] = Selected::kRun;
    } else if (needed[i]) {
      selected[i] = Selected::kReuse;
    }
  }
  return selected;
}

}  // namespace bessemer::pipeline
