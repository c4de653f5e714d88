#include "bessemer/example_gen/random_access_text.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "bessemer/example_gen/scratch_file_internal.h"
#include "bessemer/example_gen/text_encoding.h"
#include "bessemer/io/compression.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

// `converter`: null if the bytes are to stay as they are.
Status CopyTo(int fd, io::InputStream& in, Utf8Converter* converter, const std::string& path,
              const std::string& scratch_dir) {
  std::string buffer(1 << 20, '\0');
  std::string converted;
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in.Read(buffer.data(), buffer.size()));
    if (got == 0) {
      return converter == nullptr ? OkStatus() : WithContext(converter->Finish(), path);
    }
    std::string_view bytes(buffer.data(), got);
    if (converter != nullptr) {
      converted.clear();
      BESSEMER_RETURN_IF_ERROR(WithContext(converter->Add(bytes, &converted), path));
      bytes = converted;
    }
    BESSEMER_RETURN_IF_ERROR(WriteAll(fd, bytes, scratch_dir));
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
                                                                   const std::string& scratch_dir,
                                                                   const std::string& encoding) {
  AllowManyFiles();
  BESSEMER_ASSIGN_OR_RETURN(io::MaybeCompressed in, io::OpenMaybeCompressed(path));
  std::unique_ptr<Utf8Converter> converter;
  if (!encoding.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(converter, Utf8Converter::Create(encoding));
  }
  int fd = -1;
  if (in.format == io::StreamFormat::kPlain && IsLocal(path) && converter == nullptr) {
    fd = open(LocalPath(path).c_str(), O_RDONLY | O_CLOEXEC);
    if (fd < 0) return UnavailableError("{}: cannot open: {}", path, std::strerror(errno));
  } else {
    BESSEMER_ASSIGN_OR_RETURN(fd, OpenScratchFile(scratch_dir));
    const Status status = CopyTo(fd, *in.stream, converter.get(), path, scratch_dir);
    if (!status.ok()) {
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
