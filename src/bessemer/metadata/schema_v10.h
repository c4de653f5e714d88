#ifndef BESSEMER_METADATA_SCHEMA_V10_H_
#define BESSEMER_METADATA_SCHEMA_V10_H_

namespace bessemer::metadata {

inline constexpr int kSchemaVersion = 10;

// The tables and indexes of ML Metadata's storage schema, version 10, as a script for SQLite.
extern const char kSchemaV10[];

}  // namespace bessemer::metadata

#endif  // BESSEMER_METADATA_SCHEMA_V10_H_
