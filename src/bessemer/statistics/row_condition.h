#ifndef BESSEMER_STATISTICS_ROW_CONDITION_H_
#define BESSEMER_STATISTICS_ROW_CONDITION_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/expression/expression.h"

namespace bessemer::statistics {

// What a condition says of a row: true, false, or that a value it needs is missing.
enum class RowOutcome : uint8_t { kHolds, kBroken, kUnknown };

// A condition on single rows, in the expression language: the one way in which rules over rows are
// evaluated, be it while rows are counted or while they are looked at. Thread-safe.
class RowCondition {
 public:
  // INVALID_ARGUMENT for text that does not parse.
  static StatusOr<RowCondition> Parse(std::string_view expression);

  // The outcome of each row. A feature that the batch lacks is missing in every row. Of a feature
  // with several values in a row each must fulfil the condition. INVALID_ARGUMENT if the columns,
  // which are features as examples have them (FeatureConverter), do not fit the condition.
  StatusOr<std::vector<RowOutcome>> Judge(const arrow::RecordBatch& batch) const;

  // In order of first mention.
  const std::vector<std::string>& features() const { return features_; }

 private:
  explicit RowCondition(expression::Expression expression)
      : expression_(std::move(expression)), features_(expression_.features()) {}

  expression::Expression expression_;
  std::vector<std::string> features_;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_ROW_CONDITION_H_
