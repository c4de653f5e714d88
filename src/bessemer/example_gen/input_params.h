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

// Of sources of files: what to read (input …, spans, fingerprint), and all of OutputParams.
std::vector<Param> InputParams();
// Of every source: what to keep and how to split (shaping/shaping_params.h), what becomes of types
// and of bad rows, what to write.
std::vector<Param> OutputParams();

struct InputSelection {
  std::string base;
  std::vector<InputSplit> splits;
  SpanRange spans;
};

// INVALID_ARGUMENT at the parameter that is wrong.
StatusOr<InputSelection> ReadInputSelection(const ParamValues& params);
// What OutputParams say, and tfx_compat where the source has it. An input with several splits of
// its own cannot be split by hash; one without is split train:2 eval:1 unless told otherwise.
StatusOr<IngestOptions> ReadIngestOptions(const ParamValues& params, size_t num_input_splits);

// What Component::resolve returns for these parameters: {"span", "version", "spans" if there are
// several, "input_fingerprint", "splits": [{"name", "pattern", "files"}]}. Files that `hashes`
// knows are not read.
StatusOr<Json> ResolveInputParams(const ParamValues& params, io::FileHashes& hashes);
StatusOr<ResolvedInput> ResolvedFromJson(const Json& resolved);

// What is said about the examples written: TFX's properties and the numbers of rows.
struct ExamplesDescription {
  std::vector<std::string> split_names;
  // span, version, num_rows, num_rows_<split>; with `where` num_excluded_rows; with rules of
  // shaping num_duplicate_rows, num_unsampled_rows, num_unbalanced_rows; num_bad_rows if rows were
  // to be set aside.
  std::vector<std::pair<std::string, int64_t>> numbers;
  // input_fingerprint, payload_format, file_format (not of Parquet, for which TFX knows none);
  // spans, a JSON list, if there are several; shaping (RowShaper::Report) if there were rules.
  std::vector<std::pair<std::string, std::string>> texts;
  std::string summary;  // for people
};

ExamplesDescription DescribeExamples(const Json& resolved, const IngestOptions& options,
                                     const IngestResult& result);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_INPUT_PARAMS_H_
