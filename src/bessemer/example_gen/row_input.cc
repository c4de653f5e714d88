#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen {

StatusOr<std::unique_ptr<columnar::BatchSource>> RowInput::OpenColumns(
    int64_t, const std::vector<int>&) const {
  return InvalidArgumentError("the input does not keep columns apart");
}

RowPlace RowInput::PlaceOf(int64_t block, int64_t row) const {
  return {fmt::format("block {} of the input", block), row};
}

}  // namespace bessemer::example_gen
