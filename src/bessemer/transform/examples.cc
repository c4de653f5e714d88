#include "bessemer/transform/examples.h"

#include <arrow/record_batch.h>

#include <atomic>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/io/tfrecord.h"

namespace bessemer::transform {
namespace {

using example_gen::ExamplesOptions;
using example_gen::ValueKind;
using expression::Kind;

// Only the features that are read, of the kinds the schema gives.
ExamplesOptions Projection(const TransformGraph& graph) {
  ExamplesOptions options;
  options.features.emplace();
  for (const std::string& name : graph.features()) {
    const expression::Type* type = graph.graph().inputs().Find(name);
    options.features->push_back({name, type->kind == Kind::kInt     ? ValueKind::kInt64
                                       : type->kind == Kind::kFloat ? ValueKind::kFloat
                                                                    : ValueKind::kBytes});
  }
  return options;
}

Status TransformFile(const TransformGraph& graph, const std::string& file, const std::string& path,
                     Progress* progress, std::atomic<int64_t>* num_rows) {
  BESSEMER_ASSIGN_OR_RETURN(const auto source, example_gen::OpenExamples(file, Projection(graph)));
  BESSEMER_ASSIGN_OR_RETURN(const auto writer,
                            io::TFRecordWriter::Open(path, io::Compression::kGzip));
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, source->Next());
    if (batch == nullptr) break;
    if (progress->cancelled()) return CancelledError("interrupted");
    auto transformed = graph.Apply(*batch);
    if (!transformed.ok()) return WithContext(transformed.status(), file);
    BESSEMER_ASSIGN_OR_RETURN(auto encoder, example_gen::ExampleEncoder::Make(*transformed));
    for (int64_t row = 0; row < encoder.num_rows(); ++row) {
      BESSEMER_RETURN_IF_ERROR(writer->Write(encoder.Encode(row)));
    }
    progress->Advance(batch->num_rows());
    *num_rows += batch->num_rows();
  }
  return writer->Close();
}

}  // namespace

Dataset ExamplesDataset(const TransformGraph& graph, std::vector<std::string> files) {
  const auto num_shards = static_cast<int64_t>(files.size());
  return {.num_shards = num_shards, .open = [&graph, files = std::move(files)](int64_t shard) {
            return example_gen::OpenExamples(files[shard], Projection(graph));
          }};
}

StatusOr<int64_t> TransformFiles(const TransformGraph& graph,
                                 const std::vector<std::string>& files,
                                 const std::string& directory, int num_threads,
                                 Progress* progress) {
  if (!graph.analyzed()) return FailedPreconditionError("the transform has not been analysed");
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(directory));
  const auto num_files = static_cast<int64_t>(files.size());
  std::atomic<int64_t> num_rows = 0;
  progress->Start("transforming", 0, "rows");
  BESSEMER_RETURN_IF_ERROR(ParallelFor(num_files, num_threads, [&](int64_t i) {
    const std::string name = fmt::format("transformed_examples-{:05}-of-{:05}.gz", i, num_files);
    return TransformFile(graph, files[i], io::JoinPath(directory, name), progress, &num_rows);
  }));
  return num_rows.load();
}

}  // namespace bessemer::transform
