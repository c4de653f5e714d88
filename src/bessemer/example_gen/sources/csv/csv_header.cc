#include <fmt/ranges.h>

#include <map>

#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/sources/csv/csv_header_internal.h"

namespace bessemer::example_gen::csv {
namespace {

std::string_view StripSpace(std::string_view text) {
  const auto is_space = [](char c) { return c == ' ' || (c >= '\t' && c <= '\r'); };
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

// What Python's line.strip().split(',') takes off.
void StripSpaces(std::vector<std::string>* names) {
  std::string& first = names->front();
  first.erase(0, first.size() - StripSpace(first + "|").size() + 1);
  std::string& last = names->back();
  last.resize(StripSpace("|" + last).size() - 1);
}

}  // namespace

StatusOr<std::vector<std::string>> HeaderNames(const std::string& path, bool found,
                                               const CsvRecords& records) {
  if (found && !records.fault().empty()) {
    return InvalidArgumentError("{}:1: {} in the header line", path, records.fault());
  }
  const std::string_view line = found ? StripSpace(records.text()) : "";
  if (line.empty()) {
    return InvalidArgumentError(
        "{}:1: no header line; give the column names if the file has none", path);
  }
  if (line.find('\r') != std::string_view::npos) {
    return InvalidArgumentError(
        "{}:1: a carriage return inside the header: lines must end with \\n", path);
  }
  if (!columnar::IsUtf8(line)) {
    return InvalidArgumentError("{}:1: the header is not UTF-8; {}", path, kEncodingAdvice);
  }
  std::vector<std::string> names(records.cells().begin(), records.cells().end());
  StripSpaces(&names);
  return names;
}

Status CheckNames(const std::string& where, const std::vector<std::string>& names) {
  std::map<std::string_view, std::vector<size_t>> places;
  for (size_t i = 0; i < names.size(); ++i) places[names[i]].push_back(i + 1);
  std::string repeated;
  for (const auto& [name, columns] : places) {
    if (columns.size() == 1) continue;
    repeated += fmt::format("{}'{}' (columns {})", repeated.empty() ? "" : ", ", name,
                            fmt::join(columns, ", "));
  }
  if (repeated.empty()) return OkStatus();
  return InvalidArgumentError(
      "{}: columns of the same name: {}; rename them, or name all columns anew by column_names "
      "with replace_header: true (--param 'column_names=[…]' --param replace_header=true)",
      where, repeated);
}

// "" unless the one name of a header looks like several.
std::string DelimiterHint(std::string_view header) {
  for (const auto& [delimiter, name] : {std::pair{';', ";"}, {'\t', "\\t"}, {'|', "|"}}) {
    if (header.find(delimiter) == std::string_view::npos) continue;
    return fmt::format(" (the header holds '{0}': is it the delimiter? --delimiter '{0}', or the "
                       "parameter delimiter)", name);
  }
  return "";
}

std::string FirstDifference(const std::vector<std::string>& names,
                            const std::vector<CsvColumn>& columns) {
  if (names.size() != columns.size()) {
    return fmt::format("{} columns here, {} there", names.size(), columns.size());
  }
  size_t i = 0;
  while (i + 1 < names.size() && names[i] == columns[i].name) ++i;
  return fmt::format("column {} is '{}' here, '{}' there", i + 1, names[i], columns[i].name);
}

}  // namespace bessemer::example_gen::csv
