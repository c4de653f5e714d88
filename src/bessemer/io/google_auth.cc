#include "bessemer/io/google_auth.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <algorithm>
#include <array>
#include <cstdlib>

#include "bessemer/base/config.h"
#include "bessemer/base/json_member.h"
#include "bessemer/base/json_text.h"
#include "bessemer/io/file.h"
#include "bessemer/io/http.h"

namespace bessemer::io {
namespace {

constexpr std::string_view kLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr int64_t kTokenSeconds = 3600;
constexpr int64_t kMarginMicros = 60'000'000;

std::string Environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct KeyDeleter {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct DigestDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

StatusOr<std::string> SignRs256(std::string_view text, std::string_view private_key) {
  BIO* bio = BIO_new_mem_buf(private_key.data(), static_cast<int>(private_key.size()));
  const std::unique_ptr<EVP_PKEY, KeyDeleter> key(
      PEM_read_bio_PrivateKey(bio, nullptr, nullptr, nullptr));
  BIO_free(bio);
  if (key == nullptr || EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA) {
    return InvalidArgumentError("private_key is not an RSA key in PEM form");
  }
  const std::unique_ptr<EVP_MD_CTX, DigestDeleter> context(EVP_MD_CTX_new());
  size_t size = 0;
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  if (EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) != 1 ||
      EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) != 1) {
    return InternalError("the token cannot be signed");
  }
  std::string signature(size, '\0');
  if (EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                     bytes, text.size()) != 1) {
    return InternalError("the token cannot be signed");
  }
  signature.resize(size);
  return signature;
}

// The file of `gcloud auth application-default login`.
std::string GcloudFile() {
  if (std::string folder = Environment("CLOUDSDK_CONFIG"); !folder.empty()) {
    return JoinPath(folder, "application_default_credentials.json");
  }
  const std::string home = Environment("HOME");
  return home.empty() ? "" : home + "/.config/gcloud/application_default_credentials.json";
}

// What a token endpoint says about a refusal: {"error": "invalid_grant", "error_description": …}.
std::string Refusal(const HttpResponse& response) {
  const Json body = Json::parse(response.body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object()) return response.body.substr(0, 200);
  const std::string description = JsonString(body, "error_description");
  return fmt::format("{}{}{}", JsonString(body, "error"), description.empty() ? "" : ": ",
                     description);
}

}  // namespace

std::string Base64Encode(std::string_view bytes, bool url_safe) {
  std::string out;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t group = 0;
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t j = 0; j < 3; ++j) {
      group = group << 8 | (j < count ? static_cast<uint8_t>(bytes[i + j]) : 0);
    }
    for (size_t j = 0; j < 4; ++j) {
      if (j <= count) {
        char c = kLetters[group >> (18 - 6 * j) & 63];
        if (url_safe && c == '+') c = '-';
        if (url_safe && c == '/') c = '_';
        out += c;
      } else if (!url_safe) {
        out += '=';
      }
    }
  }
  return out;
}

bool Base64Decode(std::string_view text, std::string* bytes) {
  static const std::array<int8_t, 256> kValues = [] {
    std::array<int8_t, 256> values;
    values.fill(-1);
    for (size_t i = 0; i < kLetters.size(); ++i) {
      values[static_cast<uint8_t>(kLetters[i])] = static_cast<int8_t>(i);
    }
    values['-'] = 62;
    values['_'] = 63;
    return values;
  }();
  bytes->clear();
  if (text.ends_with("==")) {
    text.remove_suffix(2);
  } else if (text.ends_with('=')) {
    text.remove_suffix(1);
  }
  uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const int8_t value = kValues[static_cast<uint8_t>(c)];
    if (value < 0) return false;
    group = group << 6 | static_cast<uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes->push_back(static_cast<char>(group >> bits & 0xff));
    }
  }
  return bits < 6;  // a single letter left over holds no byte
}

StatusOr<std::string> ServiceAccountJwt(std::string_view client_email, std::string_view key_id,
                                        std::string_view private_key, std::string_view audience,
                                        std::string_view scope, int64_t now_seconds) {
  Json header = {{"alg", "RS256"}, {"typ", "JWT"}};
  if (!key_id.empty()) header["kid"] = key_id;
  const Json claims = {{"iss", client_email},
                       {"scope", scope},
                       {"aud", audience},
                       {"iat", now_seconds},
                       {"exp", now_seconds + kTokenSeconds}};
  const std::string text = fmt::format("{}.{}", Base64Encode(JsonText(header), true),
                                       Base64Encode(JsonText(claims), true));
  BESSEMER_ASSIGN_OR_RETURN(const std::string signature, SignRs256(text, private_key));
  return fmt::format("{}.{}", text, Base64Encode(signature, true));
}

Status GoogleCredentials::ReadFile(const std::string& file) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(file));
  const Json json = Json::parse(text, nullptr, /*allow_exceptions=*/false);
  if (!json.is_object()) return InvalidArgumentError("{}: not a JSON object", file);
  const std::string type = JsonString(json, "type");
  auto require = [&](const char* key, std::string* to) {
    *to = JsonString(json, key);
    return to->empty() ? InvalidArgumentError("{}: '{}' is missing", file, key) : OkStatus();
  };
  token_uri_ = JsonString(json, "token_uri");
  if (token_uri_.empty()) token_uri_ = "https://oauth2.googleapis.com/token";
  if (type == "service_account") {
    kind_ = Kind::kServiceAccount;
    BESSEMER_RETURN_IF_ERROR(require("client_email", &client_email_));
    BESSEMER_RETURN_IF_ERROR(require("private_key", &private_key_));
    key_id_ = JsonString(json, "private_key_id");
    if (project_.empty()) project_ = JsonString(json, "project_id");
    return OkStatus();
  }
  if (type == "authorized_user") {
    kind_ = Kind::kAuthorizedUser;
    BESSEMER_RETURN_IF_ERROR(require("client_id", &client_id_));
    BESSEMER_RETURN_IF_ERROR(require("client_secret", &client_secret_));
    if (project_.empty()) project_ = JsonString(json, "quota_project_id");
    return require("refresh_token", &refresh_token_);
  }
  return InvalidArgumentError(
      "{}: credentials of type '{}' are not supported; use those of a service account or of "
      "`gcloud auth application-default login`",
      file, type);
}

StatusOr<std::shared_ptr<GoogleCredentials>> GoogleCredentials::Find(const std::string& file,
                                                                     const Clock& clock) {
  std::shared_ptr<GoogleCredentials> found(new GoogleCredentials(clock));
  found->project_ = Environment("GOOGLE_CLOUD_PROJECT");
  std::string path = file.empty() ? Environment("GOOGLE_APPLICATION_CREDENTIALS") : file;
  if (path.empty()) {
    // Nobody has named this one: in a container HOME may be another's, who lets nobody look.
    const StatusOr<bool> logged_in = Exists(GcloudFile());
    if (logged_in.ok() && *logged_in) path = GcloudFile();
  }
  if (!path.empty()) BESSEMER_RETURN_IF_ERROR(found->ReadFile(path));
  return found;
}

StatusOr<GoogleCredentials::Cached> GoogleCredentials::Fetch(const std::string& scope,
                                                             const Progress& progress) const {
  HttpRequest request{.repeatable = true, .max_tries = 3, .progress = &progress};
  const int64_t now = clock_.NowMicros();
  if (kind_ == Kind::kMetadataServer) {
    const std::string host = Environment("GCE_METADATA_HOST");
    request.url = fmt::format(
        "http://{}/computeMetadata/v1/instance/service-accounts/default/token?scopes={}",
        host.empty() ? "metadata.google.internal" : host, PercentEncode(scope));
    request.headers = {{"Metadata-Flavor", "Google"}};
    request.connect_timeout_ms = 3000;
    request.max_tries = 2;
  } else {
    request.method = "POST";
    request.url = token_uri_;
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    if (kind_ == Kind::kServiceAccount) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string jwt,
                                ServiceAccountJwt(client_email_, key_id_, private_key_, token_uri_,
                                                  scope, now / 1'000'000));
      request.body = fmt::format("grant_type={}&assertion={}",
                                 PercentEncode("urn:ietf:params:oauth:grant-type:jwt-bearer"), jwt);
    } else {
      request.body = fmt::format(
          "grant_type=refresh_token&client_id={}&client_secret={}&refresh_token={}",
          PercentEncode(client_id_), PercentEncode(client_secret_), PercentEncode(refresh_token_));
    }
  }
  const StatusOr<HttpResponse> response = SendHttp(request);
  if (!response.ok() && kind_ == Kind::kMetadataServer &&
      response.status().code() != StatusCode::kCancelled) {
    return MakeStatus(
        StatusCode::kUnauthenticated,
        fmt::format("no Google credentials were found: name the key file of a service account in "
                    "GOOGLE_APPLICATION_CREDENTIALS, or run `gcloud auth application-default "
                    "login` (the metadata server does not answer either: {})",
                    Message(response.status())));
  }
  BESSEMER_RETURN_IF_ERROR(response.status());
  if (!response->ok()) {
    const Status error = HttpError(request, *response, Refusal(*response));
    return response->status >= 500 ? error
                                   : MakeStatus(StatusCode::kUnauthenticated, Message(error));
  }
  const Json body = Json::parse(response->body, nullptr, /*allow_exceptions=*/false);
  if (!body.is_object() || JsonString(body, "access_token").empty()) {
    return UnavailableError("{}: the answer holds no access_token", PrintableUrl(request.url));
  }
  const Json seconds = body.value("expires_in", Json(kTokenSeconds));
  return Cached{JsonString(body, "access_token"),
                now + (seconds.is_number() ? seconds.get<int64_t>() : 0) * 1'000'000};
}

StatusOr<std::string> GoogleCredentials::Token(const std::string& scope, const Progress& progress) {
  const std::lock_guard lock(mutex_);
  Cached& cached = tokens_[scope];
  if (cached.expires_micros - kMarginMicros <= clock_.NowMicros()) {
    BESSEMER_ASSIGN_OR_RETURN(cached, Fetch(scope, progress));
  }
  return cached.token;
}

}  // namespace bessemer::io
