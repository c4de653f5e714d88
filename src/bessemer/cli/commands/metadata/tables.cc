#include "bessemer/cli/commands/metadata/tables.h"

#include <fmt/format.h>
#include <time.h>

#include <algorithm>

namespace bessemer::cli::metadata {
namespace {

size_t NumCharacters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; });
}

}  // namespace

void PrintTable(const std::vector<std::string>& header,
                const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths(header.size(), 0);
  auto measure = [&](const std::vector<std::string>& row) {
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], NumCharacters(row[i]));
  };
  auto print = [&](const std::vector<std::string>& row) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) {
      line += row[i];
      if (i + 1 < row.size()) line.append(widths[i] - NumCharacters(row[i]) + 2, ' ');
    }
    fmt::print("{}\n", line);
  };
  measure(header);
  for (const auto& row : rows) measure(row);
  print(header);
  for (const auto& row : rows) print(row);
}

std::string LocalTime(int64_t micros) {
  const time_t seconds = micros / 1'000'000;
  tm local;
  localtime_r(&seconds, &local);
  char text[32];
  strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S", &local);
  return text;
}

}  // namespace bessemer::cli::metadata
