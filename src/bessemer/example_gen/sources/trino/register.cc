#include <cstdlib>

#include "bessemer/base/json_text.h"
#include "bessemer/example_gen/query_spool.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/trino/trino_statement_internal.h"
#include "bessemer/io/file.h"
#include "bessemer/io/google_auth.h"

namespace bessemer::example_gen::trino {
namespace {

struct Dialect {
  const char* name;      // "Trino"
  const char* prefix;    // of the headers: "X-Trino-"
  const char* password;  // environment
  const char* token;     // environment
};
constexpr Dialect kTrino = {"Trino", "X-Trino-", "TRINO_PASSWORD", "TRINO_TOKEN"};
constexpr Dialect kPresto = {"Presto", "X-Presto-", "PRESTO_PASSWORD", "PRESTO_TOKEN"};

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// The content of a file named by a parameter, without line breaks at its end; else a variable's.
StatusOr<std::string> Secret(const ParamValues& params, const char* file_param,
                             const char* variable) {
  if (!params.Has(file_param)) return Environment(variable);
  BESSEMER_ASSIGN_OR_RETURN(std::string text, io::ReadFile(params.String(file_param)));
  while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  return text;
}

StatusOr<std::string> UserOf(const ParamValues& params) {
  if (params.Has("basic_auth")) {
    const Json& basic = params.Value("basic_auth");
    if (basic.contains("password")) {
      return params.Error("basic_auth",
                          "must not hold the password, since parameters are recorded: give it in "
                          "the environment or by 'password_file'");
    }
    if (basic.contains("username") && basic["username"].is_string()) {
      return basic["username"].get<std::string>();
    }
  }
  if (params.Has("user")) return params.String("user");
  const std::string user = Environment("USER");
  return user.empty() ? "bessemer" : user;
}

Status AddAuthorization(const ParamValues& params, const Dialect& dialect, const std::string& user,
                        io::HttpHeaders* headers) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string token, Secret(params, "token_file", dialect.token));
  BESSEMER_ASSIGN_OR_RETURN(const std::string password,
                            Secret(params, "password_file", dialect.password));
  if (token.empty() && password.empty()) return OkStatus();
  const std::string host = params.String("host");
  const bool local = host == "localhost" || host == "127.0.0.1";
  if (params.String("http_scheme") != "https" && !local) {
    return params.Error("http_scheme", "must be https: a password or token would be readable");
  }
  headers->emplace_back("Authorization",
                        token.empty() ? "Basic " + io::Base64Encode(user + ":" + password, false)
                                      : "Bearer " + token);
  return OkStatus();
}

StatusOr<Connection> MakeConnection(const ParamValues& params, const Dialect& dialect) {
  Connection connection{.name = dialect.name};
  const std::string scheme = params.String("http_scheme");
  const int64_t port = params.Has("port") ? params.Int("port") : scheme == "https" ? 443 : 8080;
  connection.url = fmt::format("{}://{}:{}", scheme, params.String("host"), port);
  BESSEMER_ASSIGN_OR_RETURN(const std::string user, UserOf(params));
  auto add = [&](const char* name, const std::string& value) {
    if (!value.empty()) connection.headers.emplace_back(dialect.prefix + std::string(name), value);
  };
  add("User", user);
  add("Source", params.String("source"));
  add("Catalog", params.String("catalog"));
  add("Schema", params.String("schema"));
  add("Time-Zone", "UTC");
  add("Client-Capabilities", "PARAMETRIC_DATETIME");
  if (params.Has("session")) {
    std::string session;
    for (const auto& [name, value] : params.Value("session").items()) {
      const std::string text = value.is_string() ? value.get<std::string>() : JsonText(value);
      session += fmt::format("{}{}={}", session.empty() ? "" : ",", name, io::PercentEncode(text));
    }
    add("Session", session);
  }
  connection.max_tries = static_cast<int>(params.Int("max_attempts"));
  connection.timeout_ms = static_cast<int64_t>(params.Float("request_timeout") * 1000);
  BESSEMER_RETURN_IF_ERROR(AddAuthorization(params, dialect, user, &connection.headers));
  return connection;
}

StatusOr<std::unique_ptr<RowInput>> RunQuery(const QueryRequest& request, const Dialect& dialect) {
  BESSEMER_ASSIGN_OR_RETURN(Connection connection, MakeConnection(request.params, dialect));
  BESSEMER_ASSIGN_OR_RETURN(
      const std::unique_ptr<Statement> statement,
      Statement::Start(std::move(connection), request.query, request.progress));
  QuerySpoolOptions options;
  options.scratch_dir = request.scratch_dir;
  options.progress = request.progress;
  return SpoolQuery(statement->schema(), *statement, options);
}

std::vector<Param> Params(const Dialect& dialect) {
  return {
      {.name = "host", .doc = "The coordinator.", .required = true},
      {.name = "port",
       .type = ParamType::kInt,
       .doc = "Its port; by default 8080 for http, 443 for https.",
       .min = 1,
       .max = 65535},
      {.name = "http_scheme",
       .default_value = "http",
       .doc = "How to speak to it.",
       .choices = {"http", "https"}},
      {.name = "user", .doc = "As whom to query; by default USER of the environment."},
      {.name = "catalog", .doc = "The catalog of tables named without one."},
      {.name = "schema", .doc = "The schema of tables named without one."},
      {.name = "source", .default_value = "bessemer", .doc = "What the server's logs call us."},
      {.name = "session",
       .type = ParamType::kMap,
       .doc = "Session properties, e.g. {query_max_run_time: 10m}."},
      {.name = "basic_auth",
       .type = ParamType::kMap,
       .doc = "{username: name}, as TFX writes it; the password comes from elsewhere."},
      {.name = "password_file",
       .doc = fmt::format("The file that holds the password; by default {} of the environment.",
                          dialect.password)},
      {.name = "token_file",
       .doc = fmt::format("The file that holds a JSON Web Token; by default {} of the environment.",
                          dialect.token)},
      {.name = "max_attempts",
       .type = ParamType::kInt,
       .default_value = 5,
       .doc = "Tries of a request that the server cannot answer at the moment.",
       .min = 1,
       .max = 100},
      {.name = "request_timeout",
       .type = ParamType::kFloat,
       .default_value = 120.0,
       .doc = "Seconds that one request (not the query) may take.",
       .min = 0.1,
       .max = 86400},
  };
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "trino",
      .doc = "The result of a query that a Trino cluster runs.\n"
             "Arrays are lists, rows structs, maps lists of (key, value); timestamps with a zone "
             "are UTC; what has no counterpart is text.",
      .component = "TrinoExampleGen",
      .params = Params(kTrino),
      .run_query = [](const QueryRequest& request) { return RunQuery(request, kTrino); },
  });
  registry.Add({
      .name = "presto",
      .doc = "The result of a query that a Presto cluster runs; as trino, by Presto's headers.",
      .component = "PrestoExampleGen",
      .params = Params(kPresto),
      .run_query = [](const QueryRequest& request) { return RunQuery(request, kPresto); },
      .tfx_class = "tfx.examples.custom_components.presto_example_gen.presto_component.component."
                   "PrestoExampleGen",
  });
}

}  // namespace bessemer::example_gen::trino
