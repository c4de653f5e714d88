#ifndef BESSEMER_PIPELINE_PROCESS_OWNER_H_
#define BESSEMER_PIPELINE_PROCESS_OWNER_H_

#include <string>
#include <string_view>

namespace bessemer::pipeline {

// Says in the metadata store who runs an execution, so that a later run can tell whether that
// process still lives: "<host>/<boot>/<pid>/<start of the process>/<n>". While it exists, the work
// counts as alive in this process.
class ProcessOwner {
 public:
  ProcessOwner();
  ~ProcessOwner();
  ProcessOwner(const ProcessOwner&) = delete;
  ProcessOwner& operator=(const ProcessOwner&) = delete;

  const std::string& token() const { return token_; }

  // True if the owner's process has ended for certain: on this machine, and not there any more. An
  // owner on another machine counts as alive; a text that is no token as dead.
  static bool IsGone(std::string_view token);

 private:
  std::string token_;
};

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_PROCESS_OWNER_H_
