#ifndef BESSEMER_EVALUATION_EXAMPLES_H_
#define BESSEMER_EVALUATION_EXAMPLES_H_

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace bessemer::evaluation {

// Lists of numbers, one list a row. `offsets` has a value more than there are rows, or is empty
// when every row has exactly one value.
struct Ragged {
  std::vector<double> values;
  std::vector<int64_t> offsets;

  std::span<const double> row(int64_t i) const {
    if (offsets.empty()) return {values.data() + i, 1};
    return {values.data() + offsets[i], static_cast<size_t>(offsets[i + 1] - offsets[i])};
  }
  bool scalar() const { return offsets.empty(); }
  // Appends a row; `count` is the number of rows before.
  void Append(std::span<const double> row, int64_t count);
};

// What a metric sees of some examples of one slice. Rows are in the order of the data. In a
// flattened view each row is one (label, prediction) pair, so an example may give several rows (one
// a class) or none; otherwise each example is one row.
struct Examples {
  int64_t num_rows = 0;
  Ragged labels;       // no values if the view asks for none
  Ragged predictions;  // no values if the view asks for none
  std::vector<double> weights;      // one a row; 1 if unweighted
  std::vector<std::string> groups;  // one a row: the query of the example; empty without query_key
};

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_EXAMPLES_H_
