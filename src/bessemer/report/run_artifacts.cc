#include "bessemer/report/run_artifacts.h"

#include <algorithm>
#include <deque>
#include <set>

#include "bessemer/io/file.h"
#include "bessemer/report/artifact_files.h"
#include "bessemer/report/evaluation_json.h"
#include "bessemer/report/schema_json.h"
#include "bessemer/report/statistics_json.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::report {
namespace {

namespace tfmd = ::tensorflow::metadata::v0;

constexpr size_t kMaxDatasets = 24;

struct Part {
  std::string name;  // of the split, "" for the whole artifact
  std::string folder;
};

// The splits of an artifact that hold `file`, in order of their names with "train" first, or the
// artifact itself.
StatusOr<std::vector<Part>> Parts(const std::string& uri, const std::string& file) {
  std::vector<Part> parts;
  BESSEMER_ASSIGN_OR_RETURN(const bool is_here, io::Exists(io::JoinPath(uri, file)));
  if (is_here) parts.push_back({"", uri});
  const auto files = io::ListTree(uri);
  if (!files.ok()) return parts;
  for (const std::string& path : *files) {
    const size_t slash = path.find('/');
    if (slash == std::string::npos || path.substr(slash + 1) != file) continue;
    for (const std::string_view prefix : {"Split-", "SplitPair-"}) {
      if (!path.starts_with(prefix)) continue;
      const std::string name = path.substr(prefix.size(), slash - prefix.size());
      const auto place = name == "train" ? parts.begin() : parts.end();
      parts.insert(place, {name, io::JoinPath(uri, path.substr(0, slash))});
    }
  }
  return parts;
}

class Reader {
 public:
  explicit Reader(const RunReportInput& input) : input_(input) {}

  RunArtifacts Read() {
    for (const ReportStep& step : input_.steps) {
      for (const ReportArtifact& artifact : step.outputs) Output(step, artifact);
    }
    for (const ReportStep& step : input_.steps) {
      for (const ReportArtifact& artifact : step.inputs) {
        if (artifact.step.empty()) Outside(step, artifact);
      }
    }
    TellSchemas();
    if (!anomalies_.empty()) out_.anomalies = AnomaliesJson(anomalies_);
    if (!statistics_.empty()) {
      const tfmd::Schema* schema = schemas_.empty() ? nullptr : &schemas_.front().schema;
      StatusOr<Json> json = StatisticsJson(statistics_, schema, anomalies_);
      if (json.ok()) {
        out_.statistics = *std::move(json);
      } else {
        Problem(std::string("statistics"), json.status());
      }
    }
    return std::move(out_);
  }

 private:
  void Problem(const std::string& where, const Status& status) {
    out_.problems.push_back({{"where", where}, {"text", std::string(Message(status))}});
  }

  // Whether a file is there; a store that cannot tell is a problem on the page.
  bool Has(const ReportStep& step, const std::string& path) {
    const StatusOr<bool> there = io::Exists(path);
    if (!there.ok()) Problem(step.name, there.status());
    return there.ok() && *there;
  }

  std::vector<Part> PartsOf(const ReportStep& step, const std::string& uri,
                            const std::string& file) {
    StatusOr<std::vector<Part>> parts = Parts(uri, file);
    if (parts.ok()) return *std::move(parts);
    Problem(step.name, parts.status());
    return {};
  }

  void Output(const ReportStep& step, const ReportArtifact& artifact) {
    if (artifact.uri.empty()) return;
    if (artifact.type == "ExampleStatistics") {
      // The statistics of the data itself carry the plain names of their splits.
      const bool plain = artifact.port == "statistics" && !have_plain_;
      have_plain_ = have_plain_ || plain;
      Statistics(step, artifact, plain ? "" : artifact.port);
    } else if (artifact.type == "Schema") {
      Schema(step, artifact);
    } else if (artifact.type == "ExampleAnomalies") {
      Anomalies(step, artifact);
    } else if (artifact.type == "ModelRun") {
      Training(step, artifact);
    } else if (artifact.type == "ModelEvaluation") {
      Evaluation(step, artifact);
    } else if (artifact.type == "ModelBlessing") {
      Verdict(step, artifact, "Model blessing", "BLESSED", "NOT_BLESSED");
    } else if (artifact.type == "InfraBlessing") {
      Verdict(step, artifact, "Infra validation", "INFRA_BLESSED", "INFRA_NOT_BLESSED");
    } else if (artifact.type == "PushedModel") {
      Push(step, artifact);
    }
  }

  // What an earlier run made, to compare with.
  void Outside(const ReportStep& step, const ReportArtifact& artifact) {
    if (artifact.uri.empty() || !outside_.insert(artifact.uri).second) return;
    if (artifact.type == "ExampleStatistics") Statistics(step, artifact, artifact.port);
    if (artifact.type == "Schema") Schema(step, artifact);
  }

  void Statistics(const ReportStep& step, const ReportArtifact& artifact,
                  const std::string& prefix) {
    const std::vector<Part> parts = PartsOf(step, artifact.uri, "FeatureStats.pb");
    if (parts.empty()) {
      Problem(step.name, NotFoundError("{}: no FeatureStats.pb in it", artifact.uri));
    }
    for (const Part& part : parts) {
      if (statistics_.size() >= kMaxDatasets) return;
      auto list = ReadStatistics(part.folder);
      if (!list.ok()) {
        Problem(step.name, list.status());
        continue;
      }
      std::string name = prefix;
      if (!part.name.empty()) name += (name.empty() ? "" : " · ") + part.name;
      if (name.empty()) name = "all";
      while (!names_.insert(name).second) name += "′";
      lists_.push_back(*std::move(list));
      statistics_.push_back({std::move(name), &lists_.back()});
    }
  }

  // The steps that judged data by the schema at `uri`.
  std::vector<std::string> JudgesBy(const std::string& uri) const {
    std::vector<std::string> judges;
    for (const ReportStep& step : input_.steps) {
      const auto is_anomalies = [](const ReportArtifact& artifact) {
        return artifact.type == "ExampleAnomalies";
      };
      const auto is_it = [&](const ReportArtifact& artifact) {
        return artifact.type == "Schema" && artifact.uri == uri;
      };
      if (std::any_of(step.outputs.begin(), step.outputs.end(), is_anomalies) &&
          std::any_of(step.inputs.begin(), step.inputs.end(), is_it)) {
        judges.push_back(step.name);
      }
    }
    return judges;
  }

  // A schema that a step of the run made or, with the port of an input, that came from outside.
  void Schema(const ReportStep& step, const ReportArtifact& artifact) {
    auto schema = ReadSchema(artifact.uri);
    if (!schema.ok()) return Problem(step.name, schema.status());
    std::string name = step.name;
    if (artifact.port != "schema") name += fmt::format(" ({})", artifact.port);
    const bool made = std::any_of(step.outputs.begin(), step.outputs.end(),
                                  [&](const ReportArtifact& a) { return a.uri == artifact.uri; });
    if (!made) name = artifact.uri;
    schemas_.push_back({std::move(name), JudgesBy(artifact.uri), *std::move(schema)});
  }

  // What judged comes first: it says what is expected of the data.
  void TellSchemas() {
    std::stable_partition(schemas_.begin(), schemas_.end(),
                          [](const KnownSchema& known) { return !known.judges.empty(); });
    for (const KnownSchema& known : schemas_) {
      Json rows = SchemaJson(known.schema);
      const auto same = std::find_if(out_.schemas.begin(), out_.schemas.end(),
                                     [&](const Json& other) { return other["rows"] == rows; });
      if (same == out_.schemas.end()) {
        out_.schemas.push_back({{"names", Json::array({known.name})},
                                {"judges", known.judges},
                                {"rows", std::move(rows)}});
        continue;
      }
      (*same)["names"].push_back(known.name);
      for (const std::string& judge : known.judges) (*same)["judges"].push_back(judge);
    }
  }

  void Anomalies(const ReportStep& step, const ReportArtifact& artifact) {
    for (const Part& part : PartsOf(step, artifact.uri, "SchemaDiff.pb")) {
      auto anomalies = ReadAnomalies(part.folder);
      if (!anomalies.ok()) {
        Problem(step.name, anomalies.status());
        continue;
      }
      anomaly_lists_.push_back(*std::move(anomalies));
      anomalies_.push_back({part.name.empty() ? artifact.port : part.name, &anomaly_lists_.back()});
    }
  }

  void Training(const ReportStep& step, const ReportArtifact& artifact) {
    const std::string path = io::JoinPath(artifact.uri, "training_curve.json");
    if (!Has(step, path)) return;
    const StatusOr<std::string> text = io::ReadFile(path);
    if (!text.ok()) return Problem(step.name, text.status());
    const Json curve = Json::parse(*text, nullptr, false);
    if (!curve.is_object() || !curve.contains("points") || !curve["points"].is_array()) {
      return Problem(step.name, DataLossError("{}: not a training curve (JSON with points)", path));
    }
    Json points = Json::array();
    for (const Json& point : curve["points"]) {
      if (!point.is_object()) continue;
      Json kept = Json::object();
      for (const char* key : {"epoch", "step", "train_loss", "eval_loss", "seconds"}) {
        kept[key] = point.contains(key) && point[key].is_number() ? point[key] : Json(nullptr);
      }
      points.push_back(std::move(kept));
    }
    const auto text_of = [&](const char* key) {
      return curve.contains(key) && curve[key].is_string() ? curve[key] : Json("");
    };
    out_.training.push_back({{"step", step.name},
                             {"learner", text_of("learner")},
                             {"task", text_of("task")},
                             {"points", std::move(points)}});
  }

  void Evaluation(const ReportStep& step, const ReportArtifact& artifact) {
    std::vector<std::string> problems;
    Json evaluation = EvaluationJson(artifact.uri, &problems);
    for (const std::string& text : problems) {
      out_.problems.push_back({{"where", step.name}, {"text", text}});
    }
    evaluation["step"] = step.name;
    out_.evaluations.push_back(std::move(evaluation));
  }

  void Verdict(const ReportStep& step, const ReportArtifact& artifact, const char* name,
               const char* yes, const char* no) {
    Json ok = nullptr;
    std::string text = "no verdict: no threshold to check";
    if (Has(step, io::JoinPath(artifact.uri, yes))) {
      ok = true;
      text = yes;
    } else if (Has(step, io::JoinPath(artifact.uri, no))) {
      ok = false;
      text = no;
    }
    out_.marks.push_back({{"step", step.name}, {"name", name}, {"ok", ok}, {"text", text}});
  }

  void Push(const ReportStep& step, const ReportArtifact& artifact) {
    std::string version, destination, pushed;
    for (const auto& [key, value] : artifact.properties) {
      if (key == "pushed_version") version = value;
      if (key == "pushed_destination") destination = value;
      if (key == "pushed") pushed = value;
    }
    const bool done = pushed == "1" || (pushed.empty() && !version.empty());
    std::string text = done ? "version " + (version.empty() ? "unknown" : version) : "not pushed";
    if (done && !destination.empty()) text += " in " + destination;
    out_.marks.push_back({{"step", step.name}, {"name", "Push"}, {"ok", done}, {"text", text}});
  }

  struct KnownSchema {
    std::string name;
    std::vector<std::string> judges;
    tfmd::Schema schema;
  };

  const RunReportInput& input_;
  RunArtifacts out_;
  std::deque<tfmd::DatasetFeatureStatisticsList> lists_;  // addresses stay
  std::deque<tfmd::Anomalies> anomaly_lists_;
  std::vector<NamedStatistics> statistics_;
  std::vector<NamedAnomalies> anomalies_;
  std::set<std::string> names_;
  std::set<std::string> outside_;
  std::vector<KnownSchema> schemas_;
  bool have_plain_ = false;
};

}  // namespace

RunArtifacts ReadRunArtifacts(const RunReportInput& input) { return Reader(input).Read(); }

}  // namespace bessemer::report
