#ifndef BESSEMER_TRAINING_BRIDGE_SCRIPT_H_
#define BESSEMER_TRAINING_BRIDGE_SCRIPT_H_

namespace bessemer::training {

// python/bessemer_bridge/run_module.py, compiled in so that the binary needs no files beside it.
extern const char kBridgeScript[];

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_BRIDGE_SCRIPT_H_
