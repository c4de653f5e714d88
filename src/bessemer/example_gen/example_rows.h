#ifndef BESSEMER_EXAMPLE_GEN_EXAMPLE_ROWS_H_
#define BESSEMER_EXAMPLE_GEN_EXAMPLE_ROWS_H_

#include <memory>

#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen {

// The rows of an input as the tf.Examples that a pipeline writes of them (see FeatureConverter and
// RowInput::missing_cell): structs are features "parent.child", floats have 32 bits, an empty cell
// of CSV is a feature that is there without values. Rows that are stored as records are given as
// they are. A row that examples cannot hold is INVALID_ARGUMENT with its file, place and feature.
std::unique_ptr<RowInput> AsExamples(std::unique_ptr<RowInput> rows);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_EXAMPLE_ROWS_H_
