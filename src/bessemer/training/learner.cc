#include "bessemer/training/learner.h"

namespace bessemer::training {

StatusOr<LearnerRegistry> Learners() {
  LearnerRegistry registry("learner");
  RegisterPlugins(registry);
  BESSEMER_RETURN_IF_ERROR(registry.status());
  return registry;
}

}  // namespace bessemer::training
