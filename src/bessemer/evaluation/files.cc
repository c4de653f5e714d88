#include "bessemer/evaluation/files.h"

#include <google/protobuf/util/json_util.h>

#include "bessemer/io/file.h"
#include "bessemer/io/optional_file.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/proto/serialize.h"

// TFMA tells errors in the older of its two maps of metrics.
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

namespace bessemer::evaluation {
namespace {

namespace tfma = ::tensorflow_model_analysis;

constexpr char kErrorMetric[] = "__ERROR__";

template <typename Record>
void SetKey(const SliceResult& slice, Record* record) {
  if (!slice.baseline) {
    *record->mutable_slice_key() = SliceKeyToProto(slice.key);
    return;
  }
  tfma::CrossSliceKey* key = record->mutable_cross_slice_key();
  *key->mutable_baseline_slice_key() = SliceKeyToProto(*slice.baseline);
  *key->mutable_comparison_slice_key() = SliceKeyToProto(slice.key);
}

template <typename Record>
void GetKey(const Record& record, SliceResult* slice) {
  if (!record.has_cross_slice_key()) {
    slice->key = SliceKeyFromProto(record.slice_key());
    return;
  }
  slice->baseline = SliceKeyFromProto(record.cross_slice_key().baseline_slice_key());
  slice->key = SliceKeyFromProto(record.cross_slice_key().comparison_slice_key());
}

Status WriteRecords(const std::string& path, const std::vector<std::string>& records) {
  BESSEMER_ASSIGN_OR_RETURN(const auto writer,
                            io::TFRecordWriter::Open(path, io::Compression::kNone));
  for (const std::string& record : records) BESSEMER_RETURN_IF_ERROR(writer->Write(record));
  return writer->Close();
}

template <typename Record, typename F>
Status ReadRecords(const std::string& directory, const char* prefix, F&& use) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files, io::ListTree(directory));
  for (const std::string& file : files) {
    if (!file.starts_with(prefix) || !file.ends_with(".tfrecord")) continue;
    const std::string path = io::JoinPath(directory, file);
    BESSEMER_ASSIGN_OR_RETURN(const auto reader, io::TFRecordReader::Open(path));
    std::string_view bytes;
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&bytes));
      if (!more) break;
      Record record;
      if (!record.ParseFromArray(bytes.data(), static_cast<int>(bytes.size()))) {
        return DataLossError("{}: record {} is not a {}", path, reader->num_records() - 1,
                             Record::descriptor()->full_name());
      }
      use(record);
    }
  }
  return OkStatus();
}

std::string WithoutError(const tfma::MetricsForSlice& record) {
  const auto found = record.metrics().find(kErrorMetric);
  return found == record.metrics().end() ? "" : found->second.debug_message();
}

// Under their default names these two are written together under a key without a name, as readers
// expect; a name the user chose is kept.
bool JoinsUnnamed(const MetricKey& key) {
  return key.name == "calibration_plot" || key.name == "confusion_matrix_plot";
}

}  // namespace

tfma::MetricsForSlice MetricsToProto(const SliceResult& slice) {
  tfma::MetricsForSlice record;
  SetKey(slice, &record);
  if (!slice.dropped.empty()) {
    (*record.mutable_metrics())[kErrorMetric].set_debug_message(slice.dropped);
    return record;
  }
  for (const auto& [key, value] : slice.values) {
    if (std::holds_alternative<PlotPtr>(value)) continue;
    auto* item = record.add_metric_keys_and_values();
    *item->mutable_key() = key.ToProto();
    *item->mutable_value() = ToProto(value);
    const auto interval = slice.intervals.find(key);
    if (interval == slice.intervals.end()) continue;
    tfma::ConfidenceInterval* out = item->mutable_confidence_interval();
    const ConfidenceInterval& ci = interval->second;
    out->mutable_lower_bound()->mutable_double_value()->set_value(ci.lower_bound);
    out->mutable_upper_bound()->mutable_double_value()->set_value(ci.upper_bound);
    out->mutable_standard_error()->mutable_double_value()->set_value(ci.standard_error);
    out->mutable_degrees_of_freedom()->set_value(ci.degrees_of_freedom);
  }
  return record;
}

tfma::PlotsForSlice PlotsToProto(const SliceResult& slice) {
  tfma::PlotsForSlice record;
  SetKey(slice, &record);
  std::map<MetricKey, tfma::PlotData*> joined;
  for (const auto& [key, value] : slice.values) {
    const auto* plot = std::get_if<PlotPtr>(&value);
    if (plot == nullptr) continue;
    MetricKey own = key;
    if (JoinsUnnamed(key)) own.name.clear();
    tfma::PlotData*& target = joined[own];
    if (target == nullptr) {
      auto* item = record.add_plot_keys_and_values();
      *item->mutable_key() = own.ToPlotProto();
      target = item->mutable_value();
    }
    target->MergeFrom(**plot);
  }
  return record;
}

Status WriteResult(const std::string& directory, const EvalResult& result,
                   const tfma::ValidationResult* validation, const RunLocations& locations) {
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(directory));
  std::vector<std::string> metrics, plots, attributions;
  for (const SliceResult& slice : result.slices) {
    metrics.push_back(proto::Serialize(MetricsToProto(slice)));
    plots.push_back(proto::Serialize(PlotsToProto(slice)));
    tfma::AttributionsForSlice empty;
    SetKey(slice, &empty);
    attributions.push_back(proto::Serialize(empty));
  }
  auto path = [&](const char* name) { return io::JoinPath(directory, name); };
  BESSEMER_RETURN_IF_ERROR(WriteRecords(path("metrics-00000-of-00001.tfrecord"), metrics));
  BESSEMER_RETURN_IF_ERROR(WriteRecords(path("plots-00000-of-00001.tfrecord"), plots));
  BESSEMER_RETURN_IF_ERROR(
      WriteRecords(path("attributions-00000-of-00001.tfrecord"), attributions));
  if (validation != nullptr) {
    BESSEMER_RETURN_IF_ERROR(
        WriteRecords(path("validations.tfrecord"), {proto::Serialize(*validation)}));
  }
  tfma::EvalRun run;
  *run.mutable_eval_config() = result.config;
  run.set_version(kTfmaVersion);
  run.set_data_location(locations.data.empty() ? "<user provided PCollection>" : locations.data);
  for (const auto& [name, location] : locations.models) {
    (*run.mutable_model_locations())[name] = location;
  }
  std::string json;
  google::protobuf::util::JsonPrintOptions options;
  options.add_whitespace = true;
  const auto status = google::protobuf::util::MessageToJsonString(run, &json, options);
  if (!status.ok()) return InternalError("eval_config.json: {}", status.message().ToString());
  return io::WriteFileAtomically(path("eval_config.json"), json);
}

StatusOr<EvalResult> ReadResult(const std::string& directory) {
  EvalResult result;
  BESSEMER_RETURN_IF_ERROR(ReadRecords<tfma::MetricsForSlice>(
      directory, "metrics", [&](const tfma::MetricsForSlice& record) {
        SliceResult slice;
        GetKey(record, &slice);
        slice.dropped = WithoutError(record);
        for (const auto& item : record.metric_keys_and_values()) {
          const MetricKey key = MetricKey::FromProto(item.key());
          slice.values.emplace_back(key, FromProto(item.value()));
          if (!item.has_confidence_interval()) continue;
          const tfma::ConfidenceInterval& ci = item.confidence_interval();
          slice.intervals[key] = {
              .lower_bound = ci.lower_bound().double_value().value(),
              .upper_bound = ci.upper_bound().double_value().value(),
              .standard_error = ci.standard_error().double_value().value(),
              .degrees_of_freedom = static_cast<int>(ci.degrees_of_freedom().value())};
        }
        result.slices.push_back(std::move(slice));
      }));
  if (result.slices.empty()) {
    return NotFoundError("{}: no metrics*.tfrecord with results of an evaluation", directory);
  }
  BESSEMER_RETURN_IF_ERROR(ReadRecords<tfma::PlotsForSlice>(
      directory, "plots", [&](const tfma::PlotsForSlice& record) {
        SliceResult plots;
        GetKey(record, &plots);
        for (SliceResult& slice : result.slices) {
          if (slice.key != plots.key || slice.baseline != plots.baseline) continue;
          for (const auto& item : record.plot_keys_and_values()) {
            slice.values.emplace_back(MetricKey::FromPlotProto(item.key()),
                                      std::make_shared<const tfma::PlotData>(item.value()));
          }
        }
      }));
  const std::string path = io::JoinPath(directory, "eval_config.json");
  BESSEMER_ASSIGN_OR_RETURN(const bool has_config, io::OptionalFileExists(path));
  if (!has_config) return result;
  BESSEMER_ASSIGN_OR_RETURN(const std::string json, io::ReadFile(path));
  tfma::EvalRun run;
  google::protobuf::util::JsonParseOptions options;
  options.ignore_unknown_fields = true;
  const auto status = google::protobuf::util::JsonStringToMessage(json, &run, options);
  if (!status.ok()) return DataLossError("{}: {}", path, status.message().ToString());
  result.config = run.eval_config();
  return result;
}

StatusOr<tfma::ValidationResult> ReadValidation(const std::string& directory) {
  tfma::ValidationResult result;
  bool found = false;
  BESSEMER_RETURN_IF_ERROR(ReadRecords<tfma::ValidationResult>(
      directory, "validations", [&](const tfma::ValidationResult& record) {
        result.MergeFrom(record);
        found = true;
      }));
  if (!found) return NotFoundError("{}: holds no validations.tfrecord", directory);
  return result;
}

}  // namespace bessemer::evaluation
