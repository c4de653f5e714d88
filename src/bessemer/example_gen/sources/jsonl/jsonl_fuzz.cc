// clang++ -fsanitize=fuzzer,address: any text is values or a fault, and what was inferred can be
// read into columns.
#include <cstdlib>

#include "bessemer/columnar/utf8.h"
#include "bessemer/example_gen/sources/jsonl/json_columns_internal.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::example_gen::jsonl;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (!bessemer::columnar::IsUtf8(text)) return 0;
  JsonCursor skipped(text);
  const bool valid = skipped.SkipValue() && skipped.AtEnd();
  const WantedKinds wanted;
  JsonType type("", &wanted);
  JsonCursor inferred(text);
  if (inferred.Peek() != '{' || !type.Infer(inferred, {}) || !inferred.AtEnd()) return 0;
  if (!valid) std::abort();
  if (!type.Check({"x"}).ok()) return 0;
  const auto columns = JsonColumn::Members(type);
  JsonCursor read(text);
  if (!JsonColumn::AppendMembers(read, type, columns) || !read.AtEnd()) std::abort();
  for (const auto& column : columns) {
    if (column->builder()->length() != 1) std::abort();
  }
  return 0;
}
