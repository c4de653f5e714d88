#include "bessemer/tensorflow/runtime.h"

#include <dlfcn.h>

#include <cstdlib>
#include <mutex>

#include "bessemer/io/file.h"
#include "bessemer/tensorflow/c_api_internal.h"

namespace bessemer::tf {
namespace {

constexpr const char* kLibraries[] = {"libtensorflow_framework.so.2", "libtensorflow_cc.so.2"};

StatusOr<void*> OpenLibrary(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(path));
  if (!there) {
    return NotFoundError(
        "TensorFlow is needed here, but {} does not exist; set BESSEMER_TENSORFLOW_DIR to the "
        "'tensorflow' folder of an installed tensorflow-cpu package (version 2.16 or newer)",
        path);
  }
  // Deep binding: TensorFlow brings its own protobuf and must not see ours.
  void* library = dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL | RTLD_DEEPBIND);
  if (library == nullptr) {
    const char* reason = dlerror();
    return FailedPreconditionError("{} cannot be loaded: {}; check BESSEMER_TENSORFLOW_DIR", path,
                                   reason == nullptr ? "unknown reason" : reason);
  }
  return library;
}

}  // namespace

std::string RuntimeDirectory() {
  const char* directory = std::getenv("BESSEMER_TENSORFLOW_DIR");
  return directory != nullptr && *directory != '\0' ? directory : BESSEMER_TENSORFLOW_DIR;
}

StatusOr<CApi> LoadCApi(const std::string& directory) {
  setenv("TF_CPP_MIN_LOG_LEVEL", "3", /*overwrite=*/0);
  setenv("TF_ENABLE_ONEDNN_OPTS", "0", /*overwrite=*/0);  // its kernels round differently
  void* library = nullptr;
  for (const char* name : kLibraries) {
    BESSEMER_ASSIGN_OR_RETURN(library, OpenLibrary(io::JoinPath(directory, name)));
  }
  CApi api;
#define BESSEMER_TF_LOOKUP(name)                                                         \
  api.name = reinterpret_cast<decltype(api.name)>(dlsym(library, "TF_" #name));          \
  if (api.name == nullptr) {                                                             \
    return FailedPreconditionError(                                                      \
        "the TensorFlow library in {} has no function TF_" #name                         \
        "; version 2.16 or newer is needed", directory);                                 \
  }
  BESSEMER_TF_FUNCTIONS(BESSEMER_TF_LOOKUP)
#undef BESSEMER_TF_LOOKUP
  return api;
}

StatusOr<const CApi*> GetCApi() {
  static std::mutex mutex;
  static const CApi* loaded = nullptr;
  const std::lock_guard lock(mutex);
  if (loaded == nullptr) {
    BESSEMER_ASSIGN_OR_RETURN(const CApi api, LoadCApi(RuntimeDirectory()));
    loaded = new CApi(api);  // never freed: the library stays loaded too
  }
  return loaded;
}

Status LoadRuntime() { return GetCApi().status(); }

StatusOr<std::string> RuntimeVersion() {
  BESSEMER_ASSIGN_OR_RETURN(const CApi* api, GetCApi());
  return std::string(api->Version());
}

Status CStatus::ToStatus(std::string_view what) const {
  const TF_Code code = api_.GetCode(status_);
  if (code == TF_OK) return OkStatus();
  std::string message = api_.Message(status_);
  // TensorFlow appends a dump of where each node was defined, which says nothing to our users.
  if (const size_t cut = message.find("\n\t [["); cut != std::string::npos) message.resize(cut);
  return MakeStatus(static_cast<StatusCode>(code), fmt::format("{}: {}", what, message));
}

}  // namespace bessemer::tf
