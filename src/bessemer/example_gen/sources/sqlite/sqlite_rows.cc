#include <arrow/builder.h>
#include <arrow/record_batch.h>
#include <arrow/table_builder.h>

#include <algorithm>
#include <cctype>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/sources/sqlite/sqlite_rows_internal.h"

namespace bessemer::example_gen::sqlite {
namespace {

using Batch = std::shared_ptr<arrow::RecordBatch>;

constexpr size_t kPeekedRows = 256;
constexpr int64_t kBatchRows = 8192;
constexpr int64_t kBatchBytes = 1 << 20;

Kind KindOfValue(sqlite3_value* value) {
  switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
      return Kind::kInteger;
    case SQLITE_FLOAT:
      return Kind::kReal;
    case SQLITE_TEXT:
      return Kind::kText;
    case SQLITE_BLOB:
      return Kind::kBlob;
    default:
      return Kind::kUnknown;  // NULL
  }
}

std::string_view Name(Kind kind) {
  switch (kind) {
    case Kind::kInteger:
      return "integers";
    case Kind::kReal:
      return "floating-point numbers";
    case Kind::kText:
      return "text";
    case Kind::kBlob:
      return "blobs";
    default:
      return "nothing";
  }
}

std::shared_ptr<arrow::DataType> TypeOf(Kind kind) {
  switch (kind) {
    case Kind::kInteger:
      return arrow::int64();
    case Kind::kReal:
      return arrow::float64();
    case Kind::kText:
      return arrow::utf8();
    case Kind::kBlob:
      return arrow::binary();
    default:
      return arrow::null();
  }
}

std::string_view Bytes(sqlite3_value* value) {
  const auto* data = static_cast<const char*>(sqlite3_value_blob(value));
  return {data == nullptr ? "" : data, static_cast<size_t>(sqlite3_value_bytes(value))};
}

std::string Show(sqlite3_value* value) {
  if (sqlite3_value_type(value) == SQLITE_BLOB) {
    return fmt::format("a blob of {} bytes", sqlite3_value_bytes(value));
  }
  const std::string text(reinterpret_cast<const char*>(sqlite3_value_text(value)));
  return fmt::format("'{}'", text.size() > 40 ? text.substr(0, 40) + "…" : text);
}

}  // namespace

Kind KindOfDeclaration(std::string_view declared) {
  std::string upper(declared);
  std::transform(upper.begin(), upper.end(), upper.begin(),
                 [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
  const auto has = [&](const char* word) { return upper.find(word) != std::string::npos; };
  if (has("INT") || has("BOOL")) return Kind::kInteger;
  if (has("CHAR") || has("CLOB") || has("TEXT")) return Kind::kText;
  if (has("BLOB")) return Kind::kBlob;
  if (has("REAL") || has("FLOA") || has("DOUB") || has("DEC") || has("NUMERIC")) return Kind::kReal;
  return Kind::kUnknown;
}

std::optional<Kind> Join(Kind a, Kind b) {
  if (a == b || b == Kind::kUnknown) return a;
  if (a == Kind::kUnknown) return b;
  const auto is_number = [](Kind kind) { return kind == Kind::kInteger || kind == Kind::kReal; };
  if (is_number(a) != is_number(b)) return std::nullopt;
  return is_number(a) ? Kind::kReal : Kind::kBlob;
}

Status SqliteError(sqlite3* database, std::string_view what) {
  const int code = sqlite3_errcode(database) & 0xff;
  const std::string message = fmt::format("{}: {}", what, sqlite3_errmsg(database));
  switch (code) {
    case SQLITE_INTERRUPT:
      return CancelledError("the query was interrupted");
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return UnavailableError("{}; another process is writing to it, try again later", message);
    case SQLITE_CANTOPEN:
      return UnavailableError("{}; check the path and permissions", message);
    case SQLITE_PERM:
    case SQLITE_AUTH:
      return MakeStatus(StatusCode::kPermissionDenied, message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_IOERR:
      return DataLossError("{}", message);
    case SQLITE_NOMEM:
    case SQLITE_FULL:
    case SQLITE_TOOBIG:
      return ResourceExhaustedError("{}", message);
    default:
      return InvalidArgumentError("{}", message);
  }
}

Rows::Rows(sqlite3_stmt* statement) : statement_(statement) {
  for (int i = 0; i < sqlite3_column_count(statement); ++i) {
    const char* declared = sqlite3_column_decltype(statement, i);
    Column column{sqlite3_column_name(statement, i), declared == nullptr ? "" : declared};
    column.kind = KindOfDeclaration(column.declared);
    columns_.push_back(std::move(column));
  }
}

StatusOr<std::unique_ptr<Rows>> Rows::Open(sqlite3_stmt* statement) {
  std::unique_ptr<Rows> rows(new Rows(statement));
  BESSEMER_RETURN_IF_ERROR(rows->Peek());
  return rows;
}

Status Rows::Peek() {
  while (peeked_.size() < kPeekedRows) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, Step());
    if (!more) break;
    std::vector<Value> row;
    for (size_t i = 0; i < columns_.size(); ++i) {
      BESSEMER_RETURN_IF_ERROR(Learn(i).status());
      row.emplace_back(sqlite3_value_dup(Cell(i)));
      if (row.back() == nullptr) return ResourceExhaustedError("out of memory");
    }
    peeked_.push_back(std::move(row));
  }
  row_ = 0;
  return OkStatus();
}

std::shared_ptr<arrow::Schema> Rows::schema() const {
  arrow::FieldVector fields;
  for (const Column& column : columns_) {
    fields.push_back(arrow::field(column.name, TypeOf(column.kind)));
  }
  return arrow::schema(std::move(fields));
}

StatusOr<bool> Rows::Step() {
  at_peeked_ = row_ < static_cast<int64_t>(peeked_.size()) && next_peeked_ < peeked_.size();
  if (at_peeked_) {
    ++next_peeked_;
    ++row_;
    return true;
  }
  if (ended_) return false;
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) {
    ++row_;
    return true;
  }
  ended_ = true;
  if (code == SQLITE_DONE) return false;
  return SqliteError(sqlite3_db_handle(statement_), fmt::format("row {} of the query", row_ + 1));
}

sqlite3_value* Rows::Cell(size_t column) const {
  return at_peeked_ ? peeked_[next_peeked_ - 1][column].get()
                    : sqlite3_column_value(statement_, static_cast<int>(column));
}

StatusOr<bool> Rows::Learn(size_t index) {
  Column& column = columns_[index];
  sqlite3_value* cell = Cell(index);
  const std::optional<Kind> joined = Join(column.kind, KindOfValue(cell));
  if (!joined) {
    return InvalidArgumentError(
        "row {} of the query: column '{}' holds {}, which does not go with {}{}; say in the query "
        "what it is, e.g. CAST({} AS TEXT) or CAST({} AS REAL)",
        row_, column.name, Show(cell), Name(column.kind),
        column.declared.empty() ? "" : fmt::format(" (it is declared {})", column.declared),
        column.name, column.name);
  }
  const bool wider = *joined != column.kind;
  column.kind = *joined;
  return wider;
}

Status Rows::Append(size_t index, arrow::ArrayBuilder* builder, int64_t* bytes) const {
  sqlite3_value* cell = Cell(index);
  const Kind kind = columns_[index].kind;
  *bytes += 8;
  if (sqlite3_value_type(cell) == SQLITE_NULL) {
    return FromArrow(builder->AppendNull());
  }
  switch (kind) {
    case Kind::kInteger:
      return FromArrow(
          static_cast<arrow::Int64Builder*>(builder)->Append(sqlite3_value_int64(cell)));
    case Kind::kReal:
      return FromArrow(
          static_cast<arrow::DoubleBuilder*>(builder)->Append(sqlite3_value_double(cell)));
    default: {  // text is a kind of binary builder
      const std::string_view value = Bytes(cell);
      *bytes += static_cast<int64_t>(value.size());
      return FromArrow(static_cast<arrow::BinaryBuilder*>(builder)->Append(value));
    }
  }
}

StatusOr<Batch> Rows::Next() {
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      const std::unique_ptr<arrow::RecordBatchBuilder> builder,
      arrow::RecordBatchBuilder::Make(schema(), arrow::default_memory_pool()));
  int64_t num_rows = 0;
  for (int64_t bytes = 0; num_rows < kBatchRows && bytes < kBatchBytes; ++num_rows) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, Step());
    if (!more) break;
    for (size_t i = 0; i < columns_.size(); ++i) {
      BESSEMER_ASSIGN_OR_RETURN(const bool wider, Learn(i));
      if (wider) return AbortedError("row {} of the query needs another type", row_);
      BESSEMER_RETURN_IF_ERROR(Append(i, builder->GetField(static_cast<int>(i)), &bytes));
    }
  }
  if (num_rows == 0) return Batch();
  BESSEMER_ASSIGN_OR_RETURN_ARROW(Batch batch, builder->Flush());
  return batch;
}

Status Rows::Widen() {
  while (true) {  // from the row that did not fit
    for (size_t i = 0; i < columns_.size(); ++i) BESSEMER_RETURN_IF_ERROR(Learn(i).status());
    BESSEMER_ASSIGN_OR_RETURN(const bool more, Step());
    if (!more) break;
  }
  sqlite3_reset(statement_);
  peeked_.clear();
  next_peeked_ = 0;
  row_ = 0;
  ended_ = false;
  return OkStatus();
}

}  // namespace bessemer::example_gen::sqlite
