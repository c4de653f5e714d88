#include "bessemer/pipeline/content.h"

#include "bessemer/base/hash.h"
#include "bessemer/io/file.h"
#include "bessemer/io/tree.h"
#include "bessemer/pipeline/records.h"

namespace bessemer::pipeline {
namespace {

Status CheckFolder(const std::string& uri) {
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::IsDirectory(uri));
  return there ? OkStatus() : NotFoundError("{}: the folder is gone", uri);
}

}  // namespace

StatusOr<TreeStat> StatTree(const std::string& uri) {
  BESSEMER_RETURN_IF_ERROR(CheckFolder(uri));
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<io::TreeFile> files, io::ListTreeFiles(uri));
  TreeStat tree;
  Fingerprinter fingerprint;
  for (const io::TreeFile& file : files) {
    ++tree.num_files;
    tree.num_bytes += file.size;
    fingerprint.Add(file.name)
        .Add(std::to_string(file.size))
        .Add(std::to_string(file.modified_ns));
  }
  tree.hash = fingerprint.FinishHex();
  return tree;
}

StatusOr<std::string> HashTree(const std::string& uri) {
  BESSEMER_RETURN_IF_ERROR(CheckFolder(uri));
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

Status RecordStat(components::Artifact& artifact) {
  BESSEMER_ASSIGN_OR_RETURN(const TreeStat stat, StatTree(artifact.uri));
  artifact.custom_properties[kStatHash] = stat.hash;
  return OkStatus();
}

StatusOr<std::string> CurrentContent(const components::Artifact& artifact) {
  BESSEMER_ASSIGN_OR_RETURN(const TreeStat stat, StatTree(artifact.uri));
  const std::string recorded = artifact.StringProperty(kContentHash);
  if (!recorded.empty() && stat.hash == artifact.StringProperty(kStatHash)) return recorded;
  return HashTree(artifact.uri);
}

}  // namespace bessemer::pipeline
