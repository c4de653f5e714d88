#include "bessemer/validation/row_scan.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/row_source.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/validation/row_output_internal.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;
using Batch = std::shared_ptr<arrow::RecordBatch>;

namespace {

constexpr size_t kBatchRows = 4096;
constexpr size_t kBatchBytes = 8 << 20;

// One file: its rows are checked, counted and written to a part of the output.
class FileScan {
 public:
  FileScan(const std::string& file, const RowValidator& validator, const RowScanOptions& options,
           const std::string& part)
      : file_(file), validator_(validator), options_(options), part_(part) {}

  Status Run() {
    const bool is_records =
        example_gen::FormatOf(file_) == example_gen::RowFormat::kTFRecord;
    BESSEMER_RETURN_IF_ERROR(is_records ? ScanRecords() : ScanTable());
    return writer_ == nullptr ? OkStatus() : writer_->Close();
  }

  RowScanResult& result() { return result_; }

 private:
  Status ScanRecords() {
    BESSEMER_ASSIGN_OR_RETURN(const auto reader, io::TFRecordReader::Open(file_));
    std::vector<std::string> records;
    size_t num_bytes = 0;
    std::string_view record;
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&record));
      if (more) {
        records.emplace_back(record);
        num_bytes += record.size();
      }
      if (!more || records.size() == kBatchRows || num_bytes > kBatchBytes) {
        BESSEMER_RETURN_IF_ERROR(CheckRecords({records.begin(), records.end()}));
        BESSEMER_RETURN_IF_ERROR(Advance(static_cast<int64_t>(records.size())));
        records.clear();
        num_bytes = 0;
      }
      if (!more) return OkStatus();
    }
  }

  // Records that do not decode together are cut in two, down to the one that is to blame.
  Status CheckRecords(const std::vector<std::string_view>& records) {
    if (records.empty()) return OkStatus();
    const auto batch = example_gen::DecodeExamples(records);
    if (batch.ok()) return CheckBatch(*batch, records);
    if (records.size() > 1) {
      const auto middle = records.begin() + static_cast<int64_t>(records.size() / 2);
      BESSEMER_RETURN_IF_ERROR(CheckRecords({records.begin(), middle}));
      return CheckRecords({middle, records.end()});
    }
    RowFinding finding{.type = AnomalyInfo::UNEXPECTED_DATA_TYPE,
                       .text = "Expected a tf.Example; the record is none."};
    BESSEMER_RETURN_IF_ERROR(Report({finding}, nullptr, records[0]));
    ++result_.num_rows;
    return OkStatus();
  }

  Status ScanTable() {
    BESSEMER_ASSIGN_OR_RETURN(
        const auto source, example_gen::OpenRows({example_gen::FormatOf(file_), {file_}}));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const Batch batch, source->Next());
      if (batch == nullptr) return OkStatus();
      BESSEMER_RETURN_IF_ERROR(CheckBatch(batch, {}));
      BESSEMER_RETURN_IF_ERROR(Advance(batch->num_rows()));
    }
  }

  Status Advance(int64_t num_rows) {
    options_.progress->Advance(num_rows);
    return options_.progress->cancelled() ? CancelledError("interrupted") : OkStatus();
  }

  Status CheckBatch(const Batch& batch, const std::vector<std::string_view>& records) {
    auto findings = validator_.Check(*batch);
    if (!findings.ok()) return WithContext(findings.status(), file_);
    for (size_t i = 0; i < findings->size();) {
      const int64_t row = (*findings)[i].row;
      std::vector<RowFinding> of_row;
      for (; i < findings->size() && (*findings)[i].row == row; ++i) {
        of_row.push_back(std::move((*findings)[i]));
        of_row.back().row += result_.num_rows;
      }
      BESSEMER_RETURN_IF_ERROR(Report(
          std::move(of_row), batch, records.empty() ? "" : records[static_cast<size_t>(row)]));
    }
    result_.num_rows += batch->num_rows();
    return OkStatus();
  }

  // `record` is empty for rows of tables.
  Status Report(std::vector<RowFinding> findings, const Batch& batch, std::string_view record) {
    const int64_t row_of_batch = findings[0].row - result_.num_rows;
    if (batch == nullptr) findings[0].row = result_.num_rows;
    for (const RowFinding& finding : findings) {
      auto [entry, is_new] = result_.counts.try_emplace(
          RowScanResult::Key(finding.feature, finding.type, finding.rule));
      ++entry->second.num_rows;
      if (is_new) {
        entry->second.severity = finding.severity;
        entry->second.example = finding.text;
      }
    }
    const BadRowSample sample{.file = file_, .row = findings[0].row,
                              .findings = std::move(findings)};
    const int64_t num_before = result_.num_bad_rows++;
    if (num_before < options_.num_samples) result_.samples.push_back(sample);
    if (options_.out.empty() || (options_.limit > 0 && num_before >= options_.limit)) {
      return OkStatus();
    }
    if (writer_ == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(writer_, io::TFRecordWriter::Open(part_, io::Compression::kNone));
    }
    BESSEMER_ASSIGN_OR_RETURN(
        const std::string payload,
        FormatBadRow(RowOutputOf(options_.out), sample, batch, row_of_batch, record));
    return writer_->Write(payload);
  }

  const std::string& file_;
  const RowValidator& validator_;
  const RowScanOptions& options_;
  const std::string part_;
  std::unique_ptr<io::TFRecordWriter> writer_;
  RowScanResult result_;
};

void Merge(RowScanResult&& part, int64_t num_samples, RowScanResult* total) {
  total->num_rows += part.num_rows;
  total->num_bad_rows += part.num_bad_rows;
  for (auto& [key, count] : part.counts) {
    auto [entry, is_new] = total->counts.try_emplace(key, count);
    if (!is_new) entry->second.num_rows += count.num_rows;
  }
  for (BadRowSample& sample : part.samples) {
    if (static_cast<int64_t>(total->samples.size()) == num_samples) break;
    total->samples.push_back(std::move(sample));
  }
}

}  // namespace

StatusOr<RowScanResult> ScanRows(const std::vector<std::string>& files,
                                 const RowValidator& validator, const RowScanOptions& options) {
  std::string scratch =
      io::JoinPath(options.scratch_dir.empty() ? "/tmp" : options.scratch_dir,
                   "bessemer-rows-XXXXXX");
  if (!options.out.empty() && mkdtemp(scratch.data()) == nullptr) {
    return UnavailableError("cannot make the folder '{}' for rows on their way", scratch);
  }
  std::vector<std::string> parts;
  std::vector<std::unique_ptr<FileScan>> scans;
  for (size_t i = 0; i < files.size(); ++i) {
    parts.push_back(io::JoinPath(scratch, fmt::format("{:06d}", i)));
    scans.push_back(std::make_unique<FileScan>(files[i], validator, options, parts.back()));
  }
  options.progress->Start("checking", 0, "rows");
  Status status = ParallelFor(static_cast<int64_t>(files.size()), options.num_threads,
                              [&](int64_t i) { return scans[static_cast<size_t>(i)]->Run(); });
  if (status.ok() && !options.out.empty()) {
    status = WriteBadRows(parts, options.limit, options.out);
  }
  if (!options.out.empty()) io::RemoveTree(scratch).IgnoreError();
  BESSEMER_RETURN_IF_ERROR(status);
  RowScanResult total;
  for (auto& scan : scans) Merge(std::move(scan->result()), options.num_samples, &total);
  return total;
}

}  // namespace bessemer::validation
