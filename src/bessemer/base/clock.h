#ifndef BESSEMER_BASE_CLOCK_H_
#define BESSEMER_BASE_CLOCK_H_

#include <cstdint>

namespace bessemer {

// Time, as an object so that tests can hold it still. Thread-safe.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual int64_t NowMicros() const = 0;     // since 1970-01-01 UTC
  virtual int64_t SteadyMicros() const = 0;  // never goes back; origin undefined

  int64_t NowMillis() const { return NowMicros() / 1000; }

  static const Clock& System();  // lives for ever
};

// A clock that moves only when told.
class FakeClock : public Clock {
 public:
  explicit FakeClock(int64_t now_micros) : now_micros_(now_micros) {}
  int64_t NowMicros() const override { return now_micros_; }
  int64_t SteadyMicros() const override { return now_micros_; }
  void Advance(int64_t micros) { now_micros_ += micros; }

 private:
  int64_t now_micros_;
};

}  // namespace bessemer

#endif  // BESSEMER_BASE_CLOCK_H_
