#include "bessemer/example_gen/database_files.h"

#include "bessemer/base/hash.h"
#include "bessemer/io/file.h"
#include "bessemer/io/file_hashes.h"

namespace bessemer::example_gen {

StatusOr<std::string> FingerprintOfDatabase(const std::string& path,
                                            std::initializer_list<std::string_view> suffixes,
                                            io::FileHashes& hashes) {
  Fingerprinter all;
  for (const std::string_view suffix : suffixes) {
    const std::string file = path + std::string(suffix);
    BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(file));
    if (!there) continue;
    BESSEMER_ASSIGN_OR_RETURN(const std::string hash, hashes.Hash(file));
    all.Add(suffix).Add(hash);
  }
  return "sha256:" + all.FinishHex();
}

}  // namespace bessemer::example_gen
