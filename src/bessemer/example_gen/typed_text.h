#ifndef BESSEMER_EXAMPLE_GEN_TYPED_TEXT_H_
#define BESSEMER_EXAMPLE_GEN_TYPED_TEXT_H_

#include <arrow/type_fwd.h>

#include <string_view>

#include "bessemer/base/status.h"

// Values that warehouses send as text, into Arrow's builders.

namespace bessemer::example_gen {

enum class BytesForm { kBase64, kHex };  // hex: pairs of digits, blanks between them pass

// Appends one value of the builder's type:
//   bool          true, false (any case)
//   int8…int64    decimal, in range
//   float, double also NaN, Infinity, -Infinity, inf (any case)
//   decimal       digits with at most the type's scale behind the point, trailing zeros aside; also
//                 with an exponent
//   string        as it is
//   binary        as `bytes_form` says
//   date32        YYYY-MM-DD, years 0001 to 9999
//   time64        HH:MM:SS with up to 12 digits of a fraction, those beyond the unit cut off
//   timestamp     a date, ' ' or 'T', a time, and for a type with a time zone the zone: Z, UTC,
//                 +HH:MM or a name of the time zone database (none: UTC); or, with a time zone, a
//                 whole number of units since 1970. Beyond what the unit can hold in 64 bits:
//                 OUT_OF_RANGE.
// INVALID_ARGUMENT "'text' is not a <type>" for anything else; nothing is appended then.
Status AppendTypedText(std::string_view text, arrow::ArrayBuilder& builder,
                       BytesForm bytes_form = BytesForm::kBase64);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_TYPED_TEXT_H_
