#include "bessemer/serving/push.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "bessemer/io/file.h"
#include "bessemer/io/object_uri.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tree.h"

namespace bessemer::serving {
namespace {

constexpr int kMaxAttempts = 20;
constexpr std::string_view kModelFile = "saved_model.pb";

// The largest version below a folder, or 0. Folders whose names are not numbers are no versions.
StatusOr<int64_t> NewestVersion(const std::string& base) {
  int64_t newest = 0;
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::IsDirectory(base));
  if (!there) return newest;
  auto consider = [&](std::string_view name) {
    int64_t version = 0;
    const auto result = std::from_chars(name.data(), name.data() + name.size(), version);
    if (result.ec == std::errc() && result.ptr == name.data() + name.size()) {
      newest = std::max(newest, version);
    }
  };
  if (!io::IsRemote(base)) {
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(base, error)) {
      consider(entry.path().filename().string());
    }
    if (error) return UnavailableError("{}: cannot list: {}", base, error.message());
    return newest;
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files, io::ListTree(base));
  for (const std::string& file : files) consider(std::string_view(file).substr(0, file.find('/')));
  return newest;
}

// ALREADY_EXISTS if another push has taken the directory.
Status PublishCopy(const std::string& model, const std::string& directory) {
  BESSEMER_ASSIGN_OR_RETURN(io::StagedDirectory staged, io::StagedDirectory::Create(directory));
  BESSEMER_RETURN_IF_ERROR(CopyModel(model, staged.path()));
  const Status status = staged.Publish();
  if (status.ok() || io::IsRemote(directory)) return status;
  // A copy that was not moved to where something is now.
  const StatusOr<bool> taken = io::Exists(directory), waiting = io::Exists(staged.path());
  return taken.ok() && waiting.ok() && *taken && *waiting
             ? AlreadyExistsError("{}", Message(status))
             : status;
}

}  // namespace

Status CopyModel(const std::string& from, const std::string& to) {
  return io::CopyTree(from, to);
}

StatusOr<PushedVersion> PushModel(const std::string& model, const std::string& base,
                                  const Clock& clock) {
  BESSEMER_ASSIGN_OR_RETURN(const bool is_model, io::Exists(io::JoinPath(model, kModelFile)));
  if (!is_model) {
    return NotFoundError("{}: is no SavedModel (it has no {})", model, kModelFile);
  }
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(base));
  BESSEMER_RETURN_IF_ERROR(io::RemoveStaleStaging(base));
  for (int attempt = 1;; ++attempt) {
    BESSEMER_ASSIGN_OR_RETURN(const int64_t newest, NewestVersion(base));
    const int64_t version = std::max(clock.NowMicros() / 1'000'000, newest + 1);
    const std::string directory = io::JoinPath(base, fmt::format("{}", version));
    const Status status = PublishCopy(model, directory);
    if (status.ok()) return PushedVersion{version, directory};
    if (status.code() != StatusCode::kAlreadyExists || attempt == kMaxAttempts) return status;
  }
}

}  // namespace bessemer::serving
