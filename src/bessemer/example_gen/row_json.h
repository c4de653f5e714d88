#ifndef BESSEMER_EXAMPLE_GEN_ROW_JSON_H_
#define BESSEMER_EXAMPLE_GEN_ROW_JSON_H_

#include <cstdint>

#include "bessemer/base/config.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::example_gen {

// A row of a feature column as JSON: null where the feature is absent, otherwise the list of its
// values. Floats have the fewest digits that give the same float back; "NaN", "Infinity" and
// "-Infinity" are strings; bytes that are not UTF-8 become {"b64": "…"}. A null leaf is null.
Json CellToJson(const columnar::FeatureColumn& column, int64_t row);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_JSON_H_
