#ifndef BESSEMER_STATISTICS_SLICE_QUERY_H_
#define BESSEMER_STATISTICS_SLICE_QUERY_H_

#include <arrow/record_batch.h>

#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::statistics {

// A query that names the slices of each row, as TFDV's slice_keys_sql:
//
//   SELECT STRUCT(country, if(hour < 12, 'am', 'pm') AS half)
//   FROM example.country, example.hour
//   WHERE country IN ('NL', 'BE')
//
// FROM takes the values of a feature one by one, and of several each with each; a row without a
// value of one of them has no slices. Features named without it have one value at most. The name of
// a slice is "name_value" of each item, joined by "_"; a value that is missing is NULL.
//
// Conditions and items know: names (f, example.f, `any name`), numbers, 'text', TRUE, FALSE, AND,
// OR, NOT, = != <> < <= > >=, + - * / %, IS [NOT] NULL, [NOT] IN (…), [NOT] BETWEEN … AND …,
// CASE [x] WHEN … THEN … [ELSE …] END, and the functions of the expression library, IF among them.
// Letters of keywords and functions may be of either case. Numbers are compared as there, in
// single precision if one is a float.
class SliceQuery {
 public:
  static bool IsQuery(std::string_view text);  // begins with SELECT
  // INVALID_ARGUMENT naming the place, for text that is not such a query.
  static StatusOr<SliceQuery> Parse(std::string_view text);

  // The rows of each slice, ascending. INVALID_ARGUMENT if the types of the columns do not fit, or
  // a feature named without FROM has several values in a row. A feature the batch lacks has no
  // values, unless `require_features`: then it is NOT_FOUND.
  StatusOr<std::map<std::string, std::vector<int64_t>>> Slices(const arrow::RecordBatch& batch,
                                                               bool require_features) const;

 private:
  friend class SliceQueryParser;
  struct Item {
    std::string expression;  // in the expression language
    std::string name;
  };
  struct Source {
    std::string feature;
    std::string alias;
  };
  std::string text_;
  std::vector<Item> items_;
  std::vector<Source> sources_;
  std::string condition_;           // "": all
  std::set<std::string> features_;  // named without FROM
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_SLICE_QUERY_H_
