#include <fcntl.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "bessemer/base/errno_code.h"
#include "bessemer/example_gen/scratch_file_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

Status SystemError(std::string_view action, const std::string& name) {
  const int error = errno;
  return MakeStatus(CodeOfErrno(error),
                    fmt::format("{}: cannot {}: {}", name, action, std::strerror(error)));
}

}  // namespace

void AllowManyFiles() {
  static const bool raised = [] {
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return false;
    limit.rlim_cur = std::max(limit.rlim_cur, std::min<rlim_t>(limit.rlim_max, 1 << 16));
    return setrlimit(RLIMIT_NOFILE, &limit) == 0;
  }();
  (void)raised;
}

StatusOr<int> OpenScratchFile(const std::string& folder) {
  std::string name = io::JoinPath(folder, "bessemer-XXXXXX");
  const int fd = mkostemp(name.data(), O_CLOEXEC);
  if (fd < 0) return SystemError("make a temporary file", folder);
  unlink(name.c_str());
  return fd;
}

Status WriteAll(int fd, std::string_view bytes, const std::string& name) {
  while (!bytes.empty()) {
    const ssize_t put = write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) return SystemError("write a temporary file", name);
    bytes.remove_prefix(static_cast<size_t>(put));
  }
  return OkStatus();
}

Status ReadAt(int fd, int64_t offset, std::string* out, const std::string& name) {
  for (size_t done = 0; done < out->size();) {
    const ssize_t got =
        pread(fd, out->data() + done, out->size() - done, offset + static_cast<int64_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return SystemError("read", name);
    if (got == 0) return UnavailableError("{}: the file changed while it was read", name);
    done += static_cast<size_t>(got);
  }
  return OkStatus();
}

}  // namespace bessemer::example_gen
