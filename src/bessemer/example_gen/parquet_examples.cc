#include "bessemer/example_gen/parquet_examples.h"

#include <arrow/array.h>
#include <arrow/builder.h>
#include <arrow/compute/api.h>
#include <arrow/io/interfaces.h>
#include <arrow/record_batch.h>
#include <arrow/util/bitmap_ops.h>
#include <parquet/arrow/reader.h>
#include <parquet/file_reader.h>
#include <parquet/metadata.h>

#include <algorithm>
#include <optional>
#include <set>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/arrow_file_internal.h"
#include "bessemer/example_gen/parquet_reading_internal.h"
#include "bessemer/example_gen/parquet_writer_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen {
namespace {

constexpr int64_t kRowGroupRows = 65536;
constexpr int64_t kRowGroupBytes = 16 << 20;  // every split has a writer in each thread

// For writing. Parquet reports some errors by exceptions: this is where they become ours.
template <typename F>
Status Guard(const std::string& path, F&& f) {
  try {
    return WithContext(f(), path);
  } catch (const std::exception& error) {
    return InternalError("{}: cannot be written as Parquet: {}", path, error.what());
  }
}

ValueKind KindOf(const arrow::DataType& type) {
  if (columnar::IsInteger(type)) return ValueKind::kInt64;
  if (columnar::IsFloat(type)) return ValueKind::kFloat;
  if (columnar::IsBytes(type)) return ValueKind::kBytes;
  return ValueKind::kNone;
}

// A column as the lists that decoding a tf.Example gives.
StatusOr<std::shared_ptr<arrow::Array>> AsLists(const std::shared_ptr<arrow::Array>& array) {
  BESSEMER_ASSIGN_OR_RETURN(const auto column, columnar::FeatureColumn::Make(array));
  const ValueKind kind = KindOf(*column.value_type());
  if (kind == ValueKind::kNone) {
    return std::static_pointer_cast<arrow::Array>(
        std::make_shared<arrow::NullArray>(array->length()));
  }
  const std::shared_ptr<arrow::DataType> type = ColumnType(kind);
  if (column.layout() == columnar::FeatureColumn::Layout::kRagged) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const arrow::Datum cast, arrow::compute::Cast(array, type));
    return cast.make_array();
  }
  const auto& value_type = static_cast<const arrow::ListType&>(*type).value_type();
  BESSEMER_ASSIGN_OR_RETURN_ARROW(const arrow::Datum cast, arrow::compute::Cast(array, value_type));
  std::shared_ptr<arrow::Array> values = cast.make_array();
  std::vector<int32_t> offsets(static_cast<size_t>(array->length()) + 1);
  for (int64_t row = 0; row < array->length(); ++row) {
    offsets[static_cast<size_t>(row) + 1] = offsets[static_cast<size_t>(row)] + array->IsValid(row);
  }
  std::shared_ptr<arrow::Buffer> validity;
  if (array->null_count() > 0) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(
        validity, arrow::internal::CopyBitmap(arrow::default_memory_pool(),
                                              array->null_bitmap_data(), array->offset(),
                                              array->length()));
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const arrow::Datum dropped, arrow::compute::DropNull(values));
    values = dropped.make_array();
  }
  return std::static_pointer_cast<arrow::Array>(std::make_shared<arrow::ListArray>(
      type, array->length(), arrow::Buffer::FromVector(std::move(offsets)), values, validity));
}

class ParquetExamplesSource : public columnar::BatchSource {
 public:
  ParquetExamplesSource(std::string file, const ExamplesOptions& options)
      : file_(std::move(file)), options_(options) {}

  Status Open() {
    BESSEMER_ASSIGN_OR_RETURN(input_, io::OpenRandomAccess(file_));
    return ReadingFile(file_, "Parquet", *input_, [&]() -> Status {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(const int64_t size, input_->GetSize());
      ParquetReading reading(file_, size);  // all row groups would be fetched
      parquet::arrow::FileReaderBuilder builder;
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Open(input_, reading.pages));
      builder.memory_pool(columnar::LargeBufferPool())->properties(reading.arrow);
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Build(&reader_));
      std::shared_ptr<arrow::Schema> schema;
      BESSEMER_RETURN_IF_ARROW_ERROR(reader_->GetSchema(&schema));
      const std::vector<int> leaves = LeavesToRead(*schema);
      int64_t batch_rows = options_.batch_rows;
      for (const int group : RowGroups()) {
        const auto metadata = reader_->parquet_reader()->metadata()->RowGroup(group);
        batch_rows = std::min(batch_rows, ParquetBatchRows(*metadata, leaves));
      }
      reader_->set_batch_size(batch_rows);
      BESSEMER_ASSIGN_OR_RETURN_ARROW(batches_,
                                      reader_->GetRecordBatchReader(RowGroups(), leaves));
      return OkStatus();
    });
  }

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override {
    std::shared_ptr<arrow::RecordBatch> batch;
    BESSEMER_RETURN_IF_ERROR(ReadingFile(file_, "Parquet", *input_, [&]() -> Status {
      do {
        BESSEMER_RETURN_IF_ARROW_ERROR(batches_->ReadNext(&batch));
      } while (batch != nullptr && batch->num_rows() == 0);
      return OkStatus();
    }));
    if (batch == nullptr) return batch;
    auto made = Features(*batch);
    if (!made.ok()) return WithContext(made.status(), file_);
    return made;
  }

 private:
  std::vector<int> RowGroups() const {
    std::vector<int> groups(static_cast<size_t>(reader_->num_row_groups()));
    for (size_t i = 0; i < groups.size(); ++i) groups[i] = static_cast<int>(i);
    return groups;
  }

  // A raw record needs every column.
  std::vector<int> LeavesToRead(const arrow::Schema& schema) const {
    std::vector<int> columns;
    for (int i = 0; i < schema.num_fields(); ++i) {
      const bool wanted = !options_.features || !options_.raw_record_column.empty() ||
                          std::any_of(options_.features->begin(), options_.features->end(),
                                      [&](const FeatureSpec& feature) {
                                        return feature.name == schema.field(i)->name();
                                      });
      if (wanted) columns.push_back(i);
    }
    return ParquetLeaves(*reader_->parquet_reader()->metadata()->schema(), columns);
  }

  StatusOr<std::shared_ptr<arrow::Array>> Column(const arrow::RecordBatch& batch,
                                                 const std::string& name) const {
    const std::shared_ptr<arrow::Array> array = batch.GetColumnByName(name);
    if (array == nullptr) return std::shared_ptr<arrow::Array>();
    StatusOr<std::shared_ptr<arrow::Array>> lists = AsLists(array);
    if (!lists.ok()) return WithContext(lists.status(), fmt::format("column '{}'", name));
    return lists;
  }

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Features(const arrow::RecordBatch& batch) const {
    std::vector<FeatureSpec> wanted;
    if (options_.features) {
      std::set<std::string> seen;
      for (const FeatureSpec& feature : *options_.features) {
        if (seen.insert(feature.name).second) wanted.push_back(feature);
      }
    } else {
      for (const std::string& name : batch.schema()->field_names()) wanted.push_back({name});
      std::sort(wanted.begin(), wanted.end(),
                [](const auto& a, const auto& b) { return a.name < b.name; });
    }
    std::vector<std::shared_ptr<arrow::Field>> fields;
    std::vector<std::shared_ptr<arrow::Array>> arrays;
    for (const auto& [name, kind] : wanted) {
      BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> array, Column(batch, name));
      const std::shared_ptr<arrow::DataType> type = ColumnType(kind);
      if (array == nullptr || (array->type_id() == arrow::Type::NA && kind != ValueKind::kNone)) {
        BESSEMER_ASSIGN_OR_RETURN_ARROW(array, arrow::MakeArrayOfNull(type, batch.num_rows()));
      }
      if (kind != ValueKind::kNone && !array->type()->Equals(*type)) {
        return InvalidArgumentError("feature '{}' holds {}, not {}", name,
                                    array->type()->ToString(), ValueKindName(kind));
      }
      fields.push_back(arrow::field(name, array->type()));
      arrays.push_back(std::move(array));
    }
    if (!options_.raw_record_column.empty()) {
      BESSEMER_ASSIGN_OR_RETURN(auto records, Records(batch));
      fields.push_back(arrow::field(options_.raw_record_column, arrow::binary()));
      arrays.push_back(std::move(records));
    }
    return arrow::RecordBatch::Make(arrow::schema(std::move(fields)), batch.num_rows(),
                                    std::move(arrays));
  }

  StatusOr<std::shared_ptr<arrow::Array>> Records(const arrow::RecordBatch& batch) const {
    BESSEMER_ASSIGN_OR_RETURN(
        ExampleEncoder encoder,
        ExampleEncoder::Make(arrow::RecordBatch::Make(batch.schema(), batch.num_rows(),
                                                      batch.columns())));
    arrow::BinaryBuilder builder;
    for (int64_t row = 0; row < batch.num_rows(); ++row) {
      const std::string_view record = encoder.Encode(row);
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append(record));
    }
    BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Array> records, builder.Finish());
    return records;
  }

  std::string file_;
  std::shared_ptr<io::StorageFile> input_;
  ExamplesOptions options_;
  std::unique_ptr<parquet::arrow::FileReader> reader_;  // outlives its batches
  std::shared_ptr<arrow::RecordBatchReader> batches_;
};

}  // namespace

std::string ParquetFileName(int64_t shard, int64_t num_shards) {
  return fmt::format("data_parquet-{:05}-of-{:05}.parquet", shard, num_shards);
}

bool IsParquetFile(std::string_view path) {
  return path.ends_with(".parquet") || path.ends_with(".pq");
}

struct ParquetExamplesWriter::Impl {
  std::string path;
  std::shared_ptr<arrow::io::OutputStream> out;  // outlives the writer
  std::optional<ParquetWriter> writer;
  int64_t num_rows = 0;
};

ParquetExamplesWriter::ParquetExamplesWriter(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ParquetExamplesWriter::ParquetExamplesWriter(ParquetExamplesWriter&&) noexcept = default;
ParquetExamplesWriter& ParquetExamplesWriter::operator=(ParquetExamplesWriter&&) noexcept = default;
ParquetExamplesWriter::~ParquetExamplesWriter() = default;

int64_t ParquetExamplesWriter::num_rows() const { return impl_->num_rows; }

StatusOr<ParquetExamplesWriter> ParquetExamplesWriter::Open(
    const std::string& split_uri, int64_t shard, int64_t num_shards,
    const std::shared_ptr<arrow::Schema>& schema) {
  auto impl = std::make_unique<Impl>();
  impl->path = io::JoinPath(split_uri, ParquetFileName(shard, num_shards));
  BESSEMER_ASSIGN_OR_RETURN(impl->out, io::OpenArrowOutput(impl->path));
  impl->writer.emplace(schema, impl->out,
                       ParquetWriter::Options{.codec = arrow::Compression::SNAPPY,
                                              .group_bytes = kRowGroupBytes,
                                              .group_rows = kRowGroupRows});
  return ParquetExamplesWriter(std::move(impl));
}

Status ParquetExamplesWriter::Write(const std::shared_ptr<arrow::RecordBatch>& batch,
                                    const std::vector<int64_t>& rows) {
  if (rows.empty()) return OkStatus();
  return Guard(impl_->path, [&]() -> Status {
    std::shared_ptr<arrow::RecordBatch> taken = batch;
    if (static_cast<int64_t>(rows.size()) != batch->num_rows()) {
      arrow::Int64Builder builder;
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.AppendValues(rows));
      BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto indices, builder.Finish());
      arrow::compute::ExecContext context(columnar::LargeBufferPool());
      BESSEMER_ASSIGN_OR_RETURN_ARROW(
          const arrow::Datum some,
          arrow::compute::Take(batch, indices, arrow::compute::TakeOptions::NoBoundsCheck(),
                               &context));
      taken = some.record_batch();
    }
    BESSEMER_RETURN_IF_ARROW_ERROR(impl_->writer->Write(*taken));
    impl_->num_rows += taken->num_rows();
    return OkStatus();
  });
}

Status ParquetExamplesWriter::Close() {
  return Guard(impl_->path, [&]() -> Status {
    BESSEMER_RETURN_IF_ARROW_ERROR(impl_->writer->Close());
    BESSEMER_RETURN_IF_ARROW_ERROR(impl_->out->Close());
    return OkStatus();
  });
}

StatusOr<std::unique_ptr<columnar::BatchSource>> OpenParquetExamples(
    const std::string& file, const ExamplesOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(file));
  if (!there) return NotFoundError("{}: no such file", file);
  auto source = std::make_unique<ParquetExamplesSource>(file, options);
  BESSEMER_RETURN_IF_ERROR(source->Open());
  return source;
}

}  // namespace bessemer::example_gen
