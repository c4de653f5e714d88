#include "bessemer/statistics/generate.h"

#include <deque>
#include <mutex>
#include <optional>

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

Status UpdateFrom(const LazyBatch& lazy, DatasetStatisticsState* state, Progress* progress) {
  if (progress->cancelled()) return CancelledError("statistics were interrupted");
  BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, lazy());
  BESSEMER_RETURN_IF_ERROR(state->Update(*batch));
  progress->Advance(batch->num_rows());
  return OkStatus();
}

// Hands batches of many sources to many threads. A source is read by one thread at a time.
class SharedSources {
 public:
  explicit SharedSources(const std::vector<SourceOpener>& openers) : openers_(openers) {}

  // The next batch for the calling thread, or null when there is nothing left to wait for.
  StatusOr<LazyBatch> Next() {
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(Shard* const shard, Claim());
      if (shard == nullptr) return LazyBatch();
      std::lock_guard<std::mutex> reading(shard->mutex);
      if (shard->done) continue;
      StatusOr<LazyBatch> batch = shard->source->Next();
      shard->done = !batch.ok() || *batch == nullptr;
      if (!batch.ok() || *batch != nullptr) return batch;
    }
  }

 private:
  struct Shard {
    std::mutex mutex;
    std::unique_ptr<LazySource> source;
    bool done = false;  // guarded by mutex; read without it only as a hint by the owner of `mutex_`
  };

  // A source nobody reads yet, else one that somebody does, the least recently claimed first.
  StatusOr<Shard*> Claim() {
    std::unique_lock<std::mutex> lock(mutex_);
    while (!open_.empty()) {
      Shard* const shard = open_.front();
      open_.pop_front();
      std::unique_lock<std::mutex> idle(shard->mutex, std::try_to_lock);
      if (idle.owns_lock() && shard->done) continue;  // drop it
      open_.push_back(shard);
      if (idle.owns_lock() || next_ == openers_.size()) return shard;
      break;
    }
    if (next_ == openers_.size()) return open_.empty() ? nullptr : open_.front();
    const SourceOpener& opener = openers_[next_++];
    Shard* const shard = &shards_.emplace_back();
    lock.unlock();
    BESSEMER_ASSIGN_OR_RETURN(shard->source, opener());
    lock.lock();
    open_.push_back(shard);
    return shard;
  }

  const std::vector<SourceOpener>& openers_;
  std::mutex mutex_;
  size_t next_ = 0;
  std::deque<Shard> shards_;
  std::deque<Shard*> open_;
};

StatusOr<DatasetStatisticsState> GenerateShared(const std::vector<SourceOpener>& sources,
                                                const StatisticsOptions& options, int num_threads,
                                                Progress* progress) {
  std::vector<std::optional<DatasetStatisticsState>> states(num_threads);
  for (auto& state : states) {
    BESSEMER_ASSIGN_OR_RETURN(state, DatasetStatisticsState::Make(options));
  }
  SharedSources shared(sources);
  BESSEMER_RETURN_IF_ERROR(ParallelFor(num_threads, num_threads, [&](int64_t thread) -> Status {
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const auto batch, shared.Next());
      if (batch == nullptr) return OkStatus();
      BESSEMER_RETURN_IF_ERROR(UpdateFrom(batch, &*states[thread], progress));
    }
  }));
  for (size_t i = 1; i < states.size(); ++i) {
    BESSEMER_RETURN_IF_ERROR(states[0]->Merge(*states[i]));
    states[i].reset();
  }
  return std::move(*states[0]);
}

StatusOr<DatasetStatisticsState> GenerateInOrder(const std::vector<SourceOpener>& sources,
                                                 const StatisticsOptions& options, int num_threads,
                                                 Progress* progress) {
  std::vector<std::optional<DatasetStatisticsState>> states(sources.size());
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(static_cast<int64_t>(sources.size()), num_threads, [&](int64_t i) -> Status {
        BESSEMER_ASSIGN_OR_RETURN(states[i], DatasetStatisticsState::Make(options));
        BESSEMER_ASSIGN_OR_RETURN(const auto source, sources[i]());
        while (true) {
          BESSEMER_ASSIGN_OR_RETURN(const auto batch, source->Next());
          if (batch == nullptr) return OkStatus();
          BESSEMER_RETURN_IF_ERROR(UpdateFrom(batch, &*states[i], progress));
        }
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
