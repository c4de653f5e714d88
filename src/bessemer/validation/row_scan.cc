#include "bessemer/validation/row_scan.h"

#include <arrow/array.h>
#include <arrow/record_batch.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "bessemer/base/parallel.h"
#include "bessemer/example_gen/arrow_features.h"
#include "bessemer/example_gen/bad_rows.h"
#include "bessemer/example_gen/record_files.h"
#include "bessemer/io/google_auth.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/validation/one_block.h"
#include "bessemer/validation/row_output_internal.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;
using Batch = std::shared_ptr<arrow::RecordBatch>;

namespace {

// A block of rows: checked, counted and written to a part of the output.
class BlockScan {
 public:
  BlockScan(const OneBlock& block, const RowValidator& validator, const RowScanOptions& options,
            const std::string& part)
      : block_(block), validator_(validator), options_(options), part_(part) {}

  Status Run() {
    BESSEMER_RETURN_IF_ERROR(block_.records() != nullptr ? ScanRecords() : ScanTable());
    return writer_ == nullptr ? OkStatus() : writer_->Close();
  }

  RowScanResult& result() { return result_; }

 private:
  Status ScanRecords() {
    BESSEMER_ASSIGN_OR_RETURN(const auto source, block_.OpenRecords(0));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const example_gen::RecordRun run, example_gen::ReadRun(*source));
      if (run.ends.empty()) return OkStatus();
      BESSEMER_RETURN_IF_ERROR(CheckRecords(run.Views()));
      BESSEMER_RETURN_IF_ERROR(Advance(static_cast<int64_t>(run.ends.size())));
    }
  }

  // Records that do not decode together are cut in two, down to the one that is to blame.
  Status CheckRecords(const std::vector<std::string_view>& records) {
    const auto batch = block_.Decode(records);
    if (batch.ok()) return CheckBatch(*batch, {}, records);
    if (records.size() > 1) {
      const auto middle = records.begin() + static_cast<int64_t>(records.size() / 2);
      BESSEMER_RETURN_IF_ERROR(CheckRecords({records.begin(), middle}));
      return CheckRecords({middle, records.end()});
    }
    RowFinding finding{.type = AnomalyInfo::UNEXPECTED_DATA_TYPE,
                       .text = "Expected a tf.Example; the record is none."};
    BESSEMER_RETURN_IF_ERROR(Report({finding}, 0, nullptr, records[0]));
    ++result_.num_rows;
    return OkStatus();
  }

  Status ScanTable() {
    const example_gen::FeatureConverter converter(block_.schema());
    BESSEMER_ASSIGN_OR_RETURN(const auto source, block_.OpenBlock(0));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const Batch batch, source->Next());
      if (batch == nullptr) return OkStatus();
      std::vector<example_gen::RowFault> faults;
      BESSEMER_ASSIGN_OR_RETURN(const Batch features, converter.Convert(*batch, &faults));
      std::vector<RowFinding> unfit;
      for (example_gen::RowFault& fault : faults) {
        unfit.push_back({.row = fault.row,
                         .feature = std::move(fault.feature),
                         .type = AnomalyInfo::UNEXPECTED_DATA_TYPE,
                         .text = fmt::format("Expected a value that examples can hold; {}.",
                                             fault.reason)});
      }
      BESSEMER_RETURN_IF_ERROR(CheckBatch(features, std::move(unfit), {}));
      BESSEMER_RETURN_IF_ERROR(Advance(batch->num_rows()));
    }
  }

  Status Advance(int64_t num_rows) {
    options_.progress->Advance(num_rows);
    return options_.progress->cancelled() ? CancelledError("interrupted") : OkStatus();
  }

  // `more` are findings that are known already.
  Status CheckBatch(const Batch& batch, std::vector<RowFinding> more,
                    const std::vector<std::string_view>& records) {
    auto findings = validator_.Check(*batch);
    if (!findings.ok()) return WithContext(findings.status(), block_.PlaceOf(0, 0).file);
    if (!more.empty()) {
      for (RowFinding& finding : more) findings->push_back(std::move(finding));
      std::stable_sort(findings->begin(), findings->end(),
                       [](const auto& a, const auto& b) { return a.row < b.row; });
    }
    for (size_t i = 0; i < findings->size();) {
      const int64_t row = (*findings)[i].row;
      std::vector<RowFinding> of_row;
      for (; i < findings->size() && (*findings)[i].row == row; ++i) {
        of_row.push_back(std::move((*findings)[i]));
      }
      BESSEMER_RETURN_IF_ERROR(Report(std::move(of_row), row, batch,
                                      records.empty() ? "" : records[static_cast<size_t>(row)]));
    }
    result_.num_rows += batch->num_rows();
    return OkStatus();
  }

  // `record` is empty for rows of tables.
  Status Report(std::vector<RowFinding> findings, int64_t row_of_batch, const Batch& batch,
                std::string_view record) {
    for (const RowFinding& finding : findings) {
      auto [entry, is_new] = result_.counts.try_emplace(
          RowScanResult::Key(finding.feature, finding.type, finding.rule));
      ++entry->second.num_rows;
      if (is_new) {
        entry->second.severity = finding.severity;
        entry->second.example = finding.text;
      }
    }
    example_gen::RowPlace place = block_.PlaceOf(0, result_.num_rows + row_of_batch);
    const BadRowSample sample{.file = std::move(place.file), .row = place.line,
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

  const OneBlock& block_;
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

// A line of BadRows as a finding of its row, and the text of the row.
BadRowSample MalformedRow(const std::string& line, std::string* text) {
  const Json json = Json::parse(line, nullptr, /*allow_exceptions=*/false);
  if (json.contains("base64")) {
    io::Base64Decode(json.value("base64", ""), text);
  } else {
    *text = json.value("text", "");
  }
  return {.file = json.value("file", ""),
          .row = json.value("line", int64_t{0}),
          .findings = {{.feature = json.value("column", ""),
                        .type = AnomalyInfo::UNEXPECTED_DATA_TYPE,
                        .text = fmt::format("Expected {}; {}.",
                                            json.contains("column")
                                                ? "the type that the schema gives the column"
                                                : "a row as the file's format demands",
                                            json.value("reason", ""))}}};
}

// Rows that their format itself does not allow, e.g. of CSV with too many cells: counted, shown and
// written to a part of the output, once all blocks have been read.
Status ScanMalformed(const example_gen::RowInput& input, const RowScanOptions& options,
                     const std::string& part, RowScanResult* total) {
  const example_gen::BadRows* bad = input.bad_rows();
  if (bad == nullptr || bad->num_rows() == 0) return OkStatus();
  total->num_rows += bad->num_rows();
  total->num_bad_rows += bad->num_rows();
  std::unique_ptr<io::TFRecordWriter> writer;
  if (!options.out.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(writer, io::TFRecordWriter::Open(part, io::Compression::kNone));
  }
  for (int64_t block = 0; block < input.num_blocks(); ++block) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string lines, bad->Lines(block));
    for (size_t begin = 0; begin < lines.size();) {
      const size_t end = lines.find('\n', begin);
      std::string text;
      BadRowSample row = MalformedRow(lines.substr(begin, end - begin), &text);
      begin = end == std::string::npos ? lines.size() : end + 1;
      auto& count =
          total->counts[{row.findings[0].feature, AnomalyInfo::UNEXPECTED_DATA_TYPE, ""}];
      ++count.num_rows;
      if (count.example.empty()) {
        count.example = fmt::format("{} ({}:{})", row.findings[0].text, row.file, row.row);
      }
      if (writer != nullptr) {
        BESSEMER_ASSIGN_OR_RETURN(
            const std::string payload,
            FormatBadRow(RowOutputOf(options.out), row, nullptr, 0, text));
        BESSEMER_RETURN_IF_ERROR(writer->Write(payload));
      }
      if (static_cast<int64_t>(total->samples.size()) < options.num_samples) {
        total->samples.push_back(std::move(row));
      }
    }
  }
  return writer == nullptr ? OkStatus() : writer->Close();
}

StatusOr<RowScanResult> ScanBlocks(const RowBlocks& opened, const RowValidator& validator,
                                   const RowScanOptions& options) {
  std::string scratch =
      io::JoinPath(options.scratch_dir.empty() ? io::TemporaryFolder() : options.scratch_dir,
                   "bessemer-rows-XXXXXX");
  if (!options.out.empty() && mkdtemp(scratch.data()) == nullptr) {
    return UnavailableError("cannot make the folder '{}' for rows on their way", scratch);
  }
  std::vector<std::string> parts;
  std::vector<std::unique_ptr<BlockScan>> scans;
  for (size_t i = 0; i < opened.blocks.size(); ++i) {
    parts.push_back(io::JoinPath(scratch, fmt::format("{:06d}", i)));
    scans.push_back(
        std::make_unique<BlockScan>(opened.blocks[i], validator, options, parts.back()));
  }
  options.progress->Start("checking", 0, "rows");
  Status status = ParallelFor(static_cast<int64_t>(scans.size()), options.num_threads,
                              [&](int64_t i) { return scans[static_cast<size_t>(i)]->Run(); });
  RowScanResult total;
  for (auto& scan : scans) Merge(std::move(scan->result()), options.num_samples, &total);
  for (size_t i = 0; status.ok() && i < opened.inputs.size(); ++i) {
    parts.push_back(io::JoinPath(scratch, fmt::format("malformed-{}", i)));
    status = ScanMalformed(*opened.inputs[i], options, parts.back(), &total);
  }
  if (status.ok() && !options.out.empty()) {
    status = WriteBadRows(parts, options.limit, options.out);
  }
  if (!options.out.empty()) io::RemoveTree(scratch).IgnoreError();
  BESSEMER_RETURN_IF_ERROR(status);
  return total;
}

}  // namespace

StatusOr<RowScanResult> ScanRows(const std::vector<std::string>& files,
                                 const RowValidator& validator, const RowScanOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const RowBlocks opened,
                            RowBlocks::Open(files, options.num_threads, options.scratch_dir,
                                            example_gen::OnBadRow::kQuarantine));
  return ScanBlocks(opened, validator, options);
}

StatusOr<RowScanResult> ScanRows(std::vector<std::unique_ptr<example_gen::RowInput>> inputs,
                                 const RowValidator& validator, const RowScanOptions& options) {
  return ScanBlocks(RowBlocks::Of(std::move(inputs)), validator, options);
}

}  // namespace bessemer::validation
