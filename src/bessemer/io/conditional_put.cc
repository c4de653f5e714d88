#include <arrow/filesystem/s3fs.h>

#include <cstdlib>

#include "bessemer/base/hash.h"
#include "bessemer/io/fault.h"
#include "bessemer/io/file.h"
#include "bessemer/io/google_auth.h"
#include "bessemer/io/object_store.h"
#include "bessemer/io/publish.h"

namespace bessemer::io {
namespace {

bool IsOn(const std::string& option) { return option == "true" || option == "1"; }

bool NotSigned(const ObjectUri& uri) {
  const char* environment = std::getenv("AWS_NO_SIGN_REQUEST");
  return IsOn(uri.Option("anonymous")) || (environment != nullptr && *environment != '\0');
}

// "https://host" of an endpoint written with or without a scheme.
std::string BaseUrl(std::string endpoint, const std::string& scheme) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (endpoint.find("://") != std::string::npos) return endpoint;
  return fmt::format("{}://{}", scheme.empty() ? "https" : scheme, endpoint);
}

StatusOr<bool> Outcome(const HttpRequest& request, const StatusOr<HttpResponse>& response,
                       const std::string& uri) {
  if (!response.ok()) return WithContext(response.status(), uri);
  if (response->ok()) return true;
  // 409: another conditional write of the same object is under way.
  if (response->status == 412 || response->status == 409) return false;
  return WithContext(HttpError(request, *response, response->body.substr(0, 300)), uri);
}

// For stores without conditions: the moment between looking and writing remains.
StatusOr<bool> LookAndWrite(const std::string& uri, std::string_view content) {
  BESSEMER_ASSIGN_OR_RETURN(const bool there, Exists(uri));
  if (there) return false;
  BESSEMER_RETURN_IF_ERROR(WriteFileAtomically(uri, content));
  return true;
}

StatusOr<bool> CreateOnS3(const std::string& uri, const ObjectUri& parts,
                          std::string_view content) {
  HttpRequest request{.method = "PUT", .body = std::string(content)};
  const std::string given = parts.Option("endpoint_override");
  const std::string endpoint = given.empty() ? AwsEndpoint("S3") : given;
  BESSEMER_ASSIGN_OR_RETURN(const ObjectStore store, OpenObjectStore(uri));
  const auto* s3 = dynamic_cast<const arrow::fs::S3FileSystem*>(store.fs.get());
  const std::string region = s3 == nullptr ? "us-east-1" : s3->region();
  const std::string path = PercentEncode(parts.key(), /*keep_slashes=*/true);
  request.url = endpoint.empty()
                    ? fmt::format("https://{}.s3.{}.amazonaws.com/{}", parts.bucket(), region, path)
                    : fmt::format("{}/{}/{}", BaseUrl(endpoint, parts.Option("scheme")),
                                  parts.bucket(), path);
  request.headers = {{"Content-Type", "application/octet-stream"},
                     {"If-None-Match", "*"},
                     {"x-amz-content-sha256", Sha256Hex(content)}};
  if (!NotSigned(parts)) {
    BESSEMER_ASSIGN_OR_RETURN(request.aws, AwsCredentials());
    request.aws->region = region;
    request.aws->service = "s3";
  }
  // A repeated request could meet what the first one wrote, and take it for another's.
  request.max_tries = 1;
  const StatusOr<HttpResponse> response = SendHttp(request);
  if (response.ok() && (response->status == 501 || response->status == 301)) {
    return LookAndWrite(uri, content);
  }
  return Outcome(request, response, uri);
}

StatusOr<bool> CreateOnGcs(const std::string& uri, const ObjectUri& parts,
                           std::string_view content) {
  std::string endpoint = parts.Option("endpoint_override");
  std::string scheme = parts.Option("scheme");
  bool anonymous = IsOn(parts.Option("anonymous"));
  const char* emulator = std::getenv("STORAGE_EMULATOR_HOST");
  if (endpoint.empty() && emulator != nullptr && *emulator != '\0') {
    endpoint = emulator;
    scheme = "http";
    anonymous = true;
  }
  HttpRequest request{.method = "POST", .body = std::string(content)};
  request.url =
      fmt::format("{}/upload/storage/v1/b/{}/o?uploadType=media&name={}&ifGenerationMatch=0",
                  endpoint.empty() ? "https://storage.googleapis.com" : BaseUrl(endpoint, scheme),
                  parts.bucket(), PercentEncode(parts.key()));
  request.headers = {{"Content-Type", "application/octet-stream"}};
  if (!anonymous) {
    BESSEMER_ASSIGN_OR_RETURN(const auto credentials, GoogleCredentials::Find(""));
    BESSEMER_ASSIGN_OR_RETURN(
        const std::string token,
        credentials->Token("https://www.googleapis.com/auth/devstorage.read_write"));
    request.headers.emplace_back("Authorization", "Bearer " + token);
  }
  return Outcome(request, SendHttp(request), uri);
}

}  // namespace

StatusOr<bool> CreateObjectIfAbsent(const std::string& uri, std::string_view content) {
  BESSEMER_RETURN_IF_ERROR(FaultPoint(WriteOp::kCreate, uri));
  const ObjectUri parts = ObjectUri::Parse(uri);
  if (parts.scheme == "s3") return CreateOnS3(uri, parts, content);
  if (parts.scheme == "gs" || parts.scheme == "gcs") return CreateOnGcs(uri, parts, content);
  return LookAndWrite(uri, content);
}

}  // namespace bessemer::io
