#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen {

StatusOr<std::unique_ptr<columnar::BatchSource>> RowInput::OpenColumns(
    int64_t, const std::vector<int>&) const {
  return InvalidArgumentError("the input does not keep columns apart");
}

int64_t RowInput::open_bytes(int64_t block) const { return 2 * block_bytes(block); }

int64_t RowInput::column_open_bytes(int64_t block, const std::vector<int>&) const {
  return open_bytes(block);
}

int64_t RowInput::block_rows(int64_t) const { return -1; }

RowPlace RowInput::PlaceOf(int64_t block, int64_t row) const {
  return {fmt::format("block {} of the input", block), row};
}

}  // namespace bessemer::example_gen
