#ifndef BESSEMER_SCHEMA_SCHEMA_FILE_H_
#define BESSEMER_SCHEMA_SCHEMA_FILE_H_

#include <string>

#include "bessemer/base/status.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::schema {

// The name inside a Schema artifact's folder.
inline constexpr char kSchemaFile[] = "schema.pbtxt";

// Reads a schema in text form, or in binary form if the name ends in ".pb". `path` may be a folder
// that holds kSchemaFile. INVALID_ARGUMENT "path:line:column: …" for text that is no schema.
StatusOr<::tensorflow::metadata::v0::Schema> ReadSchema(const std::string& path);

// Protobuf's text format, byte by byte as TFX writes schema.pbtxt.
std::string SchemaText(const ::tensorflow::metadata::v0::Schema& schema);

// Writes the text form, atomically.
Status WriteSchema(const std::string& path, const ::tensorflow::metadata::v0::Schema& schema);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_SCHEMA_FILE_H_
