#ifndef BESSEMER_STATISTICS_LIFT_LIFT_OUTPUT_INTERNAL_H_
#define BESSEMER_STATISTICS_LIFT_LIFT_OUTPUT_INTERNAL_H_

#include "bessemer/statistics/lift/lift.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::lift {

// Writes the lift of one x feature into cross features (the existing entry of the two paths, if
// there is one) and, if asked for, into its custom statistics.
class LiftOutput {
 public:
  LiftOutput(const LiftOptions& options, size_t x, bool weighted,
             ::tensorflow::metadata::v0::DatasetFeatureStatistics* out);
  void StartSeries(const Category& y, double y_count);
  void AddLift(const Category& x, double lift, double xy_count, double x_count);

 private:
  const LiftOptions* options_;
  bool weighted_;
  ::tensorflow::metadata::v0::LiftStatistics* lift_;
  ::tensorflow::metadata::v0::FeatureNameStatistics* feature_ = nullptr;
  ::tensorflow::metadata::v0::LiftSeries* series_ = nullptr;
  ::tensorflow::metadata::v0::RankHistogram* histogram_ = nullptr;
};

}  // namespace bessemer::statistics::lift

#endif  // BESSEMER_STATISTICS_LIFT_LIFT_OUTPUT_INTERNAL_H_
