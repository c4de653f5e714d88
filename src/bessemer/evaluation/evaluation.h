#ifndef BESSEMER_EVALUATION_EVALUATION_H_
#define BESSEMER_EVALUATION_EVALUATION_H_

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/evaluation/batch.h"
#include "bessemer/evaluation/config.h"
#include "bessemer/evaluation/plan.h"
#include "bessemer/evaluation/slicing.h"

namespace bessemer::evaluation {

// A t-distribution interval of 95 %.
struct ConfidenceInterval {
  double lower_bound, upper_bound, standard_error;
  int degrees_of_freedom;
};

// What was found in one slice.
struct SliceResult {
  SliceKey key;
  // Set for a comparison of two slices: this one less that one, the values being differences.
  std::optional<SliceKey> baseline;
  int64_t num_examples = 0;
  std::vector<std::pair<MetricKey, Value>> values;  // in the order of the configuration
  std::map<MetricKey, ConfidenceInterval> intervals;  // of single numbers, when asked for
  std::string dropped;  // not empty: why nothing was computed (too few examples)
};

// Predictions that lie outside [0, 1] although a metric takes them for probabilities (AUC and more
// count them by thresholds in that range, as TFMA does): perhaps they are logits.
struct OutsidePredictions {
  std::string model, output;  // "" for the only ones
  int64_t num_outside = 0;    // by more than 1e-6; infinities and NaN are not counted
  int64_t num_values = 0;     // of which those are some
  double least = 0, greatest = 0;
};

struct EvalResult {
  EvalConfig config;  // with defaults filled in
  std::vector<SliceResult> slices;  // in ascending order of key, comparisons last
  int64_t num_examples = 0;
  // By model: examples with a prediction that is NaN, if there are any.
  std::map<std::string, int64_t> num_nan_predictions;
  std::vector<OutsidePredictions> outside;  // of the models of which there are any

  // The slice of a key, or null.
  const SliceResult* Find(const SliceKey& key) const;
};
// The first value of a name in a slice, or null.
const Value* FindValue(const SliceResult& slice, const MetricKey& key);

// The state of an evaluation over some examples: one accumulator per slice and metric. Everything
// is computed in one pass. Merging is exact up to rounding of sums and done in a fixed order by the
// callers here. One thread at a time.
class EvaluationState {
 public:
  // What states of one evaluation share. Keep it alive while they live. `config` went through
  // WithDefaults; UNIMPLEMENTED and INVALID_ARGUMENT as VerifyConfig and MetricsPlan::Make say.
  class Setup {
   public:
    static StatusOr<std::shared_ptr<const Setup>> Make(const EvalConfig& config,
                                                       const LabelDomains& domains = {},
                                                       uint64_t seed = 0);
    const EvalConfig& config() const { return config_; }
    const MetricsPlan& plan() const { return plan_; }

   private:
    friend class EvaluationState;
    Setup(const EvalConfig& config, MetricsPlan plan, uint64_t seed);
    EvalConfig config_;
    MetricsPlan plan_;
    Slicer slicer_;
    uint64_t seed_;
    // Samples for confidence intervals: 0 none; jackknife: disjoint buckets that together are the
    // data; bootstrap: one of everything first, then resamples.
    int num_buckets_ = 0;
    int num_resamples_ = 0;
  };

  explicit EvaluationState(std::shared_ptr<const Setup> setup) : setup_(std::move(setup)) {}

  // `first_row` is the number of the first example within the whole data: it decides, with the
  // seed, which sample an example belongs to. Errors name the column; the state is then undefined.
  Status Update(const Batch& batch, int64_t first_row);
  void Merge(const EvaluationState& other);
  void Save(std::string* out) const;
  Status Load(std::string_view bytes);  // replaces; DATA_LOSS
  EvalResult Finish() const;

 private:
  struct Sample {
    std::vector<std::unique_ptr<Accumulator>> cells;
    std::vector<Status> errors;
  };
  struct Slice {
    int64_t num_examples = 0;
    std::vector<Sample> samples;
  };
  struct Range {  // of the finite predictions that a view takes for probabilities
    int64_t num_outside = 0, num_values = 0;
    double least = 0, greatest = 0;
    void Add(const Range& other);
  };
  Sample NewSample() const;
  int NumSamples() const;
  void MergeSample(const Sample& from, Sample* to) const;
  void UpdateSample(const std::vector<View>& views, std::span<const int32_t> rows,
                    int64_t num_rows, Sample* sample) const;
  void UpdateSlice(const std::vector<View>& views, const std::vector<int32_t>& rows,
                   int64_t num_rows, int64_t first_row, Slice* slice) const;
  void CountNanPredictions(const std::vector<View>& views);
  SliceResult FinishSlice(const SliceKey& key, const Slice& slice) const;
  void AddIntervals(const Slice& slice, SliceResult* result) const;
  void AddCrossSlices(EvalResult* result) const;
  void AddOutside(EvalResult* result) const;
  void CountOutside(const std::vector<View>& views);

  std::shared_ptr<const Setup> setup_;
  std::map<SliceKey, Slice> slices_;
  std::map<size_t, Range> ranges_;  // by view
  int64_t num_examples_ = 0;
  std::map<std::string, int64_t> num_nan_predictions_;  // by model
};

// Batches cut by something that does not depend on the number of threads, e.g. one source a file.
// Called once each, from any thread; `emit` may be called any number of times.
using ShardReader = std::function<Status(const std::function<Status(const Batch&)>& emit)>;

// Reads all shards in up to `num_threads` threads (0: all processors) and merges them in their
// order: the result does not depend on the number of threads.
StatusOr<EvalResult> Evaluate(std::shared_ptr<const EvaluationState::Setup> setup,
                              const std::vector<ShardReader>& shards, int num_threads,
                              Progress* progress);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_EVALUATION_H_
