#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <algorithm>

#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/row_json.h"
#include "bessemer/io/file.h"
#include "bessemer/io/staged_file.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/validation/quoted_text.h"
#include "bessemer/validation/row_output_internal.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::AnomalyInfo;

namespace {

Json FindingJson(const RowFinding& finding) {
  Json json = {{"feature", finding.feature},
               {"type", AnomalyInfo::Type_Name(finding.type)},
               {"severity", AnomalyInfo::Severity_Name(finding.severity)}};
  if (!finding.rule.empty()) json["rule"] = finding.rule;
  json["text"] = finding.text;
  return json;
}

Json SampleJson(const BadRowSample& sample) {
  Json findings = Json::array();
  for (const RowFinding& finding : sample.findings) findings.push_back(FindingJson(finding));
  return {{"file", sample.file}, {"row", sample.row}, {"findings", std::move(findings)}};
}

std::string CsvCell(std::string_view text) {
  if (text.find_first_of(",\"\r\n") == std::string_view::npos) return std::string(text);
  std::string quoted = "\"";
  for (const char c : text) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + "\"";
}

std::string CsvLines(const BadRowSample& sample) {
  std::string lines;
  for (const RowFinding& f : sample.findings) {
    lines += fmt::format("{},{},{},{},{},{},{}\n", CsvCell(sample.file), sample.row,
                         CsvCell(f.feature), AnomalyInfo::Type_Name(f.type),
                         AnomalyInfo::Severity_Name(f.severity), CsvCell(f.rule), CsvCell(f.text));
  }
  return lines;
}

std::string JsonLine(const BadRowSample& sample, const arrow::RecordBatch* batch,
                     int64_t row_of_batch, std::string_view record) {
  Json json = SampleJson(sample);
  if (batch == nullptr) {
    json["record"] = QuotedText(record);
    return JsonText(json) + "\n";
  }
  Json example = Json::object();
  for (int i = 0; i < batch->num_columns(); ++i) {
    const auto column = columnar::FeatureColumn::Make(batch->column(i));
    if (!column.ok() || !column->IsPresent(row_of_batch)) continue;
    example[batch->column_name(i)] = example_gen::CellToJson(*column, row_of_batch);
  }
  json["example"] = std::move(example);
  return JsonText(json) + "\n";
}

// Serialised messages one behind the other are one message: features are added to any example.
StatusOr<std::string> MarkedExample(const BadRowSample& sample,
                                    const std::shared_ptr<arrow::RecordBatch>& batch,
                                    int64_t row_of_batch, std::string_view record) {
  ::tensorflow::Example marks;
  auto& features = *marks.mutable_features()->mutable_feature();
  features["bessemer.file"].mutable_bytes_list()->add_value(sample.file);
  features["bessemer.row"].mutable_int64_list()->add_value(sample.row);
  for (const RowFinding& f : sample.findings) {
    features["bessemer.anomalies"].mutable_bytes_list()->add_value(
        fmt::format("{} {}: {}", AnomalyInfo::Type_Name(f.type),
                    f.rule.empty() ? f.feature : f.rule, f.text));
  }
  if (batch == nullptr) {
    features["bessemer.record"].mutable_bytes_list()->add_value(std::string(record));
    return proto::Serialize(marks);
  }
  const std::string suffix = proto::Serialize(marks);
  if (!record.empty()) return std::string(record) + suffix;
  BESSEMER_ASSIGN_OR_RETURN(auto encoder,
                            example_gen::ExampleEncoder::Make(batch->Slice(row_of_batch, 1)));
  return std::string(encoder.Encode(0)) + suffix;
}

}  // namespace

RowOutput RowOutputOf(std::string_view path) {
  if (path.ends_with(".jsonl") || path.ends_with(".json")) return RowOutput::kJsonLines;
  return path.ends_with(".csv") ? RowOutput::kCsv : RowOutput::kTFRecord;
}

StatusOr<std::string> FormatBadRow(RowOutput output, const BadRowSample& sample,
                                   const std::shared_ptr<arrow::RecordBatch>& batch,
                                   int64_t row_of_batch, std::string_view record) {
  switch (output) {
    case RowOutput::kJsonLines:
      return JsonLine(sample, batch.get(), row_of_batch, record);
    case RowOutput::kCsv:
      return CsvLines(sample);
    case RowOutput::kTFRecord:
      break;
  }
  return MarkedExample(sample, batch, row_of_batch, record);
}

Status WriteBadRows(const std::vector<std::string>& parts, int64_t limit, const std::string& out) {
  io::StagedFile staged = io::StagedFile::Create(out);
  const bool is_records = RowOutputOf(out) == RowOutput::kTFRecord;
  std::unique_ptr<io::TFRecordWriter> records;
  std::unique_ptr<io::OutputStream> lines;
  if (is_records) {
    BESSEMER_ASSIGN_OR_RETURN(records,
                              io::TFRecordWriter::Open(staged.path(), io::Compression::kNone));
  } else {
    BESSEMER_ASSIGN_OR_RETURN(lines, io::OpenOutput(staged.path()));
  }
  if (RowOutputOf(out) == RowOutput::kCsv) {
    BESSEMER_RETURN_IF_ERROR(lines->Write("file,row,feature,type,severity,rule,text\n"));
  }
  int64_t num_rows = 0;
  for (const std::string& part : parts) {
    BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(part));
    if (!there) continue;
    BESSEMER_ASSIGN_OR_RETURN(const auto reader, io::TFRecordReader::Open(part));
    for (std::string_view payload; limit == 0 || num_rows < limit; ++num_rows) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&payload));
      if (!more) break;
      BESSEMER_RETURN_IF_ERROR(is_records ? records->Write(payload) : lines->Write(payload));
    }
  }
  BESSEMER_RETURN_IF_ERROR(is_records ? records->Close() : lines->Close());
  return staged.Publish();
}

std::string RowScanText(const RowScanResult& result) {
  if (result.num_rows == 0) return "there are no rows\n";
  std::string text;
  for (const BadRowSample& sample : result.samples) {
    for (const RowFinding& f : sample.findings) {
      text += fmt::format("{}: row {}: {}: {} [{}]\n", sample.file, sample.row,
                          f.rule.empty() ? f.feature : fmt::format("rule '{}'", f.rule), f.text,
                          AnomalyInfo::Type_Name(f.type));
    }
  }
  using Entry = std::pair<const RowScanResult::Key, RowScanResult::Count>;
  std::vector<const Entry*> entries;
  size_t width = std::string_view("feature").size();
  for (const Entry& entry : result.counts) {
    entries.push_back(&entry);
    width = std::max(width, std::get<0>(entry.first).size());
  }
  std::stable_sort(entries.begin(), entries.end(), [](const Entry* a, const Entry* b) {
    return a->second.num_rows > b->second.num_rows;
  });
  if (!entries.empty()) {
    text += fmt::format("{}{:>10}  {:<{}}  {:<8}  {}\n", text.empty() ? "" : "\n", "rows",
                        "feature", width, "severity", "anomaly");
  }
  for (const Entry* entry : entries) {
    const auto& [feature, type, rule] = entry->first;
    text += fmt::format("{:>10}  {:<{}}  {:<8}  {}{}, e.g. {}\n", entry->second.num_rows, feature,
                        width, AnomalyInfo::Severity_Name(entry->second.severity),
                        AnomalyInfo::Type_Name(type),
                        rule.empty() ? "" : fmt::format(" of rule '{}'", rule),
                        entry->second.example);
  }
  return text + fmt::format("{} of {} rows break the schema\n", result.num_bad_rows,
                            result.num_rows);
}

Json RowScanJson(const RowScanResult& result) {
  Json counts = Json::array();
  for (const auto& [key, count] : result.counts) {
    counts.push_back({{"feature", std::get<0>(key)},
                      {"type", AnomalyInfo::Type_Name(std::get<1>(key))},
                      {"severity", AnomalyInfo::Severity_Name(count.severity)},
                      {"rule", std::get<2>(key)},
                      {"rows", count.num_rows},
                      {"example", count.example}});
  }
  Json rows = Json::array();
  for (const BadRowSample& sample : result.samples) rows.push_back(SampleJson(sample));
  return {{"num_rows", result.num_rows},
          {"num_bad_rows", result.num_bad_rows},
          {"counts", std::move(counts)},
          {"rows", std::move(rows)}};
}

}  // namespace bessemer::validation
