#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen {

RowPlace RowInput::PlaceOf(int64_t block, int64_t row) const {
  return {fmt::format("block {} of the input", block), row};
}

}  // namespace bessemer::example_gen
