#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_POSTGRESQL_POSTGRESQL_CONNECTION_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_POSTGRESQL_POSTGRESQL_CONNECTION_INTERNAL_H_

#include <postgresql/libpq-fe.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/sources/postgresql/postgresql_types_internal.h"

namespace bessemer::example_gen::postgresql {

struct Closer {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
  void operator()(PGcancel* cancel) const { PQfreeCancel(cancel); }
};
using Connection = std::unique_ptr<PGconn, Closer>;
using Result = std::unique_ptr<PGresult, Closer>;
using Cancel = std::unique_ptr<PGcancel, Closer>;

// Connects with libpq's parameters: a URI, "key=value …", or "" for those of the environment and
// files. INVALID_ARGUMENT for a malformed text or one that holds a password; UNAUTHENTICATED,
// PERMISSION_DENIED, NOT_FOUND (no such database) or UNAVAILABLE with the server's message.
StatusOr<Connection> Connect(const std::string& parameters);

// The error of a failed result, by its SQLSTATE: the server's message, detail and hint.
Status ResultError(PGconn* connection, const PGresult* result, std::string_view query = {});

// Runs a command; OK if it succeeded.
Status Run(PGconn* connection, const std::string& command);

// The columns of a query that the server has checked but not run, and how they are read.
StatusOr<std::vector<Column>> Describe(PGconn* connection, const std::string& query);

}  // namespace bessemer::example_gen::postgresql

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_POSTGRESQL_POSTGRESQL_CONNECTION_INTERNAL_H_
