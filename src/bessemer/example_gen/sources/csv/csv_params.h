#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_PARAMS_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_PARAMS_H_

#include <string_view>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/example_gen/sources/csv/csv_reader.h"

namespace bessemer::example_gen::csv {

// The parameters of CSV as a source, and what they say.
std::vector<Param> CsvParams();

// INVALID_ARGUMENT at the parameter that is wrong.
StatusOr<CsvOptions> ReadCsvParams(const ParamValues& params);

// INT, FLOAT or STRING, else kUnknown.
CellType CellTypeOf(std::string_view name);

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_PARAMS_H_
