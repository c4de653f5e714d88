#ifndef BESSEMER_STATISTICS_CONFORMANCE_CASES_H_
#define BESSEMER_STATISTICS_CONFORMANCE_CASES_H_

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class DatasetFeatureStatisticsList;
}

// Reads the conformance cases of ../shared/conformance; for tests.

namespace bessemer::statistics {

// The cases of a file, one JSON object a line; empty if the file does not exist.
std::vector<Json> ReadCases(std::string_view file);

// {"@array": …} and {"@arrow": …} of the cases' encoding.
StatusOr<std::shared_ptr<arrow::Array>> ArrayOf(const Json& encoded);
StatusOr<std::shared_ptr<arrow::RecordBatch>> BatchOf(const Json& encoded);
// A number, "NaN", "Infinity" or "-Infinity".
double NumberOf(const Json& value);
// Text, or {"b64": …}.
std::string BytesOf(const Json& value);

// What differs, or "": features by path, custom statistics by name, floats to a relative tolerance.
std::string Difference(::tensorflow::metadata::v0::DatasetFeatureStatisticsList expected,
                       ::tensorflow::metadata::v0::DatasetFeatureStatisticsList actual,
                       double tolerance = 1e-9);

// Runs every case; `check` returns "" for a pass, "skip" for a case of another subject, else what
// is wrong. Prints "suite: passed/total" and the failing ids; fails the test below `min_passed`.
void RunSuite(std::string_view suite, const std::vector<Json>& cases, int min_passed,
              const std::function<std::string(const Json&)>& check);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_CONFORMANCE_CASES_H_
