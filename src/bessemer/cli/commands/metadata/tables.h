#ifndef BESSEMER_CLI_COMMANDS_METADATA_TABLES_H_
#define BESSEMER_CLI_COMMANDS_METADATA_TABLES_H_

#include <string>
#include <vector>

namespace bessemer::cli::metadata {

// Prints rows under a header in columns as wide as their widest cell (counted in characters).
void PrintTable(const std::vector<std::string>& header,
                const std::vector<std::vector<std::string>>& rows);

// "2026-11-23 13:41:24" in local time.
std::string LocalTime(int64_t micros);

}  // namespace bessemer::cli::metadata

#endif  // BESSEMER_CLI_COMMANDS_METADATA_TABLES_H_
