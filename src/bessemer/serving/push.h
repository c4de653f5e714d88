#ifndef BESSEMER_SERVING_PUSH_H_
#define BESSEMER_SERVING_PUSH_H_

#include <string>

#include "bessemer/base/clock.h"
#include "bessemer/base/status.h"

namespace bessemer::serving {

struct PushedVersion {
  int64_t version;
  std::string directory;  // <base>/<version>
};

// Copies a SavedModel to <base>/<version>. The version is the time in seconds, or one more than the
// newest there if that is not less, so versions only grow. The folder appears by one rename when
// all of it is on disk: who watches `base` sees whole models only, whatever fails when. On object
// stores, which cannot rename, saved_model.pb is written last. Pushes at the same time, of several
// processes too, get versions of their own. NOT_FOUND if `model` is no SavedModel.
StatusOr<PushedVersion> PushModel(const std::string& model, const std::string& base,
                                  const Clock& clock);

// Copies a folder with all below it; saved_model.pb last.
Status CopyModel(const std::string& from, const std::string& to);

}  // namespace bessemer::serving

#endif  // BESSEMER_SERVING_PUSH_H_
