#include "bessemer/validation/anomaly_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "bessemer/schema/path.h"
#include "bessemer/schema/schema_table.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DriftSkewInfo;

namespace {

constexpr std::string_view kDataset = "(dataset)";

void AddRows(const std::string& feature, const AnomalyInfo& anomaly,
             std::vector<AnomalyRow>* rows) {
  for (const auto& reason : anomaly.reason()) {
    rows->push_back({feature, AnomalyInfo::Severity_Name(anomaly.severity()),
                     AnomalyInfo::Type_Name(reason.type()),
                     reason.description().empty() ? reason.short_description()
                                                  : reason.description()});
  }
}

int Rank(const AnomalyRow& row) {
  return row.severity == "ERROR" ? 0 : row.severity == "WARNING" ? 1 : 2;
}

template <typename Lines>
std::vector<std::string> Copy(const Lines& lines) {
  return {lines.begin(), lines.end()};
}

}  // namespace

std::vector<AnomalyRow> AnomalyRows(const Anomalies& anomalies) {
  std::vector<AnomalyRow> rows;
  if (anomalies.has_dataset_anomaly_info()) {
    AddRows(std::string(kDataset), anomalies.dataset_anomaly_info(), &rows);
  }
  for (const auto& [feature, anomaly] : anomalies.anomaly_info()) AddRows(feature, anomaly, &rows);
  std::stable_sort(rows.begin(), rows.end(), [](const AnomalyRow& a, const AnomalyRow& b) {
    return Rank(a) != Rank(b) ? Rank(a) < Rank(b) : a.feature < b.feature;
  });
  return rows;
}

std::string AnomalyTable(const Anomalies& anomalies) {
  const std::vector<AnomalyRow> rows = AnomalyRows(anomalies);
  if (rows.empty()) return "";
  size_t width = std::string_view("feature").size();
  for (const AnomalyRow& row : rows) width = std::max(width, row.feature.size());
  std::string table = fmt::format("{:<{}}  {:<8}  {}\n", "feature", width, "severity", "anomaly");
  for (const AnomalyRow& row : rows) {
    table += fmt::format("{:<{}}  {:<8}  {} [{}]\n", row.feature, width, row.severity, row.text,
                         row.type);
  }
  return table;
}

std::string DriftSkewTable(const Anomalies& anomalies) {
  const Json measured = AnomaliesJson(anomalies)["drift_skew"];
  if (measured.empty()) return "";
  std::vector<std::array<std::string, 6>> rows = {
      {"feature", "compared", "measure", "distance", "threshold", ""}};
  for (const Json& row : measured) {
    const double value = row["value"].get<double>();
    const double threshold = row["threshold"].get<double>();
    rows.push_back({row["feature"].get<std::string>(), row["kind"].get<std::string>(),
                    row["measure"].get<std::string>(), fmt::format("{:.4g}", value),
                    fmt::format("{:.4g}", threshold), value > threshold ? "above" : ""});
  }
  std::sort(rows.begin() + 1, rows.end());
  std::array<size_t, 6> widths = {};
  for (const auto& row : rows) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  }
  std::string table;
  for (const auto& row : rows) {
    const std::string line = fmt::format("{:<{}}  {:<{}}  {:<{}}  {:>{}}  {:>{}}  {}", row[0],
                                         widths[0], row[1], widths[1], row[2], widths[2], row[3],
                                         widths[3], row[4], widths[4], row[5]);
    table += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return table;
}

std::string EditText(const AnomalyInfo& anomaly, const std::string& indent) {
  std::vector<schema::DiffRun> runs;
  for (const auto& region : anomaly.diff_regions()) {
    schema::DiffRun run;
    run.both = Copy(region.unchanged().contents());
    run.left = Copy(region.has_removed() ? region.removed().contents()
                                         : region.changed().left_contents());
    run.right =
        Copy(region.has_added() ? region.added().contents() : region.changed().right_contents());
    runs.push_back(std::move(run));
  }
  return schema::FormatRuns(runs, 2, indent);
}

Json AnomaliesJson(const Anomalies& anomalies) {
  Json list = Json::array();
  for (const AnomalyRow& row : AnomalyRows(anomalies)) {
    list.push_back({{"feature", row.feature},
                    {"severity", row.severity},
                    {"type", row.type},
                    {"text", row.text}});
  }
  Json measured = Json::array();
  for (const DriftSkewInfo& info : anomalies.drift_skew_info()) {
    const std::string feature = schema::Path::FromProto(info.path()).ToString();
    const auto add = [&](std::string_view kind, const auto& measurements) {
      for (const auto& measurement : measurements) {
        measured.push_back(
            {{"feature", feature},
             {"kind", kind},
             {"measure", DriftSkewInfo::Measurement::Type_Name(measurement.type())},
             {"value", measurement.value()},
             {"threshold", measurement.threshold()}});
      }
    };
    add("drift", info.drift_measurements());
    add("skew", info.skew_measurements());
  }
  return {{"anomalies", std::move(list)},
          {"drift_skew", std::move(measured)},
          {"data_missing", anomalies.data_missing()}};
}

}  // namespace bessemer::validation
