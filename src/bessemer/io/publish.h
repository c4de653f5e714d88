#ifndef BESSEMER_IO_PUBLISH_H_
#define BESSEMER_IO_PUBLISH_H_

#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::io {

// Publishing: what stands under a final name is whole, whatever fails when. On object stores, which
// cannot rename, a directory is uploaded in a safe order, with a mark at its end (see tree.h).

// Where what is not published yet may wait: $TMPDIR, or /tmp if that is no folder.
std::string TemporaryFolder();

// Writes aside, syncs, renames. Replaces an existing file.
Status WriteFileAtomically(const std::string& path, std::string_view content);

// A directory being filled aside, "<parent>/.staging-<pid>-<n>-<name>", until published.
class StagedDirectory {
 public:
  // ALREADY_EXISTS if `final_path` exists.
  static StatusOr<StagedDirectory> Create(const std::string& final_path);

  StagedDirectory(StagedDirectory&& other) noexcept;
  StagedDirectory& operator=(StagedDirectory&& other) noexcept;
  ~StagedDirectory();  // removes the staged content unless published

  const std::string& path() const { return staging_; }
  const std::string& final_path() const { return final_; }

  // Syncs every file and directory, renames into place, syncs the parent.
  Status Publish();

 private:
  StagedDirectory(std::string staging, std::string final_path);
  std::string staging_;  // empty: published or moved from
  std::string final_;
};

// Removes staged leftovers of processes that are gone, in one directory (not below).
Status RemoveStaleStaging(const std::string& parent);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_PUBLISH_H_
