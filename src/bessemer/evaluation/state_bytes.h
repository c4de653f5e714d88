#ifndef BESSEMER_EVALUATION_STATE_BYTES_H_
#define BESSEMER_EVALUATION_STATE_BYTES_H_

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "bessemer/base/status.h"

namespace bessemer::evaluation {

// The form accumulators are saved in: fixed-size numbers in the machine's order (little endian on
// every machine this builds for) and length-prefixed strings.
template <typename T>
void PutNumber(std::string* out, T value) {
  static_assert(std::is_arithmetic_v<T>);
  out->append(reinterpret_cast<const char*>(&value), sizeof(T));
}

inline void PutString(std::string* out, std::string_view text) {
  PutNumber<uint64_t>(out, text.size());
  out->append(text);
}

// Reads what Put wrote. After the first shortage every read gives zero and ok() is false.
class StateReader {
 public:
  explicit StateReader(std::string_view bytes) : rest_(bytes) {}

  template <typename T>
  T Number() {
    T value{};
    if (rest_.size() < sizeof(T)) return Fail(value);
    std::memcpy(&value, rest_.data(), sizeof(T));
    rest_.remove_prefix(sizeof(T));
    return value;
  }
  std::string_view String() {
    const uint64_t size = Number<uint64_t>();
    if (rest_.size() < size) return Fail(std::string_view());
    const std::string_view text = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return text;
  }
  // A count of things of at least `min_size` bytes each; 0 and a failure if so many cannot follow.
  uint64_t Count(uint64_t min_size) {
    const uint64_t count = Number<uint64_t>();
    return count <= rest_.size() / min_size ? count : Fail(uint64_t{0});
  }
  bool ok() const { return ok_; }
  bool AtEnd() const { return rest_.empty(); }
  Status Finish(std::string_view what) const {
    if (ok_ && rest_.empty()) return OkStatus();
    return DataLossError("saved state of {} is damaged: {}", what,
                         ok_ ? "bytes are left over" : "it ends too early");
  }

 private:
  template <typename T>
  T Fail(T value) {
    ok_ = false;
    rest_ = {};
    return value;
  }
  std::string_view rest_;
  bool ok_ = true;
};

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_STATE_BYTES_H_
