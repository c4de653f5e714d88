#include "bessemer/statistics/per_feature.h"

namespace bessemer::statistics {

void SavePath(const FeaturePath& path, StateWriter* out) {
  out->Varint(path.size());
  for (const std::string& step : path) out->Bytes(step);
}

FeaturePath LoadPath(StateReader* in) {
  FeaturePath path;
  for (uint64_t i = in->Count(); i > 0; --i) path.emplace_back(in->Bytes());
  return path;
}

}  // namespace bessemer::statistics
