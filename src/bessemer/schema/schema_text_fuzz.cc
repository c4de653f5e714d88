// Any text is a schema or refused; a schema written as text reads as the same.
#include <cstdlib>

#include "bessemer/schema/schema_file.h"
#include "bessemer/schema/schema_model.h"
#include "bessemer/schema/text_errors.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::schema;
  tensorflow::metadata::v0::Schema schema, again;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!ParseTextQuietly(text, &schema).ok()) return 0;
  if (!ParseTextQuietly(SchemaText(schema), &again).ok()) std::abort();
  if (SchemaText(schema) != SchemaText(again)) std::abort();
  const SchemaModel model(schema);
  for (const auto& feature : schema.feature()) {
    if (!model.Contains(Path({feature.name()}))) std::abort();
  }
  return 0;
}
