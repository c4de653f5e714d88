#ifndef BESSEMER_COMPONENTS_ANOMALIES_ARTIFACT_H_
#define BESSEMER_COMPONENTS_ANOMALIES_ARTIFACT_H_

#include <map>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/components/component.h"

namespace tensorflow::metadata::v0 {
class Anomalies;
class DatasetFeatureStatistics;
}

// What components that judge statistics share: reading them, and writing what they found.

namespace bessemer::components {

// The name TFX gives a binary Anomalies message.
inline constexpr char kAnomaliesFile[] = "SchemaDiff.pb";

// The statistics of all examples (the default slice) in a file or a folder with FeatureStats.pb.
StatusOr<::tensorflow::metadata::v0::DatasetFeatureStatistics> ReadDefaultStatistics(
    const std::string& path);
// Of a split of an ExampleStatistics artifact.
StatusOr<::tensorflow::metadata::v0::DatasetFeatureStatistics> ReadSplitStatistics(
    const Artifact& artifact, const std::string& split);

// Writes kAnomaliesFile into a folder, which is made.
Status WriteAnomalies(const ::tensorflow::metadata::v0::Anomalies& anomalies,
                      const std::string& folder);

// The custom property `blessed` as TFX records it: 0, 1 or 2 by split.
std::string EncodeBlessed(const std::map<std::string, int>& blessed);

}  // namespace bessemer::components

#endif  // BESSEMER_COMPONENTS_ANOMALIES_ARTIFACT_H_
