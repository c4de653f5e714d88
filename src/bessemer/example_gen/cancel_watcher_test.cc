#include "bessemer/example_gen/cancel_watcher.h"

#include <gtest/gtest.h>

#include <future>

namespace bessemer::example_gen {
namespace {

class Switch : public Progress {
 public:
  std::atomic<bool> on{false};
  bool cancelled() const override { return on; }
};

TEST(CancelWatcher, CallsCancelAgainAndAgainOnceTheWorkIsToStop) {
  Switch progress;
  std::promise<void> called_twice;
  int calls = 0;
  {
    const CancelWatcher watcher(progress, [&] {
      if (++calls == 2) called_twice.set_value();
    });
    EXPECT_FALSE(watcher.cancelled());
    progress.on = true;
    called_twice.get_future().wait();
    EXPECT_TRUE(watcher.cancelled());
  }
  EXPECT_GE(calls, 2);
}

TEST(CancelWatcher, EndsQuietlyOtherwise) {
  Switch progress;
  bool called = false;
  {
    const CancelWatcher watcher(progress, [&] { called = true; });
  }
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace bessemer::example_gen
