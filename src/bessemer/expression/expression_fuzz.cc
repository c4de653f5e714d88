// Any text is an expression or an error; one that fits the columns has a value or an error for any
// rows, and row by row the same values.
#include <arrow/array.h>
#include <arrow/compare.h>
#include <arrow/json/from_string.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>

#include <cstdlib>

#include "bessemer/expression/expression.h"

namespace bessemer::expression {
namespace {

std::shared_ptr<arrow::RecordBatch> Rows() {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  const auto add = [&](const char* name, const std::shared_ptr<arrow::DataType>& type,
                       const char* json) {
    fields.push_back(arrow::field(name, type));
    arrays.push_back(arrow::json::ArrayFromJSONString(type, json).ValueOrDie());
  };
  add("i", arrow::int64(), "[1, -7, null, 9223372036854775807, -9223372036854775808]");
  add("j", arrow::int64(), "[3, 2, 5, -1, 0]");
  add("f", arrow::float32(), "[1.5, -2.5, null, 1e38, 0]");
  add("s", arrow::utf8(), R"(["Ab", null, " 12 ", "", "1e9"])");
  add("l", arrow::list(arrow::int64()), "[[1, 2], [], null, [3], [4, 5]]");
  add("t", arrow::list(arrow::utf8()), R"([["a", "b"], [], null, ["c"], ["d", ""]])");
  return arrow::RecordBatch::Make(arrow::schema(fields), 5, arrays);
}

// Types that are the same whichever rows are seen, a required row and a vector among them.
InputTypes TypesOf(const arrow::RecordBatch& batch) {
  InputTypes types = InputTypes::FromArrow(*batch.schema());
  types.Add("required", Type::Row(Kind::kInt));
  types.Add("vector", Type::Vector(Kind::kFloat, 3));
  return types;
}

void Evaluate(const BoundExpression& bound, const std::shared_ptr<arrow::RecordBatch>& batch) {
  (void)bound.Filter(batch);
  const auto whole = bound.Evaluate(*batch);
  if (!whole.ok()) return;
  if ((*whole)->length() != batch->num_rows() || !(*whole)->ValidateFull().ok()) std::abort();
  for (int64_t row = 0; row < batch->num_rows(); ++row) {
    const auto one = bound.Evaluate(*batch->Slice(row, 1));
    if (!one.ok()) std::abort();
    if (!(*one)->Equals((*whole)->Slice(row, 1), arrow::EqualOptions().nans_equal(true))) {
      std::abort();
    }
  }
  (void)bound.Evaluate(*batch->Slice(0, 0));
}

}  // namespace
}  // namespace bessemer::expression

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace bessemer::expression;
  static const auto batch = Rows();
  static const InputTypes types = TypesOf(*batch);
  const auto parsed = Expression::Parse({reinterpret_cast<const char*>(data), size});
  if (!parsed.ok()) return 0;
  (void)parsed->features();
  const auto bound = parsed->Bind(types);
  if (bound.ok()) Evaluate(*bound, batch);
  return 0;
}
