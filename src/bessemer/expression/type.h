#ifndef BESSEMER_EXPRESSION_TYPE_H_
#define BESSEMER_EXPRESSION_TYPE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"

namespace arrow {
class RecordBatch;
class Schema;
}  // namespace arrow
namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::expression {

// What one value is. Truth values are ints, 0 or 1. Every integer column is read as int64, every
// float column as float32 (what tf.Example and TensorFlow's transforms hold), string and binary
// columns as bytes.
enum class Kind { kInt, kFloat, kBytes };

// How values belong to rows.
enum class Shape {
  kScalar,  // one value for all rows: a literal or the result of an analyzer
  kList,    // a list for all rows: a literal list, quantile boundaries, a vocabulary
  kRow,     // at most one value a row (exactly one unless `optional`)
  kVector,  // exactly `size` values a row
  kRagged,  // any number of values a row; an absent row and an empty list are the same: no values
};

struct Type {
  Kind kind = Kind::kInt;
  Shape shape = Shape::kRow;
  bool optional = false;  // kRow only: rows may be missing
  int64_t size = 1;       // kVector only

  static Type Scalar(Kind kind) { return {kind, Shape::kScalar}; }
  static Type List(Kind kind) { return {kind, Shape::kList}; }
  static Type Row(Kind kind, bool optional = false) { return {kind, Shape::kRow, optional}; }
  static Type Vector(Kind kind, int64_t size) { return {kind, Shape::kVector, false, size}; }
  static Type Ragged(Kind kind) { return {kind, Shape::kRagged}; }

  bool per_row() const { return shape != Shape::kScalar && shape != Shape::kList; }
  // "int", "optional float", "string[3]", "ragged string", "constant float", "list of int".
  std::string ToString() const;
  friend bool operator==(const Type&, const Type&) = default;
};

std::string_view KindName(Kind kind);  // "int", "float", "string"

// The columns an expression may name.
class InputTypes {
 public:
  // Plain columns are optional rows, list columns are ragged. Columns of other types (structs,
  // nested lists) are left out; naming one is an error that says so.
  static InputTypes FromArrow(const arrow::Schema& schema);
  // The same, but a list column in which no row of `batch` has more than one value is an optional
  // row: for data without a schema. Later batches with more values in a row give an error.
  static InputTypes FromBatch(const arrow::RecordBatch& batch);
  // Top-level features: a fixed shape of one value is a required row, of k values a vector;
  // without a shape: at most one value (value_count.max 1) is a row, required if
  // presence.min_fraction is 1 and value_count.min 1, anything else is ragged. STRUCT features,
  // features of lifecycle stage DEPRECATED and shapes of a negative size or of 2^31 values or more
  // are left out.
  static InputTypes FromSchema(const ::tensorflow::metadata::v0::Schema& schema);

  void Add(std::string name, Type type);
  void AddUnusable(std::string name, std::string why);
  // Null if unknown.
  const Type* Find(std::string_view name) const;
  // NOT_FOUND with the nearest name, or INVALID_ARGUMENT for an unusable column.
  StatusOr<Type> Get(std::string_view name) const;

  const std::vector<std::pair<std::string, Type>>& columns() const { return columns_; }

 private:
  std::vector<std::pair<std::string, Type>> columns_;
  std::vector<std::pair<std::string, std::string>> unusable_;
};

// The type of values computed together, element by element: ragged with ragged, scalar or required
// row is ragged; vector likewise (of one size); otherwise a row, optional if one is; scalars alone
// are a scalar. INVALID_ARGUMENT for anything else, e.g. ragged with an optional row.
StatusOr<Type> Broadcast(const std::vector<Type>& types, Kind kind);

}  // namespace bessemer::expression

#endif  // BESSEMER_EXPRESSION_TYPE_H_
