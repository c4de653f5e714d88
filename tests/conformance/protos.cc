#include "conformance/protos.h"

#include <google/protobuf/util/field_comparator.h>
#include <google/protobuf/util/message_differencer.h>

#include <algorithm>
#include <set>

#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::conformance {
namespace {

using ::google::protobuf::util::DefaultFieldComparator;
using ::google::protobuf::util::MessageDifferencer;
using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

void Normalize(DatasetFeatureStatisticsList* list) {
  for (auto& dataset : *list->mutable_datasets()) {
    std::sort(dataset.mutable_features()->pointer_begin(),
              dataset.mutable_features()->pointer_end(), [](const auto* a, const auto* b) {
                return a->path().SerializeAsString() + a->name() <
                       b->path().SerializeAsString() + b->name();
              });
    for (auto& feature : *dataset.mutable_features()) {
      std::sort(feature.mutable_custom_stats()->pointer_begin(),
                feature.mutable_custom_stats()->pointer_end(),
                [](const auto* a, const auto* b) { return a->name() < b->name(); });
    }
  }
  std::sort(list->mutable_datasets()->pointer_begin(), list->mutable_datasets()->pointer_end(),
            [](const auto* a, const auto* b) { return a->name() < b->name(); });
}

// One line for each finding and severity.
std::set<std::string> Findings(const Anomalies& anomalies) {
  std::set<std::string> lines;
  const auto add = [&](const std::string& path, const AnomalyInfo& anomaly) {
    lines.insert(fmt::format("{} {}", path, AnomalyInfo::Severity_Name(anomaly.severity())));
    for (const auto& reason : anomaly.reason()) {
      lines.insert(fmt::format("{} {}", path, AnomalyInfo::Type_Name(reason.type())));
    }
  };
  for (const auto& [path, anomaly] : anomalies.anomaly_info()) add(path, anomaly);
  if (anomalies.has_dataset_anomaly_info()) add("<dataset>", anomalies.dataset_anomaly_info());
  if (anomalies.data_missing()) lines.insert("<data missing>");
  return lines;
}

}  // namespace

std::string BytesOfHex(const std::string& hex) {
  std::string bytes;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    bytes += static_cast<char>(std::stoi(hex.substr(i, 2), nullptr, 16));
  }
  return bytes;
}

std::string DiffProtos(const ::google::protobuf::Message& expected,
                       const ::google::protobuf::Message& got, const ProtoTolerance& tolerance) {
  DefaultFieldComparator comparator;
  comparator.set_treat_nan_as_equal(true);
  if (tolerance.fraction > 0 || tolerance.margin > 0) {
    comparator.set_float_comparison(DefaultFieldComparator::APPROXIMATE);
    comparator.SetDefaultFractionAndMargin(tolerance.fraction,
                                           std::max(tolerance.margin, 1e-300));
  }
  MessageDifferencer differencer;
  differencer.set_field_comparator(&comparator);
  if (tolerance.unset_is_default) {
    differencer.set_message_field_comparison(MessageDifferencer::EQUIVALENT);
  }
  std::string report;
  differencer.ReportDifferencesToString(&report);
  return differencer.Compare(expected, got) ? "" : report;
}

std::string DiffStatistics(DatasetFeatureStatisticsList expected, DatasetFeatureStatisticsList got,
                           ProtoTolerance tolerance) {
  Normalize(&expected);
  Normalize(&got);
  tolerance.unset_is_default = true;
  return DiffProtos(expected, got, tolerance);
}

std::string DiffAnomalies(const Anomalies& expected, const Anomalies& got) {
  std::string text;
  const auto want = Findings(expected);
  const auto have = Findings(got);
  for (const auto& line : want) text += have.contains(line) ? "" : "missing: " + line + "\n";
  for (const auto& line : have) text += want.contains(line) ? "" : "not expected: " + line + "\n";
  if (expected.anomaly_name_format() != got.anomaly_name_format()) text += "name format\n";
  Anomalies a;
  Anomalies b;
  *a.mutable_drift_skew_info() = expected.drift_skew_info();
  *b.mutable_drift_skew_info() = got.drift_skew_info();
  return text + DiffProtos(a, b, {.fraction = 1e-6, .margin = 1e-6});
}

}  // namespace bessemer::conformance
