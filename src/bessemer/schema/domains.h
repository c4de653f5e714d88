#ifndef BESSEMER_SCHEMA_DOMAINS_H_
#define BESSEMER_SCHEMA_DOMAINS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "bessemer/schema/statistics_view.h"

// What the values of a feature tell of its domain.

namespace bessemer::schema {

// A value that is not of the domain.
struct Misfit {
  std::string value;
};

struct IntRange {
  int64_t min = 0;
  int64_t max = 0;
};
struct FloatRange {
  float min = 0;
  float max = 0;
};

// The least and greatest integer of an INT feature or of one whose text values are decimal int64
// numbers, or the first value (bytewise) that is none. No value: FLOAT, STRUCT and types unknown
// here, and features without values to judge by. An INT feature with text values is one of
// categories; otherwise its range is that of the numeric statistics.
std::optional<std::variant<IntRange, Misfit>> IntRangeOf(const FeatureView& statistics);

// The same for floats (FLOAT features; text values in decimal or hexadecimal, inf and nan), as
// 32-bit numbers like the bounds of a float domain. NaN is in no range. No value: INT, STRUCT and
// unknown types.
std::optional<std::variant<FloatRange, Misfit>> FloatRangeOf(const FeatureView& statistics);

// A number in text as the domains of text features read it: blanks around it are allowed, nothing
// else. No value for other text, and for integers outside of int64.
std::optional<int64_t> ParseInt(std::string_view text);
// Numbers too great for a float become infinite.
std::optional<float> ParseFloat(std::string_view text);

// The bool domain of INT features within [0, 1] that reach 1, and of STRING features with at most
// one word for true (TRUE, true, SET, set, 1 and the empty string) and at most one for false
// (FALSE, false, CLEAR, clear, 0); no value for others.
std::optional<::tensorflow::metadata::v0::BoolDomain> BoolDomainOf(const FeatureView& statistics);

// Sets the domain of `feature` from the custom statistic "domain_info", a Feature in text format
// that has one field, which is a domain. False, and no change: there is no such statistic, or more
// than one, or it is malformed, or the feature has a domain.
bool SetDomainFromStatistics(const FeatureView& statistics,
                             ::tensorflow::metadata::v0::Feature* feature);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_DOMAINS_H_
