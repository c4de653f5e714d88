#ifndef BESSEMER_EXAMPLE_GEN_ARROW_LEAVES_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_ARROW_LEAVES_INTERNAL_H_

#include <arrow/array.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/arrow_features.h"

// Arrow arrays without lists and structs: what arrow_features does with the values themselves.

namespace bessemer::example_gen {

// The kind of a type's values. UNIMPLEMENTED for types that no feature can hold.
StatusOr<ValueKind> LeafKind(const arrow::DataType& type);

using LeafFaults = std::vector<std::pair<int64_t, std::string>>;  // index and reason, ascending

// Values as one of the types that FeatureConverter promises, of the same length; those that cannot
// be held are null and listed.
StatusOr<std::shared_ptr<arrow::Array>> ConvertLeaf(const std::shared_ptr<arrow::Array>& array,
                                                    const FeatureOptions& options,
                                                    LeafFaults* faults);

// A converted array with zeros and empty strings made null.
StatusOr<std::shared_ptr<arrow::Array>> NullsForZeros(const std::shared_ptr<arrow::Array>& array);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ARROW_LEAVES_INTERNAL_H_
