#include "bessemer/statistics/generate.h"

#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <future>
#include <mutex>
#include <string>
#include <thread>

#include "bessemer/base/random.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// Many threads at the sources of one data set: what they share, wait for, and leave.

namespace bessemer::statistics {
namespace {

using ::testing::HasSubstr;
using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr int kThreads = 4;
// So much that only one such source may be open.
constexpr int64_t kLarge = int64_t{200} << 20;

Batch Numbers(int64_t num_rows, int num_columns, uint64_t seed) {
  Random random(seed);
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (int c = 0; c < num_columns; ++c) {
    auto values = std::make_shared<arrow::Int64Builder>();
    arrow::ListBuilder lists(arrow::default_memory_pool(), values);
    for (int64_t row = 0; row < num_rows; ++row) {
      EXPECT_TRUE(lists.Append().ok());
      EXPECT_TRUE(values->Append(static_cast<int64_t>(random.Below(1000))).ok());
    }
    columns.push_back(*lists.Finish());
    fields.push_back(arrow::field(fmt::format("c{}", c), columns.back()->type()));
  }
  return arrow::RecordBatch::Make(arrow::schema(fields), num_rows, columns);
}

std::vector<Batch> Pieces(int num_batches, int num_columns, uint64_t seed) {
  std::vector<Batch> batches;
  for (int i = 0; i < num_batches; ++i) {
    batches.push_back(Numbers(50 + i, num_columns, 100 * seed + static_cast<uint64_t>(i)));
  }
  return batches;
}

// A source that says it is large.
SourceOpener Large(std::vector<Batch> batches) {
  return {[source = SourceOf(std::move(batches))] { return source(); }, kLarge};
}

StatusOr<std::string> ResultOf(const std::vector<SourceOpener>& sources, int num_threads,
                          Progress* progress = &Progress::None()) {
  BESSEMER_ASSIGN_OR_RETURN(DatasetStatisticsState state,
                            GenerateStatistics(sources, {}, num_threads, progress));
  return state.Finish().SerializeAsString();
}

TEST(GenerateTest, ThreadsShareSources) {
  struct Case {
    const char* name;
    std::vector<SourceOpener> sources;
  };
  const Case cases[] = {
      {"one source", {SourceOf(Pieces(40, 3, 1))}},
      {"more sources than threads",
       {SourceOf(Pieces(1, 3, 1)), SourceOf(Pieces(9, 3, 2)), SourceOf({}),
        SourceOf(Pieces(3, 3, 3)), SourceOf(Pieces(20, 3, 4)), SourceOf(Pieces(2, 3, 5))}},
      {"of large ones one at a time",
       {Large(Pieces(5, 3, 1)), Large(Pieces(5, 3, 2)), Large({}), Large(Pieces(9, 3, 3)),
        SourceOf(Pieces(5, 3, 4)), Large(Pieces(5, 3, 5))}},
      {"fewer states than threads", {SourceOf(Pieces(6, 400, 1)), SourceOf(Pieces(6, 400, 2))}},
  };
  for (const Case& c : cases) {
    const auto one = ResultOf(c.sources, 1);
    const auto many = ResultOf(c.sources, kThreads);
    ASSERT_TRUE(one.ok() && many.ok()) << c.name << one.status() << many.status();
    EXPECT_TRUE(*one == *many) << c.name;
  }
}

// What a large source gave, as long as anybody has any of it.
class Held {
 public:
  Held(std::atomic<int>* now, std::atomic<int>* most) : now_(now) {
    const int all = ++*now_;
    int before = *most;
    while (all > before && !most->compare_exchange_weak(before, all)) {
    }
  }
  ~Held() { --*now_; }

 private:
  std::atomic<int>* now_;
};

class HoldingSource : public LazySource {
 public:
  HoldingSource(std::vector<Batch> batches, std::shared_ptr<Held> held)
      : batches_(std::move(batches)), held_(std::move(held)) {}
  StatusOr<LazyBatch> Next() override {
    if (next_ == batches_.size()) return LazyBatch();
    return LazyBatch([batch = batches_[next_++], held = held_]() -> StatusOr<Batch> {
      return batch;
    });
  }

 private:
  std::vector<Batch> batches_;
  std::shared_ptr<Held> held_;
  size_t next_ = 0;
};

TEST(GenerateTest, ALargeSourceIsHeldUntilItsLastBatchIsDoneWith) {
  for (const bool in_order : {false, true}) {
    std::atomic<int> now{0};
    std::atomic<int> most{0};
    std::vector<SourceOpener> sources;
    for (uint64_t i = 0; i < 30; ++i) {
      const auto open = [&, i]() -> StatusOr<std::unique_ptr<LazySource>> {
        return std::make_unique<HoldingSource>(Pieces(1, 3, i),
                                               std::make_shared<Held>(&now, &most));
      };
      sources.emplace_back(open, kLarge);
    }
    StatisticsOptions options;
    options.tfdv_compat = in_order;
    const auto state = GenerateStatistics(sources, options, kThreads);
    ASSERT_TRUE(state.ok()) << state.status();
    EXPECT_EQ(most, 1) << in_order;
  }
}

// Batches of which each two are decoded only while both are.
class Couples : public LazySource {
 public:
  StatusOr<LazyBatch> Next() override {
    if (++num_given_ > 2) return LazyBatch();
    return LazyBatch([couple = couple_]() -> StatusOr<Batch> {
      std::unique_lock<std::mutex> lock(couple->mutex);
      ++couple->num_decoding;
      couple->changed.notify_all();
      const bool met = couple->changed.wait_for(lock, std::chrono::seconds(60),
                                                [&] { return couple->num_decoding == 2; });
      if (!met) return DeadlineExceededError("nobody else came");
      return Numbers(10, 3, 1);
    });
  }

 private:
  struct Couple {
    std::mutex mutex;
    std::condition_variable changed;
    int num_decoding = 0;
  };
  std::shared_ptr<Couple> couple_ = std::make_shared<Couple>();
  int num_given_ = 0;
};

// A source without rows that tells when that was found out.
class Empty : public LazySource {
 public:
  explicit Empty(std::promise<void>* was_read) : was_read_(was_read) {}
  StatusOr<LazyBatch> Next() override {
    was_read_->set_value();
    return LazyBatch();
  }

 private:
  std::promise<void>* const was_read_;
};

TEST(GenerateTest, ThreadsWaitForTheLastSourceToBeOpened) {
  for (int i = 0; i < 100; ++i) {
    std::promise<void> was_read;
    const SourceOpener slow = {[&was_read] {
                                 was_read.get_future().wait();
                                 std::this_thread::yield();
                                 return std::make_unique<Couples>();
                               },
                               0};
    const SourceOpener empty = {[&was_read] { return std::make_unique<Empty>(&was_read); }, 0};
    const auto result = ResultOf({slow, empty}, 2);
    ASSERT_TRUE(result.ok()) << result.status();
  }
}

// Wants to stop once so many rows have been counted.
class StopAfter : public Progress {
 public:
  explicit StopAfter(int64_t num_rows) : left_(num_rows) {}
  void Advance(int64_t num_rows) override { left_ -= num_rows; }
  bool cancelled() const override { return left_ <= 0; }

 private:
  std::atomic<int64_t> left_;
};

TEST(GenerateTest, AllThreadsEndWhenAskedTo) {
  const std::vector<SourceOpener> sources = {SourceOf(Pieces(30, 3, 1)), Large(Pieces(30, 3, 2)),
                                             Large(Pieces(30, 3, 3)), SourceOf(Pieces(30, 3, 4))};
  StopAfter stop(500);
  EXPECT_EQ(ResultOf(sources, kThreads, &stop).status().code(), StatusCode::kCancelled);
}

class Broken : public LazySource {
 public:
  StatusOr<LazyBatch> Next() override { return DataLossError("row 7: it is damaged"); }
};

TEST(GenerateTest, AllThreadsEndWithTheErrorOfOne) {
  const SourceOpener missing = {
      []() -> StatusOr<std::unique_ptr<LazySource>> { return NotFoundError("x: no such file"); },
      kLarge};
  const SourceOpener damaged = {
      []() -> StatusOr<std::unique_ptr<LazySource>> { return std::make_unique<Broken>(); }, kLarge};
  const SourceOpener undecodable = {[]() -> StatusOr<std::unique_ptr<LazySource>> {
    class Undecodable : public LazySource {
      StatusOr<LazyBatch> Next() override {
        return LazyBatch([]() -> StatusOr<Batch> { return DataLossError("row 8: no tf.Example"); });
      }
    };
    return std::make_unique<Undecodable>();
  }};
  for (const auto& [bad, want] : {std::pair{missing, "no such file"}, {damaged, "row 7"},
                                  {undecodable, "row 8"}}) {
    const Status status = ResultOf({Large(Pieces(3, 3, 1)), Large(Pieces(3, 3, 2)), bad,
                               Large(Pieces(3, 3, 3)), SourceOf(Pieces(3, 3, 4))},
                              kThreads)
                              .status();
    EXPECT_THAT(std::string(Message(status)), HasSubstr(want));
  }
}

// A source that never ends, and gives nothing before another was read.
class Endless : public LazySource {
 public:
  explicit Endless(std::future<void> other_was_read) : other_(std::move(other_was_read)) {}
  StatusOr<LazyBatch> Next() override {
    if (other_.valid()) other_.get();
    return LazyBatch([batch = batch_]() -> StatusOr<Batch> { return batch; });
  }

 private:
  std::future<void> other_;
  const Batch batch_ = Numbers(1, 1, 1);
};

TEST(GenerateTest, NobodyReadsOnAfterAnError) {
  class Damaged : public LazySource {
   public:
    explicit Damaged(std::promise<void>* was_read) : was_read_(was_read) {}
    StatusOr<LazyBatch> Next() override {
      was_read_->set_value();
      return DataLossError("row 9: it is damaged");
    }

   private:
    std::promise<void>* const was_read_;
  };
  for (const bool tfdv_compat : {false, true}) {  // threads share sources, or have their own
    StatisticsOptions options;
    options.tfdv_compat = tfdv_compat;
    std::promise<void> was_read;
    const SourceOpener endless = {
        [&was_read] { return std::make_unique<Endless>(was_read.get_future()); }, 0};
    const SourceOpener damaged = {[&was_read] { return std::make_unique<Damaged>(&was_read); }, 0};
    const Status status =  // or it runs for ever
        GenerateStatistics({endless, damaged}, options, 2).status();
    EXPECT_THAT(std::string(Message(status)), HasSubstr("row 9")) << tfdv_compat;
  }
}

}  // namespace
}  // namespace bessemer::statistics
