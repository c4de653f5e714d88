#ifndef BESSEMER_TESTS_CONFORMANCE_FEATURE_SPEC_JSON_H_
#define BESSEMER_TESTS_CONFORMANCE_FEATURE_SPEC_JSON_H_

#include "bessemer/base/config.h"
#include "bessemer/schema/feature_spec.h"

// Feature specifications as the cases have them: {"@FixedLenFeature": {"dtype", "shape",
// "default_value"}}, {"@VarLenFeature": …}, {"@SparseFeature": …}, {"@RaggedFeature": …}.

namespace bessemer::conformance {

Json ParsedFeatureToJson(const schema::ParsedFeature& feature);
Json FeatureSpecToJson(const schema::FeatureSpec& spec);
// INVALID_ARGUMENT for other features and types.
StatusOr<schema::FeatureSpec> FeatureSpecFromJson(const Json& json);

// "" or what differs. Defaults: a list of one and its value are the same; text and bytes are.
std::string DiffParsedFeature(const Json& expected, const schema::ParsedFeature& got);
std::string DiffFeatureSpec(const Json& expected, const schema::FeatureSpec& got);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_FEATURE_SPEC_JSON_H_
