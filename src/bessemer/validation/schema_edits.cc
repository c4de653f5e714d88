#include "bessemer/validation/schema_edits.h"

#include <algorithm>
#include <map>

#include "bessemer/base/nearest_name.h"
#include "bessemer/schema/schema_model.h"
#include "bessemer/schema/text_errors.h"
#include "bessemer/validation/validate.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetConstraints;
using ::tensorflow::metadata::v0::Feature;
using ::tensorflow::metadata::v0::Schema;

namespace {

// The texts that an edit leads from and to.
struct Edit {
  std::string before;
  std::string after;
};

Edit EditOf(const AnomalyInfo& anomaly) {
  Edit edit;
  const auto add = [](const auto& lines, std::string* text) {
    for (const std::string& line : lines) *text += line + "\n";
  };
  for (const auto& region : anomaly.diff_regions()) {
    add(region.unchanged().contents(), &edit.before);
    add(region.unchanged().contents(), &edit.after);
    add(region.removed().contents(), &edit.before);
    add(region.changed().left_contents(), &edit.before);
    add(region.added().contents(), &edit.after);
    add(region.changed().right_contents(), &edit.after);
  }
  return edit;
}

Status BadEdit(std::string_view why) { return DataLossError("the edit is not usable: {}", why); }

// Puts a feature that the schema does not have into it, its domain under a name of its own.
Status AddNew(const Schema& part, const schema::Path& path, schema::SchemaModel* model) {
  Feature* added = model->AddFeature(path);
  if (added == nullptr) return BadEdit("the schema does not have the struct around it");
  Feature feature = part.feature(0);
  std::map<std::string, std::string> renamed;
  for (const auto& domain : part.string_domain()) {
    auto* copy = model->AddDomain(domain.name());
    *copy->mutable_value() = domain.value();
    renamed[domain.name()] = copy->name();
  }
  const auto rename = [&](const auto& self, Feature* entry) -> void {
    const auto found = renamed.find(entry->domain());
    if (entry->has_domain() && found != renamed.end()) entry->set_domain(found->second);
    if (!entry->has_struct_domain()) return;
    for (Feature& child : *entry->mutable_struct_domain()->mutable_feature()) self(self, &child);
  };
  rename(rename, &feature);
  *model->FindFeature(path) = std::move(feature);
  model->Reindex();
  return OkStatus();
}

void Replace(const Schema& before, const Schema& after, const schema::Path& path,
             schema::SchemaModel* model) {
  if (after.feature_size() == 1) {
    Feature* entry = model->FindFeature(path);
    Feature edited = after.feature(0);
    // Children have edits of their own; the text leaves them out.
    if (entry->has_struct_domain() && edited.has_struct_domain()) {
      *edited.mutable_struct_domain() = entry->struct_domain();
    }
    *entry = std::move(edited);
  }
  if (after.sparse_feature_size() == 1) *model->FindSparse(path) = after.sparse_feature(0);
  if (after.weighted_feature_size() == 1) *model->FindWeighted(path) = after.weighted_feature(0);
  for (const auto& domain : after.string_domain()) {
    if (auto* known = model->FindDomain(domain.name())) *known = domain;
  }
  if (after.string_domain().empty()) {
    for (const auto& domain : before.string_domain()) model->RemoveDomain(domain.name());
  }
  model->Reindex();
}

Status ApplyToFeature(const AnomalyInfo& anomaly, const schema::Path& path,
                      schema::SchemaModel* model) {
  const Edit edit = EditOf(anomaly);
  Schema before;
  Schema after;
  BESSEMER_RETURN_IF_ERROR(schema::ParseTextQuietly(edit.before, &before));
  BESSEMER_RETURN_IF_ERROR(schema::ParseTextQuietly(edit.after, &after));
  if (before.ByteSizeLong() == 0) {
    if (after.feature_size() != 1) return BadEdit("it adds no feature");
    if (model->Contains(path)) return BadEdit("the schema has the feature already");
    return AddNew(after, path, model);
  }
  if ((after.feature_size() == 1 && model->FindFeature(path) == nullptr) ||
      (after.sparse_feature_size() == 1 && model->FindSparse(path) == nullptr) ||
      (after.weighted_feature_size() == 1 && model->FindWeighted(path) == nullptr)) {
    return BadEdit("the schema does not have the feature");
  }
  Replace(before, after, path, model);
  return OkStatus();
}

// "" for an anomaly that is to be applied, else why not.
std::string WhyNot(const std::string& feature, const AnomalyInfo& anomaly,
                   const EditSelection& selection) {
  if (!selection.features.empty() && !selection.features.contains(feature)) return "not selected";
  const bool fits = selection.types.empty() ||
                    std::all_of(anomaly.reason().begin(), anomaly.reason().end(),
                                [&](const auto& r) { return selection.types.contains(r.type()); });
  if (!fits) return "has reasons of other types";
  return anomaly.diff_regions().empty() ? "has no edit" : "";
}

}  // namespace

EditSelection SelectEdits(const std::vector<std::string>& names) {
  EditSelection selection;
  for (const std::string& name : names) {
    if (const auto type = ParseAnomalyType(name); type.ok()) {
      selection.types.insert(*type);
    } else {
      selection.features.insert(name);
    }
  }
  return selection;
}

StatusOr<EditedSchema> ApplyEdits(const Schema& schema, const Anomalies& anomalies,
                                  const EditSelection& selection) {
  std::map<std::string, const AnomalyInfo*> by_feature;
  for (const auto& [feature, anomaly] : anomalies.anomaly_info()) by_feature[feature] = &anomaly;
  if (anomalies.has_dataset_anomaly_info()) {
    by_feature[kDatasetKey] = &anomalies.dataset_anomaly_info();
  }
  for (const std::string& feature : selection.features) {
    if (by_feature.contains(feature)) continue;
    std::vector<std::string> names;
    for (const auto& [name, anomaly] : by_feature) names.push_back(name);
    return NotFoundError("there is no anomaly of '{}'{}", feature, SuggestName(feature, names));
  }
  EditedSchema result;
  schema::SchemaModel model(schema);
  for (const auto& [feature, anomaly] : by_feature) {
    const std::string why_not = WhyNot(feature, *anomaly, selection);
    if (!why_not.empty()) {
      result.skipped.push_back(fmt::format("{}: {}", feature, why_not));
      continue;
    }
    Status status;
    if (feature == kDatasetKey) {
      DatasetConstraints constraints;
      status = schema::ParseTextQuietly(EditOf(*anomaly).after, &constraints);
      if (status.ok()) *model.mutable_proto().mutable_dataset_constraints() = constraints;
    } else {
      status = ApplyToFeature(*anomaly, schema::Path::FromProto(anomaly->path()), &model);
    }
    if (!status.ok()) return WithContext(status, fmt::format("feature '{}'", feature));
    result.applied.push_back(feature);
  }
  result.schema = std::move(model.mutable_proto());
  return result;
}

}  // namespace bessemer::validation
