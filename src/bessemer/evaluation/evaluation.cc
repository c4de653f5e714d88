#include "bessemer/evaluation/evaluation.h"

#include <algorithm>
#include <cmath>

#include "bessemer/base/parallel.h"
#include "bessemer/base/random.h"
#include "bessemer/evaluation/confidence.h"
#include "bessemer/evaluation/state_bytes.h"

namespace bessemer::evaluation {

namespace tfma = ::tensorflow_model_analysis;

namespace {

constexpr double kTolerance = 1e-6;  // probabilities may be off by rounding

void PutKey(std::string* out, const SliceKey& key) {
  PutNumber<uint64_t>(out, key.size());
  for (const auto& [column, value] : key) {
    PutString(out, column);
    PutNumber<uint8_t>(out, value.index());
    if (const auto* text = std::get_if<std::string>(&value)) {
      PutString(out, *text);
    } else if (const auto* number = std::get_if<int64_t>(&value)) {
      PutNumber(out, *number);
    } else {
      PutNumber(out, std::get<double>(value));
    }
  }
}

SliceKey ReadKey(StateReader& reader) {
  SliceKey key;
  const uint64_t size = reader.Count(9);
  for (uint64_t i = 0; i < size; ++i) {
    const std::string column(reader.String());
    switch (reader.Number<uint8_t>()) {
      case 0:
        key.emplace_back(column, std::string(reader.String()));
        break;
      case 1:
        key.emplace_back(column, reader.Number<int64_t>());
        break;
      default:
        key.emplace_back(column, reader.Number<double>());
    }
  }
  return key;
}

}  // namespace

const SliceResult* EvalResult::Find(const SliceKey& key) const {
  for (const SliceResult& slice : slices) {
    if (slice.key == key && !slice.baseline) return &slice;
  }
  return nullptr;
}

const Value* FindValue(const SliceResult& slice, const MetricKey& key) {
  for (const auto& [name, value] : slice.values) {
    if (name == key) return &value;
  }
  return nullptr;
}

EvaluationState::Setup::Setup(const EvalConfig& config, MetricsPlan plan, uint64_t seed)
    : config_(config), plan_(std::move(plan)), slicer_(config), seed_(seed) {
  const tfma::Options& options = config.options();
  if (!options.compute_confidence_intervals().value()) return;
  if (options.confidence_intervals().method() ==
      tfma::ConfidenceIntervalOptions::POISSON_BOOTSTRAP) {
    num_resamples_ = kNumSamples;
  } else {
    num_buckets_ = kNumSamples;
  }
}

StatusOr<std::shared_ptr<const EvaluationState::Setup>> EvaluationState::Setup::Make(
    const EvalConfig& config, const LabelDomains& domains, uint64_t seed) {
  BESSEMER_RETURN_IF_ERROR(VerifyConfig(config));
  BESSEMER_ASSIGN_OR_RETURN(MetricsPlan plan, MetricsPlan::Make(config, domains));
  return std::shared_ptr<const Setup>(new Setup(config, std::move(plan), seed));
}

EvaluationState::Sample EvaluationState::NewSample() const {
  Sample sample;
  for (const MetricsPlan::Cell& cell : setup_->plan_.cells()) sample.cells.push_back(cell.make());
  sample.errors.resize(sample.cells.size());
  return sample;
}

int EvaluationState::NumSamples() const {
  return setup_->num_buckets_ > 0 ? setup_->num_buckets_ : 1 + setup_->num_resamples_;
}

void EvaluationState::MergeSample(const Sample& from, Sample* to) const {
  for (size_t i = 0; i < to->cells.size(); ++i) {
    if (to->errors[i].ok()) to->errors[i] = from.errors[i];
    if (to->errors[i].ok()) to->cells[i]->Merge(*from.cells[i]);
  }
}

void EvaluationState::UpdateSample(const std::vector<View>& views, std::span<const int32_t> rows,
                                   int64_t num_rows, Sample* sample) const {
  const std::vector<MetricsPlan::Cell>& cells = setup_->plan_.cells();
  // Ascending rows as many as the batch has are the whole batch: nothing to copy.
  const bool whole = static_cast<int64_t>(rows.size()) == num_rows &&
                     std::is_sorted(rows.begin(), rows.end(), std::less_equal<>());
  std::vector<std::optional<Examples>> gathered(views.size());
  for (size_t i = 0; i < cells.size(); ++i) {
    if (!sample->errors[i].ok()) continue;
    const View& view = views[cells[i].view];
    if (!view.status().ok()) {
      sample->errors[i] = view.status();
      continue;
    }
    std::optional<Examples>& examples = gathered[cells[i].view];
    if (!whole && !examples) examples = view.Gather(rows);
    sample->errors[i] = sample->cells[i]->Update(whole ? view.all() : *examples);
  }
}

void EvaluationState::UpdateSlice(const std::vector<View>& views, const std::vector<int32_t>& rows,
                                  int64_t num_rows, int64_t first_row, Slice* slice) const {
  if (slice->samples.empty()) {
    for (int i = 0; i < NumSamples(); ++i) slice->samples.push_back(NewSample());
  }
  slice->num_examples += static_cast<int64_t>(rows.size());
  const uint64_t seed = Random::Mix(setup_->seed_ + 0x5eed);
  if (setup_->num_buckets_ > 0) {
    std::vector<std::vector<int32_t>> buckets(setup_->num_buckets_);
    for (const int32_t row : rows) {
      Random random(seed ^ static_cast<uint64_t>(first_row + row));
      buckets[random.Below(buckets.size())].push_back(row);
    }
    for (size_t b = 0; b < buckets.size(); ++b) {
      if (!buckets[b].empty()) UpdateSample(views, buckets[b], num_rows, &slice->samples[b]);
    }
    return;
  }
  UpdateSample(views, rows, num_rows, &slice->samples[0]);
  for (int s = 0; s < setup_->num_resamples_; ++s) {
    std::vector<int32_t> drawn;
    for (const int32_t row : rows) {
      const int times = PoissonOne(seed ^ static_cast<uint64_t>(first_row + row), s);
      drawn.insert(drawn.end(), times, row);
    }
    if (!drawn.empty()) UpdateSample(views, drawn, num_rows, &slice->samples[s + 1]);
  }
}

void EvaluationState::CountNanPredictions(const std::vector<View>& views) {
  std::map<std::string, int64_t> counts;  // the most of any output
  for (size_t i = 0; i < views.size(); ++i) {
    int64_t& count = counts[setup_->plan_.views()[i].model_name];
    count = std::max(count, views[i].num_nan_predictions());
  }
  for (const auto& [model, count] : counts) {
    if (count > 0) num_nan_predictions_[model] += count;
  }
}

Status EvaluationState::Update(const Batch& batch, int64_t first_row) {
  if (batch.num_rows() == 0) return OkStatus();
  std::vector<View> views;
  for (const ViewSpec& spec : setup_->plan_.views()) {
    BESSEMER_ASSIGN_OR_RETURN(View view, View::Make(spec, setup_->config_, batch));
    views.push_back(std::move(view));
  }
  CountNanPredictions(views);
  CountOutside(views);
  BESSEMER_ASSIGN_OR_RETURN(const SliceRows rows, setup_->slicer_.Slice(batch));
  for (const auto& [key, numbers] : rows) {
    UpdateSlice(views, numbers, batch.num_rows(), first_row, &slices_[key]);
  }
  num_examples_ += batch.num_rows();
  return OkStatus();
}

void EvaluationState::CountOutside(const std::vector<View>& views) {
  for (size_t i = 0; i < views.size(); ++i) {
    if (!setup_->plan_.views()[i].probabilities || !views[i].status().ok()) continue;
    Range& range = ranges_[i];
    for (const double prediction : views[i].all().predictions.values) {
      if (!std::isfinite(prediction)) continue;
      const bool is_outside = prediction < -kTolerance || prediction > 1 + kTolerance;
      range.Add({is_outside, 1, prediction, prediction});
    }
  }
}

void EvaluationState::Range::Add(const Range& other) {
  if (other.num_values == 0) return;
  least = num_values == 0 ? other.least : std::min(least, other.least);
  greatest = num_values == 0 ? other.greatest : std::max(greatest, other.greatest);
  num_outside += other.num_outside;
  num_values += other.num_values;
}

void EvaluationState::Merge(const EvaluationState& other) {
  num_examples_ += other.num_examples_;
  for (const auto& [model, count] : other.num_nan_predictions_) {
    num_nan_predictions_[model] += count;
  }
  for (const auto& [view, range] : other.ranges_) ranges_[view].Add(range);
  for (const auto& [key, from] : other.slices_) {
    Slice& to = slices_[key];
    to.num_examples += from.num_examples;
    if (to.samples.empty()) {
      for (size_t i = 0; i < from.samples.size(); ++i) to.samples.push_back(NewSample());
    }
    for (size_t i = 0; i < from.samples.size(); ++i) MergeSample(from.samples[i], &to.samples[i]);
  }
}

void EvaluationState::Save(std::string* out) const {
  PutNumber(out, num_examples_);
  PutNumber<uint64_t>(out, num_nan_predictions_.size());
  for (const auto& [model, count] : num_nan_predictions_) {
    PutString(out, model);
    PutNumber(out, count);
  }
  PutNumber<uint64_t>(out, ranges_.size());
  for (const auto& [view, range] : ranges_) {
    PutNumber<uint64_t>(out, view);
    PutNumber(out, range.num_outside);
    PutNumber(out, range.num_values);
    PutNumber(out, range.least);
    PutNumber(out, range.greatest);
  }
  PutNumber<uint64_t>(out, slices_.size());
  for (const auto& [key, slice] : slices_) {
    PutKey(out, key);
    PutNumber(out, slice.num_examples);
    for (const Sample& sample : slice.samples) {
      for (size_t i = 0; i < sample.cells.size(); ++i) {
        PutNumber<uint8_t>(out, static_cast<uint8_t>(sample.errors[i].code()));
        PutString(out, Message(sample.errors[i]));
        std::string bytes;
        sample.cells[i]->Save(&bytes);
        PutString(out, bytes);
      }
    }
  }
}

Status EvaluationState::Load(std::string_view bytes) {
  slices_.clear();
  StateReader reader(bytes);
  num_examples_ = reader.Number<int64_t>();
  num_nan_predictions_.clear();
  const uint64_t num_models = reader.Count(16);
  for (uint64_t n = 0; n < num_models && reader.ok(); ++n) {
    const std::string model(reader.String());
    num_nan_predictions_[model] = reader.Number<int64_t>();
  }
  ranges_.clear();
  for (uint64_t n = reader.Count(40); n > 0 && reader.ok(); --n) {
    Range& range = ranges_[reader.Number<uint64_t>()];
    range.num_outside = reader.Number<int64_t>();
    range.num_values = reader.Number<int64_t>();
    range.least = reader.Number<double>();
    range.greatest = reader.Number<double>();
  }
  const uint64_t num_slices = reader.Count(16);
  for (uint64_t n = 0; n < num_slices && reader.ok(); ++n) {
    Slice& slice = slices_[ReadKey(reader)];
    slice.num_examples = reader.Number<int64_t>();
    for (int s = 0; s < NumSamples() && reader.ok(); ++s) {
      Sample sample = NewSample();
      for (size_t i = 0; i < sample.cells.size() && reader.ok(); ++i) {
        const auto code = static_cast<StatusCode>(reader.Number<uint8_t>());
        const std::string message(reader.String());
        if (code != StatusCode::kOk) sample.errors[i] = MakeStatus(code, message);
        const std::string_view state = reader.String();
        if (reader.ok()) BESSEMER_RETURN_IF_ERROR(sample.cells[i]->Load(state));
      }
      slice.samples.push_back(std::move(sample));
    }
  }
  return reader.Finish("an evaluation");
}

SliceResult EvaluationState::FinishSlice(const SliceKey& key, const Slice& slice) const {
  SliceResult result{.key = key, .num_examples = slice.num_examples};
  const int64_t minimum = setup_->config_.options().min_slice_size().value();
  if (!key.empty() && slice.num_examples < minimum) {
    result.dropped = fmt::format(
        "Example count for this slice key is lower than the minimum required value: {}. No data is "
        "aggregated for this slice.",
        minimum);
    return result;
  }
  if (setup_->num_buckets_ == 0) {
    result.values = setup_->plan_.Finish(slice.samples[0].cells, slice.samples[0].errors);
  } else {
    Sample all = NewSample();
    for (const Sample& sample : slice.samples) MergeSample(sample, &all);
    result.values = setup_->plan_.Finish(all.cells, all.errors);
  }
  if (NumSamples() > 1) AddIntervals(slice, &result);
  return result;
}

void EvaluationState::AddIntervals(const Slice& slice, SliceResult* result) const {
  std::vector<MetricsPlan::Values> samples;
  if (setup_->num_buckets_ > 0) {
    for (size_t left_out = 0; left_out < slice.samples.size(); ++left_out) {
      Sample rest = NewSample();
      for (size_t i = 0; i < slice.samples.size(); ++i) {
        if (i != left_out) MergeSample(slice.samples[i], &rest);
      }
      samples.push_back(setup_->plan_.Finish(rest.cells, rest.errors));
    }
  } else {
    for (size_t i = 1; i < slice.samples.size(); ++i) {
      samples.push_back(setup_->plan_.Finish(slice.samples[i].cells, slice.samples[i].errors));
    }
  }
  for (const auto& [key, value] : result->values) {
    const auto* number = std::get_if<double>(&value);
    if (number == nullptr || !setup_->plan_.HasConfidence(key)) continue;
    std::vector<double> estimates;
    for (const MetricsPlan::Values& sample : samples) {
      for (const auto& [name, estimate] : sample) {
        if (name != key) continue;
        if (const auto* x = std::get_if<double>(&estimate)) estimates.push_back(*x);
        break;
      }
    }
    if (estimates.size() != samples.size()) continue;
    result->intervals[key] = setup_->num_buckets_ > 0 ? JackknifeInterval(*number, estimates)
                                                      : BootstrapInterval(estimates);
  }
}

void EvaluationState::AddCrossSlices(EvalResult* result) const {
  std::vector<SliceKey> keys;
  for (const SliceResult& slice : result->slices) keys.push_back(slice.key);
  std::vector<SliceResult> comparisons;
  for (const auto& spec : setup_->config_.cross_slicing_specs()) {
    for (const auto& [baseline_key, key] : CrossSlices(spec, keys)) {
      const SliceResult* baseline = result->Find(baseline_key);
      const SliceResult* slice = result->Find(key);
      SliceResult comparison{.key = key, .baseline = baseline_key};
      for (const auto& [name, value] : baseline->values) {
        const Value* other = FindValue(*slice, name);
        const auto* a = std::get_if<double>(&value);
        const auto* b = other == nullptr ? nullptr : std::get_if<double>(other);
        if (a != nullptr && b != nullptr) comparison.values.emplace_back(name, *a - *b);
      }
      comparisons.push_back(std::move(comparison));
    }
  }
  std::move(comparisons.begin(), comparisons.end(), std::back_inserter(result->slices));
}

void EvaluationState::AddOutside(EvalResult* result) const {
  for (const auto& [index, range] : ranges_) {
    if (range.num_outside == 0 || index >= setup_->plan_.views().size()) continue;
    const ViewSpec& view = setup_->plan_.views()[index];
    const bool is_known = std::any_of(
        result->outside.begin(), result->outside.end(), [&](const OutsidePredictions& other) {
          return other.model == view.model_name && other.output == view.output_name;
        });
    if (is_known) continue;
    result->outside.push_back({view.model_name, view.output_name, range.num_outside,
                               range.num_values, range.least, range.greatest});
  }
}

EvalResult EvaluationState::Finish() const {
  EvalResult result{.config = setup_->config_,
                    .num_examples = num_examples_,
                    .num_nan_predictions = num_nan_predictions_};
  for (const auto& [key, slice] : slices_) result.slices.push_back(FinishSlice(key, slice));
  AddCrossSlices(&result);
  AddOutside(&result);
  return result;
}

StatusOr<EvalResult> Evaluate(std::shared_ptr<const EvaluationState::Setup> setup,
                              const std::vector<ShardReader>& shards, int num_threads,
                              Progress* progress) {
  EvaluationState total(setup);
  const int window = num_threads > 0 ? num_threads : DefaultNumThreads();
  const auto num_shards = static_cast<int64_t>(shards.size());
  // So many shards at a time as there are threads: the memory of the states in flight is bounded.
  for (int64_t begin = 0; begin < num_shards; begin += window) {
    const int64_t count = std::min<int64_t>(window, num_shards - begin);
    std::vector<std::unique_ptr<EvaluationState>> states(count);
    BESSEMER_RETURN_IF_ERROR(ParallelFor(count, num_threads, [&](int64_t i) -> Status {
      states[i] = std::make_unique<EvaluationState>(setup);
      // Examples are numbered within their shard: a shard does not know how long those before are.
      int64_t row = (begin + i) << 40;
      return shards[begin + i]([&](const Batch& batch) -> Status {
        if (progress->cancelled()) return CancelledError("evaluation was stopped");
        BESSEMER_RETURN_IF_ERROR(states[i]->Update(batch, row));
        row += batch.num_rows();
        progress->Advance(batch.num_rows());
        return OkStatus();
      });
    }));
    for (const auto& state : states) total.Merge(*state);
  }
  return total.Finish();
}

}  // namespace bessemer::evaluation
