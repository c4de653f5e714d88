#include "bessemer/io/fault.h"

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <charconv>
#include <cstdlib>

namespace bessemer::io {
namespace {

std::atomic<ScopedFaultHandler::Handler*> g_handler{nullptr};

}  // namespace

std::string_view WriteOpName(WriteOp op) {
  switch (op) {
    case WriteOp::kCreate:
      return "create";
    case WriteOp::kWrite:
      return "write";
    case WriteOp::kSync:
      return "sync";
    case WriteOp::kRename:
      return "rename";
    case WriteOp::kRemove:
      return "remove";
  }
  return "?";
}

Status FaultPoint(WriteOp op, const std::string& path) {
  auto* handler = g_handler.load(std::memory_order_acquire);
  return handler == nullptr ? OkStatus() : (*handler)(op, path);
}

ScopedFaultHandler::ScopedFaultHandler(Handler handler) {
  delete g_handler.exchange(new Handler(std::move(handler)));
}

ScopedFaultHandler::~ScopedFaultHandler() { delete g_handler.exchange(nullptr); }

void InstallFaultFromEnvironment() {
  const char* setting = std::getenv("BESSEMER_FAULT_AT");
  if (setting == nullptr) return;
  const std::string_view text = setting;
  int64_t at = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), at);
  if (error != std::errc()) return;
  const bool kill_process = std::string_view(rest) == ":kill";
  static std::atomic<int64_t> count{0};
  static ScopedFaultHandler* const handler =
      new ScopedFaultHandler([at, kill_process](WriteOp op, const std::string& path) -> Status {
        const int64_t now = ++count;
        if (kill_process && now == at) kill(getpid(), SIGKILL);
        if (!kill_process && now >= at) {
          return ResourceExhaustedError("{}: cannot {}: no space left on device", path,
                                        WriteOpName(op));
        }
        return OkStatus();
      });
  (void)handler;
}

}  // namespace bessemer::io
