#include "bessemer/cli/commands/examples/text_writer.h"

#include <fmt/format.h>

#include <vector>

#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/row_json.h"
#include "bessemer/io/file.h"
#include "bessemer/io/gzip.h"

namespace bessemer::cli::examples {
namespace {

using columnar::FeatureColumn;

StatusOr<std::unique_ptr<io::OutputStream>> OpenText(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<io::OutputStream> out, io::OpenOutput(path));
  if (path.ends_with(".gz")) return io::GzipOutput(std::move(out));
  return out;
}

StatusOr<std::vector<FeatureColumn>> ColumnsOf(const arrow::RecordBatch& batch) {
  std::vector<FeatureColumn> columns;
  for (int i = 0; i < batch.num_columns(); ++i) {
    StatusOr<FeatureColumn> column = FeatureColumn::Make(batch.column(i));
    if (!column.ok()) return WithContext(column.status(), batch.column_name(i));
    columns.push_back(*std::move(column));
  }
  return columns;
}

void AppendQuoted(std::string_view cell, std::string* line) {
  const bool plain = !cell.empty() && cell.find_first_of(",\"\r\n") == std::string_view::npos;
  if (plain) {
    line->append(cell);
    return;
  }
  *line += '"';
  for (const char c : cell) {
    if (c == '"') *line += '"';
    *line += c;
  }
  *line += '"';
}

// Calls f(text) for the values of a cell; bytes as they are.
template <typename F>
void VisitValues(const FeatureColumn& column, int64_t row, F&& f) {
  const arrow::Array& values = *column.values();
  const auto visit = [&]<typename Array>(std::type_identity<Array>) {
    const auto& array = static_cast<const Array&>(values);
    for (int64_t i = column.begin(row); i < column.end(row); ++i) {
      if constexpr (requires { array.raw_value_offsets(); }) {
        f(std::string(array.GetView(i)));
      } else {
        f(fmt::format("{}", array.Value(i)));
      }
    }
    return OkStatus();
  };
  if (columnar::IsBytes(*values.type())) {
    (void)columnar::DispatchBytes(*values.type(), visit);
  } else {
    (void)columnar::DispatchNumeric(*values.type(), visit);
  }
}

void AppendCell(const FeatureColumn& column, int64_t row, std::string* line) {
  if (column.layout() == FeatureColumn::Layout::kAbsent || !column.IsPresent(row)) return;
  std::string cell;
  bool first = true;
  VisitValues(column, row, [&](const std::string& value) {
    cell += (first ? "" : "|") + value;
    first = false;
  });
  if (!first && (!cell.empty() || columnar::IsBytes(*column.value_type()))) {
    AppendQuoted(cell, line);
  }
}

}  // namespace

StatusOr<int64_t> WriteCsv(columnar::BatchSource& rows, const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, rows.Next());
  if (batch == nullptr) return InvalidArgumentError("{}: there are no rows to write", path);
  BESSEMER_ASSIGN_OR_RETURN(const auto out, OpenText(path));
  std::string line;
  for (int i = 0; i < batch->num_columns(); ++i) {
    if (i > 0) line += ',';
    AppendQuoted(batch->column_name(i), &line);
  }
  BESSEMER_RETURN_IF_ERROR(out->Write(line + "\n"));
  int64_t num_rows = 0;
  while (batch != nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<FeatureColumn> columns, ColumnsOf(*batch));
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      line.clear();
      for (size_t i = 0; i < columns.size(); ++i) {
        if (i > 0) line += ',';
        AppendCell(columns[i], row, &line);
      }
      // A line without a byte would be a blank one, which readers pass over.
      if (line.empty()) line = "\"\"";
      line += '\n';
      BESSEMER_RETURN_IF_ERROR(out->Write(line));
    }
    num_rows += batch->num_rows();
    BESSEMER_ASSIGN_OR_RETURN(batch, rows.Next());
  }
  BESSEMER_RETURN_IF_ERROR(out->Close());
  return num_rows;
}

StatusOr<int64_t> WriteJsonl(columnar::BatchSource& rows, const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const auto out, OpenText(path));
  int64_t num_rows = 0;
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, rows.Next());
    if (batch == nullptr) break;
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<FeatureColumn> columns, ColumnsOf(*batch));
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      Json line = Json::object();
      for (size_t i = 0; i < columns.size(); ++i) {
        Json cell = example_gen::CellToJson(columns[i], row);
        if (cell.is_null()) continue;
        const bool scalar = columns[i].layout() == FeatureColumn::Layout::kPlain;
        line[batch->column_name(static_cast<int>(i))] = scalar ? std::move(cell[0]) : cell;
      }
      BESSEMER_RETURN_IF_ERROR(out->Write(JsonText(line) + "\n"));
    }
    num_rows += batch->num_rows();
  }
  BESSEMER_RETURN_IF_ERROR(out->Close());
  return num_rows;
}

}  // namespace bessemer::cli::examples
