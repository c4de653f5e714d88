#include "bessemer/validation/validate.h"

#include <algorithm>

#include "bessemer/validation/anomaly_builder.h"
#include "bessemer/validation/feature_outcome.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::DriftSkewInfo;
using ::tensorflow::metadata::v0::Schema;

namespace {

// What validation writes down for new features is never used but as a proposed edit.
constexpr int kMaxStringDomainSize = 400;

class Validator {
 public:
  Validator(const Datasets& datasets, const Schema& schema, const ValidateOptions& options)
      : datasets_(datasets),
        options_(options),
        severities_{options.severities, options.feature_severities},
        model_(schema) {}

  Status ValidateFeature(const schema::FeatureView& statistics) {
    const schema::Path& path = statistics.path();
    if (!model_.Contains(path)) return ReportNew(statistics);
    if (model_.IsInactive(path)) return OkStatus();
    BESSEMER_ASSIGN_OR_RETURN(const FeatureOutcome outcome,
                              CheckFeature(statistics, datasets_, model_, options_.checks));
    if (outcome.drift_skew.drift_measurements_size() > 0 ||
        outcome.drift_skew.skew_measurements_size() > 0) {
      drift_skew_[path] = outcome.drift_skew;
    }
    if (!IsSilenced(path, outcome.findings)) {
      AnomalyInfo& anomaly = Report(path, outcome.findings);
      if (options_.with_edits) DescribeEdit(path, outcome, &anomaly);
      if (IsInactiveAfter(outcome, model_, path)) return OkStatus();
    }
    for (const schema::FeatureView* child : statistics.children()) {
      BESSEMER_RETURN_IF_ERROR(ValidateFeature(*child));
    }
    return OkStatus();
  }

  void ReportMissing() {
    for (const schema::Path& path : model_.RequiredPaths(datasets_.environment)) {
      if (datasets_.current.Find(path) != nullptr) continue;
      const std::vector<Finding> findings = {
          {AnomalyInfo::SCHEMA_MISSING_COLUMN, "Feature is missing",
           "Expected the feature; the data does not have it at all."}};
      if (IsSilenced(path, findings)) continue;
      AnomalyInfo& anomaly = Report(path, findings);
      if (!options_.with_edits) continue;
      FeatureOutcome outcome;
      outcome.deprecate_feature = true;
      DescribeEdit(path, outcome, &anomaly);
    }
  }

  Status ValidateDataset() {
    if (!model_.proto().has_dataset_constraints()) return OkStatus();
    auto constraints = model_.proto().dataset_constraints();
    std::vector<Finding> findings;
    DatasetCheckContext context{datasets_, constraints, findings};
    for (const Check& check : Checks()) {
      if (check.dataset != nullptr) BESSEMER_RETURN_IF_ERROR(check.dataset(context));
    }
    const auto own = options_.feature_severities.find(kDatasetKey);
    const Severities severities =
        own == options_.feature_severities.end() ? Severities() : own->second;
    std::erase_if(findings, [&](const Finding& finding) {
      return SeverityOf(finding.type, severities) == AnomalyInfo::UNKNOWN;
    });
    if (findings.empty()) return OkStatus();
    AnomalyInfo* anomaly = result_.mutable_dataset_anomaly_info();
    AddFindings(findings, severities, anomaly);
    if (options_.with_edits) {
      SetEdit(model_.proto().dataset_constraints().Utf8DebugString(),
              constraints.Utf8DebugString(), anomaly);
    }
    return OkStatus();
  }

  Anomalies Take() {
    result_.set_anomaly_name_format(Anomalies::SERIALIZED_PATH);
    *result_.mutable_baseline() = model_.proto();
    for (auto& [path, info] : drift_skew_) {
      *info.mutable_path() = path.ToProto();
      *result_.add_drift_skew_info() = std::move(info);
    }
    return std::move(result_);
  }

 private:
  AnomalyInfo& Report(const schema::Path& path, const std::vector<Finding>& findings) {
    AnomalyInfo& anomaly = (*result_.mutable_anomaly_info())[path.ToString()];
    *anomaly.mutable_path() = path.ToProto();
    AddFindings(findings, severities_.For(path.ToString()), &anomaly);
    return anomaly;
  }

  // Whether there is nothing, or nothing but what is of severity UNKNOWN by request.
  bool IsSilenced(const schema::Path& path, const std::vector<Finding>& findings) const {
    if (findings.empty()) return true;
    const Severities severities = severities_.For(path.ToString());
    return std::all_of(findings.begin(), findings.end(), [&](const Finding& finding) {
      return SeverityOf(finding.type, severities) == AnomalyInfo::UNKNOWN;
    });
  }

  bool IsNeeded(const schema::Path& path) const {
    return !options_.features_needed.has_value() || options_.features_needed->contains(path);
  }

  // One anomaly for the feature with all below it.
  Status ReportNew(const schema::FeatureView& statistics) {
    if (!IsNeeded(statistics.path())) return OkStatus();
    const schema::Path& path = statistics.path();
    if (path.size() > 1 && model_.FindFeature(path.Parent()) == nullptr) {
      return InvalidArgumentError(
          "feature '{}': its parent '{}' is neither in the statistics nor in the schema",
          path.ToString(), path.Parent().ToString());
    }
    BESSEMER_RETURN_IF_ERROR(CheckCanBeAdded(statistics));
    AnomalyInfo& anomaly =
        Report(path, {{AnomalyInfo::SCHEMA_NEW_COLUMN, "New feature",
                       "The data has this feature; the schema does not have it."}});
    if (!options_.with_edits) return OkStatus();
    DatasetFeatureStatistics tree;
    Collect(statistics, path.size() - 1, &tree);
    BESSEMER_ASSIGN_OR_RETURN(
        const Schema added,
        schema::InferSchema(tree, {.infer_feature_shape = false,
                                   .max_string_domain_size = kMaxStringDomainSize}));
    SetEdit("", added.Utf8DebugString(), &anomaly);
    return OkStatus();
  }

  Status CheckCanBeAdded(const schema::FeatureView& statistics) const {
    if (statistics.common() == nullptr) {
      return FailedPreconditionError(
          "feature '{}' is not in the schema and has no numeric, string, bytes or struct "
          "statistics to describe it by: add the sparse or weighted feature to the schema",
          statistics.path().ToString());
    }
    for (const schema::FeatureView* child : statistics.children()) {
      if (IsNeeded(child->path())) BESSEMER_RETURN_IF_ERROR(CheckCanBeAdded(*child));
    }
    return OkStatus();
  }

  // The feature and what is below it, without the first `depth` steps of their paths.
  void Collect(const schema::FeatureView& statistics, size_t depth,
               DatasetFeatureStatistics* tree) const {
    auto* copy = tree->add_features();
    *copy = statistics.proto();
    copy->clear_path();
    for (size_t i = depth; i < statistics.path().size(); ++i) {
      copy->mutable_path()->add_step(statistics.path().steps()[i]);
    }
    for (const schema::FeatureView* child : statistics.children()) {
      if (IsNeeded(child->path())) Collect(*child, depth, tree);
    }
  }

  // The entries of a path as text, after an edit if one is given. Children have edits of their own.
  std::string EntryText(const schema::Path& path, const FeatureOutcome* outcome) const {
    Schema part;
    if (const auto* feature = model_.FindFeature(path)) {
      auto* copy = part.add_feature();
      *copy = outcome != nullptr && outcome->entry ? outcome->entry->feature : *feature;
      if (copy->has_struct_domain()) copy->mutable_struct_domain()->Clear();
      if (outcome != nullptr && outcome->deprecate_feature) Deprecate(copy);
      const auto* domain =
          feature->has_domain() ? model_.FindDomain(feature->domain()) : nullptr;
      if (domain != nullptr && (outcome == nullptr || outcome->entry)) {
        if (outcome == nullptr) {
          *part.add_string_domain() = *domain;
        } else if (outcome->entry->removed_domain.empty()) {
          *part.add_string_domain() = outcome->entry->domain ? *outcome->entry->domain : *domain;
        }
      }
    }
    if (const auto* sparse = model_.FindSparse(path)) {
      auto* copy = part.add_sparse_feature();
      *copy = *sparse;
      if (outcome != nullptr && outcome->deprecate_sparse) Deprecate(copy);
    }
    if (const auto* weighted = model_.FindWeighted(path)) {
      auto* copy = part.add_weighted_feature();
      *copy = *weighted;
      if (outcome != nullptr && outcome->deprecate_weighted) Deprecate(copy);
    }
    return part.Utf8DebugString();
  }

  template <typename Entry>
  static void Deprecate(Entry* entry) {
    entry->set_lifecycle_stage(::tensorflow::metadata::v0::DEPRECATED);
  }

  void DescribeEdit(const schema::Path& path, const FeatureOutcome& outcome,
                    AnomalyInfo* anomaly) const {
    SetEdit(EntryText(path, nullptr), EntryText(path, &outcome), anomaly);
  }

  const Datasets& datasets_;
  const ValidateOptions& options_;
  const SeverityOverrides severities_;
  const schema::SchemaModel model_;
  Anomalies result_;
  std::map<schema::Path, DriftSkewInfo> drift_skew_;
};

// The other datasets are read with the weighting of the current one.
StatusOr<std::optional<schema::DatasetView>> OtherView(const DatasetFeatureStatistics* statistics,
                                                       bool by_weight, std::string_view name) {
  std::optional<schema::DatasetView> view;
  if (statistics == nullptr || statistics->ByteSizeLong() == 0) return view;
  auto created = schema::DatasetView::Create(
      *statistics, by_weight ? schema::DatasetView::Weighting::kWeighted
                             : schema::DatasetView::Weighting::kUnweighted);
  if (!created.ok()) return WithContext(created.status(), name);
  view.emplace(*std::move(created));
  return view;
}

}  // namespace

StatusOr<Anomalies> Validate(const DatasetFeatureStatistics& statistics, const Schema& schema,
                             const ValidateOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const schema::DatasetView view,
                            schema::DatasetView::Create(statistics));
  if (statistics.num_examples() == 0) {
    Anomalies anomalies;
    *anomalies.mutable_baseline() = schema;
    anomalies.set_data_missing(true);
    return anomalies;
  }
  const bool by_weight = view.by_weight();
  BESSEMER_ASSIGN_OR_RETURN(const auto previous_span,
                            OtherView(options.previous_span, by_weight, "previous span"));
  BESSEMER_ASSIGN_OR_RETURN(const auto serving, OtherView(options.serving, by_weight, "serving"));
  BESSEMER_ASSIGN_OR_RETURN(const auto previous_version,
                            OtherView(options.previous_version, by_weight, "previous version"));
  const Datasets datasets{
      .current = view,
      .previous_span = previous_span ? &*previous_span : nullptr,
      .serving = serving ? &*serving : nullptr,
      .previous_version = previous_version ? &*previous_version : nullptr,
      .environment = options.environment,
  };
  Validator validator(datasets, schema, options);
  for (const schema::FeatureView* root : view.Roots()) {
    BESSEMER_RETURN_IF_ERROR(validator.ValidateFeature(*root));
  }
  validator.ReportMissing();
  BESSEMER_RETURN_IF_ERROR(validator.ValidateDataset());
  return validator.Take();
}

bool HasAnomalies(const Anomalies& anomalies) {
  return anomalies.anomaly_info_size() > 0 || anomalies.has_dataset_anomaly_info();
}

Severity GreatestSeverity(const Anomalies& anomalies) {
  Severity greatest = anomalies.dataset_anomaly_info().severity();
  for (const auto& [path, anomaly] : anomalies.anomaly_info()) {
    greatest = Greater(greatest, anomaly.severity());
  }
  return greatest;
}

namespace {

// False: no reason is left.
template <typename IsRemoved>
bool RemoveReasons(const IsRemoved& is_removed, AnomalyInfo* anomaly) {
  auto* reasons = anomaly->mutable_reason();
  reasons->erase(std::remove_if(reasons->begin(), reasons->end(), is_removed), reasons->end());
  anomaly->clear_diff_regions();
  Summarise(anomaly);
  return !reasons->empty();
}

template <typename IsRemoved>
void RemoveFeatureReasons(const IsRemoved& is_removed, Anomalies* anomalies) {
  auto* by_path = anomalies->mutable_anomaly_info();
  for (auto i = by_path->begin(); i != by_path->end();) {
    i = RemoveReasons(is_removed, &i->second) ? std::next(i) : by_path->erase(i);
  }
}

}  // namespace

void RemoveFindings(const std::set<AnomalyType>& types, Anomalies* anomalies) {
  RemoveFeatureReasons(
      [&](const AnomalyInfo::Reason& reason) { return types.contains(reason.type()); }, anomalies);
}

void KeepFindings(const std::set<AnomalyType>& types, Anomalies* anomalies) {
  const auto is_removed = [&](const AnomalyInfo::Reason& reason) {
    return !types.contains(reason.type());
  };
  RemoveFeatureReasons(is_removed, anomalies);
  if (anomalies->has_dataset_anomaly_info() &&
      !RemoveReasons(is_removed, anomalies->mutable_dataset_anomaly_info())) {
    anomalies->clear_dataset_anomaly_info();
  }
}

}  // namespace bessemer::validation
