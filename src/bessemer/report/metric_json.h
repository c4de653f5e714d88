#ifndef BESSEMER_REPORT_METRIC_JSON_H_
#define BESSEMER_REPORT_METRIC_JSON_H_

#include <string>

#include "bessemer/base/config.h"

namespace tensorflow_model_analysis {
class CrossSliceKey;
class MetricKey;
class MetricsForSlice;
class MetricThreshold;
class PlotsForSlice;
class SliceKey;
class SlicingSpec;
class SubKey;
class ValidationResult;
}  // namespace tensorflow_model_analysis

namespace bessemer::report {

// "Overall", "carrier: AA", "carrier: AA, month: 3".
std::string SliceName(const ::tensorflow_model_analysis::SliceKey& key);
std::string SliceName(const ::tensorflow_model_analysis::CrossSliceKey& key);
std::string SliceName(const ::tensorflow_model_analysis::SlicingSpec& spec);
// "class 3", "top 5", "at 2", "".
std::string SubKeyName(const ::tensorflow_model_analysis::SubKey& key);
// "≥ 0.8", "change ≥ −0.01, relative ≥ 0", "".
std::string ThresholdText(const ::tensorflow_model_analysis::MetricThreshold& threshold);

// SliceMetrics, PlotData (a list) and the `validation` of web/src/model.ts.
Json MetricsJson(const ::tensorflow_model_analysis::MetricsForSlice& metrics);
Json PlotsJson(const ::tensorflow_model_analysis::PlotsForSlice& plots);
Json ValidationJson(const ::tensorflow_model_analysis::ValidationResult& result);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_METRIC_JSON_H_
