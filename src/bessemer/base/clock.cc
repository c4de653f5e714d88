#include "bessemer/base/clock.h"

#include <chrono>

namespace bessemer {
namespace {

template <typename StdClock>
int64_t Micros() {
  return std::chrono::duration_cast<std::chrono::microseconds>(StdClock::now().time_since_epoch())
      .count();
}

class SystemClock : public Clock {
 public:
  int64_t NowMicros() const override { return Micros<std::chrono::system_clock>(); }
  int64_t SteadyMicros() const override { return Micros<std::chrono::steady_clock>(); }
};

}  // namespace

const Clock& Clock::System() {
  static const SystemClock* const clock = new SystemClock;
  return *clock;
}

}  // namespace bessemer
