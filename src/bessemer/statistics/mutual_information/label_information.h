#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_LABEL_INFORMATION_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_LABEL_INFORMATION_H_

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/mutual_information/column.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::statistics::mutual_information {

struct LabelInformationOptions {
  std::string label;
  std::map<std::string, ColumnKind> kinds;  // features not in here: univalent numbers
  std::set<std::string> ignored;
  int64_t max_encoding_length = 512;
  uint32_t seed = 12345;
  // Divide by the information of the label about itself, the most there can be.
  bool normalize_by_max = false;
  // Give nothing, in place of an error, for fewer rows than neighbours.
  bool allow_few_rows = false;
};

// What a schema says of its features at the top level: categorical are BYTES, and numbers whose
// domain says so; univalent those of shape [1] or with at most one value.
std::map<std::string, ColumnKind> KindsOf(const ::tensorflow::metadata::v0::Schema& schema);

// The adjusted mutual information of each column, but the label and ignored ones, and the label.
// 0 where nothing can be told: no values, or categories that are all different; no entry for a
// column that could not be encoded. INVALID_ARGUMENT, naming the feature, for columns that cannot
// be used, and if there is no label.
StatusOr<std::vector<std::pair<std::string, double>>> LabelInformation(
    const std::vector<Column>& columns, const LabelInformationOptions& options);

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_LABEL_INFORMATION_H_
