#include "bessemer/io/object_store.h"

#include <arrow/filesystem/filesystem.h>
#include <arrow/filesystem/gcsfs.h>
#include <arrow/filesystem/s3fs.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cstdlib>
#include <map>
#include <mutex>
#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/io/aws_profile_internal.h"

namespace bessemer::io {
namespace {

constexpr int kDefaultTries = 5;
constexpr int64_t kFirstDelayMs = 100;
constexpr int64_t kMaxDelayMs = 5'000;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Repeats what may pass: throttling, 5xx, broken connections. Bounded in number and time.
class BoundedRetry : public arrow::fs::S3RetryStrategy {
 public:
  explicit BoundedRetry(int64_t tries) : tries_(tries) {}
  bool ShouldRetry(const AWSErrorDetail& error, int64_t attempted_retries) override {
    return error.should_retry && attempted_retries + 1 < tries_;
  }
  int64_t CalculateDelayBeforeNextRetry(const AWSErrorDetail&, int64_t attempted_retries) override {
    return std::min(kFirstDelayMs << std::min<int64_t>(attempted_retries, 10), kMaxDelayMs);
  }

 private:
  const int64_t tries_;
};

int64_t MaxTries() {
  const std::string text = Environment("AWS_MAX_ATTEMPTS");
  int64_t tries = 0;
  std::from_chars(text.data(), text.data() + text.size(), tries);
  return tries > 0 ? tries : kDefaultTries;
}

// Ends Amazon's SDK with the process, before the objects it keeps are destroyed: what is registered
// last is called first, so this is called again whenever more of them may have been made.
void EndS3AtExit() {
  static std::atomic<bool> ended{false};
  std::atexit([] {
    if (!ended.exchange(true)) static_cast<void>(arrow::fs::EnsureS3Finalized());
  });
}

Status StartS3() {
  static const arrow::Status started = [] {
    const arrow::Status status = arrow::fs::EnsureS3Initialized();
    if (status.ok()) EndS3AtExit();
    return status;
  }();
  return FromArrow(started);
}

// The options of a URI without one of them.
std::string Without(const std::string& options, std::string_view name) {
  std::string rest;
  size_t begin = options.empty() ? 0 : 1;
  while (begin < options.size()) {
    const size_t end = std::min(options.find('&', begin), options.size());
    const std::string part = options.substr(begin, end - begin);
    if (!part.starts_with(fmt::format("{}=", name))) rest += (rest.empty() ? "?" : "&") + part;
    begin = end + 1;
  }
  return rest;
}

std::string WithOption(const std::string& options, std::string_view name, std::string_view value) {
  return fmt::format("{}{}{}={}", options, options.empty() ? "?" : "&", name, value);
}

// "http://host:port/" as the two options of Arrow.
std::string WithEndpoint(std::string options, std::string endpoint) {
  std::string scheme;
  if (const size_t colon = endpoint.find("://"); colon != std::string::npos) {
    scheme = endpoint.substr(0, colon);
    endpoint = endpoint.substr(colon + 3);
  }
  while (endpoint.ends_with('/')) endpoint.pop_back();
  options = WithOption(Without(options, "endpoint_override"), "endpoint_override", endpoint);
  if (scheme.empty()) return options;
  return WithOption(Without(options, "scheme"), "scheme", scheme);
}

bool IsTrue(std::string_view text) {
  return text == "true" || text == "1" || text == "yes" || text == "YES" || text == "TRUE";
}

// The URI that Arrow is given: options of the environment made explicit, no key.
std::string S3Uri(const ObjectUri& uri) {
  std::string options = Without(uri.options, "anonymous");
  const std::string given = uri.Option("endpoint_override");
  const std::string endpoint = given.empty() ? AwsEndpoint("S3") : given;
  if (!endpoint.empty()) options = WithEndpoint(options, endpoint);
  if (uri.Option("region").empty() && !endpoint.empty()) {
    const std::string region = AwsRegion();
    options = WithOption(options, "region", region.empty() ? "us-east-1" : region);
  }
  return fmt::format("s3://{}{}", uri.bucket(), options);
}

arrow::Result<std::shared_ptr<arrow::fs::FileSystem>> MakeS3(const std::string& arrow_uri,
                                                             bool anonymous) {
  auto options = arrow::fs::S3Options::FromUri(arrow_uri);
  if (!options.ok() && !AwsRegion().empty() && arrow_uri.find("region=") == std::string::npos) {
    // The bucket's region could not be asked for: the one of the environment then.
    const char separator = arrow_uri.find('?') == std::string::npos ? '?' : '&';
    options = arrow::fs::S3Options::FromUri(
        fmt::format("{}{}region={}", arrow_uri, separator, AwsRegion()));
  }
  ARROW_RETURN_NOT_OK(options.status());
  if (anonymous) options->ConfigureAnonymousCredentials();
  options->allow_delayed_open = true;  // small objects by one request
  options->connect_timeout = 5;
  options->request_timeout = 30;
  options->retry_strategy = std::make_shared<BoundedRetry>(MaxTries());
  return arrow::fs::S3FileSystem::Make(*options);
}

std::string GcsUri(const ObjectUri& uri, bool* anonymous) {
  std::string options = Without(uri.options, "anonymous");
  *anonymous = IsTrue(uri.Option("anonymous"));
  std::string endpoint = uri.Option("endpoint_override");
  if (endpoint.empty()) {
    endpoint = Environment("STORAGE_EMULATOR_HOST");
    if (!endpoint.empty()) {
      *anonymous = true;
      if (endpoint.find("://") == std::string::npos) endpoint = "http://" + endpoint;
    }
  }
  if (!endpoint.empty()) options = WithEndpoint(options, endpoint);
  if (uri.Option("retry_limit_seconds").empty()) {
    options = WithOption(options, "retry_limit_seconds", "30");
  }
  return fmt::format("gs://{}{}{}", *anonymous ? "anonymous@" : "", uri.bucket(), options);
}

arrow::Result<std::shared_ptr<arrow::fs::FileSystem>> MakeGcs(const std::string& arrow_uri) {
  std::string ignored;
  ARROW_ASSIGN_OR_RAISE(const auto options, arrow::fs::GcsOptions::FromUri(arrow_uri, &ignored));
  return arrow::fs::GcsFileSystem::Make(options);
}

Status CheckUri(const ObjectUri& uri, const std::string& text) {
  const std::string bucket = uri.bucket();
  if (bucket.find('@') != std::string::npos) {
    return InvalidArgumentError(
        "{}://…@…: a URI is recorded and printed, so it must not hold credentials; give them in "
        "the environment or a credentials file",
        uri.scheme);
  }
  if (bucket.empty() || bucket.find_first_of("*?[]\\ ") != std::string::npos) {
    return InvalidArgumentError("{}: needs the name of a bucket behind '{}://'", text, uri.scheme);
  }
  return OkStatus();
}

bool HasAny(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

}  // namespace

StatusOr<ObjectStore> OpenObjectStore(const std::string& text) {
  static std::mutex mutex;
  static auto& stores = *new std::map<std::string, std::shared_ptr<arrow::fs::FileSystem>>();
  ObjectStore store{.uri = ObjectUri::Parse(text)};
  const std::string& scheme = store.uri.scheme;
  BESSEMER_RETURN_IF_ERROR(CheckUri(store.uri, text));
  bool anonymous = false;
  std::string arrow_uri;
  if (scheme == "s3") {
    BESSEMER_RETURN_IF_ERROR(StartS3());
    anonymous = IsTrue(store.uri.Option("anonymous")) || IsTrue(Environment("AWS_NO_SIGN_REQUEST"));
    arrow_uri = S3Uri(store.uri);
  } else if (scheme == "gs" || scheme == "gcs") {
    arrow_uri = GcsUri(store.uri, &anonymous);
  } else {
    arrow_uri = fmt::format("{}://{}{}", scheme, store.uri.bucket(), store.uri.options);
  }
  // Whatever of the environment decides about a client is part of its name.
  const std::string key =
      fmt::format("{} {} {} {} {} {}", arrow_uri, anonymous, Environment("AWS_PROFILE"), MaxTries(),
                  Environment("AWS_ACCESS_KEY_ID"), Environment("GOOGLE_APPLICATION_CREDENTIALS"));
  const std::lock_guard lock(mutex);
  if (const auto known = stores.find(key); known != stores.end()) {
    store.fs = known->second;
    return store;
  }
  std::string ignored;
  auto made = scheme == "s3" ? MakeS3(arrow_uri, anonymous)
              : scheme == "gs" || scheme == "gcs"
                  ? MakeGcs(arrow_uri)
                  : arrow::fs::FileSystemFromUri(arrow_uri, &ignored);
  if (!made.ok()) return StoreError(made.status(), text);
  static std::once_flag first_s3;
  if (scheme == "s3") std::call_once(first_s3, EndS3AtExit);
  store.fs = stores[key] = *std::move(made);
  return store;
}

Status StoreError(const arrow::Status& status, std::string_view uri) {
  if (status.ok()) return OkStatus();
  const std::string& text = status.message();
  if (HasAny(text, {"NO_SUCH_BUCKET", "NoSuchBucket"})) {
    return NotFoundError("{}: there is no bucket '{}': {}", uri, ObjectUri::Parse(uri).bucket(),
                         text);
  }
  if (HasAny(text, {"NO_SUCH_KEY", "RESOURCE_NOT_FOUND", "NOT_FOUND", "HTTP status 404",
                    "Path does not exist"})) {
    return NotFoundError("{}: there is no such object: {}", uri, text);
  }
  if (HasAny(text, {"ACCESS_DENIED", "PERMISSION_DENIED", "UNAUTHENTICATED", "INVALID_ACCESS_KEY",
                    "SIGNATURE_DOES_NOT_MATCH", "INVALID_CLIENT_TOKEN", "EXPIRED_TOKEN",
                    "ExpiredToken", "HTTP status 403", "HTTP status 401"})) {
    return MakeStatus(
        StatusCode::kPermissionDenied,
        fmt::format("{}: the store refuses access with these credentials: {}", uri, text));
  }
  const Status other = FromArrow(status);
  if (other.code() != StatusCode::kUnavailable) return WithContext(other, uri);
  return UnavailableError(
      "{}: the store cannot be reached, or does not answer as it should: {}; see that the network "
      "is up and the endpoint right ({}), then run again",
      uri, text,
      uri.starts_with("s3") ? "endpoint_override in the URI, AWS_ENDPOINT_URL"
                            : "endpoint_override in the URI, STORAGE_EMULATOR_HOST");
}

StatusOr<AwsSignature> AwsCredentials() {
  BESSEMER_RETURN_IF_ERROR(StartS3());
  static std::mutex mutex;
  static auto& chains = *new std::map<std::string, arrow::fs::S3Options>();
  const std::lock_guard lock(mutex);
  const std::string key = Environment("AWS_PROFILE") + Environment("AWS_ACCESS_KEY_ID");
  auto chain = chains.find(key);
  if (chain == chains.end()) {
    chain = chains.emplace(key, arrow::fs::S3Options::Defaults()).first;
  }
  AwsSignature found;
  // Until a rotation in between is ruled out.
  do {
    found.access_key = chain->second.GetAccessKey();
    found.secret_key = chain->second.GetSecretKey();
    found.session_token = chain->second.GetSessionToken();
  } while (found.access_key != chain->second.GetAccessKey());
  if (found.access_key.empty()) {
    return MakeStatus(StatusCode::kUnauthenticated,
                      "no AWS credentials were found: set AWS_ACCESS_KEY_ID and "
                      "AWS_SECRET_ACCESS_KEY, or AWS_PROFILE and ~/.aws/credentials, or run where "
                      "an instance or container role provides them");
  }
  return found;
}

std::string AwsRegion() {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string region = Environment(name); !region.empty()) return region;
  }
  return AwsProfileValue("region");
}

std::string AwsEndpoint(std::string_view service) {
  for (const std::string& name :
       {fmt::format("AWS_ENDPOINT_URL_{}", service), std::string("AWS_ENDPOINT_URL")}) {
    if (std::string url = Environment(name.c_str()); !url.empty()) return url;
  }
  return AwsProfileValue("endpoint_url");
}

}  // namespace bessemer::io
