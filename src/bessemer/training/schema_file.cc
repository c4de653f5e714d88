#include "bessemer/training/schema_file.h"

#include <google/protobuf/io/tokenizer.h>
#include <google/protobuf/text_format.h>

#include "bessemer/io/file.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::training {
namespace {

// Keeps the first thing the parser says, in place of logging it.
class ParseErrors : public google::protobuf::io::ErrorCollector {
 public:
  void AddError(int line, int column, const std::string& message) override {
    if (text.empty()) text = fmt::format("{}:{}: {}", line + 1, column + 1, message);
  }
  std::string text;
};

}  // namespace

Status ReadSchemaFile(const std::string& path, ::tensorflow::metadata::v0::Schema* schema) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(path));
  google::protobuf::TextFormat::Parser parser;
  ParseErrors errors;
  parser.RecordErrorsTo(&errors);
  if (parser.ParseFromString(text, schema)) return OkStatus();
  return InvalidArgumentError("{}:{}", path, errors.text);
}

}  // namespace bessemer::training
