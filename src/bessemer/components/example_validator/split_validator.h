#ifndef BESSEMER_COMPONENTS_EXAMPLE_VALIDATOR_SPLIT_VALIDATOR_H_
#define BESSEMER_COMPONENTS_EXAMPLE_VALIDATOR_SPLIT_VALIDATOR_H_

#include <memory>
#include <string>

#include "bessemer/components/component.h"
#include "bessemer/validation/rules.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::components::example_validator {

// Judges the splits of one run of ExampleValidator and writes what it finds.
class SplitValidator {
 public:
  // Reads schema, rules and statistics of serving. The context outlives the validator.
  static StatusOr<std::unique_ptr<SplitValidator>> Create(RunContext& context);

  // Whether the split is blessed. Adds a few lines to the summary.
  StatusOr<bool> Validate(const std::string& split);

 private:
  using Anomalies = ::tensorflow::metadata::v0::Anomalies;
  using List = ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

  explicit SplitValidator(RunContext& context) : context_(context) {}
  Status ReadRules();
  StatusOr<std::unique_ptr<List>> ReadSplit(const char* input, const std::string& split) const;
  StatusOr<Anomalies> JudgeStatistics(const std::string& split, const List& current);
  // Judges rules over rows by the counts in the statistics; looks at the rows if that is asked for
  // or a rule is not counted there, of which the summary tells if there are none.
  Status JudgeRows(const std::string& split, const List& current, Anomalies* anomalies);
  std::string OutputFolder(const std::string& split) const;
  bool IsBlessed(const Anomalies& anomalies) const;

  RunContext& context_;
  ::tensorflow::metadata::v0::Schema schema_;
  validation::RuleSet rules_;
  schema::Environment environment_;
  std::unique_ptr<List> serving_, previous_version_;  // null: none
};

}  // namespace bessemer::components::example_validator

#endif  // BESSEMER_COMPONENTS_EXAMPLE_VALIDATOR_SPLIT_VALIDATOR_H_
