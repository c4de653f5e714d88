#include "bessemer/cli/commands/run/run_page.h"

#include <fmt/format.h>

#include <cstdio>

#include "bessemer/report/from_run_record.h"
#include "bessemer/report/report.h"

namespace bessemer::cli::run {

std::string WritePage(const pipeline::RunRecord& run) {
  const std::string path = ::bessemer::report::RunPagePath(run.root, run.run_id);
  const Status status =
      ::bessemer::report::WriteRunPage(::bessemer::report::FromRunRecord(run), path);
  if (status.ok()) return path;
  fmt::print(stderr, "bessemer: no report was written: {}\n", Message(status));
  return "";
}

}  // namespace bessemer::cli::run
