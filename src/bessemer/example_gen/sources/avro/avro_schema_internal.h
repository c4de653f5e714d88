#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_SCHEMA_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_SCHEMA_INTERNAL_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::example_gen::avro {

enum class AvroType : uint8_t {
  kNull, kBoolean, kInt, kLong, kFloat, kDouble, kBytes, kString,
  kRecord, kEnum, kArray, kMap, kUnion, kFixed
};

enum class AvroLogical : uint8_t {
  kNone, kDecimal, kDate, kTimeMillis, kTimeMicros,
  kTimestampMillis, kTimestampMicros, kTimestampNanos,
  kLocalTimestampMillis, kLocalTimestampMicros, kLocalTimestampNanos
};

// How a union becomes a column.
enum class UnionForm : uint8_t {
  kOne,     // one branch beside null
  kInt64,   // int and long
  kFloat,   // numbers with float or double among them
  kBytes,   // strings, bytes and enums
  kStruct,  // others: a child for each branch, of which at most one is not null
};

// A schema as the file's writer had it, names resolved.
struct AvroSchema {
  AvroType type = AvroType::kNull;
  AvroLogical logical = AvroLogical::kNone;
  std::string name;     // of a record field, or of a branch of a union in a struct
  int64_t size = 0;     // kFixed
  int precision = 0;    // kDecimal
  int scale = 0;
  std::shared_ptr<const std::vector<std::string>> symbols;  // kEnum
  UnionForm form = UnionForm::kOne;              // kUnion
  // Fields of a record, branches of a union, or the one element of an array or map.
  std::vector<std::shared_ptr<AvroSchema>> children;
};

// INVALID_ARGUMENT for text that is no Avro schema (specification 1.11), is not a record at its
// top, is recursive, is more than 64 levels deep, or stands for more than 100,000 columns (a name
// stands for its whole type, so that a short text may ask for any number), saying where in it.
StatusOr<std::shared_ptr<AvroSchema>> ParseAvroSchema(std::string_view json);

// Of columns: union {null, T} is T; enums are strings, maps Arrow maps, fixed of fixed size,
// logical types those of Arrow; a union of numbers, or of strings and bytes, is the widest of them,
// other unions structs with a child per branch.
std::shared_ptr<arrow::DataType> ArrowTypeOf(const AvroSchema& schema);

}  // namespace bessemer::example_gen::avro

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_AVRO_AVRO_SCHEMA_INTERNAL_H_
