#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_POSTGRESQL_POSTGRESQL_TYPES_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_POSTGRESQL_POSTGRESQL_TYPES_INTERNAL_H_

#include <arrow/type_fwd.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"

namespace bessemer::example_gen::postgresql {

// How the bytes of a value in PostgreSQL's binary format are read.
enum class Format {
  kBool,
  kInt16,
  kInt32,
  kInt64,
  kOid,
  kFloat32,
  kFloat64,
  kNumeric,
  kText,
  kJsonb,
  kBytes,
  kDate,
  kTime,
  kTimestamp,
  kUuid,
};

// A type of PostgreSQL's catalogue that can be read.
struct ValueType {
  Format format = Format::kText;
  std::shared_ptr<arrow::DataType> type;
};

// The reading of built-in scalar types by object id, e.g. 23 (integer). `modifier` is the column's:
// of numeric, its precision and scale. No value for types whose text must do.
std::optional<ValueType> FindScalar(uint32_t oid, int32_t modifier);

// A column of a result.
struct Column {
  std::string name;
  ValueType value;
  bool is_array = false;
  std::string cast;  // "", "text" or "text[]": what the server must turn it into first

  std::shared_ptr<arrow::DataType> type() const;
};

// Appends the value in `bytes` to the builder of column.type(). DATA_LOSS for bytes that are not of
// the format; OUT_OF_RANGE for values that Arrow's type cannot hold: infinite dates, NaN in a
// numeric with a precision; UNIMPLEMENTED for arrays of two and more dimensions.
Status AppendValue(const Column& column, std::string_view bytes, arrow::ArrayBuilder* builder);

}  // namespace bessemer::example_gen::postgresql

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_POSTGRESQL_POSTGRESQL_TYPES_INTERNAL_H_
