#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_SQLITE_SQLITE_ROWS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_SQLITE_SQLITE_ROWS_INTERNAL_H_

#include <arrow/type_fwd.h>
#include <sqlite3.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::example_gen::sqlite {

struct Closer {
  void operator()(sqlite3* database) const { sqlite3_close_v2(database); }
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  void operator()(sqlite3_value* value) const { sqlite3_value_free(value); }
};
using Database = std::unique_ptr<sqlite3, Closer>;
using Statement = std::unique_ptr<sqlite3_stmt, Closer>;
using Value = std::unique_ptr<sqlite3_value, Closer>;

// What a column holds, whatever SQLite allows each of its cells to be.
enum class Kind { kUnknown, kInteger, kReal, kText, kBlob };

// By a declared type: as SQLite finds its affinity, but DECIMAL and NUMERIC are always kReal, so
// that the type of a price does not depend on whether one of today's has cents. kUnknown: the
// values decide.
Kind KindOfDeclaration(std::string_view declared);

// The kind that holds both, or no value: numbers beside text or blobs.
std::optional<Kind> Join(Kind a, Kind b);

// The rows of a statement. Types come from the declarations and the first rows; when a later row
// needs a wider one, Next returns ABORTED: Widen then finds the types of all rows, and the rows
// come again from the first.
class Rows : public columnar::BatchSource {
 public:
  // `statement` outlives this. INVALID_ARGUMENT for a column whose values are of kinds that do not
  // go together, naming the row.
  static StatusOr<std::unique_ptr<Rows>> Open(sqlite3_stmt* statement);

  std::shared_ptr<arrow::Schema> schema() const;
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Next() override;
  Status Widen();

 private:
  struct Column {
    std::string name;
    std::string declared;
    Kind kind = Kind::kUnknown;
  };

  explicit Rows(sqlite3_stmt* statement);
  Status Peek();
  StatusOr<bool> Step();  // false at the end
  sqlite3_value* Cell(size_t column) const;
  // Widens the column to hold its cell of the row at hand; true if it had to.
  StatusOr<bool> Learn(size_t column);
  Status Append(size_t column, arrow::ArrayBuilder* builder, int64_t* bytes) const;

  sqlite3_stmt* const statement_;
  std::vector<Column> columns_;
  std::vector<std::vector<Value>> peeked_;  // the first rows
  size_t next_peeked_ = 0;
  bool at_peeked_ = false;  // the row at hand is peeked_[next_peeked_ - 1]
  bool ended_ = false;
  int64_t row_ = 0;  // of the row at hand, from 1
};

// UNAVAILABLE, INVALID_ARGUMENT … with SQLite's message.
Status SqliteError(sqlite3* database, std::string_view what);

}  // namespace bessemer::example_gen::sqlite

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_SQLITE_SQLITE_ROWS_INTERNAL_H_
