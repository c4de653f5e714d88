#ifndef BESSEMER_PIPELINE_CONTENT_H_
#define BESSEMER_PIPELINE_CONTENT_H_

#include <cstdint>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/components/component.h"

namespace bessemer::pipeline {

// What a folder holds, without reading its files.
struct TreeStat {
  int64_t num_files = 0;
  int64_t num_bytes = 0;
  std::string hash;  // of names, sizes and times of change
};

// NOT_FOUND if the folder does not exist. Some microseconds a file.
StatusOr<TreeStat> StatTree(const std::string& uri);

// SHA-256 over the sorted names and the contents of all files of a folder. Reads everything.
StatusOr<std::string> HashTree(const std::string& uri);

// Writes the content hash, the stat hash and the size into the artifact's custom properties.
Status RecordContent(components::Artifact& artifact);

// Writes the stat hash anew, for files whose times changed when they were brought to the
// artifact's uri.
Status RecordStat(components::Artifact& artifact);

// The content hash of an artifact as it is now: the recorded one while sizes and times are as
// recorded; otherwise the files are read. NOT_FOUND if the folder is gone.
StatusOr<std::string> CurrentContent(const components::Artifact& artifact);

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_CONTENT_H_
