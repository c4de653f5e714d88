// A gate for data in one page of C++: statistics of two files, the schema the first one fits, and
// what is wrong with the second. Exit code 1 if anything is.
//
// Usage: gate REFERENCE NEW     (any files that `bessemer stats generate` reads)

#include <cstdio>

#include "bessemer/schema/infer.h"
#include "bessemer/statistics/generate.h"
#include "bessemer/statistics/inputs.h"
#include "bessemer/validation/anomaly_table.h"
#include "bessemer/validation/validate.h"

using bessemer::StatusOr;
using tensorflow::metadata::v0::DatasetFeatureStatistics;

StatusOr<DatasetFeatureStatistics> StatisticsOf(const char* path) {
  BESSEMER_ASSIGN_OR_RETURN(const auto sources, bessemer::statistics::OpenInputs({path}));
  BESSEMER_ASSIGN_OR_RETURN(const auto state,
                            bessemer::statistics::GenerateStatistics(sources, {}));
  return state.Finish().datasets(0);
}

StatusOr<int> Gate(const char* reference, const char* fresh) {
  BESSEMER_ASSIGN_OR_RETURN(const auto expected, StatisticsOf(reference));
  BESSEMER_ASSIGN_OR_RETURN(const auto schema, bessemer::schema::InferSchema(expected));
  BESSEMER_ASSIGN_OR_RETURN(const auto found, StatisticsOf(fresh));
  BESSEMER_ASSIGN_OR_RETURN(const auto anomalies, bessemer::validation::Validate(found, schema));
  std::fputs(bessemer::validation::AnomalyTable(anomalies).c_str(), stdout);
  return bessemer::validation::HasAnomalies(anomalies) ? 1 : 0;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    std::fputs("usage: gate REFERENCE NEW\n", stderr);
    return 2;
  }
  const StatusOr<int> result = Gate(argv[1], argv[2]);
  if (result.ok()) return *result;
  std::fprintf(stderr, "%s\n", std::string(bessemer::Message(result.status())).c_str());
  return 3;
}
