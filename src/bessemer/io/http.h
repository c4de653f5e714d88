#ifndef BESSEMER_IO_HTTP_H_
#define BESSEMER_IO_HTTP_H_

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"

namespace bessemer::io {

// One HTTP exchange by libcurl: what the sources that speak REST stand on.
//
// Certificates are always verified, against the system's authorities or those of $SSL_CERT_FILE or
// $CURL_CA_BUNDLE. Proxies are those of the environment (https_proxy, no_proxy …). Redirects are
// not followed. Connections are kept per thread. Thread-safe.

using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// Signature Version 4 of Amazon's services, made by libcurl over all headers given.
struct AwsSignature {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  // "": none
  std::string region;
  std::string service;  // "athena"
};

struct HttpRequest {
  std::string method = "GET";
  std::string url;
  HttpHeaders headers = {};
  std::string body = {};
  std::optional<AwsSignature> aws = {};
  // Basic authentication; the header is made by libcurl.
  std::optional<std::pair<std::string, std::string>> user_password = {};

  // Whether a repetition does no harm. GET, HEAD, PUT and DELETE are repeated by themselves, POST
  // only if this is set.
  bool repeatable = false;
  // Tries in all. A try is repeated after 429, 500, 502, 503, 504 and whatever breaks a connection;
  // what is still refused then is returned as the response, a broken connection as an error.
  int max_tries = 5;
  // The wait before the second try, doubled for each further one, at most 10 s; a Retry-After of
  // the server (at most 60 s) is respected.
  int64_t retry_delay_ms = 200;
  int64_t connect_timeout_ms = 10'000;
  int64_t timeout_ms = 120'000;  // of one try, from beginning to end
  // Receives the body of a 2xx response in pieces instead of HttpResponse::body. Such a request is
  // not repeated once the first piece was delivered. An error of it ends the exchange.
  std::function<Status(std::string_view piece)> on_body = {};
  // Asked while waiting; CANCELLED when it says so. Not owned.
  const Progress* progress = &Progress::None();
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;  // names in lower case
  std::string body;

  bool ok() const { return status >= 200 && status < 300; }
  // The first value of a header (its name in lower case), or "".
  std::string_view Header(std::string_view name) const;
};

// Any response is a success here, whatever its status. UNAVAILABLE if there is none (name not
// found, refused, broken off), DEADLINE_EXCEEDED after a timeout, PERMISSION_DENIED for a
// certificate that is not trusted, CANCELLED; each names method and URL, without query and secrets.
StatusOr<HttpResponse> SendHttp(const HttpRequest& request);

// The same for a response that is not 2xx: the status becomes UNAUTHENTICATED (401),
// PERMISSION_DENIED (403), NOT_FOUND (404), ALREADY_EXISTS (409), RESOURCE_EXHAUSTED (429),
// UNAVAILABLE (5xx) or INVALID_ARGUMENT, with `reason` (the server's own words) in the message.
Status HttpError(const HttpRequest& request, const HttpResponse& response, std::string_view reason);

// "scheme://host:port/path": what messages call a URL.
std::string PrintableUrl(std::string_view url);

// Everything but letters, digits and -_.~ (and '/' if `keep_slashes`) as %XX.
std::string PercentEncode(std::string_view text, bool keep_slashes = false);

// Waits, in steps of 50 ms; CANCELLED as soon as `progress` says so.
Status WaitUnlessCancelled(int64_t milliseconds, const Progress& progress);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_HTTP_H_
