#include <sys/stat.h>

#include "bessemer/base/hash.h"
#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/span.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

StatusOr<std::string> HashFile(const std::string& file) {
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<io::InputStream> in, io::OpenInput(file));
  Fingerprinter hash;
  std::string buffer(1 << 18, '\0');
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got, in->Read(buffer.data(), buffer.size()));
    if (got == 0) return hash.FinishHex();
    hash.AddRaw({buffer.data(), got});
  }
}

}  // namespace

StatusOr<std::string> ContentFingerprint(const std::vector<ResolvedSplit>& splits,
                                         int num_threads) {
  std::vector<const std::string*> files;
  for (const ResolvedSplit& split : splits) {
    for (const std::string& file : split.files) files.push_back(&file);
  }
  std::vector<std::string> hashes(files.size());
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(static_cast<int64_t>(files.size()), num_threads, [&](int64_t i) -> Status {
        BESSEMER_ASSIGN_OR_RETURN(hashes[static_cast<size_t>(i)],
                                  HashFile(*files[static_cast<size_t>(i)]));
        return OkStatus();
      }));
  Fingerprinter all;
  size_t next = 0;
  for (const ResolvedSplit& split : splits) {
    all.Add(split.name).Add(fmt::format("{}", split.files.size()));
    for (size_t i = 0; i < split.files.size(); ++i) all.Add(hashes[next++]);
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
