#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <fmt/format.h>

#include <algorithm>

#include "bessemer/base/json_text.h"
#include "bessemer/base/nearest_name.h"
#include "bessemer/cli/commands/examples/examples_internal.h"
#include "bessemer/cli/commands/examples/feature_rows.h"
#include "bessemer/example_gen/row_json.h"

namespace bessemer::cli::examples {
namespace {

using columnar::FeatureColumn;

constexpr size_t kMaxWidth = 28;

std::string CellText(const Json& cell) {
  if (cell.is_null()) return "-";
  std::string text;
  for (const Json& value : cell) {
    if (!text.empty()) text += ", ";
    text += value.is_string() ? value.get<std::string>() : JsonText(value);
  }
  if (cell.size() != 1) text = "[" + text + "]";
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20) c = ' ';
  }
  return text;
}

// Bytes that are not the middle of a UTF-8 character.
size_t Width(std::string_view text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) & 0xc0) != 0x80;
  }));
}

std::string Shortened(const std::string& text) {
  if (Width(text) <= kMaxWidth) return text;
  size_t end = 0;
  for (size_t width = 0; end < text.size(); ++end) {
    if ((static_cast<unsigned char>(text[end]) & 0xc0) != 0x80 && ++width == kMaxWidth) break;
  }
  return text.substr(0, end) + "…";
}

void PrintTable(const std::vector<std::string>& names, const std::vector<std::vector<Json>>& rows,
                const Session& session) {
  std::vector<size_t> widths;
  std::vector<bool> numeric(names.size(), true);
  for (const std::string& name : names) widths.push_back(Width(name));
  std::vector<std::vector<std::string>> cells;
  for (const std::vector<Json>& row : rows) {
    cells.emplace_back();
    for (size_t i = 0; i < row.size(); ++i) {
      cells.back().push_back(Shortened(CellText(row[i])));
      widths[i] = std::max(widths[i], Width(cells.back().back()));
      if (row[i].is_array() && (row[i].size() != 1 || !row[i][0].is_number())) numeric[i] = false;
    }
  }
  const auto pad = [&](const std::string& text, size_t i) {
    const std::string space(widths[i] - Width(text), ' ');
    return numeric[i] ? space + text : text + space;
  };
  std::string header;
  for (size_t i = 0; i < names.size(); ++i) header += (i > 0 ? "  " : "") + pad(names[i], i);
  fmt::print("{}\n", session.Styled(header, "1"));
  for (const std::vector<std::string>& row : cells) {
    std::string line;
    for (size_t i = 0; i < row.size(); ++i) line += (i > 0 ? "  " : "") + pad(row[i], i);
    while (line.ends_with(' ')) line.pop_back();
    fmt::print("{}\n", line);
  }
}

StatusOr<std::vector<int>> ColumnsToShow(const arrow::RecordBatch& batch,
                                         const std::vector<std::string>& wanted) {
  const std::vector<std::string> names = batch.schema()->field_names();
  std::vector<int> columns;
  for (size_t i = 0; wanted.empty() && i < names.size(); ++i) {
    columns.push_back(static_cast<int>(i));
  }
  for (const std::string& name : wanted) {
    const auto it = std::find(names.begin(), names.end(), name);
    if (it == names.end()) {
      return InvalidArgumentError("no column '{}'{}", name, SuggestName(name, names));
    }
    columns.push_back(static_cast<int>(it - names.begin()));
  }
  return columns;
}

}  // namespace

StatusOr<int> Show(const ShowOptions& options, Session& session) {
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<example_gen::RowInput> input,
                            OpenRows(options.path, options.source, session));
  BESSEMER_ASSIGN_OR_RETURN(
      FeatureRows source,
      FeatureRows::Open(*input, {.drop_nulls_in_lists = options.nulls_in_lists == "drop",
                                 .skip_bad_rows = options.source.skip_bad_rows,
                                 .num_threads = session.num_threads}));
  std::vector<std::string> names;
  std::vector<std::vector<Json>> rows;
  while (static_cast<int64_t>(rows.size()) < options.num_rows) {
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, source.Next());
    if (batch == nullptr) break;
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<int> shown, ColumnsToShow(*batch, options.columns));
    std::vector<FeatureColumn> columns;
    names.clear();
    for (const int i : shown) {
      names.push_back(batch->column_name(i));
      StatusOr<FeatureColumn> column = FeatureColumn::Make(batch->column(i));
      if (!column.ok()) return WithContext(column.status(), names.back());
      columns.push_back(*std::move(column));
    }
    for (int64_t row = 0;
         row < batch->num_rows() && static_cast<int64_t>(rows.size()) < options.num_rows; ++row) {
      rows.emplace_back();
      for (const FeatureColumn& column : columns) {
        rows.back().push_back(example_gen::CellToJson(column, row));
      }
    }
  }
  if (rows.empty() && options.num_rows > 0) fmt::print(stderr, "{}: no rows\n", options.path);
  if (!session.json && !rows.empty()) PrintTable(names, rows, session);
  BESSEMER_RETURN_IF_ERROR(source.SaySkipped().status());
  if (!session.json) return kExitOk;
  for (const std::vector<Json>& row : rows) {
    Json line = Json::object();
    for (size_t i = 0; i < row.size(); ++i) line[names[i]] = row[i];
    fmt::print("{}\n", JsonText(line));
  }
  return kExitOk;
}

namespace {

StatusOr<int64_t> CountRows(const example_gen::RowInput& rows) {
  if (rows.num_rows() >= 0) return rows.num_rows();
  int64_t count = 0;
  std::string_view record;
  for (int64_t block = 0; block < rows.num_blocks(); ++block) {
    if (rows.records() != nullptr) {
      BESSEMER_ASSIGN_OR_RETURN(const auto records, rows.records()->OpenRecords(block));
      while (true) {
        BESSEMER_ASSIGN_OR_RETURN(const bool more, records->Next(&record));
        if (!more) break;
        ++count;
      }
      continue;
    }
    BESSEMER_ASSIGN_OR_RETURN(const auto source, rows.OpenBlock(block));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const auto batch, source->Next());
      if (batch == nullptr) break;
      count += batch->num_rows();
    }
  }
  return count;
}

}  // namespace

StatusOr<int> Count(const CountOptions& options, Session& session) {
  int64_t total = 0;
  std::vector<std::unique_ptr<example_gen::RowInput>> inputs;
  Json counts = Json::object();
  const auto add = [&](const std::string& name, int64_t rows) {
    total += rows;
    counts[name] = rows;
    if (!session.json) fmt::print("{:>12}  {}\n", rows, name);
  };
  if (options.paths.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(inputs.emplace_back(), OpenRows("", options.source, session));
    BESSEMER_ASSIGN_OR_RETURN(const int64_t count, CountRows(*inputs.back()));
    add("query", count);
  }
  for (const std::string& path : options.paths) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string local, FileOf(path, session));
    BESSEMER_ASSIGN_OR_RETURN(const example_gen::RowFiles found,
                              example_gen::FindRowFiles(local, options.source.format));
    for (const std::string& file : found.files) {
      BESSEMER_ASSIGN_OR_RETURN(inputs.emplace_back(),
                                OpenRows({found.source, {file}}, options.source, session));
      BESSEMER_ASSIGN_OR_RETURN(const int64_t count, CountRows(*inputs.back()));
      add(local == path ? file : path, count);
    }
  }
  std::vector<const example_gen::RowInput*> read;
  for (const auto& input : inputs) read.push_back(input.get());
  BESSEMER_ASSIGN_OR_RETURN(const int64_t num_bad_rows, SaySkippedRows(read));
  if (session.json) {
    Json json = {{"num_rows", total}, {"files", counts}};
    if (options.source.skip_bad_rows) json["num_bad_rows"] = num_bad_rows;
    fmt::print("{}\n", JsonText(json));
  } else if (counts.size() != 1) {
    fmt::print("{:>12}  total\n", total);
  }
  return kExitOk;
}

}  // namespace bessemer::cli::examples
