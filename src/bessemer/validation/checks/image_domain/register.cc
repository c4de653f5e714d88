#include "bessemer/validation/check.h"

namespace bessemer::validation::image_domain {
namespace {

using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::ImageDomain;

// The custom statistic that counts images by format, and its label for those of none.
constexpr std::string_view kFormats = "image_format_histogram";
constexpr std::string_view kUnknownFormat = "UNKNOWN";

void CheckFormats(FeatureCheckContext& context, ImageDomain* domain) {
  const auto* formats = context.statistics.FindCustom(kFormats);
  if (formats == nullptr) return;
  // In 32 bits, as the threshold is.
  float known = 0;
  float unknown = 0;
  for (const auto& bucket : formats->rank_histogram().buckets()) {
    (bucket.label() == kUnknownFormat ? unknown : known) +=
        static_cast<float>(bucket.sample_count());
  }
  const float fraction = known / (known + unknown);
  const float threshold = domain->minimum_supported_image_fraction();
  if (!(fraction < threshold)) return;
  context.Report(AnomalyInfo::LOW_SUPPORTED_IMAGE_FRACTION, "Too few images of a known format",
                 fmt::format("Expected a fraction of at least {} images of a known format; it is "
                             "{}.",
                             NumberText(threshold), NumberText(fraction)));
  domain->set_minimum_supported_image_fraction(fraction);
}

void CheckSize(FeatureCheckContext& context, ImageDomain* domain) {
  const int64_t largest = context.statistics.proto().bytes_stats().max_num_bytes_int();
  if (largest <= domain->max_image_byte_size()) return;
  context.Report(AnomalyInfo::MAX_IMAGE_BYTE_SIZE_EXCEEDED, "Image is too large",
                 fmt::format("Expected images of at most {} bytes; the largest has {}.",
                             domain->max_image_byte_size(), largest));
  domain->set_max_image_byte_size(largest);
}

Status Run(FeatureCheckContext& context) {
  ImageDomain* domain = context.feature().mutable_image_domain();
  if (domain->has_minimum_supported_image_fraction()) CheckFormats(context, domain);
  if (domain->has_max_image_byte_size()) CheckSize(context, domain);
  return OkStatus();
}

}  // namespace

void Register(CheckRegistry& registry) {
  registry.Add({.name = "image_domain",
                .doc = "Enough images are of a known format and none is too large (image_domain); "
                       "formats are only judged if the statistics counted them",
                .stage = Stage::kDomain,
                .finds = {AnomalyInfo::LOW_SUPPORTED_IMAGE_FRACTION,
                          AnomalyInfo::MAX_IMAGE_BYTE_SIZE_EXCEEDED},
                .domains = {Feature::kImageDomain},
                .feature = Run});
}

}  // namespace bessemer::validation::image_domain
