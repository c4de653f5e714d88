#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_MYSQL_MYSQL_CONNECTION_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_MYSQL_MYSQL_CONNECTION_INTERNAL_H_

#include <mariadb/mysql.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::example_gen::mysql {

struct Closer {
  void operator()(MYSQL* connection) const { mysql_close(connection); }
  void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
  void operator()(MYSQL_RES* result) const { mysql_free_result(result); }
};
using Connection = std::unique_ptr<MYSQL, Closer>;
using Statement = std::unique_ptr<MYSQL_STMT, Closer>;
using Result = std::unique_ptr<MYSQL_RES, Closer>;

// mysql://user@host:port/database?option=value, every part optional.
struct Address {
  std::string user;
  std::string host;
  int port = 0;
  std::string database;
  std::map<std::string, std::string> options;
};

// INVALID_ARGUMENT for another form, an unknown option or one that holds a password, which is not
// quoted.
StatusOr<Address> ParseAddress(const std::string& text);

// Connects: what the address leaves out comes from option files (groups [client] and [bessemer]),
// the password from MYSQL_PWD or such a file. The session speaks UTF-8 and lives in UTC.
StatusOr<Connection> Connect(const Address& address);

// The error of a server's or client's error number.
Status MysqlError(unsigned int number, std::string_view message);

}  // namespace bessemer::example_gen::mysql

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_MYSQL_MYSQL_CONNECTION_INTERNAL_H_
