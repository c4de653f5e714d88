// Writes the pages that the browser tests open: write_samples DIRECTORY.
#include <cmath>
#include <limits>
#include <cstdio>

#include "bessemer/base/config.h"
#include "bessemer/io/publish.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/report/report.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"
#include "tensorflow_model_analysis/proto/config.pb.h"
#include "tensorflow_model_analysis/proto/metrics_for_slice.pb.h"
#include "tensorflow_model_analysis/proto/validation_result.pb.h"

namespace bessemer {
namespace {

namespace tfmd = ::tensorflow::metadata::v0;
namespace tfma = ::tensorflow_model_analysis;

constexpr char kHostile[] = "</script><img src=x onerror=\"document.title='owned'\">\xFF";
const char* const kCarriers[] = {"UA", "B6", "EV", "DL", "AA", "MQ", "US", "9E", "WN", "VX"};

// Bell-shaped counts over [low, high].
void Histogram(double low, double high, double center, double count, tfmd::Histogram* histogram) {
  constexpr int kBuckets = 10;
  double weights[kBuckets], sum = 0;
  for (int i = 0; i < kBuckets; ++i) {
    const double z = ((i + 0.5) / kBuckets - center) / 0.22;
    sum += weights[i] = std::exp(-z * z);
  }
  for (int i = 0; i < kBuckets; ++i) {
    auto* bucket = histogram->add_buckets();
    bucket->set_low_value(low + (high - low) * i / kBuckets);
    bucket->set_high_value(low + (high - low) * (i + 1) / kBuckets);
    bucket->set_sample_count(count * weights[i] / sum);
  }
}

void Quantiles(double low, double high, double bend, double count, tfmd::Histogram* histogram) {
  histogram->set_type(tfmd::Histogram::QUANTILES);
  for (int i = 0; i < 10; ++i) {
    auto* bucket = histogram->add_buckets();
    bucket->set_low_value(low + (high - low) * std::pow(i / 10.0, bend));
    bucket->set_high_value(low + (high - low) * std::pow((i + 1) / 10.0, bend));
    bucket->set_sample_count(count / 10);
  }
}

tfmd::FeatureNameStatistics* Feature(const std::string& name,
                                     tfmd::DatasetFeatureStatistics* data) {
  auto* feature = data->add_features();
  feature->mutable_path()->add_step(name);
  return feature;
}

void Common(uint64_t count, uint64_t missing, tfmd::CommonStatistics* common) {
  common->set_num_non_missing(count - missing);
  common->set_num_missing(missing);
  common->set_min_num_values(1);
  common->set_max_num_values(1);
  common->set_avg_num_values(1);
  common->set_tot_num_values(count - missing);
}

void AddNumber(const std::string& name, double low, double high, double center, double missing,
               tfmd::DatasetFeatureStatistics* data) {
  auto* feature = Feature(name, data);
  feature->set_type(tfmd::FeatureNameStatistics::FLOAT);
  auto* stats = feature->mutable_num_stats();
  const double count = data->num_examples();
  Common(count, count * missing, stats->mutable_common_stats());
  stats->set_min(low);
  stats->set_max(high);
  stats->set_mean(low + (high - low) * center);
  stats->set_median(low + (high - low) * (center - 0.02));
  stats->set_std_dev((high - low) * 0.15);
  stats->set_num_zeros(low <= 0 ? count * 0.04 : 0);
  Histogram(low, high, center, count, stats->add_histograms());
  Quantiles(low, high, 0.4 + 2 * center, count, stats->add_histograms());
}

void AddText(const std::string& name, int num_values, double tilt,
             tfmd::DatasetFeatureStatistics* data) {
  auto* feature = Feature(name, data);
  feature->set_type(tfmd::FeatureNameStatistics::STRING);
  auto* stats = feature->mutable_string_stats();
  const double count = data->num_examples();
  Common(count, 0, stats->mutable_common_stats());
  stats->set_unique(num_values);
  stats->set_avg_length(2);
  double sum = 0;
  for (int i = 0; i < num_values; ++i) sum += std::pow(i + 1, -tilt);
  for (int i = 0; i < num_values && i < 10; ++i) {
    auto* bucket = stats->mutable_rank_histogram()->add_buckets();
    bucket->set_low_rank(i);
    bucket->set_high_rank(i);
    bucket->set_label(kCarriers[i]);
    bucket->set_sample_count(std::floor(count * std::pow(i + 1, -tilt) / sum));
  }
}

tfmd::DatasetFeatureStatisticsList Flights(uint64_t examples, double shift) {
  tfmd::DatasetFeatureStatisticsList list;
  auto* data = list.add_datasets();
  data->set_num_examples(examples);
  AddNumber("dep_delay", -32, 911, 0.18 + shift, 0.029, data);
  AddNumber("distance", 80, 4983, 0.3 + shift / 4, 0, data);
  auto* distance = data->mutable_features(1)->mutable_num_stats();
  distance->set_max(std::numeric_limits<double>::infinity());
  auto* histogram = distance->mutable_histograms(0);
  histogram->set_num_nan(7);
  auto* infinite = histogram->add_buckets();
  infinite->set_low_value(distance->max());
  infinite->set_high_value(distance->max());
  infinite->set_sample_count(2);
  AddNumber("air_time", 21, 671, 0.28, 0.033 + shift, data);
  AddNumber("sched_dep_time", 500, 2359, 0.55 - shift / 2, 0, data);
  AddText("carrier", 10, 0.5 + shift, data);
  AddText("origin", 3, 0.1, data);
  return list;
}

tfmd::Schema FlightsSchema() {
  tfmd::Schema schema;
  for (const char* name : {"dep_delay", "distance", "air_time", "sched_dep_time"}) {
    auto* feature = schema.add_feature();
    feature->set_name(name);
    feature->set_type(tfmd::FLOAT);
    feature->mutable_presence()->set_min_fraction(name == std::string("distance") ? 1 : 0.9);
    feature->mutable_shape()->add_dim()->set_size(1);
  }
  auto* carrier = schema.add_feature();
  carrier->set_name("carrier");
  carrier->set_type(tfmd::BYTES);
  for (const char* value : kCarriers) carrier->mutable_string_domain()->add_value(value);
  carrier->mutable_drift_comparator()->mutable_infinity_norm()->set_threshold(0.05);
  return schema;
}

tfmd::Anomalies FlightsAnomalies() {
  tfmd::Anomalies anomalies;
  auto& info = (*anomalies.mutable_anomaly_info())["carrier"];
  info.mutable_path()->add_step("carrier");
  info.set_severity(tfmd::AnomalyInfo::ERROR);
  info.set_short_description("High Linf distance");
  info.set_description("The share of 'UA' moved by 0.081, above the threshold 0.05.");
  auto& missing = (*anomalies.mutable_anomaly_info())["air_time"];
  missing.set_severity(tfmd::AnomalyInfo::WARNING);
  missing.set_short_description("Values missing");
  missing.set_description("8.3 % of the examples lack the feature; the schema allows 10 %.");
  return anomalies;
}

// 3,000 features in two data sets, among them one whose name is an attack.
Status WriteWidePage(const std::string& path) {
  tfmd::DatasetFeatureStatisticsList lists[2];
  for (int side = 0; side < 2; ++side) {
    auto* data = lists[side].add_datasets();
    data->set_num_examples(100000 + 50000 * side);
    AddNumber(kHostile, 0, 1, 0.5, 0, data);
    for (int i = 1; i < 2000; ++i) {
      const double center = 0.2 + 0.6 * ((i * 37) % 100) / 100 + 0.02 * side;
      AddNumber(fmt::format("number_{:04}", i), -i, 3 * i, center, (i % 50) / 400.0, data);
    }
    for (int i = 0; i < 1000; ++i) {
      AddText(fmt::format("text_{:04}", i), 3 + i % 8, 0.3 + side * 0.1 + (i % 10) / 10.0, data);
    }
  }
  tfmd::Anomalies anomalies;
  auto& info = (*anomalies.mutable_anomaly_info())[kHostile];
  info.set_severity(tfmd::AnomalyInfo::ERROR);
  info.set_short_description("Hostile <b>name</b>");
  info.set_description("line\xE2\x80\xA8separator and </script>");
  return report::WriteStatisticsPage({.title = "Wide <table>",
                                      .datasets = {{"train", &lists[0]}, {"eval", &lists[1]}},
                                      .anomalies = {{"eval", &anomalies}},
                                      .written = "2026-11-23T13:05:09Z"},
                                     path);
}

void AddMetric(const std::string& name, const std::string& model, bool diff, double value,
               double half_width, tfma::MetricsForSlice* slice) {
  auto* entry = slice->add_metric_keys_and_values();
  entry->mutable_key()->set_name(name);
  entry->mutable_key()->set_model_name(model);
  entry->mutable_key()->set_is_diff(diff);
  entry->mutable_value()->mutable_double_value()->set_value(value);
  if (half_width <= 0) return;
  auto* interval = entry->mutable_confidence_interval();
  interval->mutable_lower_bound()->mutable_double_value()->set_value(value - half_width);
  interval->mutable_upper_bound()->mutable_double_value()->set_value(value + half_width);
}

Status WriteMetrics(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const auto writer,
                            io::TFRecordWriter::Open(path, io::Compression::kNone));
  for (int i = -1; i < 10; ++i) {
    tfma::MetricsForSlice slice;
    if (i >= 0) {
      auto* key = slice.mutable_slice_key()->add_single_slice_keys();
      key->set_column("carrier");
      key->set_bytes_value(kCarriers[i]);
    }
    const double auc = i < 0 ? 0.834 : 0.86 - 0.018 * i;
    const double gain = i == 9 ? -0.012 : 0.004;
    AddMetric("auc", "candidate", false, auc, i < 0 ? 0.004 : 0.008 + 0.003 * i, &slice);
    AddMetric("auc", "baseline", false, auc - gain, 0, &slice);
    AddMetric("auc", "candidate", true, gain, 0, &slice);
    AddMetric("binary_accuracy", "candidate", false, auc - 0.05, 0, &slice);
    AddMetric("binary_accuracy", "baseline", false, auc - 0.06, 0, &slice);
    AddMetric("binary_accuracy", "candidate", true, 0.01, 0, &slice);
    AddMetric("example_count", "candidate", false, i < 0 ? 65610 : 12000 - 1150 * i, 0, &slice);
    BESSEMER_RETURN_IF_ERROR(writer->Write(slice.SerializeAsString()));
  }
  return writer->Close();
}

Status WritePlots(const std::string& path) {
  tfma::PlotsForSlice plots;
  for (const char* model : {"candidate", "baseline"}) {
    auto* entry = plots.add_plot_keys_and_values();
    entry->mutable_key()->set_model_name(model);
    const double power = model[0] == 'c' ? 3.2 : 2.6;
    for (int i = 0; i <= 1000; ++i) {
      const double t = i / 1000.0, positives = 20000, negatives = 45610;
      auto* matrix =
          entry->mutable_value()->mutable_confusion_matrix_at_thresholds()->add_matrices();
      const double fpr = std::pow(1 - t, power), tpr = 1 - std::pow(t, power);
      matrix->set_threshold(t);
      matrix->set_true_positives(positives * tpr);
      matrix->set_false_negatives(positives * (1 - tpr));
      matrix->set_false_positives(negatives * fpr);
      matrix->set_true_negatives(negatives * (1 - fpr));
    }
    for (int i = 0; i < 200; ++i) {
      auto* bucket = entry->mutable_value()->mutable_calibration_histogram_buckets()->add_buckets();
      const double p = (i + 0.5) / 200, count = 600 * (1 - p) + 40;
      bucket->set_lower_threshold_inclusive(i / 200.0);
      bucket->set_upper_threshold_exclusive((i + 1) / 200.0);
      bucket->mutable_num_weighted_examples()->set_value(count);
      bucket->mutable_total_weighted_refined_prediction()->set_value(count * p);
      bucket->mutable_total_weighted_label()->set_value(count * (p + 0.06 * std::sin(5 * p)));
    }
  }
  BESSEMER_ASSIGN_OR_RETURN(const auto writer,
                            io::TFRecordWriter::Open(path, io::Compression::kNone));
  BESSEMER_RETURN_IF_ERROR(writer->Write(plots.SerializeAsString()));
  return writer->Close();
}

Status WriteEvaluation(const std::string& folder, bool ok) {
  BESSEMER_RETURN_IF_ERROR(WriteMetrics(folder + "/metrics-00000-of-00001.tfrecord"));
  BESSEMER_RETURN_IF_ERROR(WritePlots(folder + "/plots-00000-of-00001.tfrecord"));
  BESSEMER_RETURN_IF_ERROR(io::WriteFileAtomically(folder + "/eval_config.json", R"({"evalConfig":{
    "modelSpecs":[{"name":"candidate"},{"name":"baseline","isBaseline":true}],
    "slicingSpecs":[{},{"featureKeys":["carrier"]}],
    "metricsSpecs":[{"metrics":[{"className":"ExampleCount"},{"className":"BinaryAccuracy"},
      {"className":"AUC","threshold":{"valueThreshold":{"lowerBound":0.8}}},
      {"className":"AUC","threshold":{"changeThreshold":
        {"direction":"HIGHER_IS_BETTER","absolute":-0.001}}}]}]},"version":"0.47.1"})"));
  tfma::ValidationResult result;
  result.set_validation_ok(ok);
  if (!ok) {
    auto* slice = result.add_metric_validations_per_slice();
    auto* key = slice->mutable_slice_key()->add_single_slice_keys();
    key->set_column("carrier");
    key->set_bytes_value("VX");
    auto* failure = slice->add_failures();
    failure->mutable_metric_key()->set_name("auc");
    failure->mutable_metric_key()->set_is_diff(true);
    auto* change = failure->mutable_metric_threshold()->mutable_change_threshold();
    change->set_direction(tfma::HIGHER_IS_BETTER);
    change->mutable_absolute()->set_value(-0.001);
    failure->mutable_metric_value()->mutable_double_value()->set_value(-0.012);
  }
  BESSEMER_ASSIGN_OR_RETURN(
      const auto writer,
      io::TFRecordWriter::Open(folder + "/validations.tfrecord", io::Compression::kNone));
  BESSEMER_RETURN_IF_ERROR(writer->Write(result.SerializeAsString()));
  return writer->Close();
}

Status WriteCurve(const std::string& path) {
  Json points = Json::array();
  for (int epoch = 1; epoch <= 20; ++epoch) {
    points.push_back({{"epoch", epoch},
                      {"step", epoch * 400},
                      {"train_loss", 0.42 + 0.3 * std::exp(-epoch / 4.0)},
                      {"eval_loss", 0.45 + 0.28 * std::exp(-epoch / 3.5) + 0.0006 * epoch},
                      {"seconds", 0.8 * epoch}});
  }
  const Json curve = {{"learner", "wide_deep"}, {"task", "binary"}, {"points", points}};
  return io::WriteFileAtomically(path, curve.dump());
}

class RunSample {
 public:
  explicit RunSample(std::string root) : root_(std::move(root)) {
    input_.pipeline = "flights_delay";
    input_.run_id = "2026-11-23T13-05-09";
    input_.root = root_;
    input_.started_micros = 1795439109000000;
    input_.seconds = 94.3;
    input_.written = "2026-11-23T13:07:00Z";
  }

  report::ReportStep& Step(const std::string& name, report::ReportStepState state, double seconds,
                           const std::vector<std::string>& reads) {
    report::ReportStep step{.name = name, .state = state, .seconds = seconds};
    for (const std::string& read : reads) {
      for (const report::ReportStep& maker : input_.steps) {
        for (report::ReportArtifact artifact : maker.outputs) {
          if (maker.name + "." + artifact.port != read) continue;
          artifact.step = maker.name;
          step.inputs.push_back(artifact);
        }
      }
    }
    input_.steps.push_back(std::move(step));
    return input_.steps.back();
  }

  std::string Output(const std::string& port, const std::string& type) {
    report::ReportStep& step = input_.steps.back();
    const std::string uri = fmt::format("{}/{}/{}/{}", root_, step.name, port, ++id_);
    step.outputs.push_back({.port = port, .type = type, .uri = uri, .id = id_});
    return uri;
  }

  report::RunReportInput& input() { return input_; }

 private:
  std::string root_;
  report::RunReportInput input_;
  int64_t id_ = 0;
};

Status WriteProto(const std::string& path, const google::protobuf::Message& message) {
  return io::WriteFileAtomically(path, message.SerializeAsString());
}

// A run up to the push; `ok`: everything passed, else the model is not blessed and a step failed.
Status WriteRun(const std::string& root, bool ok, const std::string& page) {
  using State = report::ReportStepState;
  RunSample run(root);
  run.Step("CsvExampleGen", State::kCached, 0.02, {}).reason =
      "inputs and parameters are those of run 2026-11-22T13-05-01";
  run.Output("examples", "Examples");
  run.Step("StatisticsGen", State::kRan, 3.41, {"CsvExampleGen.examples"}).reason =
      "parameter 'num_histogram_buckets' changed from 20 to 10";
  const std::string statistics = run.Output("statistics", "ExampleStatistics");
  BESSEMER_RETURN_IF_ERROR(
      WriteProto(statistics + "/Split-train/FeatureStats.pb", Flights(224517, 0)));
  BESSEMER_RETURN_IF_ERROR(
      WriteProto(statistics + "/Split-eval/FeatureStats.pb", Flights(112259, 0.05)));
  run.Step("SchemaGen", State::kRan, 0.012, {"StatisticsGen.statistics"});
  const std::string schema = run.Output("schema", "Schema");
  BESSEMER_RETURN_IF_ERROR(
      io::WriteFileAtomically(schema + "/schema.pbtxt", FlightsSchema().DebugString()));
  run.Step("CuratedSchema", State::kRan, 0.003, {});
  tfmd::Schema edited = FlightsSchema();
  edited.mutable_feature(4)->mutable_drift_comparator()->mutable_normalized_abs_difference()
      ->set_threshold(0.2);
  BESSEMER_RETURN_IF_ERROR(io::WriteFileAtomically(
      run.Output("schema", "Schema") + "/schema.pbtxt", edited.DebugString()));
  run.Step("ExampleValidator", State::kRan, 0.02,
           {"StatisticsGen.statistics", "CuratedSchema.schema"});
  const std::string anomalies = run.Output("anomalies", "ExampleAnomalies");
  BESSEMER_RETURN_IF_ERROR(WriteProto(anomalies + "/Split-eval/SchemaDiff.pb",
                                      ok ? tfmd::Anomalies() : FlightsAnomalies()));
  run.Step("Transform", State::kRan, 8.9, {"CsvExampleGen.examples", "SchemaGen.schema"});
  run.Output("transform_graph", "TransformGraph");
  run.Output("transformed_examples", "Examples");
  run.Step("Tuner", State::kSkipped, -1, {"Transform.transformed_examples"}).reason =
      "not selected by --only";
  run.Step("Trainer", State::kRan, 61.4,
           {"Transform.transformed_examples", "Transform.transform_graph", "SchemaGen.schema"})
      .params = {{"learner", "wide_deep"}, {"epochs", "20"}, {"batch_size", "512"}};
  run.Output("model", "Model");
  BESSEMER_RETURN_IF_ERROR(
      WriteCurve(run.Output("model_run", "ModelRun") + "/training_curve.json"));
  run.Step("Evaluator", State::kRan, 12.6, {"CsvExampleGen.examples", "Trainer.model"});
  BESSEMER_RETURN_IF_ERROR(WriteEvaluation(run.Output("evaluation", "ModelEvaluation"), ok));
  BESSEMER_RETURN_IF_ERROR(io::WriteFileAtomically(
      run.Output("blessing", "ModelBlessing") + (ok ? "/BLESSED" : "/NOT_BLESSED"), ""));
  report::ReportStep& infra =
      run.Step("InfraValidator", ok ? State::kRan : State::kFailed, 2.2, {"Trainer.model"});
  if (ok) {
    BESSEMER_RETURN_IF_ERROR(
        io::WriteFileAtomically(run.Output("blessing", "InfraBlessing") + "/INFRA_BLESSED", ""));
  } else {
    infra.error = "request 3 of 10: the model answered with shape [1, 2], expected [1, 1]";
  }
  run.Step("Pusher", ok ? State::kRan : State::kSkipped, ok ? 0.3 : -1,
           {"Trainer.model", "Evaluator.blessing", "InfraValidator.blessing"});
  if (ok) {
    run.Output("pushed_model", "PushedModel");
    run.input().steps.back().outputs.back().properties = {
        {"pushed", "1"},
        {"pushed_destination", "/srv/models/flights/1795439203"},
        {"pushed_version", "1795439203"}};
  } else {
    run.input().steps.back().reason = "InfraValidator failed";
    run.input().steps.back().after = {"Evaluator", "InfraValidator"};
    run.input().findings = {"Evaluator: the model is not blessed"};
    run.input().result = report::RunResult::kFailed;
    BESSEMER_RETURN_IF_ERROR(
        io::WriteFileAtomically(statistics + "/Split-zz/FeatureStats.pb", "not a message"));
  }
  return report::WriteRunPage(run.input(), page);
}

}  // namespace
}  // namespace bessemer

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: write_samples DIRECTORY\n");
    return 2;
  }
  const std::string folder = argv[1];
  for (const absl::Status& status :
       {bessemer::WriteWidePage(folder + "/wide.html"),
        bessemer::WriteRun(folder + "/good", true, folder + "/run.html"),
        bessemer::WriteRun(folder + "/bad", false, folder + "/failed.html")}) {
    if (status.ok()) continue;
    std::fprintf(stderr, "%s\n", status.ToString().c_str());
    return 3;
  }
  return 0;
}
