#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_HEADER_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_HEADER_INTERNAL_H_

#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/sources/csv/csv_reader.h"
#include "bessemer/example_gen/sources/csv/csv_records_internal.h"

// Names of columns.

namespace bessemer::example_gen::csv {

inline constexpr char kEncodingAdvice[] =
    "if the file is in another encoding, name it: encoding: windows-1252 (--encoding)";

// Those of a header line, at which `records` stands if it was `found`. INVALID_ARGUMENT names file
// and line.
StatusOr<std::vector<std::string>> HeaderNames(const std::string& path, bool found,
                                               const CsvRecords& records);

// INVALID_ARGUMENT with the names that several columns have.
Status CheckNames(const std::string& where, const std::vector<std::string>& names);

// "" unless the one name of a header looks like several.
std::string DelimiterHint(std::string_view header);

// Where the names, which differ from those of the columns, do.
std::string FirstDifference(const std::vector<std::string>& names,
                            const std::vector<CsvColumn>& columns);

}  // namespace bessemer::example_gen::csv

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_CSV_CSV_HEADER_INTERNAL_H_
