#ifndef BESSEMER_IO_FAULT_H_
#define BESSEMER_IO_FAULT_H_

#include <functional>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::io {

// What is about to happen to durable storage.
enum class WriteOp { kCreate, kWrite, kSync, kRename, kRemove };

std::string_view WriteOpName(WriteOp op);

// Called before every change of durable storage that goes through this library. Tests install a
// handler that fails or ends the process at the n-th call, and then look at what is left. Without
// a handler it costs one relaxed atomic load.
Status FaultPoint(WriteOp op, const std::string& path);

// Installs a handler until destroyed. One at a time; the handler is called from any thread.
class ScopedFaultHandler {
 public:
  using Handler = std::function<Status(WriteOp, const std::string&)>;
  explicit ScopedFaultHandler(Handler handler);
  ~ScopedFaultHandler();
  ScopedFaultHandler(const ScopedFaultHandler&) = delete;
  ScopedFaultHandler& operator=(const ScopedFaultHandler&) = delete;
};

// Reads $BESSEMER_FAULT_AT ("<n>:kill" or "<n>:full"): the n-th change of storage (from 1) ends the
// process with SIGKILL, or fails as a full disk. Used by tests of the whole command.
void InstallFaultFromEnvironment();

}  // namespace bessemer::io

#endif  // BESSEMER_IO_FAULT_H_
