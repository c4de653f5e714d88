#include <algorithm>
#include <array>
#include <vector>

#include "bessemer/statistics/options.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/statistics/statistics_view.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics {
namespace {

using ::tensorflow::metadata::v0::CommonStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;
using ::tensorflow::metadata::v0::FeatureNameStatistics;

constexpr size_t kNumColumns = 12;
constexpr size_t kMaxTopWidth = 32;
using Row = std::array<std::string, kNumColumns>;

std::string Percent(double part, double whole) {
  return whole > 0 ? fmt::format("{:.2f}%", 100 * part / whole) : "";
}

std::string Number(double value) { return fmt::format("{:.6g}", value); }

// One line, no control characters, not too wide; never cut inside a UTF-8 sequence.
std::string Shown(std::string_view value) {
  std::string shown;
  for (const char c : value.substr(0, kMaxTopWidth)) {
    shown.push_back(static_cast<unsigned char>(c) < 0x20 || c == 0x7f ? '?' : c);
  }
  if (value.size() > kMaxTopWidth) {
    while (!shown.empty() && (static_cast<unsigned char>(value[shown.size()]) & 0xc0) == 0x80) {
      shown.pop_back();
    }
    shown += "…";
  }
  return shown;
}

size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

Row RowOf(const FeatureNameStatistics& feature) {
  const CommonStatistics& common = CommonOf(feature);
  const double present = static_cast<double>(common.num_non_missing());
  const double missing = static_cast<double>(common.num_missing());
  Row row;
  row[0] = PathToString(PathOf(feature));
  row[1] = FeatureNameStatistics::Type_Name(feature.type());
  row[2] = std::to_string(common.num_non_missing());
  row[3] = Percent(missing, missing + present);
  if (feature.has_num_stats() && common.tot_num_values() > 0) {
    const auto& stats = feature.num_stats();
    row[4] = Number(stats.mean());
    row[5] = Number(stats.std_dev());
    row[6] = Percent(static_cast<double>(stats.num_zeros()),
                     static_cast<double>(common.tot_num_values()));
    row[7] = Number(stats.min());
    row[8] = Number(stats.median());
    row[9] = Number(stats.max());
  } else if (feature.has_string_stats()) {
    const auto& stats = feature.string_stats();
    row[10] = std::to_string(stats.unique());
    if (stats.top_values_size() > 0) {
      row[11] = fmt::format("{} ({})", Shown(stats.top_values(0).value()),
                            Number(stats.top_values(0).frequency()));
    }
  }
  return row;
}

std::string Layout(const std::vector<Row>& rows) {
  std::array<size_t, kNumColumns> widths = {};
  for (const Row& row : rows) {
    for (size_t i = 0; i < kNumColumns; ++i) widths[i] = std::max(widths[i], Width(row[i]));
  }
  std::string table;
  for (const Row& row : rows) {
    std::string line;
    for (size_t i = 0; i < kNumColumns; ++i) {
      const std::string padding(widths[i] - Width(row[i]), ' ');
      const bool left = i < 2 || i == kNumColumns - 1;
      line += (i == 0 ? "" : "  ") + (left ? row[i] + padding : padding + row[i]);
    }
    line.erase(line.find_last_not_of(' ') + 1);
    table += line + "\n";
  }
  return table;
}

}  // namespace

std::string StatisticsTable(const DatasetFeatureStatisticsList& statistics) {
  std::string text;
  for (const DatasetFeatureStatistics& dataset : statistics.datasets()) {
    if (!text.empty()) text += "\n";
    if (!dataset.name().empty()) text += dataset.name() + ": ";
    text += fmt::format("{} examples\n", dataset.num_examples());
    std::vector<Row> rows = {{"feature", "type", "count", "missing", "mean", "std", "zeros", "min",
                              "median", "max", "unique", "top"}};
    for (const FeatureNameStatistics& feature : dataset.features()) rows.push_back(RowOf(feature));
    text += Layout(rows);
  }
  return text;
}

}  // namespace bessemer::statistics
