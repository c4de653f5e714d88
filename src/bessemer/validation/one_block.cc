#include "bessemer/validation/one_block.h"

#include "bessemer/example_gen/row_files.h"

namespace bessemer::validation {

StatusOr<RowBlocks> RowBlocks::Open(const std::vector<std::string>& files, int num_threads,
                                    const std::string& scratch_dir,
                                    example_gen::OnBadRow on_bad_row) {
  std::vector<std::unique_ptr<example_gen::RowInput>> inputs;
  example_gen::RowOptions options;
  options.num_threads = num_threads;
  options.on_bad_row = on_bad_row;
  options.scratch_dir = scratch_dir;
  BESSEMER_ASSIGN_OR_RETURN(const auto groups, example_gen::GroupBySource(files));
  for (const example_gen::RowFiles& group : groups) {
    BESSEMER_ASSIGN_OR_RETURN(auto input, example_gen::OpenRowFiles(group, options));
    inputs.push_back(std::move(input));
  }
  return Of(std::move(inputs));
}

RowBlocks RowBlocks::Of(std::vector<std::unique_ptr<example_gen::RowInput>> inputs) {
  RowBlocks opened;
  for (const auto& input : inputs) {
    for (int64_t block = 0; block < input->num_blocks(); ++block) {
      opened.blocks.emplace_back(*input, block);
    }
  }
  opened.inputs = std::move(inputs);
  return opened;
}

}  // namespace bessemer::validation
