#include "bessemer/io/file_hashes.h"

#include <sys/stat.h>

#include <algorithm>

#include "bessemer/base/config.h"
#include "bessemer/base/hash.h"
#include "bessemer/base/json_text.h"
#include "bessemer/io/file.h"
#include "bessemer/io/object_uri.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/remote_file_internal.h"

namespace bessemer::io {
namespace {

constexpr int kVersion = 1;
constexpr int64_t kSettledNs = 2'000'000'000;

int64_t Nanoseconds(const timespec& time) {
  return int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

StatusOr<std::string> HashContent(const std::string& file, const Progress& progress) {
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<InputStream> in, OpenInput(file));
  Fingerprinter hash;
  std::string buffer(1 << 18, '\0');
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in->Read(buffer.data(), buffer.size()));
    if (got == 0) return hash.FinishHex();
    hash.AddRaw({buffer.data(), got});
    if (progress.cancelled()) return CancelledError("{}: interrupted while it was hashed", file);
  }
}

}  // namespace

FileHashes::FileHashes(std::string path, const Clock& clock, const Progress& progress)
    : path_(std::move(path)), clock_(clock), progress_(progress) {
  if (!path_.empty()) Load();
}

bool FileHashes::Read(const std::string& file, Stamp* stamp) {
  const std::string local = file.starts_with("file://") ? file.substr(7) : file;
  struct stat info;
  if (stat(local.c_str(), &info) != 0) return false;
  *stamp = {.device = info.st_dev,
            .inode = info.st_ino,
            .size = info.st_size,
            .modified_ns = Nanoseconds(info.st_mtim),
            .changed_ns = Nanoseconds(info.st_ctim)};
  return true;
}

bool FileHashes::IsSettled(const Entry& entry) {
  return std::max(entry.stamp.modified_ns, entry.stamp.changed_ns) < entry.noted_ns - kSettledNs;
}

StatusOr<std::string> FileHashes::Hash(const std::string& file) {
  if (IsRemote(file)) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string tag, RemoteContentTag(file));
    if (!tag.empty()) return Sha256Hex(tag);
  }
  Entry entry;
  entry.noted_ns = clock_.NowMicros() * 1000;
  const bool local = Read(file, &entry.stamp);
  {
    const std::lock_guard lock(mutex_);
    const auto known = entries_.find(file);
    if (local && known != entries_.end() && known->second.stamp == entry.stamp) {
      return known->second.hash;
    }
    ++num_read_;
  }
  BESSEMER_ASSIGN_OR_RETURN(entry.hash, HashContent(file, progress_));
  Stamp after;
  const std::lock_guard lock(mutex_);
  if (local && IsSettled(entry) && Read(file, &after) && after == entry.stamp) {
    entries_[file] = entry;
    changed_ = true;
  } else if (entries_.erase(file) > 0) {
    changed_ = true;
  }
  return entry.hash;
}

int64_t FileHashes::num_read() const {
  const std::lock_guard lock(mutex_);
  return num_read_;
}

void FileHashes::Load() {
  const StatusOr<std::string> text = ReadFile(path_);
  if (!text.ok()) return;
  const Json json = Json::parse(*text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object() || !json.contains("files") || !json["files"].is_object() ||
      json.value("version", Json()) != kVersion) {
    return;
  }
  for (const auto& [file, row] : json["files"].items()) {
    const bool fine = row.is_array() && row.size() == 7 && row[6].is_string() &&
                      std::all_of(row.begin(), row.begin() + 6,
                                  [](const Json& number) { return number.is_number_integer(); });
    if (!fine) continue;
    Entry entry{.stamp = {.device = row[0].get<uint64_t>(),
                          .inode = row[1].get<uint64_t>(),
                          .size = row[2].get<int64_t>(),
                          .modified_ns = row[3].get<int64_t>(),
                          .changed_ns = row[4].get<int64_t>()},
                .noted_ns = row[5].get<int64_t>(),
                .hash = row[6].get<std::string>()};
    if (IsSettled(entry)) entries_[file] = std::move(entry);
  }
}

Status FileHashes::Save() {
  const std::lock_guard lock(mutex_);
  if (path_.empty() || !changed_) return OkStatus();
  Json files = Json::object();
  for (const auto& [file, entry] : entries_) {
    Stamp now;
    if (!Read(file, &now)) continue;
    const Stamp& stamp = entry.stamp;
    files[file] = Json::array({stamp.device, stamp.inode, stamp.size, stamp.modified_ns,
                               stamp.changed_ns, entry.noted_ns, entry.hash});
  }
  const Json json = {{"version", kVersion}, {"files", std::move(files)}};
  BESSEMER_RETURN_IF_ERROR(WriteFileAtomically(path_, JsonText(json)));
  changed_ = false;
  return OkStatus();
}

}  // namespace bessemer::io
