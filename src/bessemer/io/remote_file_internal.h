#ifndef BESSEMER_IO_REMOTE_FILE_INTERNAL_H_
#define BESSEMER_IO_REMOTE_FILE_INTERNAL_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/io/file.h"
#include "bessemer/io/tree.h"

namespace arrow::fs {
class FileSystem;
}

namespace bessemer::io {

// The functions of file.h for URIs of object stores.

// Reads ahead: ranges that double from 256 KiB to 4 MiB, two on their way at a time once the reader
// has shown that it wants more than the beginning.
StatusOr<std::unique_ptr<InputStream>> OpenRemoteInput(const std::string& uri);

// One upload. The object appears, whole, when Close has returned OK; without Close it is given up.
StatusOr<std::unique_ptr<OutputStream>> OpenRemoteOutput(const std::string& uri);

enum class PathKind { kNone, kFile, kDirectory };
struct RemoteInfo {
  PathKind kind = PathKind::kNone;
  int64_t size = 0;
};
StatusOr<RemoteInfo> StatRemote(const std::string& uri);

// What a store says of an object's content, without reading it: its MD5 on gs, its entity tag on s3
// (for an object of one part the MD5, for others one of the parts' MD5s), with the size. A changed
// content changes it; the same content uploaded in other parts may. Composed objects on gs have no
// MD5: their generation, which every writing changes. "" if the store says nothing.
StatusOr<std::string> RemoteContentTag(const std::string& uri);

// As URIs, not sorted.
StatusOr<std::vector<std::string>> ListRemoteFiles(const std::string& pattern);
StatusOr<std::vector<TreeFile>> ListRemoteTree(const std::string& directory);
Status RemoveRemoteTree(const std::string& uri);

// Copies within one store, by the store itself; false if the two are not in the same.
StatusOr<bool> CopyWithinStore(const std::string& from, const std::string& to);

// The mark of a folder that was published whole.
inline constexpr std::string_view kPublishedMark = "_SUCCESS";
// The mark of a folder that is being published, or was when its publisher died.
inline constexpr std::string_view kPublishingMark = "_PUBLISHING";

// The files of `fs` that match a pattern; paths as the file system gives them. Errors name `uri`.
StatusOr<std::vector<std::string>> MatchingFiles(arrow::fs::FileSystem& fs,
                                                 const std::string& pattern,
                                                 const std::string& uri);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_REMOTE_FILE_INTERNAL_H_
