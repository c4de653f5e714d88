#include "bessemer/io/publish.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>

#include "bessemer/base/process.h"
#include "bessemer/io/fault.h"
#include "bessemer/io/file.h"
#include "bessemer/io/object_store.h"
#include "bessemer/io/remote_file_internal.h"
#include "bessemer/io/staged_file.h"
#include "bessemer/io/tree.h"

namespace bessemer::io {
namespace {

namespace stdfs = std::filesystem;

constexpr std::string_view kStagingPrefix = ".staging-";

// Where what goes to an object store is staged.
std::string StagingFolder() {
  return JoinPath(TemporaryFolder(), fmt::format("bessemer-staging-{}", getuid()));
}

std::string StagingPath(const std::string& final_path) {
  static std::atomic<int> counter{0};
  const std::string parent = IsRemote(final_path) ? StagingFolder() : DirName(final_path);
  // The name last: it may hold anything, and what is written must end as it does.
  return JoinPath(
      parent, fmt::format("{}{}-{}-{}", kStagingPrefix, getpid(), counter++, BaseName(final_path)));
}

Status Sync(const std::string& path) {
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kSync, path));
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return UnavailableError("{}: cannot sync: {}", path, std::strerror(errno));
  const int result = fsync(fd);
  const int error = errno;
  close(fd);
  if (result != 0) return UnavailableError("{}: cannot sync: {}", path, std::strerror(error));
  return OkStatus();
}

Status Rename(const std::string& from, const std::string& to) {
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kRename, to));
  if (rename(from.c_str(), to.c_str()) != 0) {
    return UnavailableError("{}: cannot rename to {}: {}", from, to, std::strerror(errno));
  }
  const std::string parent = DirName(to);
  return Sync(parent.empty() ? "." : parent);
}

std::string WithoutScheme(const std::string& path) {
  return path.starts_with("file://") ? path.substr(7) : path;
}

// The file that a chain of symbolic links ends at, whether it exists or not.
std::string BehindLinks(const std::string& path) {
  constexpr int kMostLinks = 40;  // as the kernel
  stdfs::path file = path;
  std::error_code error;
  for (int i = 0; i < kMostLinks && stdfs::is_symlink(file, error); ++i) {
    const stdfs::path next = stdfs::read_symlink(file, error);
    if (error) return path;
    file = next.is_absolute() ? next : file.parent_path() / next;
  }
  return file.string();
}

constexpr mode_t kModes = 0777;  // of files; without those that lend a program its owner's rights

// The mode of a file that will be replaced; nothing if there is none.
std::optional<mode_t> ModeOf(const std::string& path) {
  struct stat info;
  if (stat(path.c_str(), &info) != 0 || !S_ISREG(info.st_mode)) return std::nullopt;
  return info.st_mode & kModes;
}

// Makes the file that will replace `target`, so that nobody reads it before who could read that. If
// this fails, so will who writes it, and say why.
void CreateAs(const std::string& path, const std::string& target) {
  const std::optional<mode_t> mode = ModeOf(target);
  if (!mode) return;
  const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
  if (fd >= 0) close(fd);
}

StatusOr<bool> HasModelAtTop(const std::string& folder) {
  return Exists(JoinPath(folder, "saved_model.pb"));
}

Status Upload(const std::string& staging, const std::string& folder) {
  BESSEMER_RETURN_IF_ERROR(CopyTree(staging, folder));
  BESSEMER_ASSIGN_OR_RETURN(const bool is_model, HasModelAtTop(staging));
  if (is_model) return OkStatus();
  return WriteFileAtomically(JoinPath(folder, kPublishedMark), "");
}

Status PublishToStore(const std::string& staging, const std::string& folder) {
  const std::string claim = JoinPath(folder, kPublishingMark);
  BESSEMER_ASSIGN_OR_RETURN(const bool ours,
                            CreateObjectIfAbsent(claim, fmt::format("pid {}\n", getpid())));
  const StatusOr<bool> published = ours ? IsPublished(folder) : true;
  if (!published.ok() || *published) {
    if (ours) RemoveTree(claim).IgnoreError();
    BESSEMER_RETURN_IF_ERROR(published.status());
    return AlreadyExistsError("{}: another process has published it, or is about to", folder);
  }
  if (const Status status = Upload(staging, folder); !status.ok()) {
    RemoveTree(folder).IgnoreError();
    return status;
  }
  return RemoveTree(claim);
}

}  // namespace

std::string TemporaryFolder() {
  std::error_code error;
  const stdfs::path folder = stdfs::temp_directory_path(error);
  return error ? "/tmp" : folder.string();
}

bool IsStream(const std::string& path) {
  const bool in_memory = path.starts_with("/dev/shm/") || path == "/dev/shm";
  if ((path.starts_with("/dev/") && !in_memory) || path.starts_with("/proc/")) return true;
  struct stat info;
  return stat(path.c_str(), &info) == 0 && !S_ISREG(info.st_mode) && !S_ISDIR(info.st_mode);
}

Status WriteFileAtomically(const std::string& path, std::string_view content) {
  StagedFile staged = StagedFile::Create(path);
  const auto write = [&]() -> Status {
    BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<OutputStream> out, OpenOutput(staged.path()));
    BESSEMER_RETURN_IF_ERROR(out->Write(content));
    BESSEMER_RETURN_IF_ERROR(out->Close());
    return staged.Publish();
  };
  return staged.Explain(write());
}

StagedFile::StagedFile(std::string given, std::string path, std::string target)
    : given_(std::move(given)), path_(std::move(path)), target_(std::move(target)) {}

StagedFile::StagedFile(StagedFile&& other) noexcept
    : given_(std::move(other.given_)),
      path_(std::move(other.path_)),
      target_(std::exchange(other.target_, "")) {}

StagedFile::~StagedFile() {
  if (!target_.empty()) unlink(path_.c_str());
}

StagedFile StagedFile::Create(const std::string& final_path) {
  const std::string local = WithoutScheme(final_path);
  // Renaming would take a stream's place, or leave the file where nobody looks.
  if (IsRemote(local) || IsStream(local)) return StagedFile(final_path, local, "");
  const std::string target = BehindLinks(local);
  std::string path = StagingPath(target);
  CreateAs(path, target);
  return StagedFile(final_path, std::move(path), target);
}

Status StagedFile::Publish() {
  if (target_.empty()) return OkStatus();
  if (const auto mode = ModeOf(target_); mode && chmod(path_.c_str(), *mode) != 0) {
    return UnavailableError("{}: cannot give it the mode of what it replaces: {}", path_,
                            std::strerror(errno));
  }
  BESSEMER_RETURN_IF_ERROR(Sync(path_));
  BESSEMER_RETURN_IF_ERROR(Rename(path_, target_));
  target_.clear();
  return OkStatus();
}

Status StagedFile::Explain(const Status& status) const {
  if (status.ok() || path_ == given_) return status;
  std::string message(Message(status));
  const size_t at = message.find(path_);
  if (at != std::string::npos) message.replace(at, path_.size(), given_);
  return MakeStatus(status.code(), message);
}

StagedDirectory::StagedDirectory(std::string staging, std::string final_path)
    : staging_(std::move(staging)), final_(std::move(final_path)) {}

StagedDirectory::StagedDirectory(StagedDirectory&& other) noexcept
    : staging_(std::exchange(other.staging_, "")), final_(std::move(other.final_)) {}

StagedDirectory& StagedDirectory::operator=(StagedDirectory&& other) noexcept {
  std::swap(staging_, other.staging_);
  std::swap(final_, other.final_);
  return *this;
}

StagedDirectory::~StagedDirectory() {
  if (staging_.empty()) return;
  std::error_code ignored;
  stdfs::remove_all(staging_, ignored);
}

StatusOr<StagedDirectory> StagedDirectory::Create(const std::string& given) {
  const std::string final_path = WithoutScheme(given);
  BESSEMER_ASSIGN_OR_RETURN(const bool there, Exists(final_path));
  if (there) {
    BESSEMER_ASSIGN_OR_RETURN(const bool whole, IsRemote(final_path) ? IsPublished(final_path)
                                                                     : StatusOr<bool>(true));
    if (whole) return AlreadyExistsError("{}: already exists", final_path);
    return AlreadyExistsError(
        "{}: holds what a process that publishes it, or died doing so, has "
        "written; remove it if none is at work",
        final_path);
  }
  const std::string staging = StagingPath(final_path);
  BESSEMER_RETURN_IF_ERROR(MakeDirectories(staging));
  return StagedDirectory(staging, final_path);
}

Status StagedDirectory::Publish() {
  if (IsRemote(final_)) {
    BESSEMER_RETURN_IF_ERROR(PublishToStore(staging_, final_));
    return RemoveTree(std::exchange(staging_, ""));
  }
  std::error_code error;
  for (const auto& entry : stdfs::recursive_directory_iterator(staging_, error)) {
    BESSEMER_RETURN_IF_ERROR(Sync(entry.path().string()));
  }
  if (error) return UnavailableError("{}: cannot list: {}", staging_, error.message());
  BESSEMER_RETURN_IF_ERROR(Sync(staging_));
  BESSEMER_RETURN_IF_ERROR(Rename(staging_, final_));
  staging_.clear();
  return OkStatus();
}

StatusOr<bool> IsPublished(const std::string& folder) {
  if (!IsRemote(folder)) return IsDirectory(folder);
  BESSEMER_ASSIGN_OR_RETURN(const bool marked, Exists(JoinPath(folder, kPublishedMark)));
  if (marked) return true;
  return HasModelAtTop(folder);
}

Status RemoveStaleStaging(const std::string& given) {
  const std::string parent = IsRemote(given) ? StagingFolder() : given;
  BESSEMER_ASSIGN_OR_RETURN(const bool there, IsDirectory(parent));
  if (!there) return OkStatus();
  std::error_code error;
  for (const auto& entry : stdfs::directory_iterator(parent, error)) {
    const std::string name = entry.path().filename().string();
    if (!name.starts_with(kStagingPrefix)) continue;
    pid_t owner = 0;
    std::from_chars(name.data() + kStagingPrefix.size(), name.data() + name.size(), owner);
    if (owner > 0 && !ProcessHasEnded(owner)) continue;  // still at work
    BESSEMER_RETURN_IF_ERROR(RemoveTree(entry.path().string()));
  }
  return OkStatus();
}

}  // namespace bessemer::io
