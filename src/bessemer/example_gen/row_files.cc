#include "bessemer/example_gen/row_files.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <cstring>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/schema_union.h"
#include "bessemer/io/compression.h"
#include "bessemer/io/crc32c.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"

namespace bessemer::example_gen {
namespace {

const Source* SourceBySuffix(const std::string& path) {
  const std::string_view plain = io::WithoutCompressionSuffix(path);
  for (const Source& source : Sources().entries()) {
    for (const std::string& suffix : source.suffixes) {
      if (plain.ends_with(suffix)) return &source;
    }
  }
  return nullptr;
}

// Blocks one behind the other, each batch in the same schema.
class AllRows : public columnar::BatchSource {
 public:
  AllRows(const RowInput& rows, std::shared_ptr<arrow::Schema> schema)
      : rows_(rows), schema_(std::move(schema)) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (true) {
      if (block_ == nullptr) {
        if (next_ == rows_.num_blocks()) return nullptr;
        BESSEMER_ASSIGN_OR_RETURN(block_, rows_.OpenBlock(next_++));
      }
      BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, block_->Next());
      if (batch != nullptr) return ConformBatch(batch, schema_);
      block_ = nullptr;
    }
  }

 private:
  const RowInput& rows_;
  std::shared_ptr<arrow::Schema> schema_;
  int64_t next_ = 0;
  std::unique_ptr<columnar::BatchSource> block_;
};

// The union of the schemas of a block's batches.
StatusOr<std::shared_ptr<arrow::Schema>> SchemaOfBlock(const RowInput& rows, int64_t block) {
  const std::string file = rows.PlaceOf(block, 0).file;
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<columnar::BatchSource> source,
                            rows.OpenBlock(block));
  std::shared_ptr<arrow::Schema> schema = arrow::schema({});
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, source->Next());
    if (batch == nullptr) return schema;
    BESSEMER_ASSIGN_OR_RETURN(schema, UnifySchemas({schema, batch->schema()}, {file, file}));
  }
}

// The length of the first record and its checksum.
bool BeginsTFRecord(std::string_view begin) {
  if (begin.size() < 12) return false;
  uint32_t crc = 0;
  std::memcpy(&crc, begin.data() + 8, sizeof crc);
  return crc == io::MaskCrc(io::Crc32c(begin.substr(0, 8)));
}

StatusOr<ParamValues> CheckParams(const Source& source, const Json& params) {
  return ParamValues::FromJson(source.params, params, fmt::format("parameters of {}", source.name));
}

std::string ScratchOf(const RowOptions& options) {
  return options.scratch_dir.empty() ? io::TemporaryFolder() : options.scratch_dir;
}

}  // namespace

StatusOr<const Source*> SourceOfFile(const std::string& path) {
  if (const Source* source = SourceBySuffix(path)) return source;
  // The name TFX gives; not opened, as there are many of them.
  if (io::BaseName(path).find("tfrecord") != std::string::npos) return Sources().Find("tfrecord");
  BESSEMER_ASSIGN_OR_RETURN(const io::MaybeCompressed input,
                            io::OpenMaybeCompressed(path, BeginsTFRecord));
  char first[16];
  size_t size = 0;
  while (size < sizeof first) {
    BESSEMER_ASSIGN_OR_RETURN(const size_t got,
                              input.stream->Read(first + size, sizeof first - size));
    if (got == 0) break;
    size += got;
  }
  const std::string_view begin(first, size);
  if (begin.empty()) return Sources().Find("tfrecord");  // of no records
  if (const Source* source = SourceOfBytes(begin)) return source;
  if (const std::string_view archive = ForeignArchive(begin); !archive.empty()) {
    return InvalidArgumentError("{}: {} is not read here; unpack it first", path, archive);
  }
  return InvalidArgumentError(
      "{}: cannot tell the format by the name or the first bytes; give --format csv, jsonl, "
      "tfrecord, …, or take the component of the format",
      path);
}

const Source* SourceOfBytes(std::string_view begin) {
  for (const Source& source : Sources().entries()) {
    if (!source.magic.empty() && begin.starts_with(source.magic)) return &source;
  }
  return BeginsTFRecord(begin) ? *Sources().Find("tfrecord") : nullptr;
}

std::string_view ForeignArchive(std::string_view begin) {
  if (begin.starts_with(std::string_view("\xfd" "7zXZ\0", 6))) return "xz";
  return begin.starts_with("PK\x03\x04") ? "zip" : "";
}

StatusOr<const Source*> FindFileSource(std::string_view name) {
  const StatusOr<const Source*> found = Sources().Find(name);
  if (!found.ok()) return InvalidArgumentError("{}", Message(found.status()));
  const Source* const source = *found;
  if (source->open_files != nullptr) return source;
  return InvalidArgumentError("{} runs queries; it is not a format of files", name);
}

StatusOr<std::vector<RowFiles>> GroupBySource(const std::vector<std::string>& files) {
  std::vector<RowFiles> groups;
  for (const std::string& file : files) {
    BESSEMER_ASSIGN_OR_RETURN(const Source* const source, SourceOfFile(file));
    auto group = std::find_if(groups.begin(), groups.end(),
                              [&](const RowFiles& known) { return known.source == source; });
    if (group == groups.end()) group = groups.insert(group, {source, {}});
    group->files.push_back(file);
  }
  return groups;
}

StatusOr<RowFiles> FindRowFiles(const std::string& path, std::string_view format) {
  StatusOr<std::vector<std::string>> files = io::ListFiles(path);
  if (!files.ok()) {
    if (files.status().code() != StatusCode::kNotFound) return files.status();
    BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(path));
    const StatusOr<std::vector<std::string>> splits =
        is_folder ? io::ListFiles(io::JoinPath(path, "Split-*/*")) : files;
    if (!splits.ok()) return files.status();
    files = *splits;
  }
  if (!format.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const Source* const source, FindFileSource(format));
    return RowFiles{source, *std::move(files)};
  }
  BESSEMER_ASSIGN_OR_RETURN(std::vector<RowFiles> groups, GroupBySource(*files));
  if (groups.size() > 1) {
    return InvalidArgumentError("{} and {} are of different formats; name one kind of file",
                                groups[0].files[0], groups[1].files[0]);
  }
  return std::move(groups[0]);
}

Json ParamsOf(const Source& source, const Json& params) {
  Json own = Json::object();
  for (const Param& param : source.params) {
    if (const auto given = params.find(param.name); given != params.end()) {
      own[param.name] = *given;
    }
  }
  return own;
}

StatusOr<std::unique_ptr<RowInput>> OpenRowFiles(const RowFiles& files, const RowOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params, CheckParams(*files.source, options.params));
  return files.source->open_files({.files = files.files,
                                   .params = params,
                                   .num_threads = options.num_threads,
                                   .scratch_dir = ScratchOf(options),
                                   .progress = options.progress,
                                   .on_bad_row = options.on_bad_row,
                                   .known_types = options.known_types,
                                   .exact_values = options.exact_values});
}

StatusOr<std::unique_ptr<RowInput>> RunRowQuery(const Source& source, const std::string& query,
                                                const RowOptions& options) {
  if (source.run_query == nullptr) {
    return InvalidArgumentError("{} reads files; it runs no queries", source.name);
  }
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params, CheckParams(source, options.params));
  return source.run_query({.query = query,
                           .params = params,
                           .scratch_dir = ScratchOf(options),
                           .progress = options.progress});
}

StatusOr<std::shared_ptr<arrow::Schema>> FindSchema(const RowInput& rows, int num_threads) {
  if (rows.schema() != nullptr) return rows.schema();
  const auto count = static_cast<size_t>(rows.num_blocks());
  std::vector<std::shared_ptr<arrow::Schema>> schemas(count);
  std::vector<std::string> names(count);
  BESSEMER_RETURN_IF_ERROR(
      ParallelFor(rows.num_blocks(), num_threads, [&](int64_t block) -> Status {
        const auto i = static_cast<size_t>(block);
        names[i] = rows.PlaceOf(block, 0).file;
        BESSEMER_ASSIGN_OR_RETURN(schemas[i], SchemaOfBlock(rows, block));
        return OkStatus();
      }));
  BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Schema> schema,
                            UnifySchemas(schemas, names));
  std::vector<std::shared_ptr<arrow::Field>> fields = schema->fields();
  std::stable_sort(fields.begin(), fields.end(), [](const auto& a, const auto& b) {
    const bool a_last = a->name().starts_with("##");
    const bool b_last = b->name().starts_with("##");
    return a_last != b_last ? b_last : a->name() < b->name();
  });
  return arrow::schema(std::move(fields));
}

std::unique_ptr<columnar::BatchSource> ReadRows(const RowInput& rows,
                                                std::shared_ptr<arrow::Schema> schema) {
  return std::make_unique<AllRows>(rows, std::move(schema));
}

}  // namespace bessemer::example_gen
