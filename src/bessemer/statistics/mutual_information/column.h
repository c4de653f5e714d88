#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_COLUMN_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_COLUMN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/mutual_information/estimator.h"

namespace bessemer::statistics::mutual_information {

// A value of a row; monostate: null, or a number that is NaN.
using Value = std::variant<std::monostate, int64_t, double, std::string>;

// The values of one feature in each row of a sample. A row without the feature has none, and so has
// one with an empty list.
struct Column {
  std::string name;
  std::vector<std::vector<Value>> rows;
  bool typed = false;  // some row has a value, or a type was known without
};

// The rows of a feature at the top level, lists in lists joined.
Column ColumnOf(const FeatureArray& feature);

// How a schema (or a caller) says a feature is to be taken.
struct ColumnKind {
  bool categorical = false;
  bool multivalent = false;
};

// A feature as variables. Univalent: one, of the last value of each row. Multivalent: the number of
// times a category, or a number within one of `max_encoding_length` - 1 intervals of equal width,
// occurs in the row; of categories the max_encoding_length - 1 most frequent ones and one for all
// others. Rows without the feature are missing in each.
struct EncodedColumn {
  std::vector<Variable> variables;
  // Cannot tell anything: no values at all, or categories that are all different.
  bool uninformative = false;
};

// INVALID_ARGUMENT for text that the kind does not call categorical; nothing for numbers too large
// for intervals of equal width.
StatusOr<std::optional<EncodedColumn>> Encode(const Column& column, ColumnKind kind,
                                              int64_t max_encoding_length);

// Whether the values, as text, are all different: then a categorical label tells nothing.
bool AllDifferent(const Column& column);

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_COLUMN_H_
