#ifndef BESSEMER_IO_GOOGLE_AUTH_H_
#define BESSEMER_IO_GOOGLE_AUTH_H_

#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "bessemer/base/clock.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"

namespace bessemer::io {

// A signed JSON Web Token (RFC 7519) of a service account, RS256 (RFC 7518): what Google's token
// endpoint exchanges for an access token. `private_key` is PEM. INVALID_ARGUMENT for a key that
// cannot be read.
StatusOr<std::string> ServiceAccountJwt(std::string_view client_email, std::string_view key_id,
                                        std::string_view private_key, std::string_view audience,
                                        std::string_view scope, int64_t now_seconds);

std::string Base64Encode(std::string_view bytes, bool url_safe);  // url_safe: no padding
// Standard or URL-safe letters, padded or not. False for anything else.
bool Base64Decode(std::string_view text, std::string* bytes);

// Credentials for Google's services, found as Google's application default credentials are: a file
// (of $GOOGLE_APPLICATION_CREDENTIALS, else gcloud's own) of a service account or of an authorised
// user, else the metadata server of the machine ($GCE_METADATA_HOST). Thread-safe.
class GoogleCredentials {
 public:
  // `file`: a credentials file, or "" to look for one. NOT_FOUND or INVALID_ARGUMENT for a file
  // that is missing or not of a known type; messages never hold what is secret in it.
  static StatusOr<std::shared_ptr<GoogleCredentials>> Find(const std::string& file,
                                                           const Clock& clock = Clock::System());

  // An access token for a scope, fetched when there is none that lasts for another minute.
  // UNAUTHENTICATED if the server refuses, UNAVAILABLE if it cannot be reached.
  StatusOr<std::string> Token(const std::string& scope,
                              const Progress& progress = Progress::None());

  // The project that the file or the environment ($GOOGLE_CLOUD_PROJECT) names, or "".
  const std::string& project() const { return project_; }

 private:
  enum class Kind { kServiceAccount, kAuthorizedUser, kMetadataServer };
  struct Cached {
    std::string token;
    int64_t expires_micros = 0;
  };

  explicit GoogleCredentials(const Clock& clock) : clock_(clock) {}
  Status ReadFile(const std::string& file);
  StatusOr<Cached> Fetch(const std::string& scope, const Progress& progress) const;

  const Clock& clock_;
  Kind kind_ = Kind::kMetadataServer;
  std::string project_;
  std::string client_email_, key_id_, private_key_, token_uri_;  // service account
  std::string client_id_, client_secret_, refresh_token_;        // authorised user
  std::mutex mutex_;
  std::map<std::string, Cached> tokens_;
};

}  // namespace bessemer::io

#endif  // BESSEMER_IO_GOOGLE_AUTH_H_
