#ifndef BESSEMER_EVALUATION_SLICING_H_
#define BESSEMER_EVALUATION_SLICING_H_

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/evaluation/batch.h"
#include "bessemer/evaluation/config.h"
#include "bessemer/evaluation/metric_key.h"

namespace bessemer::evaluation {

// The examples of a batch by slice: row numbers, ascending, each at most once.
using SliceRows = std::map<SliceKey, std::vector<int32_t>>;

// Cuts batches into slices. A spec without keys is the overall slice; feature_keys cross
// feature_values; an example with several values of a feature is in a slice for each of them; one
// without the feature is in none. Integers stay integers, floats are taken as 32-bit, bytes as they
// are. A wanted value matches as integer, float or bytes, whatever the feature is.
class Slicer {
 public:
  // The specs asked for and those of cross_slicing_specs; none: the overall slice.
  explicit Slicer(const EvalConfig& config);

  StatusOr<SliceRows> Slice(const Batch& batch) const;

 private:
  struct Spec {
    // Columns in ascending order with the value wanted, "" for any.
    std::vector<std::pair<std::string, std::optional<std::string>>> columns;
  };
  std::vector<Spec> specs_;
};

// Whether a slice is of a spec: has its columns and no other, and the values it wants.
bool SliceMatches(const ::tensorflow_model_analysis::SlicingSpec& spec, const SliceKey& key);

// The pairs (baseline slice, comparison slice) of a cross_slicing_spec, over the keys of the slices
// there are. Without slicing_specs every slice but the baseline is compared.
std::vector<std::pair<SliceKey, SliceKey>> CrossSlices(
    const ::tensorflow_model_analysis::CrossSlicingSpec& spec, const std::vector<SliceKey>& keys);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_SLICING_H_
