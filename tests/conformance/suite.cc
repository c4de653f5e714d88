#include "conformance/suite.h"

namespace bessemer::conformance {

bool DecidedByError(bool error_expected, const Status& status, Verdict* verdict) {
  if (!error_expected && status.ok()) return false;
  if (error_expected) {
    *verdict = status.ok() ? Failed("expected an error, got none") : Passed();
  } else {
    *verdict = Failed(status);
  }
  return true;
}

void SuiteRegistry::Add(Suite suite) {
  for (const Suite& known : suites_) {
    if (known.name() != suite.name()) continue;
    status_.Update(AlreadyExistsError("suite '{}' is registered twice; the second is left out",
                                      suite.name()));
    return;
  }
  suites_.push_back(std::move(suite));
}

}  // namespace bessemer::conformance
