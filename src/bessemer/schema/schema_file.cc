#include "bessemer/schema/schema_file.h"

#include <google/protobuf/text_format.h>

#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/schema/text_errors.h"

namespace bessemer::schema {

using ::tensorflow::metadata::v0::Schema;

StatusOr<Schema> ReadSchema(const std::string& path) {
  const std::string file = io::IsDirectory(path) ? io::JoinPath(path, kSchemaFile) : path;
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(file));
  Schema schema;
  if (file.ends_with(".pb")) {
    if (schema.ParseFromString(bytes)) return schema;
    return InvalidArgumentError("{}: not a binary tensorflow.metadata.v0.Schema", file);
  }
  if (const Status status = ParseTextQuietly(bytes, &schema); !status.ok()) {
    return InvalidArgumentError("{}:{}", file, Message(status));
  }
  return schema;
}

std::string SchemaText(const Schema& schema) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(schema, &text);
  return text;
}

Status WriteSchema(const std::string& path, const Schema& schema) {
  return io::WriteFileAtomically(path, SchemaText(schema));
}

}  // namespace bessemer::schema
