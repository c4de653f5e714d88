#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "bessemer/base/config.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/commands/examples/examples_internal.h"
#include "bessemer/cli/commands/examples/feature_rows.h"
#include "bessemer/cli/commands/examples/text_writer.h"
#include "bessemer/example_gen/sources/parquet/parquet_file.h"
#include "bessemer/io/fault.h"
#include "bessemer/io/object_uri.h"
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

}  // namespace

StatusOr<int> Convert(const ConvertOptions& options, Session& session) {
  const Form form = FormOf(options.to);
  if (form == Form::kUnknown) {
    return InvalidArgumentError(
        "{}: must end in .parquet, or in .tfrecord, .csv or .jsonl with or without .gz",
        options.to);
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<example_gen::RowInput> input,
                            OpenRows(options.from, options.source, session));
  BESSEMER_ASSIGN_OR_RETURN(FeatureRows source, FeatureRows::Open(*input, session.num_threads));
  // Written aside: what stands under the name asked for is whole. On an object store it is anyway.
  const std::string suffix = options.to.ends_with(".gz") ? ".part.gz" : ".part";
  const bool remote = io::IsRemote(options.to);
  const std::string aside = remote ? options.to : options.to + suffix;
  const StatusOr<int64_t> num_rows = Write(form, source, *input, aside);
  Status status = num_rows.status();
  if (status.ok() && !remote) status = io::FaultPoint(io::WriteOp::kRename, options.to);
  if (status.ok() && !remote && std::rename(aside.c_str(), options.to.c_str()) != 0) {
    status = UnavailableError("{}: cannot rename: {}", aside, std::strerror(errno));
  }
  if (!status.ok()) {
    std::remove(aside.c_str());
    std::string message(Message(status));
    const size_t at = message.find(aside);
    if (at != std::string::npos) message.replace(at, aside.size(), options.to);
    return MakeStatus(status.code(), message);
  }
  if (session.json) {
    fmt::print("{}\n", JsonText(Json{{"num_rows", *num_rows}, {"file", options.to}}));
  } else {
    fmt::print("{} rows to {}\n", *num_rows, options.to);
  }
  return kExitOk;
}

}  // namespace bessemer::cli::examples
