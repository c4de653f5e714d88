#include "bessemer/components/example_gen/query_example_gen.h"

#include "bessemer/base/hash.h"
#include "bessemer/components/example_gen/write_examples.h"
#include "bessemer/example_gen/input_params.h"
#include "bessemer/example_gen/query_params.h"

namespace bessemer::components::example_gen {
namespace {

namespace gen = ::bessemer::example_gen;

// The queries run one after the other; their rows are encoded together.
Status Run(const gen::Source& source, RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const gen::QuerySelection selection,
                            gen::QueriesFromJson(context.resolved));
  BESSEMER_ASSIGN_OR_RETURN(gen::IngestOptions options,
                            gen::ReadIngestOptions(context.params, selection.splits.size()));
  std::vector<std::unique_ptr<gen::RowInput>> results;
  std::vector<gen::InputRows> input;
  Fingerprinter content;
  bool hashed = true;
  for (const gen::SplitQuery& split : selection.splits) {
    const bool single = selection.splits.size() == 1;
    context.progress->Start(single ? "querying" : "querying " + split.split, 0, "rows");
    gen::QueryRequest request{
        .query = split.query, .params = context.params, .progress = context.progress};
    if (!context.scratch_dir.empty()) request.scratch_dir = context.scratch_dir;
    StatusOr<std::unique_ptr<gen::RowInput>> rows = source.run_query(request);
    if (!rows.ok()) {
      return single ? rows.status()
                    : WithContext(rows.status(), fmt::format("split '{}'", split.split));
    }
    hashed &= !(*rows)->content_hash().empty();
    content.Add(split.split).Add((*rows)->content_hash());
    input.push_back({split.split, rows->get(), 0, (*rows)->num_blocks()});
    results.push_back(*std::move(rows));
  }
  BESSEMER_RETURN_IF_ERROR(WriteExamples(input, std::move(options), context));
  // Of what came, not of how it was asked for. Results that came as files, unread, have none.
  if (hashed) {
    context.Output("examples").custom_properties["input_fingerprint"] =
        "sha256:" + content.FinishHex();
  }
  return OkStatus();
}

Status Check(const ParamValues& params) {
  BESSEMER_ASSIGN_OR_RETURN(const gen::QuerySelection selection, gen::ReadQuerySelection(params));
  return CheckOutput(params, selection.splits.size());
}

}  // namespace

Component QueryExampleGen(const gen::Source& source) {
  std::vector<Param> params = gen::QueryParams();
  params.insert(params.end(), source.params.begin(), source.params.end());
  const std::vector<Param> output = gen::OutputParams();
  params.insert(params.end(), output.begin(), output.end());
  return {
      .name = source.component,
      .doc = source.doc,
      .outputs = ExamplesOutput(),
      .params = std::move(params),
      .check = Check,
      .resolve =
          [&source](const ParamValues& values, io::FileHashes& hashes, const Progress& progress) {
            return gen::ResolveQueries(source, values, hashes, progress);
          },
      .run = [&source](RunContext& context) { return Run(source, context); },
      .tfx_class = source.tfx_class,
  };
}

}  // namespace bessemer::components::example_gen
