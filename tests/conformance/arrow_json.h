#ifndef BESSEMER_TESTS_CONFORMANCE_ARROW_JSON_H_
#define BESSEMER_TESTS_CONFORMANCE_ARROW_JSON_H_

#include <arrow/array.h>
#include <arrow/record_batch.h>

#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

// Arrow data written as JSON, as the conformance cases have it; handy in other tests too.

namespace bessemer::conformance {

// "large_list<item: int64>", "struct<a: null, b: list<item: string>>", …: what DataType::ToString
// writes. UNIMPLEMENTED for types that no case has.
StatusOr<std::shared_ptr<arrow::DataType>> TypeOf(const std::string& text);

// {"@array": {"type", "values"}} and {"@arrow": {"num_rows", "columns": [{"name", "type",
// "values"}]}}. Values: null, numbers ("NaN", "Infinity", "-Infinity" as text), text, {"b64": …},
// lists, objects for structs.
StatusOr<std::shared_ptr<arrow::Array>> ArrayOf(const Json& encoded);
StatusOr<std::shared_ptr<arrow::RecordBatch>> BatchOf(const Json& encoded);
StatusOr<std::shared_ptr<arrow::Array>> MakeArray(const std::shared_ptr<arrow::DataType>& type,
                                                  const Json& values);

// A number, "NaN", "Infinity" or "-Infinity".
double NumberOf(const Json& value);
// Text, or {"b64": …}.
std::string BytesOf(const Json& value);
Json BytesToJson(std::string_view bytes);  // the other way

// The other way: numbers that are not finite as text, bytes that are not UTF-8 as {"b64": …}.
Json ValueToJson(const arrow::Array& array, int64_t i);
Json ArrayToJson(const arrow::Array& array);

// "" or what differs, with its place. Numbers are equal if they are equal as float, when either is
// written with a fraction, else exactly.
std::string DiffJson(const Json& expected, const Json& got);
// Against {"@array": …} or {"@arrow": …}: values as DiffJson; types with large and small forms, and
// text and bytes, taken for the same; columns in order.
std::string DiffArray(const Json& expected, const arrow::Array& got);
std::string DiffBatch(const Json& expected, const arrow::RecordBatch& got);

}  // namespace bessemer::conformance

#endif  // BESSEMER_TESTS_CONFORMANCE_ARROW_JSON_H_
