#include "bessemer/components/anomalies_artifact.h"

#include <google/protobuf/struct.pb.h>

#include "absl/strings/escaping.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/schema/statistics_view.h"
#include "bessemer/statistics/statistics_file.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"

namespace bessemer::components {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;

StatusOr<DatasetFeatureStatistics> ReadDefaultStatistics(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const auto list, statistics::ReadStatistics(path));
  const auto dataset = schema::DefaultDataset(list);
  if (!dataset.ok()) return WithContext(dataset.status(), path);
  return **dataset;
}

StatusOr<DatasetFeatureStatistics> ReadSplitStatistics(const Artifact& artifact,
                                                       const std::string& split) {
  return ReadDefaultStatistics(artifact.SplitUri(split));
}

Status WriteAnomalies(const ::tensorflow::metadata::v0::Anomalies& anomalies,
                      const std::string& folder) {
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(folder));
  return io::WriteFileAtomically(io::JoinPath(folder, kAnomaliesFile),
                                 proto::Serialize(anomalies));
}

std::string EncodeBlessed(const std::map<std::string, int>& blessed) {
  google::protobuf::Struct wrapper;
  auto* fields = (*wrapper.mutable_fields())["__value__"].mutable_struct_value()->mutable_fields();
  for (const auto& [name, number] : blessed) (*fields)[name].set_number_value(number);
  return "mlmd-struct::" + absl::Base64Escape(proto::Serialize(wrapper));
}

}  // namespace bessemer::components
