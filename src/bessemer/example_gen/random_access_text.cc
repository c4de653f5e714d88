#include "bessemer/example_gen/random_access_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bessemer/example_gen/scratch_file_internal.h"
#include "bessemer/io/compression.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

Status CopyTo(int fd, io::InputStream& in, const std::string& scratch_dir) {
  std::string buffer(1 << 20, '\0');
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in.Read(buffer.data(), buffer.size()));
    if (got == 0) return OkStatus();
    BESSEMER_RETURN_IF_ERROR(WriteAll(fd, std::string_view(buffer.data(), got), scratch_dir));
  }
}

std::string LocalPath(const std::string& path) {
  return path.starts_with("file://") ? path.substr(7) : path;
}

bool IsLocal(const std::string& path) {
  return path.find("://") == std::string::npos || path.starts_with("file://");
}

}  // namespace

StatusOr<std::unique_ptr<RandomAccessText>> RandomAccessText::Open(const std::string& path,
                                                                   const std::string& scratch_dir) {
  AllowManyFiles();
  BESSEMER_ASSIGN_OR_RETURN(io::MaybeCompressed in, io::OpenMaybeCompressed(path));
  int fd = -1;
  if (in.format == io::StreamFormat::kPlain && IsLocal(path)) {
    fd = open(LocalPath(path).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return UnavailableError("{}: cannot open: {}", path, std::strerror(errno));
  } else {
    BESSEMER_ASSIGN_OR_RETURN(fd, OpenScratchFile(scratch_dir));
    if (const Status status = CopyTo(fd, *in.stream, scratch_dir); !status.ok()) {
      close(fd);
      return status;
    }
  }
  struct stat info;
  if (fstat(fd, &info) != 0) {
    const int error = errno;
    close(fd);
    return UnavailableError("{}: cannot stat: {}", path, std::strerror(error));
  }
  return std::unique_ptr<RandomAccessText>(new RandomAccessText(path, fd, info.st_size));
}

RandomAccessText::~RandomAccessText() { close(fd_); }

Status RandomAccessText::Read(int64_t begin, int64_t end, std::string* out) const {
  out->resize(static_cast<size_t>(end - begin));
  return ReadAt(fd_, begin, out, path_);
}

}  // namespace bessemer::example_gen
