#ifndef BESSEMER_EXAMPLE_GEN_QUERY_MACROS_H_
#define BESSEMER_EXAMPLE_GEN_QUERY_MACROS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

// TFX's macros for the span of a query. A span is a day: the number of days since 1970-01-01, UTC.
//
//   @span_begin_timestamp  its first second, in seconds since 1970-01-01 00:00:00 UTC: 1515888000
//   @span_end_timestamp    the first second of the next day: 1515974400
//   @span_yyyymmdd_utc     its date as an SQL string, quotes included: '20180114'
//
// Of several consecutive spans the first begins and the last ends; a date they have none.

namespace bessemer::example_gen {

// True if the query has "@span_" in it, whether that is a macro or not.
bool HasSpanMacros(std::string_view query);

// The query with its macros replaced, wherever they stand: in text and comments, too, as TFX does.
// INVALID_ARGUMENT names a word that begins with "@span_" but is no macro, and the nearest one;
// for macros without a span; for a span before 0000-01-01 or after 9999-12-31; and for the date of
// several spans, which are `span` to `last_span`.
StatusOr<std::string> ReplaceSpanMacros(std::string_view query, std::optional<int64_t> span,
                                        std::optional<int64_t> last_span = std::nullopt);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_QUERY_MACROS_H_
