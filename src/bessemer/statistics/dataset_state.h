#ifndef BESSEMER_STATISTICS_DATASET_STATE_H_
#define BESSEMER_STATISTICS_DATASET_STATE_H_

#include <arrow/record_batch.h>

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/statistics/options.h"
#include "bessemer/statistics/statistic.h"

namespace tensorflow::metadata::v0 {
class DatasetFeatureStatisticsList;
}

namespace bessemer::statistics {

// Everything computed over a dataset so far: one set of accumulators for the whole and one for each
// slice. States over disjoint parts of the data, made with the same options, merge into what one
// pass over all of it gives: bit-equal in the default mode, whatever the cut and the order; see
// StatisticsOptions for the other modes. One thread at a time.
class DatasetStatisticsState {
 public:
  // INVALID_ARGUMENT for options that are not valid; ALREADY_EXISTS for a custom statistic whose
  // name is taken.
  static StatusOr<DatasetStatisticsState> Make(const StatisticsOptions& options);
  DatasetStatisticsState(DatasetStatisticsState&&) noexcept;
  DatasetStatisticsState& operator=(DatasetStatisticsState&&) noexcept;
  ~DatasetStatisticsState();

  // Whether rows may come in parts of their columns: not with slices, samples and weights, and not
  // if a statistic looks at several columns together.
  static bool TakesColumnParts(const StatisticsOptions& options);

  // Errors name the feature; the state must then not be used. A `part` other than the default only
  // if TakesColumnParts.
  Status Update(const arrow::RecordBatch& batch, ColumnPart part = {});
  // FAILED_PRECONDITION, naming them, if `other` was made with other options.
  Status Merge(const DatasetStatisticsState& other);

  // Bytes that begin with a magic number and end with a checksum: the CRC-32C of the CRC-32C of
  // each block of 1 MiB. Equal states give equal bytes.
  std::string Save() const;
  // The same into a file, whole or not at all, without having all of it in memory.
  Status SaveFile(const std::string& path) const;
  // A saved state with its options. DATA_LOSS for bytes that are damaged, cut off or of another
  // version; FAILED_PRECONDITION for one with custom statistics that `custom` lacks.
  static StatusOr<DatasetStatisticsState> Load(
      std::string_view bytes, const std::vector<std::shared_ptr<const Statistic>>& custom = {});
  // Whether bytes begin as a saved state does, of whatever version.
  static bool IsState(std::string_view bytes);

  // Features in the order of their paths; without slices one dataset without a name, else
  // "All Examples" first and then the slices by name.
  ::tensorflow::metadata::v0::DatasetFeatureStatisticsList Finish() const;
  // What went wrong when Finish or Save read values back from temporary files; to be asked after
  // them where values may not fit memory (StatisticsOptions::max_uniques_bytes).
  Status status() const { return status_; }

  const StatisticsOptions& options() const { return *options_; }

 private:
  using Accumulators = std::vector<std::unique_ptr<Accumulator>>;

  explicit DatasetStatisticsState(const StatisticsOptions& options);
  Accumulators NewAccumulators() const;
  Status UpdateSlice(const arrow::RecordBatch& batch, ColumnPart part, Accumulators* accumulators);
  Status Write(const std::function<Status(std::string_view)>& sink) const;

  std::unique_ptr<const StatisticsOptions> options_;
  std::vector<const Statistic*> statistics_;
  Accumulators whole_;
  std::map<std::string, Accumulators> slices_;
  mutable Status status_;
};

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_DATASET_STATE_H_
