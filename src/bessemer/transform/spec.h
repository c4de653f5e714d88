#ifndef BESSEMER_TRANSFORM_SPEC_H_
#define BESSEMER_TRANSFORM_SPEC_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

namespace bessemer::transform {

// What a transform computes: output names and their expressions, in order.
struct TransformSpec {
  std::vector<std::pair<std::string, std::string>> outputs;

  // A map `name: expression`, or a map with the one key `outputs` that holds such a map. Errors
  // give file, line and column.
  static StatusOr<TransformSpec> FromConfig(const ConfigNode& node);
  static StatusOr<TransformSpec> FromJson(const Json& outputs);
  static StatusOr<TransformSpec> ReadFile(const std::string& path);
};

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_SPEC_H_
