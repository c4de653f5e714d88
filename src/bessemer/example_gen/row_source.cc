#include "bessemer/example_gen/row_source.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <algorithm>
#include <map>

#include "bessemer/example_gen/parquet_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

// CSV rows, with the input they come from.
class CsvSource : public columnar::BatchSource {
 public:
  explicit CsvSource(std::unique_ptr<CsvInput> input)
      : input_(std::move(input)), blocks_(input_->OpenBlocks(0, input_->num_blocks())) {}
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override { return blocks_->Next(); }

 private:
  std::unique_ptr<CsvInput> input_;
  std::unique_ptr<columnar::BatchSource> blocks_;
};

// Files one behind the other.
class FilesSource : public columnar::BatchSource {
 public:
  using Open =
      std::function<StatusOr<std::unique_ptr<columnar::BatchSource>>(const std::string& file)>;
  FilesSource(std::vector<std::string> files, Open open)
      : files_(std::move(files)), open_(std::move(open)) {}

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    while (true) {
      if (current_ == nullptr) {
        if (next_ == files_.size()) return nullptr;
        BESSEMER_ASSIGN_OR_RETURN(current_, open_(files_[next_++]));
      }
      BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, current_->Next());
      if (batch != nullptr) return batch;
      current_ = nullptr;
    }
  }

 private:
  std::vector<std::string> files_;
  Open open_;
  std::unique_ptr<columnar::BatchSource> current_;
  size_t next_ = 0;
};

std::string_view WithoutGz(std::string_view path) {
  return path.ends_with(".gz") ? path.substr(0, path.size() - 3) : path;
}

ValueKind KindOf(const arrow::DataType& type) {
  for (const ValueKind kind : {ValueKind::kBytes, ValueKind::kFloat, ValueKind::kInt64}) {
    if (type.Equals(*ColumnType(kind))) return kind;
  }
  return ValueKind::kNone;
}

}  // namespace

RowFormat FormatOf(std::string_view path) {
  const std::string_view plain = WithoutGz(path);
  if (plain.ends_with(".csv") || plain.ends_with(".tsv")) return RowFormat::kCsv;
  if (path.ends_with(".parquet") || path.ends_with(".pq")) return RowFormat::kParquet;
  return RowFormat::kTFRecord;
}

StatusOr<RowFiles> FindRowFiles(const std::string& path) {
  RowFiles found;
  StatusOr<std::vector<std::string>> files = io::ListFiles(path);
  if (files.ok()) {
    found.files = *std::move(files);
  } else {
    const StatusOr<std::vector<std::string>> splits =
        io::IsDirectory(path) ? io::ListFiles(io::JoinPath(path, "Split-*/*")) : files;
    if (!splits.ok()) return files.status();
    found.files = *splits;
  }
  found.format = FormatOf(found.files[0]);
  for (const std::string& file : found.files) {
    if (FormatOf(file) != found.format) {
      return InvalidArgumentError("{} and {} are of different formats; name one kind of file",
                                  found.files[0], file);
    }
  }
  return found;
}

StatusOr<std::vector<FeatureSpec>> FindFeatures(const std::vector<std::string>& files,
                                                int num_threads) {
  std::vector<std::map<std::string, ValueKind>> shards(files.size());
  const auto merge = [](const std::string& name, ValueKind kind,
                        std::map<std::string, ValueKind>* all) -> Status {
    ValueKind& known = (*all)[name];
    if (known != kind && known != ValueKind::kNone && kind != ValueKind::kNone) {
      return InvalidArgumentError("feature '{}' holds {} values in some rows and {} in others",
                                  name, ValueKindName(known), ValueKindName(kind));
    }
    if (kind != ValueKind::kNone) known = kind;
    return OkStatus();
  };
  BESSEMER_RETURN_IF_ERROR(VisitExampleFiles(
      files, {}, num_threads, [&](int64_t shard, columnar::BatchSource& source) -> Status {
        while (true) {
          BESSEMER_ASSIGN_OR_RETURN(const auto batch, source.Next());
          if (batch == nullptr) return OkStatus();
          for (const auto& field : batch->schema()->fields()) {
            BESSEMER_RETURN_IF_ERROR(WithContext(
                merge(field->name(), KindOf(*field->type()), &shards[static_cast<size_t>(shard)]),
                files[static_cast<size_t>(shard)]));
          }
        }
      }));
  std::map<std::string, ValueKind> all;
  for (const auto& shard : shards) {
    for (const auto& [name, kind] : shard) BESSEMER_RETURN_IF_ERROR(merge(name, kind, &all));
  }
  std::vector<FeatureSpec> features;
  for (const auto& [name, kind] : all) features.push_back({name, kind});
  return features;
}

StatusOr<std::unique_ptr<columnar::BatchSource>> OpenRows(const RowFiles& files,
                                                          const CsvOptions& csv) {
  switch (files.format) {
    case RowFormat::kCsv: {
      CsvOptions options = csv;
      if (WithoutGz(files.files[0]).ends_with(".tsv")) options.dialect.delimiter = '\t';
      BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<CsvInput> input,
                                CsvInput::Open(files.files, options));
      return std::make_unique<CsvSource>(std::move(input));
    }
    case RowFormat::kTFRecord: {
      ExamplesOptions options;
      BESSEMER_ASSIGN_OR_RETURN(options.features, FindFeatures(files.files, csv.num_threads));
      return std::make_unique<FilesSource>(
          files.files, [options](const std::string& file) { return OpenExamples(file, options); });
    }
    case RowFormat::kParquet:
      break;
  }
  return std::make_unique<FilesSource>(files.files, OpenParquet);
}

}  // namespace bessemer::example_gen
