#ifndef BESSEMER_CLI_METADATA_STORE_H_
#define BESSEMER_CLI_METADATA_STORE_H_

#include <memory>
#include <string>

#include "bessemer/base/status.h"

namespace CLI {
class App;
}
namespace bessemer::metadata {
class Store;
}

namespace bessemer::cli {

// Adds --db (also --store, -s), the metadata store a command reads.
void AddStoreFlag(CLI::App& app, std::string& given);

// Opens the store meant by --db: a file, a folder with a metadata.db, or, if "", the one that lies
// in the current folder or alone below runs/. NOT_FOUND if there is none, INVALID_ARGUMENT if there
// are several to choose from.
StatusOr<std::unique_ptr<::bessemer::metadata::Store>> OpenStore(const std::string& given);

}  // namespace bessemer::cli

#endif  // BESSEMER_CLI_METADATA_STORE_H_
