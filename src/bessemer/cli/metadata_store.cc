#include "bessemer/cli/metadata_store.h"

#include <CLI/CLI.hpp>

#include "bessemer/io/file.h"
#include "bessemer/metadata/store.h"

namespace bessemer::cli {
namespace {

using ::bessemer::metadata::Store;

StatusOr<std::string> StorePath(const std::string& given) {
  if (!given.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(given));
    return is_folder ? io::JoinPath(given, "metadata.db") : given;
  }
  BESSEMER_ASSIGN_OR_RETURN(const bool is_here, io::Exists("metadata.db"));
  if (is_here) return std::string("metadata.db");
  const StatusOr<std::vector<std::string>> found = io::ListFiles("runs/*/metadata.db");
  if (!found.ok()) {
    return NotFoundError("no metadata.db here and no runs/*/metadata.db; name it with --db");
  }
  if (found->size() == 1) return found->front();
  std::string list;
  for (const std::string& path : *found) list += (list.empty() ? "" : ", ") + path;
  return InvalidArgumentError("there are several stores ({}); choose one with --db", list);
}

}  // namespace

void AddStoreFlag(CLI::App& app, std::string& given) {
  app.add_option("-s,--db,--store", given,
                 "The metadata store, its file or its folder; none: ./metadata.db or the only "
                 "runs/*/metadata.db");
}

StatusOr<std::unique_ptr<Store>> OpenStore(const std::string& given) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string path, StorePath(given));
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(path));
  if (!there) return NotFoundError("{}: there is no such metadata store", path);
  // Reading a store that others write needs its shared-memory file; read-only media have none.
  StatusOr<std::unique_ptr<Store>> store = Store::Open(path, Store::Mode::kExisting);
  if (store.ok()) return store;
  return Store::Open(path, Store::Mode::kReadOnly);
}

}  // namespace bessemer::cli
