#include "bessemer/io/http.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdlib>
#include <memory>
#include <mutex>
#include <thread>

namespace bessemer::io {
namespace {

constexpr int64_t kMaxDelayMs = 10'000;
constexpr int64_t kMaxRetryAfterMs = 60'000;
constexpr size_t kMaxBodyBytes = size_t{1} << 30;

// The handle of a thread: reused, so that connections are.
CURL* ThreadHandle() {
  static std::once_flag once;
  std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
  struct Handle {
    CURL* curl = curl_easy_init();
    ~Handle() { curl_easy_cleanup(curl); }
  };
  thread_local Handle handle;
  if (handle.curl != nullptr) curl_easy_reset(handle.curl);
  return handle.curl;
}

// One try: what the callbacks of libcurl write to.
struct Exchange {
  const HttpRequest& request;
  CURL* curl;
  HttpResponse response;
  Status failure;          // of on_body
  bool delivered = false;  // on_body has been called
};

size_t OnHeader(char* data, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view line(data, size * count);
  if (line.starts_with("HTTP/")) exchange.response.headers.clear();  // 100 Continue, proxies
  const size_t colon = line.find(':');
  if (colon != std::string_view::npos) {
    std::string name(line.substr(0, colon));
    std::transform(name.begin(), name.end(), name.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) {
      value.remove_prefix(1);
    }
    while (!value.empty() &&
           (value.back() == '\r' || value.back() == '\n' || value.back() == ' ')) {
      value.remove_suffix(1);
    }
    exchange.response.headers.emplace_back(std::move(name), value);
  }
  return size * count;
}

size_t OnBody(char* data, size_t size, size_t count, void* user) {
  auto& exchange = *static_cast<Exchange*>(user);
  const std::string_view piece(data, size * count);
  long status = 0;
  curl_easy_getinfo(exchange.curl, CURLINFO_RESPONSE_CODE, &status);
  if (exchange.request.on_body && status >= 200 && status < 300) {
    exchange.delivered = true;
    exchange.failure = exchange.request.on_body(piece);
    return exchange.failure.ok() ? piece.size() : 0;
  }
  if (exchange.response.body.size() + piece.size() > kMaxBodyBytes) {
    exchange.failure = ResourceExhaustedError("{}: the response is larger than 1 GiB",
                                              PrintableUrl(exchange.request.url));
    return 0;
  }
  exchange.response.body.append(piece);
  return piece.size();
}

int OnProgress(void* user, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
  return static_cast<Exchange*>(user)->request.progress->cancelled() ? 1 : 0;
}

std::string Described(const HttpRequest& request) {
  return fmt::format("{} {}", request.method, PrintableUrl(request.url));
}

Status CurlError(const Exchange& exchange, CURLcode code, const char* detail) {
  const HttpRequest& request = exchange.request;
  const std::string reason = *detail != '\0' ? detail : curl_easy_strerror(code);
  switch (code) {
    case CURLE_OPERATION_TIMEDOUT:
      return DeadlineExceededError("{}: no answer in time: {}", Described(request), reason);
    case CURLE_ABORTED_BY_CALLBACK:
      return CancelledError("interrupted");
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CACERT_BADFILE:
      return MakeStatus(StatusCode::kPermissionDenied,
                        fmt::format("{}: the server's certificate is not trusted: {}; an authority "
                                    "of your own is named by SSL_CERT_FILE",
                                    Described(request), reason));
    case CURLE_URL_MALFORMAT:
    case CURLE_UNSUPPORTED_PROTOCOL:
      return InvalidArgumentError("{}: {}", Described(request), reason);
    default:
      return UnavailableError("{}: {}", Described(request), reason);
  }
}

using HeaderList = std::unique_ptr<curl_slist, void (*)(curl_slist*)>;

HeaderList MakeHeaders(const HttpRequest& request) {
  HeaderList list(nullptr, curl_slist_free_all);
  auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return;
    list.release();
    list.reset(longer);
  };
  for (const auto& [name, value] : request.headers) {
    // "Name;" is libcurl's way of saying that the value is empty.
    add(value.empty() ? name + ";" : fmt::format("{}: {}", name, value));
  }
  if (request.aws && !request.aws->session_token.empty()) {
    add("x-amz-security-token: " + request.aws->session_token);
  }
  // Bodies are small: do not wait for "100 Continue". libcurl would sign the header it leaves out.
  if (!request.aws) add("Expect:");
  return list;
}

bool HasUnsafeHeader(const HttpRequest& request) {
  return std::any_of(request.headers.begin(), request.headers.end(), [](const auto& header) {
    return (header.first + header.second).find_first_of("\r\n") != std::string::npos;
  });
}

void SetOptions(CURL* curl, const HttpRequest& request, Exchange& exchange,
                const curl_slist* headers, char* error) {
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error);
  curl_easy_setopt(curl, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers);
  curl_easy_setopt(curl, CURLOPT_USERAGENT, "bessemer/0.1");
  curl_easy_setopt(curl, CURLOPT_ACCEPT_ENCODING, "");  // whatever libcurl can inflate
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.connect_timeout_ms));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  for (const char* name : {"SSL_CERT_FILE", "CURL_CA_BUNDLE"}) {
    const char* file = std::getenv(name);
    if (file != nullptr && *file != '\0') curl_easy_setopt(curl, CURLOPT_CAINFO, file);
  }
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, OnHeader);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, OnBody);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, OnProgress);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else if (request.method == "POST" || request.method == "PUT" || !request.body.empty()) {
    curl_easy_setopt(curl, CURLOPT_POST, 1L);
    curl_easy_setopt(curl, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(curl, CURLOPT_POSTFIELDS, request.body.data());
    if (request.method != "POST") {
      curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    }
  } else if (request.method != "GET") {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  }
  if (request.aws) {
    const std::string provider =
        fmt::format("aws:amz:{}:{}", request.aws->region, request.aws->service);
    curl_easy_setopt(curl, CURLOPT_AWS_SIGV4, provider.c_str());
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.aws->access_key.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.aws->secret_key.c_str());
  } else if (request.user_password) {
    curl_easy_setopt(curl, CURLOPT_HTTPAUTH, CURLAUTH_BASIC);
    curl_easy_setopt(curl, CURLOPT_USERNAME, request.user_password->first.c_str());
    curl_easy_setopt(curl, CURLOPT_PASSWORD, request.user_password->second.c_str());
  }
}

// `again` says whether a further try makes sense.
StatusOr<HttpResponse> TryOnce(const HttpRequest& request, bool* again) {
  *again = false;
  if (request.progress->cancelled()) return CancelledError("interrupted");
  if (HasUnsafeHeader(request)) {
    return InvalidArgumentError("{}: a header holds a line break", Described(request));
  }
  CURL* curl = ThreadHandle();
  if (curl == nullptr) return ResourceExhaustedError("{}: out of memory", Described(request));
  Exchange exchange{.request = request, .curl = curl};
  const HeaderList headers = MakeHeaders(request);
  char error[CURL_ERROR_SIZE] = "";
  SetOptions(curl, request, exchange, headers.get(), error);
  const CURLcode code = curl_easy_perform(curl);
  if (!exchange.failure.ok()) return exchange.failure;
  if (code != CURLE_OK) {
    const Status status = CurlError(exchange, code, error);
    *again = !exchange.delivered && (status.code() == StatusCode::kUnavailable ||
                                     status.code() == StatusCode::kDeadlineExceeded);
    return status;
  }
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  exchange.response.status = static_cast<int>(status);
  *again = status == 429 || status == 500 || (status >= 502 && status <= 504);
  return std::move(exchange.response);
}

int64_t RetryAfterMs(const HttpResponse& response) {
  const std::string_view text = response.Header("retry-after");
  int64_t seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return std::clamp<int64_t>(seconds * 1000, 0, kMaxRetryAfterMs);
}

}  // namespace

std::string_view HttpResponse::Header(std::string_view name) const {
  for (const auto& [key, value] : headers) {
    if (key == name) return value;
  }
  return "";
}

StatusOr<HttpResponse> SendHttp(const HttpRequest& request) {
  const bool repeatable = request.repeatable || request.method != "POST";
  int64_t delay_ms = request.retry_delay_ms;
  for (int tries = 1;; ++tries) {
    bool again = false;
    StatusOr<HttpResponse> response = TryOnce(request, &again);
    if (!again || !repeatable || tries >= request.max_tries) return response;
    const int64_t asked_ms = response.ok() ? RetryAfterMs(*response) : 0;
    BESSEMER_RETURN_IF_ERROR(WaitUnlessCancelled(std::max(asked_ms, delay_ms), *request.progress));
    delay_ms = std::min(delay_ms * 2, kMaxDelayMs);
  }
}

Status HttpError(const HttpRequest& request, const HttpResponse& response,
                 std::string_view reason) {
  StatusCode code = StatusCode::kInvalidArgument;
  if (response.status == 401) code = StatusCode::kUnauthenticated;
  if (response.status == 403) code = StatusCode::kPermissionDenied;
  if (response.status == 404) code = StatusCode::kNotFound;
  if (response.status == 409) code = StatusCode::kAlreadyExists;
  if (response.status == 429) code = StatusCode::kResourceExhausted;
  if (response.status >= 500) code = StatusCode::kUnavailable;
  return MakeStatus(code, fmt::format("{}: HTTP {}{}{}", Described(request), response.status,
                                      reason.empty() ? "" : ": ", reason));
}

std::string PrintableUrl(std::string_view url) {
  url = url.substr(0, url.find_first_of("?#"));
  const size_t host = url.find("://");
  if (host == std::string_view::npos) return std::string(url);
  const size_t slash = std::min(url.find('/', host + 3), url.size());
  const size_t at = url.substr(0, slash).rfind('@');
  if (at == std::string_view::npos) return std::string(url);
  return fmt::format("{}{}", url.substr(0, host + 3), url.substr(at + 1));
}

std::string PercentEncode(std::string_view text, bool keep_slashes) {
  std::string out;
  for (const unsigned char c : text) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_' || c == '.' || c == '~' || (c == '/' && keep_slashes);
    if (plain) {
      out += static_cast<char>(c);
    } else {
      out += fmt::format("%{:02X}", c);
    }
  }
  return out;
}

Status WaitUnlessCancelled(int64_t milliseconds, const Progress& progress) {
  for (int64_t waited = 0; waited < milliseconds; waited += 50) {
    if (progress.cancelled()) return CancelledError("interrupted");
    std::this_thread::sleep_for(
        std::chrono::milliseconds(std::min<int64_t>(50, milliseconds - waited)));
  }
  return progress.cancelled() ? CancelledError("interrupted") : OkStatus();
}

}  // namespace bessemer::io
