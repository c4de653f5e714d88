#ifndef BESSEMER_EXAMPLE_GEN_DATABASE_FILES_H_
#define BESSEMER_EXAMPLE_GEN_DATABASE_FILES_H_

#include <initializer_list>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::io {
class FileHashes;
}

namespace bessemer::example_gen {

// "sha256:…" of a database that lies in files: of those of `path` with each suffix that exist, e.g.
// "" and "-wal". What Source::data_fingerprint returns for engines without a server.
StatusOr<std::string> FingerprintOfDatabase(const std::string& path,
                                            std::initializer_list<std::string_view> suffixes,
                                            io::FileHashes& hashes);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_DATABASE_FILES_H_
