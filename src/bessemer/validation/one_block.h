#ifndef BESSEMER_VALIDATION_ONE_BLOCK_H_
#define BESSEMER_VALIDATION_ONE_BLOCK_H_

#include <memory>
#include <string>
#include <vector>

#include "bessemer/example_gen/row_input.h"

namespace bessemer::validation {

// A block of an input as an input of its own: the unit of parallel work. The input outlives it.
class OneBlock : public example_gen::RowInput, public example_gen::RecordAccess {
 public:
  OneBlock(const example_gen::RowInput& input, int64_t block) : input_(input), block_(block) {}

  const std::shared_ptr<arrow::Schema>& schema() const override { return input_.schema(); }
  int64_t num_blocks() const override { return 1; }
  int64_t first_block(size_t file) const override { return file == 0 ? 0 : 1; }
  int64_t block_bytes(int64_t) const override { return input_.block_bytes(block_); }
  int64_t num_rows() const override { return -1; }
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t) const override {
    return input_.OpenBlock(block_);
  }
  example_gen::RowPlace PlaceOf(int64_t, int64_t row) const override {
    return input_.PlaceOf(block_, row);
  }
  const example_gen::RecordAccess* records() const override {
    return input_.records() == nullptr ? nullptr : this;
  }
  example_gen::MissingCell missing_cell() const override { return input_.missing_cell(); }

  example_gen::RecordKind kind() const override { return input_.records()->kind(); }
  StatusOr<std::unique_ptr<example_gen::RecordSource>> OpenRecords(int64_t) const override {
    return input_.records()->OpenRecords(block_);
  }
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Decode(
      const std::vector<std::string_view>& records) const override {
    return input_.records()->Decode(records);
  }

 private:
  const example_gen::RowInput& input_;
  int64_t block_;
};

// The rows of files of any format, and a block for each piece of work. Errors as FindRowFiles and
// OpenRowFiles give them.
struct RowBlocks {
  std::vector<std::unique_ptr<example_gen::RowInput>> inputs;
  std::vector<OneBlock> blocks;  // in the order of the files of each source

  static StatusOr<RowBlocks> Open(const std::vector<std::string>& files, int num_threads,
                                  const std::string& scratch_dir,
                                  example_gen::OnBadRow on_bad_row);
  static RowBlocks Of(std::vector<std::unique_ptr<example_gen::RowInput>> inputs);
};

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_ONE_BLOCK_H_
