#ifndef BESSEMER_METADATA_DATABASE_H_
#define BESSEMER_METADATA_DATABASE_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "bessemer/base/status.h"

struct sqlite3;
struct sqlite3_stmt;

// SQLite with Status, prepared statements and transactions that wait for other processes.
// Everything here is for one thread at a time.

namespace bessemer::metadata {

class Database;

// A prepared statement in use. Parameters are bound in order; text and blobs are copied. Going out
// of scope resets it, so that the next Prepare of the same text finds it ready.
class Statement {
 public:
  ~Statement();
  Statement(Statement&& other) noexcept;
  Statement(const Statement&) = delete;

  Statement& Bind(int64_t value);
  Statement& Bind(double value);
  Statement& Bind(std::string_view text);
  Statement& BindBlob(std::string_view bytes);
  Statement& BindNull();
  Statement& Bind(const std::optional<std::string>& text);

  // The next row: true; the end: false. ALREADY_EXISTS for a violated UNIQUE constraint, ABORTED if
  // another process kept the database locked for too long, RESOURCE_EXHAUSTED for a full disk,
  // DATA_LOSS for a damaged file.
  StatusOr<bool> Step();
  // For statements without rows.
  Status Run();

  bool IsNull(int column) const;
  int64_t Int(int column) const;
  double Double(int column) const;
  std::string Text(int column) const;  // text or blob; "" for NULL

 private:
  friend class Database;
  Statement(Database* database, sqlite3_stmt* statement);

  Database* database_;
  sqlite3_stmt* statement_;
  int next_ = 1;
  Status bind_status_;
};

enum class OpenMode { kReadWriteCreate, kReadWrite, kReadOnly };

class Database {
 public:
  // `path` ":memory:" for a private database in memory. Others are switched to write-ahead logging,
  // where readers and one writer do not wait for each other; a file system that cannot do that
  // keeps SQLite's rollback journal. NOT_FOUND for a missing file unless it may be created.
  static StatusOr<std::unique_ptr<Database>> Open(const std::string& path, OpenMode mode);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  StatusOr<Statement> Prepare(std::string_view sql);
  // Several statements without parameters or rows.
  Status Execute(const std::string& script);
  int64_t LastInsertId() const;
  const std::string& path() const { return path_; }

  // A transaction: Commit or it is rolled back. A writing one takes the write lock at once, so that
  // it can never be refused half-way.
  class Transaction {
   public:
    static StatusOr<Transaction> Begin(Database* database, bool write);
    Transaction(Transaction&& other) noexcept : database_(std::exchange(other.database_, nullptr)),
                                                write_(other.write_) {}
    ~Transaction();
    Status Commit();

   private:
    Transaction(Database* database, bool write) : database_(database), write_(write) {}
    Database* database_;
    bool write_;
  };

 private:
  friend class Statement;
  Database(std::string path, sqlite3* handle);
  Status ErrorOf(int code, std::string_view what) const;

  std::string path_;
  sqlite3* handle_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace bessemer::metadata

#endif  // BESSEMER_METADATA_DATABASE_H_
