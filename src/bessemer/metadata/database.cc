#include "bessemer/metadata/database.h"

#include <sqlite3.h>

#include <chrono>
#include <thread>
#include <utility>

#include "bessemer/io/fault.h"
#include "bessemer/io/file.h"

namespace bessemer::metadata {
namespace {

constexpr int kBusyTimeoutMs = 60'000;

}  // namespace

Statement::Statement(Database* database, sqlite3_stmt* statement)
    : database_(database), statement_(statement) {}

Statement::Statement(Statement&& other) noexcept
    : database_(other.database_),
      statement_(std::exchange(other.statement_, nullptr)),
      next_(other.next_),
      bind_status_(std::move(other.bind_status_)) {}

Statement::~Statement() {
  if (statement_ == nullptr) return;
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::Bind(int64_t value) {
  sqlite3_bind_int64(statement_, next_++, value);
  return *this;
}

Statement& Statement::Bind(double value) {
  sqlite3_bind_double(statement_, next_++, value);
  return *this;
}

Statement& Statement::Bind(std::string_view text) {
  const int code = sqlite3_bind_text64(statement_, next_++, text.data(), text.size(),
                                       SQLITE_TRANSIENT, SQLITE_UTF8);
  if (code != SQLITE_OK) bind_status_ = database_->ErrorOf(code, "a value is too long");
  return *this;
}

Statement& Statement::BindBlob(std::string_view bytes) {
  const int code =
      sqlite3_bind_blob64(statement_, next_++, bytes.data(), bytes.size(), SQLITE_TRANSIENT);
  if (code != SQLITE_OK) bind_status_ = database_->ErrorOf(code, "a value is too long");
  return *this;
}

Statement& Statement::BindNull() {
  sqlite3_bind_null(statement_, next_++);
  return *this;
}

Statement& Statement::Bind(const std::optional<std::string>& text) {
  return text ? Bind(std::string_view(*text)) : BindNull();
}

StatusOr<bool> Statement::Step() {
  BESSEMER_RETURN_IF_ERROR(bind_status_);
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return database_->ErrorOf(code, sqlite3_sql(statement_));
}

Status Statement::Run() { return Step().status(); }

bool Statement::IsNull(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}
int64_t Statement::Int(int column) const { return sqlite3_column_int64(statement_, column); }
double Statement::Double(int column) const { return sqlite3_column_double(statement_, column); }
std::string Statement::Text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? "" : std::string(static_cast<const char*>(bytes), size);
}

Database::Database(std::string path, sqlite3* handle)
    : path_(std::move(path)), handle_(handle) {}

Database::~Database() {
  for (auto& [sql, statement] : statements_) sqlite3_finalize(statement);
  sqlite3_close(handle_);
}

Status Database::ErrorOf(int code, std::string_view what) const {
  const std::string message = fmt::format("{}: {} ({})", path_, sqlite3_errmsg(handle_), what);
  switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
      return MakeStatus(StatusCode::kAlreadyExists, message);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return MakeStatus(StatusCode::kAborted,
                        message + "; another process holds the metadata store, try again");
    case SQLITE_FULL:
      return MakeStatus(StatusCode::kResourceExhausted, message);
    case SQLITE_READONLY:
    case SQLITE_PERM:
      return MakeStatus(StatusCode::kPermissionDenied, message);
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
      return MakeStatus(StatusCode::kDataLoss, message);
    case SQLITE_CANTOPEN:
      return MakeStatus(StatusCode::kNotFound, message);
    case SQLITE_TOOBIG:
    case SQLITE_MISMATCH:
      return MakeStatus(StatusCode::kInvalidArgument, message);
    default:
      return MakeStatus(StatusCode::kInternal, message);
  }
}

StatusOr<std::unique_ptr<Database>> Database::Open(const std::string& path, OpenMode mode) {
  int flags = SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE;
  switch (mode) {
    case OpenMode::kReadWriteCreate:
      flags |= SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE;
      if (path != ":memory:" && !io::DirName(path).empty()) {
        BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(io::DirName(path)));
      }
      break;
    case OpenMode::kReadWrite:
      flags |= SQLITE_OPEN_READWRITE;
      break;
    case OpenMode::kReadOnly:
      flags |= SQLITE_OPEN_READONLY;
      break;
  }
  sqlite3* handle = nullptr;
  const int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  std::unique_ptr<Database> database(new Database(path, handle));
  if (code != SQLITE_OK) {
    return database->ErrorOf(code, "cannot open the metadata store");
  }
  sqlite3_busy_timeout(handle, kBusyTimeoutMs);
  if (mode != OpenMode::kReadOnly && path != ":memory:") {
    // The switch asks for the whole database for a moment and does not use the busy timeout.
    for (int attempt = 0; attempt < 200; ++attempt) {
      StatusOr<Statement> statement = database->Prepare("PRAGMA journal_mode=WAL");
      const Status status = statement.ok() ? statement->Run() : statement.status();
      if (status.ok()) break;
      if (status.code() != StatusCode::kAborted) return status;
      std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  return database;
}

StatusOr<Statement> Database::Prepare(std::string_view sql) {
  const auto found = statements_.find(std::string(sql));
  if (found != statements_.end() && sqlite3_stmt_busy(found->second) == 0) {
    return Statement(this, found->second);
  }
  if (found != statements_.end()) {
    return InternalError("{}: statement used inside itself: {}", path_, sql);
  }
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()),
                                      SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return ErrorOf(code, sql);
  statements_.emplace(sql, statement);
  return Statement(this, statement);
}

Status Database::Execute(const std::string& script) {
  const int code = sqlite3_exec(handle_, script.c_str(), nullptr, nullptr, nullptr);
  return code == SQLITE_OK ? OkStatus() : ErrorOf(code, script.substr(0, 80));
}

int64_t Database::LastInsertId() const { return sqlite3_last_insert_rowid(handle_); }

StatusOr<Database::Transaction> Database::Transaction::Begin(Database* database, bool write) {
  BESSEMER_RETURN_IF_ERROR(database->Execute(write ? "BEGIN IMMEDIATE" : "BEGIN"));
  return Transaction(database, write);
}

Database::Transaction::~Transaction() {
  if (database_ != nullptr) database_->Execute("ROLLBACK").IgnoreError();
}

Status Database::Transaction::Commit() {
  if (write_) {
    BESSEMER_RETURN_IF_ERROR(io::FaultPoint(io::WriteOp::kWrite, database_->path()));
  }
  BESSEMER_RETURN_IF_ERROR(database_->Execute("COMMIT"));
  database_ = nullptr;
  return OkStatus();
}

}  // namespace bessemer::metadata
