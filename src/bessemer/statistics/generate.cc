#include "bessemer/statistics/generate.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <utility>

#include "bessemer/base/byte_budget.h"
#include "bessemer/base/parallel.h"

namespace bessemer::statistics {
namespace {

using columnar::BatchSource;

class MemorySource : public LazySource {
 public:
  explicit MemorySource(std::vector<std::shared_ptr<arrow::RecordBatch>> batches)
      : batches_(std::move(batches)) {}
  StatusOr<LazyBatch> Next() override {
    if (next_ == batches_.size()) return LazyBatch();
    return LazyBatch([batch = batches_[next_++]] {
      return StatusOr<std::shared_ptr<arrow::RecordBatch>>(batch);
    });
  }

 private:
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches_;
  size_t next_ = 0;
};

class DecodedSource : public LazySource {
 public:
  explicit DecodedSource(std::unique_ptr<BatchSource> source) : source_(std::move(source)) {}
  StatusOr<LazyBatch> Next() override {
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, source_->Next());
    if (batch == nullptr) return LazyBatch();
    return LazyBatch([batch = std::move(batch)] {
      return StatusOr<std::shared_ptr<arrow::RecordBatch>>(batch);
    });
  }

 private:
  std::unique_ptr<BatchSource> source_;
};

// What all states together may hold for their numeric features; each needs kFeatureBytes for one
// whose values are all different (see ValueDistribution).
constexpr int64_t kStatesBytes = 80 << 20;
constexpr int64_t kFeatureBytes = 160 << 10;
// What all open sources together may hold, unless a single one holds more.
constexpr int64_t kOpenBytes = 128 << 20;

StatusOr<std::shared_ptr<arrow::RecordBatch>> Decoded(const LazyBatch& lazy, Progress* progress) {
  if (progress->cancelled()) return CancelledError("statistics were interrupted");
  return lazy();
}

// States that threads take turns with, for each part of the columns its own: parts have no feature
// in common, so that all of their states hold what one would. Of a part there are as many as
// threads, unless the data are wide: then so few that they fit into kStatesBytes, and at least one.
// Which rows a state sees is left to chance, since in the default mode results do not depend on it.
class StatePool {
 public:
  StatePool(const StatisticsOptions& options, int num_threads)
      : options_(options), num_threads_(num_threads) {}

  Status Update(const arrow::RecordBatch& batch, ColumnPart part) {
    BESSEMER_ASSIGN_OR_RETURN(DatasetStatisticsState* const state,
                              Take(part.index, std::max(part.num_columns, batch.num_columns())));
    const Status status = state->Update(batch, part);
    std::lock_guard<std::mutex> lock(mutex_);
    parts_[part.index].free.push_back(state);
    returned_.notify_all();
    return status;
  }

  // What all of them saw. No thread may hold a state any more.
  StatusOr<DatasetStatisticsState> Merged() {
    if (states_.empty()) return DatasetStatisticsState::Make(options_);
    DatasetStatisticsState merged = std::move(states_.front());
    for (states_.pop_front(); !states_.empty(); states_.pop_front()) {
      BESSEMER_RETURN_IF_ERROR(merged.Merge(states_.front()));
    }
    return merged;
  }

 private:
  struct Part {
    int64_t num_states = 0;
    std::vector<DatasetStatisticsState*> free;
  };

  StatusOr<DatasetStatisticsState*> Take(int index, int num_features) {
    std::unique_lock<std::mutex> lock(mutex_);
    Part& part = parts_[index];
    const int64_t wanted = kStatesBytes / (kFeatureBytes * std::max(num_features, 1));
    if (part.free.empty() && part.num_states < std::clamp<int64_t>(wanted, 1, num_threads_)) {
      BESSEMER_ASSIGN_OR_RETURN(DatasetStatisticsState made,
                                DatasetStatisticsState::Make(options_));
      ++part.num_states;
      return &states_.emplace_back(std::move(made));
    }
    returned_.wait(lock, [&part] { return !part.free.empty(); });
    DatasetStatisticsState* const state = part.free.back();
    part.free.pop_back();
    return state;
  }

  const StatisticsOptions& options_;
  const int64_t num_threads_;
  std::mutex mutex_;
  std::condition_variable returned_;
  std::deque<DatasetStatisticsState> states_;  // those in use and the free ones
  std::map<int, Part> parts_;
};

// Hands batches of many sources to many threads. A source is read by one thread at a time; what it
// holds counts as held until its last batch is given back.
class SharedSources {
  struct Shard;

 public:
  explicit SharedSources(const std::vector<SourceOpener>& openers) : openers_(openers) {}

  // A batch for one thread and which columns it has.
  class Taken {
   public:
    Taken() = default;
    Taken(Taken&& other) noexcept
        : batch(std::move(other.batch)),
          part(other.part),
          sources_(std::exchange(other.sources_, nullptr)),
          shard_(other.shard_) {}
    ~Taken() {
      batch = nullptr;
      if (sources_ != nullptr) sources_->GiveBack(shard_);
    }
    LazyBatch batch;
    ColumnPart part;

   private:
    friend class SharedSources;
    SharedSources* sources_ = nullptr;
    Shard* shard_ = nullptr;
  };

  // The next batch for the calling thread, which must have given back the one before; none when
  // there is nothing left to wait for.
  StatusOr<Taken> Next() {
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(Shard* const shard, Claim());
      if (shard == nullptr) return Taken();
      std::lock_guard<std::mutex> reading(shard->mutex);
      if (shard->done) continue;
      StatusOr<LazyBatch> batch = shard->source->Next();
      shard->done = !batch.ok() || *batch == nullptr;
      if (shard->done) shard->source.reset();
      if (!batch.ok()) return batch.status();
      if (*batch == nullptr) continue;
      Taken taken;
      taken.batch = *std::move(batch);
      taken.part = shard->part;
      taken.sources_ = this;
      taken.shard_ = shard;
      const std::lock_guard<std::mutex> lock(mutex_);
      ++shard->num_taken;
      return taken;
    }
  }

 private:
  struct Shard {
    std::mutex mutex;
    std::unique_ptr<LazySource> source;
    int64_t open_bytes = 0;
    ColumnPart part;
    int num_taken = 0;     // batches that were not given back; guarded by `mutex_`, as is
    bool dropped = false;  // whether all have been read
    bool done = false;  // guarded by mutex; read without it only as a hint by the owner of `mutex_`
  };

  // A source nobody reads yet, else one that somebody does, the least recently claimed first. Null:
  // all have been read to their end.
  StatusOr<Shard*> Claim() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (true) {
      if (Shard* const shard = ClaimOpen()) return shard;
      const bool all_claimed = next_ == openers_.size();
      if (all_claimed && !open_.empty()) return open_.front();
      if (num_opening_ == 0 && open_.empty() && all_claimed) return nullptr;
      if (MayOpen() || (!all_claimed && open_bytes_ == 0)) break;
      // For one that another thread is opening, and that both may read, or for a batch of one that
      // has been read.
      opened_.wait(lock);
    }
    const SourceOpener& opener = openers_[next_++];
    Shard* const shard = &shards_.emplace_back();
    shard->open_bytes = opener.open_bytes();
    shard->part = opener.part();
    open_bytes_ += shard->open_bytes;
    ++num_opening_;
    lock.unlock();
    StatusOr<std::unique_ptr<LazySource>> source = opener();
    lock.lock();
    --num_opening_;
    if (!source.ok()) open_bytes_ -= shard->open_bytes;
    opened_.notify_all();
    if (!source.ok()) return source.status();
    shard->source = *std::move(source);
    open_.push_back(shard);
    return shard;
  }

  // An open source that is idle, or any if no other may be opened; null: open another.
  Shard* ClaimOpen() {
    while (!open_.empty()) {
      Shard* const shard = open_.front();
      open_.pop_front();
      std::unique_lock<std::mutex> idle(shard->mutex, std::try_to_lock);
      if (idle.owns_lock() && shard->done) {
        shard->dropped = true;
        if (shard->num_taken == 0) open_bytes_ -= shard->open_bytes;
        continue;
      }
      open_.push_back(shard);
      return idle.owns_lock() || !MayOpen() ? shard : nullptr;
    }
    return nullptr;
  }

  void GiveBack(Shard* shard) {
    const std::lock_guard<std::mutex> lock(mutex_);
    if (--shard->num_taken > 0 || !shard->dropped) return;
    open_bytes_ -= shard->open_bytes;
    opened_.notify_all();
  }

  bool MayOpen() const {
    return next_ < openers_.size() && open_bytes_ + openers_[next_].open_bytes() <= kOpenBytes;
  }

  const std::vector<SourceOpener>& openers_;
  std::mutex mutex_;
  std::condition_variable opened_;
  size_t next_ = 0;
  int num_opening_ = 0;
  int64_t open_bytes_ = 0;  // of what is open or being opened
  std::deque<Shard> shards_;
  std::deque<Shard*> open_;
};

StatusOr<DatasetStatisticsState> GenerateShared(const std::vector<SourceOpener>& sources,
                                                const StatisticsOptions& options, int num_threads,
                                                Progress* progress) {
  StatePool states(options, num_threads);
  SharedSources shared(sources);
  std::atomic<bool> failed{false};
  const auto work = [&]() -> Status {
    while (!failed.load(std::memory_order_relaxed)) {
      BESSEMER_ASSIGN_OR_RETURN(const SharedSources::Taken taken, shared.Next());
      if (taken.batch == nullptr) return OkStatus();
      BESSEMER_ASSIGN_OR_RETURN(const auto batch, Decoded(taken.batch, progress));
      BESSEMER_RETURN_IF_ERROR(states.Update(*batch, taken.part));
      if (taken.part.index == 0) progress->Advance(batch->num_rows());
    }
    return OkStatus();
  };
  BESSEMER_RETURN_IF_ERROR(ParallelFor(num_threads, num_threads, [&](int64_t) -> Status {
    Status status = work();
    if (!status.ok()) failed = true;  // what others read would be for nothing
    return status;
  }));
  return states.Merged();
}

StatusOr<DatasetStatisticsState> GenerateInOrder(const std::vector<SourceOpener>& sources,
                                                 const StatisticsOptions& options, int num_threads,
                                                 Progress* progress) {
  std::vector<std::optional<DatasetStatisticsState>> states(sources.size());
  std::atomic<bool> failed{false};
  ByteBudget open(kOpenBytes);
  const auto read = [&](size_t i) -> Status {
    const auto held = open.Take(sources[i].open_bytes());
    BESSEMER_ASSIGN_OR_RETURN(states[i], DatasetStatisticsState::Make(options));
    BESSEMER_ASSIGN_OR_RETURN(const auto source, sources[i]());
    while (!failed.load(std::memory_order_relaxed)) {
      BESSEMER_ASSIGN_OR_RETURN(const auto lazy, source->Next());
      if (lazy == nullptr) return OkStatus();
      BESSEMER_ASSIGN_OR_RETURN(const auto batch, Decoded(lazy, progress));
      const ColumnPart part = sources[i].part();
      BESSEMER_RETURN_IF_ERROR(states[i]->Update(*batch, part));
      if (part.index == 0) progress->Advance(batch->num_rows());
    }
    return OkStatus();
  };
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(static_cast<int64_t>(sources.size()), num_threads, [&](int64_t i) -> Status {
        Status status = read(static_cast<size_t>(i));
        if (!status.ok()) failed = true;
        return status;
      }));
  BESSEMER_ASSIGN_OR_RETURN(DatasetStatisticsState result, DatasetStatisticsState::Make(options));
  for (auto& state : states) {
    BESSEMER_RETURN_IF_ERROR(result.Merge(*state));
    state.reset();
  }
  return result;
}

}  // namespace

StatusOr<DatasetStatisticsState> GenerateStatistics(const std::vector<SourceOpener>& sources,
                                                    const StatisticsOptions& options,
                                                    int num_threads, Progress* progress) {
  const int threads = num_threads > 0 ? num_threads : DefaultNumThreads();
  const bool in_parts = std::any_of(sources.begin(), sources.end(), [](const auto& source) {
    return source.part().num_columns > 0;
  });
  if (in_parts && !DatasetStatisticsState::TakesColumnParts(options)) {
    return InvalidArgumentError(
        "the sources were opened in parts of their columns, but these options look at several "
        "columns of a row together; open them with the same options");
  }
  const bool ordered = options.tfdv_compat || options.use_sketch_based_topk_uniques;
  return ordered ? GenerateInOrder(sources, options, threads, progress)
                 : GenerateShared(sources, options, threads, progress);
}

SourceOpener SourceOf(std::vector<std::shared_ptr<arrow::RecordBatch>> batches) {
  return [batches = std::move(batches)]() -> StatusOr<std::unique_ptr<LazySource>> {
    return std::make_unique<MemorySource>(batches);
  };
}

std::unique_ptr<LazySource> LazySourceOf(std::unique_ptr<BatchSource> source) {
  return std::make_unique<DecodedSource>(std::move(source));
}

}  // namespace bessemer::statistics
