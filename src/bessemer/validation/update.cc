#include "bessemer/validation/update.h"

#include "bessemer/validation/feature_outcome.h"

namespace bessemer::validation {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::Schema;

namespace {

class Updater {
 public:
  Updater(const Datasets& datasets, const UpdateOptions& options, schema::SchemaModel* model)
      : datasets_(datasets), options_(options), model_(model) {
    infer_.infer_feature_shape = false;
    infer_.max_string_domain_size = options.max_string_domain_size;
  }

  bool IsWanted(const schema::Path& path) const {
    return !options_.paths.has_value() || options_.paths->contains(path);
  }

  Status Update(const schema::FeatureView& statistics) {
    const schema::Path& path = statistics.path();
    if (!IsWanted(path)) return OkStatus();
    // A sparse feature taken out of validation leaves its name to a plain one, if data has that.
    const bool is_new = model_->FindFeature(path) == nullptr &&
                        model_->FindWeighted(path) == nullptr &&
                        (model_->FindSparse(path) == nullptr ||
                         (model_->IsInactive(path) && statistics.common() != nullptr));
    if (is_new) {
      BESSEMER_RETURN_IF_ERROR(schema::AddInferredFeature(statistics, infer_, model_));
    } else {
      BESSEMER_ASSIGN_OR_RETURN(
          const FeatureOutcome outcome,
          CheckFeature(statistics, datasets_, *model_, options_.checks));
      Apply(outcome, path, model_);
    }
    if (model_->IsInactive(path)) return OkStatus();
    for (const schema::FeatureView* child : statistics.children()) {
      BESSEMER_RETURN_IF_ERROR(Update(*child));
    }
    return OkStatus();
  }

 private:
  const Datasets& datasets_;
  const UpdateOptions& options_;
  schema::SchemaModel* model_;
  schema::InferOptions infer_;
};

}  // namespace

StatusOr<Schema> UpdateSchema(const Schema& schema, const DatasetFeatureStatistics& statistics,
                              const UpdateOptions& options) {
  BESSEMER_ASSIGN_OR_RETURN(const schema::DatasetView view,
                            schema::DatasetView::Create(statistics));
  schema::SchemaModel model(schema);
  const Datasets datasets{.current = view, .environment = options.environment};
  Updater updater(datasets, options, &model);
  for (const schema::FeatureView* root : view.Roots()) {
    BESSEMER_RETURN_IF_ERROR(updater.Update(*root));
  }
  for (const schema::Path& path : model.RequiredPaths(options.environment)) {
    if (view.Find(path) != nullptr || !updater.IsWanted(path)) continue;
    // Null: below the second of two entries of one path, which stands for nothing.
    if (auto* feature = model.FindFeature(path)) {
      feature->set_lifecycle_stage(::tensorflow::metadata::v0::DEPRECATED);
    }
  }
  return std::move(model.mutable_proto());
}

}  // namespace bessemer::validation
