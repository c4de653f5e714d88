#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <mutex>
#include <vector>

#include "bessemer/base/nearest_name.h"
#include "bessemer/example_gen/sources/mysql/mysql_connection_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::example_gen::mysql {
namespace {

constexpr unsigned int kConnectTimeoutSeconds = 30;

Status NotAnAddress() {
  return InvalidArgumentError(
      "the connection must look like mysql://user@host:3306/database?option=value, every part "
      "optional");
}

int HexDigit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

StatusOr<std::string> Unescape(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || HexDigit(text[i + 1]) < 0 || HexDigit(text[i + 2]) < 0) {
      return NotAnAddress();
    }
    out += static_cast<char>(HexDigit(text[i + 1]) * 16 + HexDigit(text[i + 2]));
    i += 2;
  }
  return out;
}

// Splits "a<c>b" at the first c; without one, all is a.
std::pair<std::string_view, std::string_view> Cut(std::string_view text, char c) {
  const size_t at = text.find(c);
  if (at == std::string_view::npos) return {text, {}};
  return {text.substr(0, at), text.substr(at + 1)};
}

Status ReadHost(std::string_view text, Address* address) {
  std::string_view port;
  if (text.starts_with('[')) {  // IPv6
    const size_t end = text.find(']');
    if (end == std::string_view::npos) return NotAnAddress();
    address->host = text.substr(1, end - 1);
    port = Cut(text.substr(end), ':').second;
  } else {
    const auto [host, rest] = Cut(text, ':');
    BESSEMER_ASSIGN_OR_RETURN(address->host, Unescape(host));
    port = rest;
  }
  if (port.empty()) return OkStatus();
  const auto parsed = std::from_chars(port.data(), port.data() + port.size(), address->port);
  const bool whole = parsed.ptr == port.data() + port.size();
  if (!whole || address->port < 1 || address->port > 65535) return NotAnAddress();
  return OkStatus();
}

Status ReadOptions(std::string_view text, Address* address) {
  static const std::vector<std::string> kKnown = {"option_file", "option_group", "socket", "ssl",
                                                  "ssl_ca",      "ssl_cert",     "ssl_key"};
  while (!text.empty()) {
    const auto [option, rest] = Cut(text, '&');
    text = rest;
    const auto [name, value] = Cut(option, '=');
    const std::string key(name);
    if (std::find(kKnown.begin(), kKnown.end(), key) == kKnown.end()) {
      if (key == "password" || key == "passwd") {
        return InvalidArgumentError(
            "the connection holds a password, and it would be recorded; give it by MYSQL_PWD or "
            "an option file (option_file=…) instead");
      }
      return InvalidArgumentError("the connection's option '{}' is not known{}", key,
                                  SuggestName(key, kKnown));
    }
    BESSEMER_ASSIGN_OR_RETURN(address->options[key], Unescape(value));
  }
  const auto ssl = address->options.find("ssl");
  if (ssl != address->options.end() && ssl->second != "required" && ssl->second != "verify") {
    return InvalidArgumentError("the connection's option ssl must be required or verify");
  }
  return OkStatus();
}

Status SetOptions(const Address& address, MYSQL* connection) {
  const auto option = [&](const char* name) {
    const auto found = address.options.find(name);
    return found == address.options.end() ? nullptr : found->second.c_str();
  };
  if (const char* file = option("option_file")) {
    BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(file));
    if (!there) return NotFoundError("{}: no such option file", file);
    mysql_options(connection, MYSQL_READ_DEFAULT_FILE, file);
  }
  const char* group = option("option_group");
  mysql_options(connection, MYSQL_READ_DEFAULT_GROUP, group == nullptr ? "bessemer" : group);
  mysql_options(connection, MYSQL_OPT_CONNECT_TIMEOUT, &kConnectTimeoutSeconds);
  mysql_options(connection, MYSQL_SET_CHARSET_NAME, "utf8mb4");
  const unsigned int no = 0;
  mysql_options(connection, MYSQL_OPT_LOCAL_INFILE, &no);
  if (const char* path = option("ssl_ca")) mysql_options(connection, MYSQL_OPT_SSL_CA, path);
  if (const char* path = option("ssl_cert")) mysql_options(connection, MYSQL_OPT_SSL_CERT, path);
  if (const char* path = option("ssl_key")) mysql_options(connection, MYSQL_OPT_SSL_KEY, path);
  if (const char* ssl = option("ssl")) {
    const my_bool yes = 1;
    mysql_options(connection, MYSQL_OPT_SSL_ENFORCE, &yes);
    if (std::string_view(ssl) == "verify") {
      mysql_options(connection, MYSQL_OPT_SSL_VERIFY_SERVER_CERT, &yes);
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<Address> ParseAddress(const std::string& text) {
  Address address;
  if (text.empty()) return address;
  std::string_view rest = text;
  if (rest.starts_with("mysql://")) {
    rest.remove_prefix(8);
  } else if (rest.starts_with("mariadb://")) {
    rest.remove_prefix(10);
  } else {
    return NotAnAddress();
  }
  const auto [place, options] = Cut(rest, '?');
  const auto [server, database] = Cut(place, '/');
  const size_t at = server.rfind('@');
  if (at != std::string_view::npos) {
    const std::string_view user = server.substr(0, at);
    if (user.find(':') != std::string_view::npos) {
      return InvalidArgumentError(
          "the connection holds a password, and it would be recorded; give it by MYSQL_PWD or an "
          "option file (option_file=…) instead");
    }
    BESSEMER_ASSIGN_OR_RETURN(address.user, Unescape(user));
  }
  BESSEMER_RETURN_IF_ERROR(
      ReadHost(at == std::string_view::npos ? server : server.substr(at + 1), &address));
  BESSEMER_ASSIGN_OR_RETURN(address.database, Unescape(database));
  BESSEMER_RETURN_IF_ERROR(ReadOptions(options, &address));
  return address;
}

StatusOr<Connection> Connect(const Address& address) {
  static std::once_flag once;
  std::call_once(once, [] { mysql_library_init(0, nullptr, nullptr); });
  Connection connection(mysql_init(nullptr));
  if (connection == nullptr) return ResourceExhaustedError("out of memory");
  BESSEMER_RETURN_IF_ERROR(SetOptions(address, connection.get()));
  const auto text = [](const std::string& value) {
    return value.empty() ? nullptr : value.c_str();
  };
  const auto socket = address.options.find("socket");
  if (mysql_real_connect(connection.get(), text(address.host), text(address.user),
                         std::getenv("MYSQL_PWD"), text(address.database),
                         static_cast<unsigned int>(address.port),
                         socket == address.options.end() ? nullptr : socket->second.c_str(),
                         /*clientflag=*/0) == nullptr) {
    return MysqlError(mysql_errno(connection.get()), mysql_error(connection.get()));
  }
  for (const char* command : {"SET SESSION time_zone = '+00:00', net_write_timeout = 3600",
                              "SET SESSION TRANSACTION READ ONLY", "START TRANSACTION READ ONLY"}) {
    if (mysql_query(connection.get(), command) != 0) {
      return MysqlError(mysql_errno(connection.get()), mysql_error(connection.get()));
    }
  }
  return connection;
}

Status MysqlError(unsigned int number, std::string_view message) {
  const std::string text = fmt::format("MySQL: {} (error {})", message, number);
  switch (number) {
    case 1045:  // access denied
    case 1698:  // likewise, without a password
    case 1251:  // an authentication method that is not supported
    case 2059:
      return MakeStatus(StatusCode::kUnauthenticated,
                        text + "; check the user, and MYSQL_PWD or the option file");
    case 1044:  // to the database
    case 1142:  // to the table
    case 1143:  // to the column
    case 1227:
    case 1370:
      return MakeStatus(StatusCode::kPermissionDenied, text);
    case 1049:
      return NotFoundError("{}", text);
    case 1205:  // lock wait timeout
    case 1213:  // deadlock
    case 1317:  // the query was killed
      return AbortedError("{}", text);
    case 1969:
    case 3024:
      return DeadlineExceededError("{}", text);
    case 1037:
    case 1038:
    case 1040:
    case 1114:
    case 2008:
      return ResourceExhaustedError("{}", text);
    case 1053:  // shutdown
    case 1152:
    case 1158:
    case 1159:
    case 1160:
    case 1161:
    case 1927:  // the connection was killed
      return UnavailableError("{}", text);
    default:
      // 2000 … 2999 are the client's: no connection, or none any more.
      if (number >= 2000 && number < 3000) return UnavailableError("{}", text);
      return InvalidArgumentError("{}", text);
  }
}

}  // namespace bessemer::example_gen::mysql
