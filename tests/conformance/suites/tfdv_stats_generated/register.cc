#include "conformance/protos.h"
#include "conformance/statistics_runs.h"
#include "conformance/suite.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

// Batches and options to statistics, in the reference's form (--tfdv-compat): the cases come from
// TFDV's in-memory generation, which estimates uniques by sketches.

namespace bessemer::conformance::tfdv_stats_generated {
namespace {

Verdict Run(const Case& one) {
  const Json& json = one.json;
  statistics::StatisticsOptions options;
  options.tfdv_compat = true;
  options.use_sketch_based_topk_uniques = true;
  if (json.contains("schema") && !json["schema"].is_null()) {
    options.schema = std::make_shared<::tensorflow::metadata::v0::Schema>(
        FromText<::tensorflow::metadata::v0::Schema>(json["schema"]));
  }
  const Status known = SetOptions(json.at("options"), &options);
  if (!known.ok()) return NotImplemented(std::string(Message(known)));
  // Options are checked as they were given.
  const bool error = json.contains("expected_error");
  if (error && !json.at("options").value("experimental_use_sketch_based_topk_uniques", false)) {
    options.use_sketch_based_topk_uniques = false;
  }
  const auto got = Generate(json.at("batches"), options);
  Verdict verdict;
  if (DecidedByError(error, got.status(), &verdict)) return verdict;
  return FromDifference(DiffStatistics(
      FromText<::tensorflow::metadata::v0::DatasetFeatureStatisticsList>(json.at("expected")),
      *got));
}

}  // namespace

void Register(SuiteRegistry& registry) {
  registry.Add({.file = "tfdv_stats_generated",
                .doc = "batches and options to statistics, as --tfdv-compat gives them",
                .run = Run});
}

}  // namespace bessemer::conformance::tfdv_stats_generated
