#include "bessemer/evaluation/dataset.h"

#include <algorithm>
#include <set>

#include "bessemer/evaluation/scorer.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"

namespace bessemer::evaluation {
namespace {

namespace tfma = ::tensorflow_model_analysis;

constexpr char kRawColumn[] = "__bessemer_serialized_example__";

struct NamedScorer {
  std::string model_name;
  std::unique_ptr<Scorer> scorer;
  bool is_baseline;
};

// Columns that hold labels and weights.
std::set<std::string> TargetColumns(const EvalConfig& config) {
  std::set<std::string> wanted;
  auto add = [&](const std::string& name) {
    if (!name.empty()) wanted.insert(name);
  };
  for (const tfma::ModelSpec& spec : config.model_specs()) {
    add(spec.label_key());
    for (const auto& [output, name] : spec.label_keys()) add(name);
    add(spec.example_weight_key());
    for (const auto& [output, name] : spec.example_weight_keys()) add(name);
  }
  return wanted;
}

// Those of labels, weights and slices.
std::set<std::string> ColumnsWanted(const EvalConfig& config) {
  std::set<std::string> wanted = TargetColumns(config);
  auto add = [&](const std::string& name) { wanted.insert(name); };
  for (const tfma::SlicingSpec& spec : config.slicing_specs()) {
    for (const std::string& name : spec.feature_keys()) add(name);
    for (const auto& [name, value] : spec.feature_values()) add(name);
  }
  return wanted;
}

std::vector<std::string> RawExamples(const arrow::RecordBatch& batch) {
  std::vector<std::string> examples;
  const auto column =
      std::static_pointer_cast<arrow::BinaryArray>(batch.GetColumnByName(kRawColumn));
  examples.reserve(column->length());
  for (int64_t i = 0; i < column->length(); ++i) examples.emplace_back(column->GetView(i));
  return examples;
}

// What every shard shares.
struct Models {
  std::vector<NamedScorer> scorers;
  std::set<std::string> targets, wanted;
};

// Whether features are to be transformed: if the config says so, if a column is not there
// otherwise, or if a label or weight is among the outputs of the transform, since that is what the
// model learned.
bool NeedsTransform(const Models& models, const Scorer& scorer, const Batch& batch) {
  if (scorer.wants_preprocessing()) return true;
  if (!scorer.has_preprocessing()) return false;
  return std::any_of(models.targets.begin(), models.targets.end(),
                     [&](const std::string& name) { return scorer.Transforms(name); }) ||
         std::any_of(models.wanted.begin(), models.wanted.end(), [&](const std::string& name) {
           return batch.features->GetColumnByName(name) == nullptr;
         });
}

Status Predict(const Models& models, Batch* batch) {
  if (models.scorers.empty()) return OkStatus();
  const std::vector<std::string> examples = RawExamples(*batch->features);
  for (const NamedScorer& named : models.scorers) {
    const Scorer& scorer = *named.scorer;
    if (!batch->transformed && NeedsTransform(models, scorer, *batch)) {
      // The candidate's: it comes first. Slices are of the values people know, unless the
      // configuration asks for the transform.
      batch->slice_by_transformed = scorer.wants_preprocessing();
      BESSEMER_RETURN_IF_ERROR(scorer.Transform(examples, models.wanted, batch));
    }
    const Status status = scorer.Score(examples, named.model_name, batch);
    if (status.ok()) continue;
    if (!named.is_baseline) return status;
    return MakeStatus(status.code(),
                      fmt::format("the baseline model cannot score these examples: {}; to evaluate "
                                  "without it write 'inputs: {{baseline_model: none}}'",
                                  Message(status)));
  }
  return OkStatus();
}

ShardReader ReaderOf(const std::string& file, std::shared_ptr<const Models> models) {
  return [file, models](const std::function<Status(const Batch&)>& emit) -> Status {
    example_gen::ExamplesOptions options;
    if (!models->scorers.empty()) options.raw_record_column = kRawColumn;
    BESSEMER_ASSIGN_OR_RETURN(const auto source, example_gen::OpenExamples(file, options));
    for (int64_t row = 0;;) {
      BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> rows, source->Next());
      if (!rows) return OkStatus();
      Batch batch{.features = rows};
      batch.first_row = row;
      row += rows->num_rows();
      Status status = Predict(*models, &batch);
      if (status.ok()) status = emit(batch);
      if (!status.ok()) return WithContext(status, file);
    }
  };
}

Status LoadModels(const EvaluationRequest& request, const EvalConfig& config, Models* models) {
  for (const bool baseline : {false, true}) {
    const std::string& directory = baseline ? request.baseline : request.model;
    if (directory.empty()) continue;
    for (const tfma::ModelSpec& spec : config.model_specs()) {
      if (spec.is_baseline() != baseline) continue;
      BESSEMER_ASSIGN_OR_RETURN(auto scorer, Scorer::Load(directory, spec));
      models->scorers.push_back({spec.name(), std::move(scorer), baseline});
    }
  }
  return OkStatus();
}

}  // namespace

StatusOr<EvalResult> EvaluateExamples(const EvaluationRequest& request, Progress* progress) {
  // Two columns of predictions compare as well as two models.
  const bool materialised = request.model.empty() && !BaselineName(request.config).empty();
  BESSEMER_ASSIGN_OR_RETURN(
      const EvalConfig config,
      WithDefaults(request.config, materialised || !request.baseline.empty(),
                   /*rubber_stamp=*/true));
  BESSEMER_ASSIGN_OR_RETURN(
      const auto setup,
      EvaluationState::Setup::Make(config, request.label_domains, request.seed));
  auto models = std::make_shared<Models>();
  models->targets = TargetColumns(config);
  models->wanted = ColumnsWanted(config);
  BESSEMER_RETURN_IF_ERROR(LoadModels(request, config, models.get()));
  std::vector<ShardReader> shards;
  for (const std::string& file : request.files) shards.push_back(ReaderOf(file, models));
  progress->Start("evaluating", 0, "examples");
  return Evaluate(setup, shards, request.num_threads, progress);
}

StatusOr<std::string> FindServingModel(const std::string& model_uri) {
  for (const char* folder : {"Format-Serving", "serving_model_dir", ""}) {
    const std::string directory =
        *folder == '\0' ? model_uri : io::JoinPath(model_uri, folder);
    BESSEMER_ASSIGN_OR_RETURN(const bool found,
                              io::Exists(io::JoinPath(directory, "saved_model.pb")));
    if (found) return directory;
  }
  return NotFoundError("{}: holds no SavedModel (no saved_model.pb in it or in Format-Serving)",
                       model_uri);
}

}  // namespace bessemer::evaluation
