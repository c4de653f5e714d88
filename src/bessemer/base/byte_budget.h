#ifndef BESSEMER_BASE_BYTE_BUDGET_H_
#define BESSEMER_BASE_BYTE_BUDGET_H_

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace bessemer {

// Memory that threads share: each says what it is about to hold and waits until there is room. What
// exceeds the whole budget is held alone. Thread-safe.
class ByteBudget {
 public:
  explicit ByteBudget(int64_t bytes) : left_(bytes), bytes_(bytes) {}
  ByteBudget(const ByteBudget&) = delete;

  // Bytes held as long as it lives.
  class Share {
   public:
    Share() = default;
    Share(Share&& other) noexcept
        : budget_(std::exchange(other.budget_, nullptr)), bytes_(other.bytes_) {}
    Share& operator=(Share&& other) noexcept {
      std::swap(budget_, other.budget_);
      std::swap(bytes_, other.bytes_);
      return *this;
    }
    ~Share() {
      if (budget_ != nullptr) budget_->Return(bytes_);
    }

   private:
    friend class ByteBudget;
    Share(ByteBudget* budget, int64_t bytes) : budget_(budget), bytes_(bytes) {}
    ByteBudget* budget_ = nullptr;
    int64_t bytes_ = 0;
  };

  // Waits until so many bytes are left, or no other thread holds any. A thread that takes a second
  // share while it holds one may wait for ever.
  Share Take(int64_t bytes) {
    std::unique_lock lock(mutex_);
    returned_.wait(lock, [&] { return bytes <= left_ || left_ == bytes_; });
    left_ -= bytes;
    return Share(this, bytes);
  }

 private:
  void Return(int64_t bytes) {
    const std::lock_guard lock(mutex_);
    left_ += bytes;
    returned_.notify_all();
  }

  std::mutex mutex_;
  std::condition_variable returned_;
  int64_t left_;
  const int64_t bytes_;
};

}  // namespace bessemer

#endif  // BESSEMER_BASE_BYTE_BUDGET_H_
