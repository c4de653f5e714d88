#ifndef BESSEMER_VALIDATION_CHECK_H_
#define BESSEMER_VALIDATION_CHECK_H_

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/registry.h"
#include "bessemer/base/status.h"
#include "bessemer/schema/schema_model.h"
#include "bessemer/schema/statistics_view.h"
#include "bessemer/validation/number_text.h"
#include "bessemer/validation/severity.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"

// What a check is. A check compares statistics with a schema and *edits the schema until it accepts
// the statistics*; each edit is reported as a finding. So a finding always comes with the change
// that would make it go away, and "validate" and "update the schema" are one piece of code.

namespace bessemer::validation {

struct Finding {
  AnomalyType type = ::tensorflow::metadata::v0::AnomalyInfo::UNKNOWN_TYPE;
  std::string title;  // a few words
  std::string text;   // a sentence with what was expected and what was observed
};

// What is compared. The views outlive the validation.
struct Datasets {
  const schema::DatasetView& current;
  const schema::DatasetView* previous_span = nullptr;
  const schema::DatasetView* serving = nullptr;
  const schema::DatasetView* previous_version = nullptr;
  schema::Environment environment = {};
};

struct CheckOptions {
  // Given: a string domain that grows to so many values is removed instead of extended.
  std::optional<int> remove_domains_from_size = {};
  // Comparators of text values also measure numbers, by their histograms (see distance.h). Without
  // it infinity_norm and normalized_abs_difference of numbers are 0, as in TensorFlow Data
  // Validation.
  bool numeric_distances = false;
};

// The schema's part of one feature, before or after it was edited.
struct FeatureEntry {
  ::tensorflow::metadata::v0::Feature feature;
  // The string domain that `feature.domain` names, once a check has changed it.
  std::optional<::tensorflow::metadata::v0::StringDomain> domain = {};
  // The domain of that name shall go, with every reference to it; empty: none.
  std::string removed_domain = {};
};

struct FeatureCheckContext {
  const schema::FeatureView& statistics;  // common() is not null
  const Datasets& datasets;
  const schema::SchemaModel& schema;  // as it was; the edits go to `entry`
  const CheckOptions& options;
  FeatureEntry& entry;
  std::vector<Finding>& findings;
  // Distances measured, whether above their threshold or not.
  ::tensorflow::metadata::v0::DriftSkewInfo& drift_skew;
  // Set: the checks after this one do not run on the feature.
  bool stop = false;

  ::tensorflow::metadata::v0::Feature& feature() { return entry.feature; }
  void Report(AnomalyType type, std::string title, std::string text) {
    findings.push_back({type, std::move(title), std::move(text)});
  }
  // Takes the feature out of validation: the edit where no milder one would do.
  void Deprecate() {
    entry.feature.set_lifecycle_stage(::tensorflow::metadata::v0::DEPRECATED);
  }
};

struct DatasetCheckContext {
  const Datasets& datasets;
  ::tensorflow::metadata::v0::DatasetConstraints& constraints;  // edited
  std::vector<Finding>& findings;
};

// Checks run stage by stage, those of one stage in the order of their names.
enum class Stage {
  kEntry,      // is the schema's entry sound in itself?
  kExistence,  // is there anything to check?
  kAmount,     // how many values, in how many examples
  kType,
  kDomain,      // the one check of the domain the entry has when this stage begins
  kUniqueness,
  kComparison,  // with other datasets
  kOrigin,      // derived features
};

using DomainCase = ::tensorflow::metadata::v0::Feature::DomainInfoCase;

struct Check {
  std::string name;
  std::string doc;  // what is found, and by which field of the schema it is governed
  Stage stage = Stage::kEntry;
  std::vector<AnomalyType> finds;        // what it may report
  std::vector<DomainCase> domains = {};  // kDomain: the domains it is for
  // One of the two. Errors are for statistics that make no sense, and name the feature.
  std::function<Status(FeatureCheckContext& context)> feature = {};
  std::function<Status(DatasetCheckContext& context)> dataset = {};
};

using CheckRegistry = Registry<Check>;

// Adds the checks of the plug-in folders.
void RegisterPlugins(CheckRegistry& registry);

// The checks of this program in the order they run. Built once; thread-safe.
const std::vector<Check>& Checks();

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_CHECK_H_
