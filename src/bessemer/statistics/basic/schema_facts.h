#ifndef BESSEMER_STATISTICS_BASIC_SCHEMA_FACTS_H_
#define BESSEMER_STATISTICS_BASIC_SCHEMA_FACTS_H_

#include <map>
#include <set>

#include "bessemer/statistics/basic/string_stats.h"

namespace tensorflow::metadata::v0 {
class Schema;
}

namespace bessemer::statistics::basic {

// What a schema says that changes which statistics a feature gets. Paths of leaves, at any depth.
struct SchemaFacts {
  std::set<FeaturePath> bytes;  // image_domain: lengths only
  // Numbers that name categories: treated as text where the data has the same type.
  std::map<FeaturePath, FeatureType> categorical_numbers;
  std::map<FeaturePath, Categorical> categorical_strings;

  static SchemaFacts Of(const ::tensorflow::metadata::v0::Schema* schema);  // null: nothing
  bool IsCategoricalNumber(const FeaturePath& path, FeatureType type) const {
    const auto it = categorical_numbers.find(path);
    return it != categorical_numbers.end() && it->second == type;
  }
};

}  // namespace bessemer::statistics::basic

#endif  // BESSEMER_STATISTICS_BASIC_SCHEMA_FACTS_H_
