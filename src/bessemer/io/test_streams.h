#ifndef BESSEMER_IO_TEST_STREAMS_H_
#define BESSEMER_IO_TEST_STREAMS_H_

#include <algorithm>
#include <cstring>
#include <memory>
#include <string>
#include <utility>

#include "bessemer/io/file.h"

namespace bessemer::io {

// Gives bytes a few at a time, 1, 2, … `most`, 1, …, as a network may: a reader has to stop and go
// on anywhere.
class TrickleInput : public InputStream {
 public:
  TrickleInput(std::string bytes, size_t most) : bytes_(std::move(bytes)), most_(most) {
    path_ = "trickle";
  }
  StatusOr<size_t> Read(char* buffer, size_t size) override {
    step_ = step_ % most_ + 1;
    const size_t count = std::min({size, step_, bytes_.size() - at_});
    if (count > 0) std::memcpy(buffer, bytes_.data() + at_, count);
    at_ += count;
    return count;
  }

 private:
  const std::string bytes_;
  const size_t most_;
  size_t step_ = 0;
  size_t at_ = 0;
};

// Reads a stream to its end, or to `limit` bytes, `piece` at a time.
inline StatusOr<std::string> ReadAll(InputStream& in, size_t piece, size_t limit) {
  std::string all, buffer(piece, '\0');
  while (all.size() < limit) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in.Read(buffer.data(), piece));
    if (got == 0) break;
    all.append(buffer, 0, got);
  }
  return all;
}

}  // namespace bessemer::io

#endif  // BESSEMER_IO_TEST_STREAMS_H_
