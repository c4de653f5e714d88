#include "bessemer/io/tree.h"

#include <arrow/filesystem/localfs.h>
#include <stdlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "bessemer/base/parallel.h"
#include "bessemer/columnar/arrow_status.h"
#include "bessemer/io/file.h"
#include "bessemer/io/object_store.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/remote_file_internal.h"

namespace bessemer::io {
namespace {

// The network is waited for, not the processor.
constexpr int kTransfers = 8;

StatusOr<std::vector<TreeFile>> ListLocalTree(const std::string& directory) {
  arrow::fs::LocalFileSystem local;
  arrow::fs::FileSelector selector;
  selector.base_dir = directory.starts_with("file://") ? directory.substr(7) : directory;
  selector.recursive = true;
  const auto infos = local.GetFileInfo(selector);
  if (!infos.ok()) return WithContext(FromArrow(infos.status()), directory);
  const std::string& base = selector.base_dir;
  const size_t prefix = base.size() + (base.ends_with('/') ? 0 : 1);
  std::vector<TreeFile> files;
  for (const arrow::fs::FileInfo& info : *infos) {
    if (!info.IsFile()) continue;
    files.push_back(
        {info.path().substr(prefix), info.size(), info.mtime().time_since_epoch().count()});
  }
  return files;
}

bool IsModelFile(const std::string& name) { return BaseName(name) == "saved_model.pb"; }

}  // namespace

StatusOr<std::vector<TreeFile>> ListTreeFiles(const std::string& directory) {
  BESSEMER_ASSIGN_OR_RETURN(std::vector<TreeFile> files, IsRemote(directory)
                                                             ? ListRemoteTree(directory)
                                                             : ListLocalTree(directory));
  std::sort(files.begin(), files.end(),
            [](const TreeFile& a, const TreeFile& b) { return a.name < b.name; });
  return files;
}

StatusOr<std::vector<std::string>> ListTree(const std::string& directory) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<TreeFile> files, ListTreeFiles(directory));
  std::vector<std::string> names;
  for (const TreeFile& file : files) names.push_back(file.name);
  return names;
}

Status CopyTree(const std::string& from, const std::string& to) {
  BESSEMER_ASSIGN_OR_RETURN(std::vector<std::string> names, ListTree(from));
  const auto models = std::stable_partition(
      names.begin(), names.end(), [](const std::string& name) { return !IsModelFile(name); });
  const auto copy = [&](const std::string& name) {
    return CopyFile(JoinPath(from, name), JoinPath(to, name));
  };
  BESSEMER_RETURN_IF_ERROR(MakeDirectories(to));
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(models - names.begin(), IsRemote(from) || IsRemote(to) ? kTransfers : 1,
                  [&](int64_t i) { return copy(names[static_cast<size_t>(i)]); }));
  for (auto name = models; name != names.end(); ++name) BESSEMER_RETURN_IF_ERROR(copy(*name));
  return OkStatus();
}

StatusOr<LocalCopy> LocalCopy::Make(const std::string& path, const std::string& scratch_dir) {
  if (!IsRemote(path)) return LocalCopy(path, "");
  const std::string parent = scratch_dir.empty() ? TemporaryFolder() : scratch_dir;
  BESSEMER_RETURN_IF_ERROR(MakeDirectories(parent));
  std::string folder = JoinPath(parent, "bessemer-copy-XXXXXX");
  if (mkdtemp(folder.data()) == nullptr) {
    return UnavailableError("{}: cannot make a folder in it: {}", parent, std::strerror(errno));
  }
  LocalCopy copy(JoinPath(folder, BaseName(path)), folder);
  BESSEMER_ASSIGN_OR_RETURN(const RemoteInfo info, StatRemote(path));
  if (info.kind == PathKind::kNone) return NotFoundError("{}: there is no such object", path);
  BESSEMER_RETURN_IF_ERROR(info.kind == PathKind::kFile ? CopyFile(path, copy.path_)
                                                        : CopyTree(path, copy.path_));
  return copy;
}

LocalCopy::LocalCopy(LocalCopy&& other) noexcept
    : path_(std::move(other.path_)), folder_(std::exchange(other.folder_, "")) {}

LocalCopy& LocalCopy::operator=(LocalCopy&& other) noexcept {
  std::swap(path_, other.path_);
  std::swap(folder_, other.folder_);
  return *this;
}

LocalCopy::~LocalCopy() {
  if (folder_.empty()) return;
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

}  // namespace bessemer::io
