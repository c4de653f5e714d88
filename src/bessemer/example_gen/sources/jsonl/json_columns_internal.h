#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_COLUMNS_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_COLUMNS_INTERNAL_H_

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>

#include <memory>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/sources/jsonl/json_types_internal.h"

namespace bessemer::example_gen::jsonl {

// Values of one JsonType on their way into an array.
class JsonColumn {
 public:
  explicit JsonColumn(const JsonType& type);

  // Takes the value at the cursor. False, with the cursor's fault(), if it is not of the type:
  // then the rows have changed since the type was found.
  bool Append(JsonCursor& cursor);
  bool AppendNull();
  const std::shared_ptr<arrow::ArrayBuilder>& builder() const { return builder_; }

  // The columns of the rows of an object type.
  static std::vector<std::unique_ptr<JsonColumn>> Members(const JsonType& type);
  // Takes an object's members; those it lacks are null. Columns are those of `type`, each as long
  // as the others.
  static bool AppendMembers(JsonCursor& cursor, const JsonType& type,
                            const std::vector<std::unique_ptr<JsonColumn>>& columns);

 private:
  bool Check(const arrow::Status& status, JsonCursor* cursor);
  bool AppendText(JsonCursor& cursor);
  bool AppendNumber(JsonCursor& cursor);
  bool AppendList(JsonCursor& cursor);

  const JsonType& type_;
  std::shared_ptr<arrow::ArrayBuilder> builder_;
  arrow::BooleanBuilder* booleans_ = nullptr;
  arrow::Int64Builder* integers_ = nullptr;
  arrow::DoubleBuilder* floats_ = nullptr;
  arrow::StringBuilder* strings_ = nullptr;
  arrow::ListBuilder* list_ = nullptr;
  arrow::StructBuilder* object_ = nullptr;
  std::unique_ptr<JsonColumn> element_;
  std::vector<std::unique_ptr<JsonColumn>> members_;
};

}  // namespace bessemer::example_gen::jsonl

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_JSONL_JSON_COLUMNS_INTERNAL_H_
