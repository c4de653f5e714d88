#include <sys/stat.h>

#include "bessemer/base/hash.h"
#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/span.h"
#include "bessemer/io/file.h"
#include "bessemer/io/file_hashes.h"

namespace bessemer::example_gen {
StatusOr<std::string> ContentFingerprint(const std::vector<ResolvedSplit>& splits,
                                         io::FileHashes& hashes, int num_threads) {
  std::vector<const std::string*> files;
  for (const ResolvedSplit& split : splits) {
    for (const std::string& file : split.files) files.push_back(&file);
  }
  std::vector<std::string> contents(files.size());
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(static_cast<int64_t>(files.size()), num_threads, [&](int64_t i) -> Status {
        BESSEMER_ASSIGN_OR_RETURN(contents[static_cast<size_t>(i)],
                                  hashes.Hash(*files[static_cast<size_t>(i)]));
        return OkStatus();
      }));
  Fingerprinter all;
  size_t next = 0;
  for (const ResolvedSplit& split : splits) {
    all.Add(split.name).Add(fmt::format("{}", split.files.size()));
    for (size_t i = 0; i < split.files.size(); ++i) all.Add(contents[next++]);
  }
  return "sha256:" + all.FinishHex();
}

StatusOr<std::string> TfxFingerprint(const std::vector<ResolvedSplit>& splits) {
  std::string text;
  for (const ResolvedSplit& split : splits) {
    int64_t total_bytes = 0;
    int64_t xor_checksum = 0;
    int64_t sum_checksum = 0;
    for (const std::string& file : split.files) {
      BESSEMER_ASSIGN_OR_RETURN(const int64_t size, io::FileSize(file));
      total_bytes += size;
      struct stat info;
      const std::string local = file.starts_with("file://") ? file.substr(7) : file;
      if (stat(local.c_str(), &info) != 0) continue;
      xor_checksum ^= info.st_mtim.tv_sec;
      sum_checksum += info.st_mtim.tv_sec;
    }
    if (!text.empty()) text += '\n';
    text += fmt::format("split:{},num_files:{},total_bytes:{},xor_checksum:{},sum_checksum:{}",
                        split.name, split.files.size(), total_bytes, xor_checksum, sum_checksum);
  }
  return text;
}

}  // namespace bessemer::example_gen
