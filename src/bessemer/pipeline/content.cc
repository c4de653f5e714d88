#include "bessemer/pipeline/content.h"

#include <sys/stat.h>

#include "bessemer/base/hash.h"
#include "bessemer/io/file.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::pipeline {
namespace {

bool IsRemote(const std::string& uri) { return uri.find("://") != std::string::npos; }

}  // namespace

StatusOr<TreeStat> StatTree(const std::string& uri) {
  if (!io::IsDirectory(uri)) return NotFoundError("{}: the folder is gone", uri);
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files, io::ListTree(uri));
  TreeStat tree;
  Fingerprinter fingerprint;
  for (const std::string& file : files) {
    const std::string path = io::JoinPath(uri, file);
    int64_t size = 0;
    int64_t changed = 0;
    if (IsRemote(uri)) {
      BESSEMER_ASSIGN_OR_RETURN(size, io::FileSize(path));
    } else {
      struct stat info;
      if (stat(path.c_str(), &info) != 0) return NotFoundError("{}: the file is gone", path);
      size = info.st_size;
      changed = int64_t{info.st_mtim.tv_sec} * 1'000'000'000 + info.st_mtim.tv_nsec;
    }
    ++tree.num_files;
    tree.num_bytes += size;
    fingerprint.Add(file).Add(std::to_string(size)).Add(std::to_string(changed));
  }
  tree.hash = fingerprint.FinishHex();
  return tree;
}

StatusOr<std::string> HashTree(const std::string& uri) {
  if (!io::IsDirectory(uri)) return NotFoundError("{}: the folder is gone", uri);
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files, io::ListTree(uri));
  Fingerprinter tree;
  std::string buffer(1 << 18, '\0');
  for (const std::string& file : files) {
    BESSEMER_ASSIGN_OR_RETURN(const auto in, io::OpenInput(io::JoinPath(uri, file)));
    Fingerprinter content;
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const size_t got, in->Read(buffer.data(), buffer.size()));
      if (got == 0) break;
      content.AddRaw({buffer.data(), got});
    }
    tree.Add(file).Add(content.FinishHex());
  }
  return tree.FinishHex();
}

Status RecordContent(components::Artifact& artifact) {
  BESSEMER_ASSIGN_OR_RETURN(const TreeStat stat, StatTree(artifact.uri));
  BESSEMER_ASSIGN_OR_RETURN(std::string content, HashTree(artifact.uri));
  artifact.custom_properties[kContentHash] = std::move(content);
  artifact.custom_properties[kStatHash] = stat.hash;
  artifact.custom_properties[kNumBytes] = stat.num_bytes;
  return OkStatus();
}

StatusOr<std::string> CurrentContent(const components::Artifact& artifact) {
  BESSEMER_ASSIGN_OR_RETURN(const TreeStat stat, StatTree(artifact.uri));
  const std::string recorded = artifact.StringProperty(kContentHash);
  if (!recorded.empty() && stat.hash == artifact.StringProperty(kStatHash)) return recorded;
  return HashTree(artifact.uri);
}

}  // namespace bessemer::pipeline
