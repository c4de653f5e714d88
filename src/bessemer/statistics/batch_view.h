#ifndef BESSEMER_STATISTICS_BATCH_VIEW_H_
#define BESSEMER_STATISTICS_BATCH_VIEW_H_

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/statistics/options.h"

namespace bessemer::statistics {

// What TFDV calls the type of a feature; absent: no value seen, so not known.
enum class FeatureType { kInt = 0, kFloat = 1, kString = 2, kStruct = 4 };

std::string_view FeatureTypeName(FeatureType type);

// The lists of one nest level, whatever Arrow type holds them: row i is absent, or has length(i)
// elements of the next level, which are those from begin(i) on. Absent rows have length 0, and the
// elements of all rows are exactly those of the next level, in order.
struct ListLevel {
  std::shared_ptr<arrow::Array> array;  // for presence; null: every row is absent
  int64_t num_rows = 0;
  const int32_t* offsets32 = nullptr;
  const int64_t* offsets64 = nullptr;
  int64_t base = 0;
  std::shared_ptr<std::vector<int64_t>> storage;  // of offsets64, where they had to be made

  bool IsPresent(int64_t row) const { return array != nullptr && array->IsValid(row); }
  // A plain array: a present row has one element, but absent ones keep their slot of the leaf.
  bool plain() const { return !offsets32 && !offsets64; }
  int64_t begin(int64_t row) const {
    return offsets32 ? offsets32[row] - base : offsets64 ? offsets64[row] - base : row;
  }
  int64_t length(int64_t row) const {
    return plain() ? (IsPresent(row) ? 1 : 0) : begin(row + 1) - begin(row);
  }
};

// A feature's data in one batch: list levels from the outside in, and the leaf.
struct FeatureArray {
  FeaturePath path;
  std::optional<FeatureType> type;
  std::vector<ListLevel> levels;  // at least one; levels[0] has a row for each weight
  // The elements of the innermost lists: integers (times by columnar/temporal.h), half, single or
  // double floats, bytes, structs, or null-typed. A null is a value that is null; but where the
  // innermost level is plain, it is absent.
  std::shared_ptr<arrow::Array> leaf;
  std::span<const double> weights;  // empty: unweighted; else one for each row of levels[0]

  bool plain() const { return levels.back().plain(); }
};

// Which of its rows' columns a batch has. A source of wide rows may give them in several parts,
// each in batches of its own with some of the columns: rows are counted in part 0 only.
struct ColumnPart {
  int index = 0;
  int num_columns = 0;  // of all parts together; 0: no more than the batch has
};

// One batch, its nested columns walked once for all accumulators. Borrows the batch and options.
class BatchView {
 public:
  // INVALID_ARGUMENT for: a repeated column name; a type statistics do not take; a weight column
  // that is missing, not numeric, or has not exactly one finite value of at most kMaxWeight in each
  // row.
  static StatusOr<BatchView> Make(const arrow::RecordBatch& batch,
                                  const StatisticsOptions& options, ColumnPart part = {});

  int64_t num_rows() const { return num_rows_; }
  const arrow::RecordBatch& batch() const { return *batch_; }
  // False: these rows are counted by another part of their columns.
  bool counts_rows() const { return part_.index == 0; }
  // Columns that the rows are known to have, in this batch or in other parts.
  size_t num_columns_of_rows() const { return static_cast<size_t>(part_.num_columns); }
  // Structs before their fields, columns in the order of the batch.
  const std::vector<FeatureArray>& features() const { return features_; }
  const FeatureArray* Find(const FeaturePath& path) const;  // null if the batch has none
  // The weight of each row by the dataset's weight feature; empty: unweighted.
  std::span<const double> weights() const;
  const StatisticsOptions& options() const { return *options_; }

 private:
  using WeightColumns = std::map<std::string, std::span<const double>>;

  Status ReadWeights(const arrow::RecordBatch& batch);
  Status Walk(FeaturePath path, const std::shared_ptr<arrow::Array>& array,
              const WeightColumns& weights);

  const arrow::RecordBatch* batch_ = nullptr;
  const StatisticsOptions* options_ = nullptr;
  ColumnPart part_;
  int64_t num_rows_ = 0;
  std::vector<FeatureArray> features_;
  WeightColumns weights_;
  std::vector<std::unique_ptr<std::vector<double>>> weight_storage_;
};

// For each element of the leaf the row of levels[0] it belongs to.
std::vector<int64_t> ParentRows(const FeatureArray& feature);

// The leaf's numbers as doubles; null leaves as NaN, absent slots of the plain form left out. With
// `rows`, the position of each number in the leaf is written there too. Empty unless the type is
// kInt or kFloat.
void LeafNumbers(const FeatureArray& feature, std::vector<double>* values,
                 std::vector<int64_t>* positions);

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_BATCH_VIEW_H_
