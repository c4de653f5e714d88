#ifndef BESSEMER_COLUMNAR_LISTS_H_
#define BESSEMER_COLUMNAR_LISTS_H_

#include <arrow/array.h>

#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "bessemer/base/status.h"

// Working with arrays of lists: what stands between rows of a feature and flat values. "List" is
// list<T> or large_list<T>; slices of arrays are read as what they show. All functions are pure,
// take time linear in what they read, and may be called from any thread.

namespace bessemer::columnar {

// The number of values of each list, or of bytes of each string or binary; 0 where null.
// INVALID_ARGUMENT for other arrays.
StatusOr<std::vector<int64_t>> ElementLengths(const arrow::Array& array);

// For each value in the lists of `array`, in order, the number of the list it stands in. Values
// below a null list are none. INVALID_ARGUMENT unless `array` is a list.
StatusOr<std::vector<int64_t>> ParentIndices(const arrow::Array& array);

// The number of innermost values below each row of lists of any depth: a null list has none, a null
// value is one unless its type is null. INVALID_ARGUMENT unless `array` is a list.
StatusOr<std::vector<int64_t>> InnermostValueCounts(const arrow::Array& array);

// The inverse of ParentIndices: large_list of `num_parents` rows, values[i] in the list of
// parent_indices[i]. A parent without values is an empty list, or null. INVALID_ARGUMENT unless
// there is one index for each value, in ascending order from 0 to num_parents - 1.
StatusOr<std::shared_ptr<arrow::Array>> ListsFromParentIndices(
    int64_t num_parents, std::span<const int64_t> parent_indices,
    const std::shared_ptr<arrow::Array>& values, bool empty_list_as_null);

// Where the innermost values stand in the smallest dense tensor that holds them.
struct Coordinates {
  std::vector<int64_t> indices;      // dense_shape.size() numbers for each value, values in order
  std::vector<int64_t> dense_shape;  // the number of rows, then the longest list of each depth
};
// Of an array of values (one dimension) or of lists of any depth; null lists are empty.
Coordinates CoordinatesOf(const arrow::Array& array);

// The same lists with the values of `fill` in place of each null list. INVALID_ARGUMENT unless
// `array` is a list of `fill`'s type.
StatusOr<std::shared_ptr<arrow::Array>> FillNullLists(const std::shared_ptr<arrow::Array>& array,
                                                      const std::shared_ptr<arrow::Array>& fill);

// large_list with one value in each list; null where the value is null.
StatusOr<std::shared_ptr<arrow::Array>> SingletonLists(const std::shared_ptr<arrow::Array>& array);

// The number of strings or binaries that are not valid UTF-8; nulls are valid. INVALID_ARGUMENT for
// other arrays.
StatusOr<int64_t> CountInvalidUtf8(const arrow::Array& array);

// For each of `values` its first position in `set`, or -1. Both must be strings or binaries, large
// or not, in any combination; a null finds a null. INVALID_ARGUMENT for other arrays.
StatusOr<std::vector<int64_t>> PositionsIn(const arrow::Array& values, const arrow::Array& set);

// Bytes that a copy of the rows of `array` takes in Arrow's layout, without padding: values, one
// offset more than there are rows, and a bit a row where any is null. INVALID_ARGUMENT for types
// other than numbers, bool, dates, bytes, lists, structs and null.
StatusOr<int64_t> ByteSize(const arrow::Array& array);

}  // namespace bessemer::columnar

#endif  // BESSEMER_COLUMNAR_LISTS_H_
