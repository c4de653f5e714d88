#ifndef BESSEMER_IO_OBJECT_URI_H_
#define BESSEMER_IO_OBJECT_URI_H_

#include <string>
#include <string_view>

// URIs of object stores: "s3://bucket/key", "gs://bucket/key". Folders in them are nothing but
// common beginnings of keys. What cannot be reached or is refused is an error that names the URI,
// within a minute or so.
//
// Options follow the key: "s3://bucket/key?region=eu-west-1&endpoint_override=localhost:9000".
//   s3  endpoint_override (host:port or URL), scheme (http, https), region, anonymous=true, and
//       Arrow's others (force_virtual_addressing, tls_ca_file_path …). With an endpoint of its own
//       a store is addressed by path. Environment: AWS_ENDPOINT_URL_S3, AWS_ENDPOINT_URL,
//       AWS_REGION, AWS_DEFAULT_REGION, AWS_MAX_ATTEMPTS, AWS_NO_SIGN_REQUEST; endpoint_url and
//       region of the profile. The region of a bucket on Amazon is asked for unless it is given.
//       Credentials: the default chain of Amazon's SDK (environment, profile files, web identity,
//       container, instance).
//   gs  endpoint_override, scheme, anonymous=true, retry_limit_seconds (30). Environment:
//       STORAGE_EMULATOR_HOST. Credentials: Google's application default ones.
// Keys are taken as they are written: "%20" is three characters. User names and passwords in URIs
// are refused, since URIs are recorded and printed.

namespace bessemer::io {

// Whether a path is a URI of another scheme than file.
bool IsRemote(std::string_view path);

// The parts of "scheme://path?options".
struct ObjectUri {
  std::string scheme;
  std::string path;     // "bucket/key", no slash at its end
  std::string options;  // "?a=b&c=d" or ""

  static ObjectUri Parse(std::string_view uri);
  std::string bucket() const { return path.substr(0, path.find('/')); }
  std::string key() const;
  // The URI of another path in the same store.
  std::string With(std::string_view other_path) const;
  // The value of an option, or "".
  std::string Option(std::string_view name) const;
};

}  // namespace bessemer::io

#endif  // BESSEMER_IO_OBJECT_URI_H_
