#include "bessemer/components/example_gen/file_example_gen.h"

#include "bessemer/components/example_gen/write_examples.h"
#include "bessemer/example_gen/input_params.h"
#include "bessemer/example_gen/row_files.h"

namespace bessemer::components::example_gen {
namespace {

namespace gen = ::bessemer::example_gen;

// Reads all files of the resolved input with a source and its parameters.
Status Ingest(const gen::Source& source, const ParamValues& source_params,
              const gen::ResolvedInput& input, RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(gen::IngestOptions options,
                            gen::ReadIngestOptions(context.params, input.splits.size()));
  std::vector<std::string> files;
  for (const gen::ResolvedSplit& split : input.splits) {
    files.insert(files.end(), split.files.begin(), split.files.end());
  }
  gen::FileRequest request{.files = std::move(files),
                           .params = source_params,
                           .num_threads = context.num_threads,
                           .progress = context.progress,
                           .on_bad_row = options.on_bad_row};
  if (!context.scratch_dir.empty()) request.scratch_dir = context.scratch_dir;
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<gen::RowInput> rows, source.open_files(request));
  return WriteExamples(gen::SplitsOf(*rows, input.splits), std::move(options), context);
}

// One source for all files: the one asked for, or that of their names.
StatusOr<const gen::Source*> SourceOf(const ParamValues& params, const gen::ResolvedInput& input) {
  if (const std::string format = params.String("format"); !format.empty()) {
    const StatusOr<const gen::Source*> source = gen::FindFileSource(format);
    return source.ok() ? source : params.Error("format", Message(source.status()));
  }
  const gen::Source* found = nullptr;
  const std::string* first = nullptr;
  for (const gen::ResolvedSplit& split : input.splits) {
    for (const std::string& file : split.files) {
      BESSEMER_ASSIGN_OR_RETURN(const gen::Source* const source, gen::SourceOfFile(file));
      if (found != nullptr && source != found) {
        return InvalidArgumentError("{} and {} are of different formats; give 'format', or name "
                                    "one kind of file",
                                    *first, file);
      }
      found = source;
      first = &file;
    }
  }
  if (found == nullptr) return InvalidArgumentError("the input has no files");
  return found;
}

StatusOr<Json> Resolve(const ParamValues& params, io::FileHashes& hashes, const Progress&) {
  return gen::ResolveInputParams(params, hashes);
}

Status Check(const ParamValues& params) {
  BESSEMER_ASSIGN_OR_RETURN(const gen::InputSelection selection, gen::ReadInputSelection(params));
  return CheckOutput(params, selection.splits.size());
}

// The parameters of the source that reads the files.
StatusOr<ParamValues> FormatParams(const gen::Source& source, const ParamValues& params) {
  Json given = params.Value("format_params");
  if (given.is_null()) given = Json::object();
  StatusOr<ParamValues> read =
      ParamValues::FromJson(source.params, given, "format_params of " + source.name);
  return read.ok() ? read : params.Error("format_params", Message(read.status()));
}

Status CheckFileBased(const ParamValues& params) {
  BESSEMER_RETURN_IF_ERROR(Check(params));
  if (!params.Has("format")) return OkStatus();  // the files' names say it
  const StatusOr<const gen::Source*> source = gen::FindFileSource(params.String("format"));
  if (!source.ok()) return params.Error("format", Message(source.status()));
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues of_format, FormatParams(**source, params));
  const Status checked = (*source)->check ? (*source)->check(of_format) : OkStatus();
  return checked.ok() ? checked : params.Error("format_params", Message(checked));
}

Status RunFileBased(RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const gen::ResolvedInput input,
                            gen::ResolvedFromJson(context.resolved));
  BESSEMER_ASSIGN_OR_RETURN(const gen::Source* const source, SourceOf(context.params, input));
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params, FormatParams(*source, context.params));
  return Ingest(*source, params, input, context);
}

}  // namespace

Component FileExampleGen(const gen::Source& source) {
  std::vector<Param> params = gen::InputParams();
  params.insert(params.end(), source.params.begin(), source.params.end());
  return {
      .name = source.component,
      .doc = source.doc,
      .outputs = ExamplesOutput(),
      .params = std::move(params),
      .check = [&source](const ParamValues& params) -> Status {
        BESSEMER_RETURN_IF_ERROR(Check(params));
        return source.check ? source.check(params) : OkStatus();
      },
      .resolve = Resolve,
      .run = [&source](RunContext& context) -> Status {
        BESSEMER_ASSIGN_OR_RETURN(const gen::ResolvedInput input,
                                  gen::ResolvedFromJson(context.resolved));
        return Ingest(source, context.params, input, context);
      },
      .tfx_class = source.tfx_class,
  };
}

Component FileBasedExampleGen() {
  std::vector<Param> params = gen::InputParams();
  params.push_back({.name = "format",
                    .doc = "The source that reads the files, e.g. avro; none: by their names."});
  params.push_back({.name = "format_params",
                    .type = ParamType::kMap,
                    .doc = "Parameters of that source, e.g. {delimiter: \";\"} of csv."});
  return {
      .name = "FileBasedExampleGen",
      .doc = "Reads files of any format that is known and splits their rows into examples.\n"
             "The format follows from the files' names, or is given.",
      .outputs = ExamplesOutput(),
      .params = std::move(params),
      .check = CheckFileBased,
      .resolve = Resolve,
      .run = RunFileBased,
      .tfx_class = "tfx.components.example_gen.component.FileBasedExampleGen",
  };
}

}  // namespace bessemer::components::example_gen
