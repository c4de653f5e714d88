#include <algorithm>
#include <limits>

#include "bessemer/columnar/utf8.h"
#include "bessemer/statistics/lift/lift_output_internal.h"
#include "bessemer/statistics/uniques_sketch.h"

namespace bessemer::statistics::lift {
namespace {

using ::tensorflow::metadata::v0::CrossFeatureStatistics;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::Path;

constexpr double kInfinity = std::numeric_limits<double>::infinity();

bool IsPath(const Path& path, const FeaturePath& steps) {
  return std::equal(steps.begin(), steps.end(), path.step().begin(), path.step().end());
}

CrossFeatureStatistics* CrossOf(const FeaturePath& x, const FeaturePath& y,
                                DatasetFeatureStatistics* out) {
  for (CrossFeatureStatistics& cross : *out->mutable_cross_features()) {
    if (IsPath(cross.path_x(), x) && IsPath(cross.path_y(), y)) return &cross;
  }
  CrossFeatureStatistics* cross = out->add_cross_features();
  for (const std::string& step : x) cross->mutable_path_x()->add_step(step);
  for (const std::string& step : y) cross->mutable_path_y()->add_step(step);
  return cross;
}

std::string Text(const std::string& value) {
  return columnar::IsUtf8(value) ? value : "__BYTES_VALUE__";
}

}  // namespace

LiftOutput::LiftOutput(const LiftOptions& options, size_t x, bool weighted,
                       DatasetFeatureStatistics* out)
    : options_(&options),
      weighted_(weighted),
      lift_(CrossOf(options.xs[x], options.y,
                    out)->mutable_categorical_cross_stats()->mutable_lift()) {
  if (options.custom_stats) feature_ = MutableFeature(options.xs[x], out);
}

void LiftOutput::StartSeries(const Category& y, double y_count) {
  series_ = lift_->add_lift_series();
  if (weighted_) {
    series_->set_weighted_y_count(y_count);
  } else {
    series_->set_y_count(static_cast<uint64_t>(y_count));
  }
  std::string shown;
  if (y.index() == 1) {
    shown = Text(std::get<1>(y));
    series_->set_y_string(shown);
  } else if (const int64_t value = std::get<0>(y); options_->y_boundaries.empty()) {
    shown = std::to_string(value);
    series_->set_y_int(static_cast<int32_t>(value));
  } else {
    const std::vector<double>& bounds = options_->y_boundaries;
    const double low = value == 0 ? -kInfinity : bounds[value - 1];
    const double high = value == static_cast<int64_t>(bounds.size()) ? kInfinity : bounds[value];
    series_->mutable_y_bucket()->set_low_value(low);
    series_->mutable_y_bucket()->set_high_value(high);
    shown = fmt::format("[{},{}{}", low, high, high == kInfinity ? ']' : ')');
  }
  if (feature_ == nullptr) return;
  auto* stat = feature_->add_custom_stats();
  stat->set_name(fmt::format("Lift (Y={})", shown));
  histogram_ = stat->mutable_rank_histogram();
}

void LiftOutput::AddLift(const Category& x, double lift, double xy_count, double x_count) {
  auto* value = series_->add_lift_values();
  value->set_lift(lift);
  if (weighted_) {
    value->set_weighted_x_count(x_count);
    value->set_weighted_x_and_y_count(xy_count);
  } else {
    value->set_x_count(static_cast<uint64_t>(x_count));
    value->set_x_and_y_count(static_cast<uint64_t>(xy_count));
  }
  std::string shown;
  if (x.index() == 1) {
    shown = Text(std::get<1>(x));
    value->set_x_string(shown);
  } else {
    shown = std::to_string(std::get<0>(x));
    value->set_x_int(static_cast<int32_t>(std::get<0>(x)));
  }
  if (histogram_ == nullptr) return;
  auto* bucket = histogram_->add_buckets();
  bucket->set_label(shown);
  bucket->set_sample_count(lift);
}

}  // namespace bessemer::statistics::lift
