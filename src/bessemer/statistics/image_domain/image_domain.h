#ifndef BESSEMER_STATISTICS_IMAGE_DOMAIN_IMAGE_DOMAIN_H_
#define BESSEMER_STATISTICS_IMAGE_DOMAIN_IMAGE_DOMAIN_H_

#include <array>
#include <cstdint>
#include <string_view>

#include "bessemer/statistics/batch_view.h"
#include "bessemer/statistics/state_codec.h"

namespace tensorflow::metadata::v0 {
class FeatureNameStatistics;
}

namespace bessemer::statistics::image_domain {

// Whether the values of a feature are images, by the first bytes of each. A feature that ever holds
// numbers is none.
class ImageCounts {
 public:
  struct Limits {
    double min_ratio = 0.8;
    int64_t min_values = 100;
  };
  ImageCounts() : ImageCounts(Limits()) {}
  explicit ImageCounts(Limits limits) : limits_(limits) {}

  void Update(const FeatureArray& feature);
  void Merge(const ImageCounts& other);
  void Save(StateWriter* out) const;
  void Load(StateReader* in);
  bool HasOutput() const;
  void Finish(::tensorflow::metadata::v0::FeatureNameStatistics* out) const;

 private:
  static constexpr size_t kNumFormats = 4;  // and one place for none of them
  Limits limits_;
  std::array<int64_t, kNumFormats + 1> counts_ = {};
  bool invalid_ = false;
};

}  // namespace bessemer::statistics::image_domain

#endif  // BESSEMER_STATISTICS_IMAGE_DOMAIN_IMAGE_DOMAIN_H_
