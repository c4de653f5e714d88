#ifndef BESSEMER_SERVING_CHILD_PROCESS_H_
#define BESSEMER_SERVING_CHILD_PROCESS_H_

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::serving {

// The program that understands `model-probe`: $BESSEMER_BINARY, else the running program.
std::string ThisProgram();

// A child whose lines of output are read as they come. Destroying it ends it (SIGKILL to its own
// process id) and waits for it. One thread at a time.
class ChildProcess {
 public:
  struct Event {
    enum Kind { kNothing, kLine, kEnded } kind = kNothing;
    std::string text;  // the line, or how it ended: "ended with code 3", "died of signal 11 (…)"
  };

  // Starts arguments[0], in a process group of its own. UNAVAILABLE if that is not possible.
  static StatusOr<ChildProcess> Start(const std::vector<std::string>& arguments);
  ChildProcess(ChildProcess&& other) noexcept;
  ~ChildProcess();

  // The next line of its output, its end, or nothing within the time.
  StatusOr<Event> Wait(int timeout_ms);
  // Resident memory that is not backed by files; 0 once it has ended.
  int64_t AnonymousMemoryBytes() const;
  // The last part of what it wrote to stderr.
  std::string errors();

 private:
  ChildProcess() = default;
  void ReadErrors();
  bool TakeLine(std::string* line);

  pid_t pid_ = -1;
  int out_ = -1, err_ = -1;
  bool out_ended_ = false;
  std::string buffer_, errors_;
};

}  // namespace bessemer::serving

#endif  // BESSEMER_SERVING_CHILD_PROCESS_H_
