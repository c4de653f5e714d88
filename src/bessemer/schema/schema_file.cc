#include "bessemer/schema/schema_file.h"

#include <google/protobuf/text_format.h>
#include <google/protobuf/unknown_field_set.h>

#include <algorithm>

#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/schema/text_errors.h"

namespace bessemer::schema {

using ::tensorflow::metadata::v0::Schema;

namespace {

using Generator = google::protobuf::TextFormat::BaseTextGenerator;

// Real numbers as Python's text format writes them, "1.0" where C++ would write "1": the bytes of a
// schema are then the same as if TFX had written it.
class RealPrinter : public google::protobuf::TextFormat::FastFieldValuePrinter {
 public:
  void PrintFloat(float value, Generator* out) const override { Print(value, out); }
  void PrintDouble(double value, Generator* out) const override { Print(value, out); }

 private:
  template <typename Real>
  static void Print(Real value, Generator* out) {
    std::string text = fmt::format("{}", value);
    if (text.find_first_not_of("-0123456789") == std::string::npos) text += ".0";
    out->PrintString(text);
  }
};

// Another message parses as a schema, too, but for fields that schemas do not have.
bool HasForeignFields(const Schema& schema) {
  const auto has = [](const auto& message) {
    return !message.GetReflection()->GetUnknownFields(message).empty();
  };
  return has(schema) || std::any_of(schema.feature().begin(), schema.feature().end(), has);
}

}  // namespace

StatusOr<Schema> ReadSchema(const std::string& path) {
  BESSEMER_ASSIGN_OR_RETURN(const bool is_folder, io::IsDirectory(path));
  const std::string file = is_folder ? io::JoinPath(path, kSchemaFile) : path;
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(file));
  Schema schema;
  if (file.ends_with(".pb")) {
    if (schema.ParseFromString(bytes) && !HasForeignFields(schema)) return schema;
    return InvalidArgumentError("{}: not a binary tensorflow.metadata.v0.Schema", file);
  }
  if (const Status status = ParseTextQuietly(bytes, &schema); !status.ok()) {
    return InvalidArgumentError("{}:{}", file, Message(status));
  }
  return schema;
}

std::string SchemaText(const Schema& schema) {
  google::protobuf::TextFormat::Printer printer;
  printer.SetDefaultFieldValuePrinter(new RealPrinter());  // owned by the printer
  std::string text;
  printer.PrintToString(schema, &text);
  return text;
}

Status WriteSchema(const std::string& path, const Schema& schema) {
  return io::WriteFileAtomically(path, SchemaText(schema));
}

}  // namespace bessemer::schema
