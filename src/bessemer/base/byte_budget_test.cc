#include "bessemer/base/byte_budget.h"

#include <gtest/gtest.h>

#include <atomic>

#include "bessemer/base/parallel.h"

namespace bessemer {
namespace {

TEST(ByteBudget, IsNeverExceededByMoreThanOne) {
  ByteBudget budget(100);
  std::atomic<int64_t> held{0};
  std::atomic<int> num_held{0};
  const Status status = ParallelFor(400, 8, [&](int64_t task) -> Status {
    const int64_t bytes = task % 5 == 0 ? 150 : task % 40;
    const ByteBudget::Share share = budget.Take(bytes);
    const int64_t all = held += bytes;
    const int others = num_held++;
    if (all > 100 && others > 0) return InternalError("{} bytes with {} others", all, others);
    held -= bytes;
    --num_held;
    return OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
}

TEST(ByteBudget, ReturnsASharedPartOnce) {
  ByteBudget budget(10);
  {
    ByteBudget::Share first = budget.Take(10);
    ByteBudget::Share second = std::move(first);
    first = ByteBudget::Share();
  }
  ByteBudget::Share third = budget.Take(10);  // would wait for ever if the first were not returned
  third = ByteBudget::Share();
  const ByteBudget::Share fourth = budget.Take(1000);  // alone
}

}  // namespace
}  // namespace bessemer
