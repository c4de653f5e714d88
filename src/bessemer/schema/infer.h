#ifndef BESSEMER_SCHEMA_INFER_H_
#define BESSEMER_SCHEMA_INFER_H_

#include <map>
#include <set>
#include <string>

#include "bessemer/base/status.h"
#include "bessemer/schema/schema_model.h"
#include "bessemer/schema/statistics_view.h"

namespace bessemer::schema {

struct InferOptions {
  // A fixed shape for features that are never missing and always have the same number of values.
  bool infer_feature_shape = true;
  // A text feature gets a string domain if it has at most so many distinct values.
  int max_string_domain_size = 100;
  // Features (by text form of the path) that are written down as DEPRECATED.
  std::set<std::string> ignored_features = {};
  // Features that share the string domain of that name.
  std::map<Path, std::string> shared_domains = {};
};

// The schema that the statistics fit:
//  * presence: at least once if it was there once; always if it was never missing;
//  * a fixed shape (see options), else the number of values per nest level: exactly n, at least 1,
//    or nothing if there may be none;
//  * a domain, the first of: the one the statistics name (custom statistic "domain_info"); none for
//    bytes and invalid UTF-8; bool; integers in text; the set of text values; none.
// Features stand in the order of the statistics, children below their struct.
//
// FAILED_PRECONDITION for a feature without numeric, string, bytes or struct statistics (see
// WithoutCompositeFeatures). INVALID_ARGUMENT for statistics that DatasetView refuses and for a
// feature whose parent is neither in the statistics nor in the schema.
StatusOr<::tensorflow::metadata::v0::Schema> InferSchema(
    const ::tensorflow::metadata::v0::DatasetFeatureStatistics& statistics,
    const InferOptions& options = {});

// Adds the feature of one view, without its children. The model must not hold the path yet. Errors
// as above.
Status AddInferredFeature(const FeatureView& statistics, const InferOptions& options,
                          SchemaModel* model);

// Sets the value counts that the statistics fit; leaves a feature without any where there may be no
// values.
void InferValueCounts(const FeatureView& statistics, ::tensorflow::metadata::v0::Feature* feature);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_INFER_H_
