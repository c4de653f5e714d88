#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <filesystem>

#include "bessemer/base/config.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/commands/examples/examples_internal.h"
#include "bessemer/cli/commands/examples/feature_rows.h"
#include "bessemer/cli/commands/examples/text_writer.h"
#include "bessemer/example_gen/sources/parquet/parquet_file.h"
#include "bessemer/io/file.h"
#include "bessemer/io/staged_file.h"
#include "bessemer/io/tfrecord.h"

namespace bessemer::cli::examples {
namespace {

StatusOr<int64_t> WriteTFRecord(columnar::BatchSource& source, const example_gen::RowInput& input,
                                const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(
      const std::unique_ptr<io::TFRecordWriter> writer,
      io::TFRecordWriter::Open(
          path, path.ends_with(".gz") ? io::Compression::kGzip : io::Compression::kNone));
  const example_gen::ExampleEncoderOptions encoding{.missing = input.missing_cell()};
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, source.Next());
    if (batch == nullptr) break;
    BESSEMER_ASSIGN_OR_RETURN(example_gen::ExampleEncoder encoder,
                              example_gen::ExampleEncoder::Make(batch, encoding));
    for (int64_t row = 0; row < encoder.num_rows(); ++row) {
      BESSEMER_RETURN_IF_ERROR(writer->Write(encoder.Encode(row)));
    }
  }
  BESSEMER_RETURN_IF_ERROR(writer->Close());
  return writer->num_records();
}

enum class Form { kUnknown, kTFRecord, kParquet, kCsv, kJsonl };

// By the name's ending.
Form FormOf(std::string_view path) {
  if (path.ends_with(".parquet") || path.ends_with(".pq")) return Form::kParquet;
  if (path.ends_with(".gz")) path.remove_suffix(3);
  if (path.ends_with(".csv")) return Form::kCsv;
  if (path.ends_with(".jsonl") || path.ends_with(".ndjson")) return Form::kJsonl;
  return path.ends_with(".tfrecord") || path.ends_with(".tfrecords") ? Form::kTFRecord
                                                                     : Form::kUnknown;
}

StatusOr<int64_t> Write(Form form, columnar::BatchSource& rows, const example_gen::RowInput& input,
                        const std::string& path) {
  switch (form) {
    case Form::kParquet:
      return example_gen::parquet::WriteParquet(rows, path);
    case Form::kCsv:
      return WriteCsv(rows, path);
    case Form::kJsonl:
      return WriteJsonl(rows, path);
    default:
      return WriteTFRecord(rows, input, path);
  }
}

// A file is not written over itself while it is read, nor anything else that is read.
Status CheckNotRead(const ConvertOptions& options) {
  if (options.from.empty() || !options.source.query.empty() || io::IsStream(options.to)) {
    return OkStatus();
  }
  const StatusOr<std::vector<std::string>> files = io::ListFiles(options.from);
  for (const std::string& file : files.ok() ? *files : std::vector<std::string>()) {
    std::error_code ignored;
    if (file != options.to && !std::filesystem::equivalent(file, options.to, ignored)) continue;
    return InvalidArgumentError("{}: is read, so it cannot be written; give another name",
                                options.to);
  }
  return OkStatus();
}

}  // namespace

StatusOr<int> Convert(const ConvertOptions& options, Session& session) {
  const Form form = FormOf(options.form.empty() ? options.to : "." + options.form);
  if (form == Form::kUnknown) {
    return InvalidArgumentError(
        "{}: must end in .parquet, or in .tfrecord, .csv or .jsonl with or without .gz; or say "
        "--as csv",
        options.to);
  }
  BESSEMER_RETURN_IF_ERROR(CheckNotRead(options));
  SourceFlags flags = options.source;
  flags.exact_values = form != Form::kTFRecord;
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<example_gen::RowInput> input,
                            OpenRows(options.from, flags, session));
  BESSEMER_ASSIGN_OR_RETURN(
      FeatureRows source,
      FeatureRows::Open(*input, {.drop_nulls_in_lists = options.nulls_in_lists == "drop",
                                 .skip_bad_rows = options.source.skip_bad_rows,
                                 .num_threads = session.num_threads}));
  // What stands under the name asked for is whole.
  io::StagedFile staged = io::StagedFile::Create(options.to);
  const StatusOr<int64_t> num_rows = Write(form, source, *input, staged.path());
  BESSEMER_RETURN_IF_ERROR(staged.Explain(num_rows.status()));
  BESSEMER_RETURN_IF_ERROR(staged.Explain(staged.Publish()));
  BESSEMER_ASSIGN_OR_RETURN(const int64_t num_bad_rows, source.SaySkipped());
  if (session.json && options.to != "/dev/stdout") {
    Json json = {{"num_rows", *num_rows}, {"file", options.to}};
    if (options.source.skip_bad_rows) json["num_bad_rows"] = num_bad_rows;
    fmt::print("{}\n", JsonText(json));
  } else if (options.to != "/dev/stdout") {
    fmt::print("{} rows to {}\n", *num_rows, options.to);
  }
  return kExitOk;
}

}  // namespace bessemer::cli::examples
