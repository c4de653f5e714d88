#include "bessemer/statistics/spill_file.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>

namespace bessemer::statistics {
namespace {

constexpr size_t kWriteBytes = 1 << 20;
constexpr size_t kReadBytes = 64 << 10;
// Of an entry without its value: two varints and a weight.
constexpr size_t kFrameBytes = 10 + 10 + 16;

void AppendVarint(uint64_t value, std::string* out) {
  for (; value >= 0x80; value >>= 7) out->push_back(static_cast<char>(value | 0x80));
  out->push_back(static_cast<char>(value));
}

uint64_t ReadVarint(const char** p) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const auto byte = static_cast<uint8_t>(*(*p)++);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) break;
  }
  return value;
}

// Each of hundreds of features may have a file open, which the soft limit, often 1024, would not
// allow. False: it cannot be raised.
bool RaiseFileLimit() {
  rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= limit.rlim_max) return false;
  limit.rlim_cur = limit.rlim_max;
  return setrlimit(RLIMIT_NOFILE, &limit) == 0;
}

}  // namespace

StatusOr<std::shared_ptr<SpillFile>> SpillFile::Create() {
  std::error_code error;
  std::string folder = std::filesystem::temp_directory_path(error).string();
  if (error) folder = "/tmp";
  const std::string pattern = folder + "/bessemer-values-XXXXXX";
  std::string name = pattern;
  int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0 && errno == EMFILE && RaiseFileLimit()) {
    name = pattern;
    fd = mkostemp(name.data(), O_CLOEXEC);
  }
  if (fd < 0) {
    return UnavailableError("{}: cannot make a temporary file: {}; set TMPDIR", folder,
                            std::strerror(errno));
  }
  unlink(name.c_str());
  return std::shared_ptr<SpillFile>(new SpillFile(fd, std::move(folder)));
}

SpillFile::~SpillFile() { close(fd_); }

Status SpillFile::Append(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(fd_, bytes.data(), bytes.size(), size_);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      return ResourceExhaustedError(
          "{}: cannot write values that do not fit memory to a temporary file: {}; set TMPDIR to a "
          "folder with more space",
          folder_, std::strerror(errno));
    }
    size_ += written;
    bytes.remove_prefix(static_cast<size_t>(written));
  }
  return OkStatus();
}

Status SpillFile::Read(int64_t offset, char* buffer, size_t size) const {
  while (size > 0) {
    const ssize_t count = pread(fd_, buffer, size, offset);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) {
      return DataLossError("{}: cannot read a temporary file back: {}", folder_,
                           count < 0 ? std::strerror(errno) : "it is too short");
    }
    offset += count;
    buffer += count;
    size -= static_cast<size_t>(count);
  }
  return OkStatus();
}

Status RunWriter::Add(const SpilledValue& value) {
  AppendVarint(value.value.size(), &buffer_);
  buffer_.append(value.value);
  AppendVarint(value.count, &buffer_);
  buffer_.append(reinterpret_cast<const char*>(&value.weight), sizeof value.weight);
  if (buffer_.size() < kWriteBytes) return OkStatus();
  BESSEMER_RETURN_IF_ERROR(file_->Append(buffer_));
  buffer_.clear();
  return OkStatus();
}

StatusOr<SpilledRun> RunWriter::Finish() {
  BESSEMER_RETURN_IF_ERROR(file_->Append(buffer_));
  buffer_.clear();
  return SpilledRun{file_, begin_, file_->size() - begin_};
}

Status RunReader::Ensure(size_t size) {
  const size_t left_in_file = static_cast<size_t>(run_.size - read_);
  if (end_ - position_ >= size || left_in_file == 0) return OkStatus();
  // What is unread moves to the front; before the first read there is no buffer.
  if (end_ > position_) {
    std::memmove(buffer_.data(), buffer_.data() + position_, end_ - position_);
  }
  end_ -= position_;
  position_ = 0;
  buffer_.resize(std::max({buffer_.size(), kReadBytes, size}));
  const size_t wanted = std::min(buffer_.size() - end_, left_in_file);
  BESSEMER_RETURN_IF_ERROR(run_.file->Read(run_.offset + read_, buffer_.data() + end_, wanted));
  end_ += wanted;
  read_ += static_cast<int64_t>(wanted);
  return OkStatus();
}

StatusOr<bool> RunReader::Next(SpilledValue* value) {
  BESSEMER_RETURN_IF_ERROR(Ensure(kFrameBytes));
  if (position_ == end_) return false;
  const char* p = buffer_.data() + position_;
  const size_t size = ReadVarint(&p);
  const size_t head = static_cast<size_t>(p - buffer_.data()) - position_;
  BESSEMER_RETURN_IF_ERROR(Ensure(head + size + kFrameBytes));
  p = buffer_.data() + position_ + head;
  value->value = {p, size};
  p += size;
  value->count = ReadVarint(&p);
  std::memcpy(&value->weight, p, sizeof value->weight);
  position_ = static_cast<size_t>(p - buffer_.data()) + sizeof value->weight;
  return true;
}

}  // namespace bessemer::statistics
