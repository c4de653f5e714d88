#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

#include "bessemer/base/config.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/commands/examples/examples_internal.h"
#include "bessemer/cli/commands/examples/feature_rows.h"
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

}  // namespace

StatusOr<int> Convert(const ConvertOptions& options, Session& session) {
  const bool parquet = options.to.ends_with(".parquet") || options.to.ends_with(".pq");
  if (!parquet && options.to.find("tfrecord") == std::string::npos) {
    return InvalidArgumentError("{}: must end in .parquet, .tfrecord or .tfrecord.gz", options.to);
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<example_gen::RowInput> input,
                            OpenRows(options.from, options.source, session));
  BESSEMER_ASSIGN_OR_RETURN(FeatureRows source, FeatureRows::Open(*input, session.num_threads));
  // Written aside: what stands under the name asked for is whole. On an object store it is anyway.
  const std::string suffix = options.to.ends_with(".gz") ? ".part.gz" : ".part";
  const bool remote = io::IsRemote(options.to);
  const std::string aside = remote ? options.to : options.to + suffix;
  const StatusOr<int64_t> num_rows = parquet
                                         ? example_gen::parquet::WriteParquet(source, aside)
                                         : WriteTFRecord(source, *input, aside);
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
