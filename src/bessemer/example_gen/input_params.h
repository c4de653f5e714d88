#ifndef BESSEMER_EXAMPLE_GEN_INPUT_PARAMS_H_
#define BESSEMER_EXAMPLE_GEN_INPUT_PARAMS_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/span.h"

// The parameters that components which bring files in have together: what to read, which span, how
// to split, what to keep. Each can be said in TFX's form (input_base, input_config, output_config,
// range_config) or shorter (input, splits, span).

namespace bessemer::example_gen {

std::vector<Param> InputParams();

struct InputSelection {
  std::string base;
  std::vector<InputSplit> splits;
  std::optional<int64_t> span;
};

// INVALID_ARGUMENT at the parameter that is wrong.
StatusOr<InputSelection> ReadInputSelection(const ParamValues& params);
// splits, partition_feature, columns, rename and where.
StatusOr<IngestOptions> ReadIngestOptions(const ParamValues& params);

// What Component::resolve returns for these parameters: {"span", "version", "input_fingerprint",
// "splits": [{"name", "pattern", "files"}]}. Files that `hashes` knows are not read.
StatusOr<Json> ResolveInputParams(const ParamValues& params, io::FileHashes& hashes);
StatusOr<ResolvedInput> ResolvedFromJson(const Json& resolved);

// What is said about the examples written: TFX's properties and the numbers of rows.
struct ExamplesDescription {
  std::vector<std::string> split_names;
  // span, version, num_rows, num_rows_<split>, and with `where` num_excluded_rows.
  std::vector<std::pair<std::string, int64_t>> numbers;
  // input_fingerprint, payload_format, file_format.
  std::vector<std::pair<std::string, std::string>> texts;
  std::string summary;  // for people
};
// One line for people about columns that words for "nothing" turn into strings.
std::string DescribeHints(const std::vector<NullHint>& hints);

ExamplesDescription DescribeExamples(const Json& resolved, const IngestResult& result);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_INPUT_PARAMS_H_
