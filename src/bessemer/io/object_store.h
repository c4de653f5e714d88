#ifndef BESSEMER_IO_OBJECT_STORE_H_
#define BESSEMER_IO_OBJECT_STORE_H_

#include <arrow/filesystem/type_fwd.h>
#include <arrow/status.h>

#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/io/http.h"
#include "bessemer/io/object_uri.h"

// The file systems of Arrow behind URIs, and the credentials of Amazon's services. Who reads and
// writes files uses file.h instead.

namespace bessemer::io {

struct ObjectStore {
  std::shared_ptr<arrow::fs::FileSystem> fs;
  ObjectUri uri;
  const std::string& path() const { return uri.path; }
};

// The store of a URI; stores are made once and shared. INVALID_ARGUMENT for a scheme or option that
// is not known.
StatusOr<ObjectStore> OpenObjectStore(const std::string& uri);

// What Arrow said about a URI: NOT_FOUND for a missing bucket or key, PERMISSION_DENIED for refused
// credentials, UNAVAILABLE with what to do for a store that cannot be reached, else as FromArrow.
// Begins with the URI.
Status StoreError(const arrow::Status& status, std::string_view uri);

// Credentials of Amazon's default chain, for requests other than to S3, read afresh at each call.
// UNAUTHENTICATED if the chain has none. Region and service are left to the caller.
StatusOr<AwsSignature> AwsCredentials();

// $AWS_REGION, $AWS_DEFAULT_REGION, the profile's region, or "".
std::string AwsRegion();
// The endpoint for a service ("S3", "ATHENA") that is not Amazon's own:
// $AWS_ENDPOINT_URL_<SERVICE>, $AWS_ENDPOINT_URL, the profile's endpoint_url, or "".
std::string AwsEndpoint(std::string_view service);

// Creates an object only if there is none under its name: true if this call created it. The store
// decides between callers at the same time (If-None-Match on s3, ifGenerationMatch on gs); an
// S3-compatible server that does not know conditions is asked first, and then written to.
StatusOr<bool> CreateObjectIfAbsent(const std::string& uri, std::string_view content);

}  // namespace bessemer::io

#endif  // BESSEMER_IO_OBJECT_STORE_H_
