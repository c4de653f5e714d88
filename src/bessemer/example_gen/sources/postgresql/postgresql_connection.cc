#include <algorithm>
#include <map>

#include "bessemer/example_gen/sources/postgresql/postgresql_connection_internal.h"

namespace bessemer::example_gen::postgresql {
namespace {

// libpq's messages end with a newline and may have several lines.
std::string OneLine(std::string_view message) {
  std::string line;
  for (const char c : message) {
    if (c != '\n') {
      line += c == '\t' ? ' ' : c;
    } else if (!line.empty() && !line.ends_with("; ")) {
      line += "; ";
    }
  }
  while (line.ends_with("; ")) line.resize(line.size() - 2);
  return line;
}

// Passwords do not belong where parameters are recorded. Nothing of `parameters` is quoted.
Status CheckParameters(const std::string& parameters) {
  char* message = nullptr;
  PQconninfoOption* options = PQconninfoParse(parameters.c_str(), &message);
  PQfreemem(message);
  // libpq takes a text with neither "=" nor a URI's scheme for the name of a database.
  const bool is_name = parameters.find('=') == std::string::npos &&
                       !parameters.starts_with("postgresql://") &&
                       !parameters.starts_with("postgres://");
  if (options == nullptr) {
    if (is_name) return OkStatus();
    return InvalidArgumentError(
        "the connection is neither a URI such as postgresql://user@host:5432/database nor a list "
        "such as 'host=… dbname=…'");
  }
  bool has_secret = false;
  for (const PQconninfoOption* option = options; option->keyword != nullptr; ++option) {
    const std::string_view keyword = option->keyword;
    if (keyword == "password" || keyword == "sslpassword") has_secret |= option->val != nullptr;
  }
  PQconninfoFree(options);
  if (!has_secret) return OkStatus();
  return InvalidArgumentError(
      "the connection holds a password, and it would be recorded; give it by PGPASSWORD, a "
      "password file (passfile=…, ~/.pgpass) or a service (service=…) instead");
}

Status ConnectError(PGconn* connection) {
  const std::string message = OneLine(PQerrorMessage(connection));
  const auto says = [&](const char* words) { return message.find(words) != std::string::npos; };
  const std::string text = fmt::format("PostgreSQL: {}", message);
  if (PQconnectionNeedsPassword(connection) != 0) {
    return MakeStatus(StatusCode::kUnauthenticated,
                      text + "; set PGPASSWORD or add the server to ~/.pgpass");
  }
  if (says("authentication failed") || says("pg_hba.conf") || says("role \"")) {
    return MakeStatus(StatusCode::kUnauthenticated, text + "; check user and password");
  }
  if (says("permission denied")) return MakeStatus(StatusCode::kPermissionDenied, text);
  if (says("database \"") && says("does not exist")) return NotFoundError("{}", text);
  return UnavailableError("{}", text);
}

StatusCode CodeOf(std::string_view sqlstate) {
  if (sqlstate == "42501") return StatusCode::kPermissionDenied;
  if (sqlstate == "57014") return StatusCode::kCancelled;
  const std::string_view kind = sqlstate.substr(0, 2);
  if (kind == "08" || kind == "57" || kind == "58" || sqlstate.empty()) {
    return StatusCode::kUnavailable;
  }
  if (kind == "28") return StatusCode::kUnauthenticated;
  if (kind == "40") return StatusCode::kAborted;
  if (kind == "53" || kind == "54") return StatusCode::kResourceExhausted;
  if (kind == "XX") return StatusCode::kInternal;
  return StatusCode::kInvalidArgument;
}

// " (line 3)" for a position in the query, which counts characters from 1.
std::string Line(const char* position, std::string_view query) {
  if (position == nullptr || query.empty()) return "";
  int64_t characters = std::strtoll(position, nullptr, 10) - 1;
  int line = 1;
  for (const char c : query) {
    if ((c & 0xc0) == 0x80) continue;
    if (characters-- == 0) break;
    if (c == '\n') ++line;
  }
  return fmt::format(" (line {} of the query)", line);
}

// What the catalogue says about a type.
struct CatalogueType {
  std::string name;
  bool is_enum = false;
  bool is_composite = false;
  uint32_t element = 0;  // of arrays
  bool element_is_enum = false;
};

StatusOr<std::map<uint32_t, CatalogueType>> ReadCatalogue(PGconn* connection,
                                                          const std::string& oids) {
  const std::string query =
      "SELECT t.oid, pg_catalog.format_type(t.oid, NULL), t.typtype, t.typcategory, t.typelem, "
      "CASE WHEN e.typtype = 'd' THEN e.typbasetype ELSE e.oid END, e.typtype "
      "FROM pg_catalog.pg_type t LEFT JOIN pg_catalog.pg_type e ON e.oid = t.typelem "
      "WHERE t.oid IN (" +
      oids + ")";
  const Result result(PQexec(connection, query.c_str()));
  if (PQresultStatus(result.get()) != PGRES_TUPLES_OK) {
    return ResultError(connection, result.get());
  }
  std::map<uint32_t, CatalogueType> types;
  for (int row = 0; row < PQntuples(result.get()); ++row) {
    const auto cell = [&](int column) {
      return std::string(PQgetvalue(result.get(), row, column));
    };
    const auto oid = [&](int column) {
      return static_cast<uint32_t>(std::strtoul(cell(column).c_str(), nullptr, 10));
    };
    CatalogueType& type = types[oid(0)];
    type.name = cell(1);
    type.is_enum = cell(2) == "e";
    type.is_composite = cell(2) == "c" || cell(2) == "p";
    if (cell(3) == "A") {
      type.element = oid(5);
      type.element_is_enum = cell(6) == "e";
    }
  }
  return types;
}

StatusOr<Column> ColumnOf(const PGresult* described, int index,
                          const std::map<uint32_t, CatalogueType>& types) {
  const Oid oid = PQftype(described, index);
  const int modifier = PQfmod(described, index);
  Column column{.name = PQfname(described, index), .value = {Format::kText, arrow::utf8()}};
  if (const std::optional<ValueType> scalar = FindScalar(oid, modifier)) {
    column.value = *scalar;
    return column;
  }
  const auto found = types.find(oid);
  if (found == types.end()) {
    return InternalError("column '{}' has type {}, which pg_type does not hold", column.name, oid);
  }
  const CatalogueType& type = found->second;
  if (type.is_composite) {
    return UnimplementedError(
        "column '{}' is a record ({}); select its fields, or make it text with to_jsonb({})::text",
        column.name, type.name, column.name);
  }
  if (type.element != 0) {
    column.is_array = true;
    if (const std::optional<ValueType> element = FindScalar(type.element, modifier)) {
      column.value = *element;
    } else if (!type.element_is_enum) {
      column.cast = "text[]";
    }
  } else if (!type.is_enum) {  // the binary form of an enum is its label
    column.cast = "text";
  }
  return column;
}

}  // namespace

StatusOr<Connection> Connect(const std::string& parameters) {
  BESSEMER_RETURN_IF_ERROR(CheckParameters(parameters));
  // Later ones win. A connection that died without a word is noticed after about two minutes.
  const char* keywords[] = {"fallback_application_name", "keepalives_idle",
                            "keepalives_interval",       "dbname",
                            "client_encoding",           nullptr};
  const char* values[] = {"bessemer", "60", "15", parameters.c_str(), "UTF8", nullptr};
  Connection connection(PQconnectdbParams(keywords, values, /*expand_dbname=*/1));
  if (connection == nullptr) return ResourceExhaustedError("out of memory");
  if (PQstatus(connection.get()) != CONNECTION_OK) return ConnectError(connection.get());
  // Notices are not ours to print.
  PQsetNoticeReceiver(
      connection.get(), [](void*, const PGresult*) {}, nullptr);
  return connection;
}

Status ResultError(PGconn* connection, const PGresult* result, std::string_view query) {
  const auto field = [&](int name) {
    const char* text = result == nullptr ? nullptr : PQresultErrorField(result, name);
    return std::string(text == nullptr ? "" : text);
  };
  std::string message = field(PG_DIAG_MESSAGE_PRIMARY);
  if (message.empty()) message = OneLine(PQerrorMessage(connection));
  if (const std::string detail = field(PG_DIAG_MESSAGE_DETAIL); !detail.empty()) {
    message += "; " + OneLine(detail);
  }
  if (const std::string hint = field(PG_DIAG_MESSAGE_HINT); !hint.empty()) {
    message += "; " + OneLine(hint);
  }
  if (result != nullptr) {
    message += Line(PQresultErrorField(result, PG_DIAG_STATEMENT_POSITION), query);
  }
  return MakeStatus(CodeOf(field(PG_DIAG_SQLSTATE)), "PostgreSQL: " + message);
}

Status Run(PGconn* connection, const std::string& command) {
  const Result result(PQexec(connection, command.c_str()));
  if (PQresultStatus(result.get()) == PGRES_COMMAND_OK) return OkStatus();
  return ResultError(connection, result.get());
}

StatusOr<std::vector<Column>> Describe(PGconn* connection, const std::string& query) {
  const Result prepared(PQprepare(connection, "", query.c_str(), 0, nullptr));
  if (PQresultStatus(prepared.get()) != PGRES_COMMAND_OK) {
    return ResultError(connection, prepared.get(), query);
  }
  const Result described(PQdescribePrepared(connection, ""));
  if (PQresultStatus(described.get()) != PGRES_COMMAND_OK) {
    return ResultError(connection, described.get(), query);
  }
  if (PQnparams(described.get()) > 0) {
    return InvalidArgumentError("the query has parameters ($1); write their values into it");
  }
  const int num_columns = PQnfields(described.get());
  if (num_columns == 0) {
    return InvalidArgumentError("the query must be one that gives columns, such as a SELECT");
  }
  std::string oids;
  for (int i = 0; i < num_columns; ++i) {
    oids += fmt::format("{}{}", i == 0 ? "" : ",", PQftype(described.get(), i));
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto types, ReadCatalogue(connection, oids));
  std::vector<Column> columns;
  for (int i = 0; i < num_columns; ++i) {
    BESSEMER_ASSIGN_OR_RETURN(Column column, ColumnOf(described.get(), i, types));
    columns.push_back(std::move(column));
  }
  return columns;
}

}  // namespace bessemer::example_gen::postgresql
