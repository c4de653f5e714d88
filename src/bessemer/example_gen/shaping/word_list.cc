#include "bessemer/example_gen/shaping/word_list.h"

#include <stdlib.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace bessemer::example_gen::shaping {

ScratchSpace::~ScratchSpace() {
  if (fd_ >= 0) close(fd_);
}

StatusOr<int> ScratchSpace::Open() {
  if (const int known = fd_; known >= 0) return known;
  std::string name = folder_ + "/shaping_XXXXXX";
  const int fd = mkostemp(name.data(), 0);
  if (fd < 0) {
    return UnavailableError("{}: cannot make a scratch file: {}", folder_, std::strerror(errno));
  }
  unlink(name.c_str());
  int none = -1;
  if (fd_.compare_exchange_strong(none, fd)) return fd;
  close(fd);  // another thread was faster
  return none;
}

StatusOr<int64_t> ScratchSpace::Write(std::span<const uint64_t> words) {
  BESSEMER_ASSIGN_OR_RETURN(const int fd, Open());
  const auto* bytes = reinterpret_cast<const char*>(words.data());
  const int64_t begin = end_.fetch_add(static_cast<int64_t>(words.size_bytes()));
  for (size_t done = 0; done < words.size_bytes();) {
    const ssize_t count = pwrite(fd, bytes + done, words.size_bytes() - done,
                                 begin + static_cast<int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return UnavailableError("{}: cannot write a scratch file: {}", folder_,
                              std::strerror(errno));
    }
    done += static_cast<size_t>(count);
  }
  return begin;
}

Status ScratchSpace::Read(int64_t offset, std::span<uint64_t> words) const {
  auto* bytes = reinterpret_cast<char*>(words.data());
  for (size_t done = 0; done < words.size_bytes();) {
    const ssize_t count = pread(fd_, bytes + done, words.size_bytes() - done,
                                offset + static_cast<int64_t>(done));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return UnavailableError("{}: cannot read a scratch file: {}", folder_,
                              count == 0 ? "it ends too early" : std::strerror(errno));
    }
    done += static_cast<size_t>(count);
  }
  return OkStatus();
}

Status WordList::Append(const uint64_t* record) {
  ++num_records_;
  buffer_.insert(buffer_.end(), record, record + width_);
  return buffer_.size() < buffer_words_ ? OkStatus() : Spill();
}

Status WordList::Spill() {
  BESSEMER_ASSIGN_OR_RETURN(const int64_t offset, space_->Write(buffer_));
  chunks_.push_back({offset, buffer_.size()});
  buffer_.clear();
  return OkStatus();
}

Status WordList::Seal() {
  // Not worth a trip to the disk.
  constexpr size_t kFewWords = 512;
  if (buffer_.size() > kFewWords) BESSEMER_RETURN_IF_ERROR(Spill());
  buffer_.shrink_to_fit();
  return OkStatus();
}

Status WordList::Visit(const std::function<Status(const uint64_t* record)>& visit) const {
  std::vector<uint64_t> words;
  for (const Chunk& chunk : chunks_) {
    words.resize(chunk.num_words);
    BESSEMER_RETURN_IF_ERROR(space_->Read(chunk.offset, words));
    for (size_t i = 0; i < words.size(); i += width_) BESSEMER_RETURN_IF_ERROR(visit(&words[i]));
  }
  for (size_t i = 0; i < buffer_.size(); i += width_) {
    BESSEMER_RETURN_IF_ERROR(visit(&buffer_[i]));
  }
  return OkStatus();
}

StatusOr<std::vector<uint64_t>> WordList::ReadAll() const {
  std::vector<uint64_t> words;
  words.reserve(static_cast<size_t>(num_records_) * width_);
  BESSEMER_RETURN_IF_ERROR(Visit([&](const uint64_t* record) {
    words.insert(words.end(), record, record + width_);
    return OkStatus();
  }));
  return words;
}

}  // namespace bessemer::example_gen::shaping
