#include "bessemer/columnar/lists.h"

#include <numeric>

#include "bessemer/columnar/batches.h"
#include "conformance/arrow_json.h"
#include "conformance/suites/tfxbsl_param_cases/runs.h"

namespace bessemer::conformance::tfxbsl_param_cases {
namespace {

using Array = std::shared_ptr<arrow::Array>;

bool ExpectsError(const Json& params) {
  return params.contains("expected_error") && !params["expected_error"].is_null();
}

// {"@arrow_type": …}
StatusOr<std::shared_ptr<arrow::DataType>> ArrowType(const Json& encoded) {
  return TypeOf(encoded.at("@arrow_type").get<std::string>());
}

Verdict CompareArray(const Json& expected, const StatusOr<Array>& got) {
  if (!got.ok()) return Failed(got.status());
  const arrow::Status valid = (*got)->ValidateFull();
  if (!valid.ok()) return Failed("not valid Arrow: " + valid.ToString());
  return FromDifference(DiffArray(expected, **got));
}

Verdict FromParents(const Json& params) {
  const auto values = ArrayOf(params.at("values"));
  if (!values.ok()) return Failed(values.status());
  const auto parents =
      params.at("parent_indices").at("@array").at("values").get<std::vector<int64_t>>();
  const auto got = columnar::ListsFromParentIndices(
      params.at("num_parents").get<int64_t>(), parents, *values,
      params.value("empty_list_as_null", true));
  Verdict verdict;
  if (DecidedByError(ExpectsError(params), got.status(), &verdict)) return verdict;
  return CompareArray(params.at("expected"), got);
}

Verdict Coordinates(const Json& params) {
  for (const Json& encoded : params.at("array_types")) {
    const auto type = ArrowType(encoded);
    if (!type.ok()) return Failed(type.status());
    const auto array = MakeArray(*type, params.at("list_array"));
    if (!array.ok()) return Failed(array.status());
    const columnar::Coordinates got = columnar::CoordinatesOf(**array);
    for (const auto& [expected, ours] :
         {std::pair(params.at("expected_coo"), Json(got.indices)),
          std::pair(params.at("expected_dense_shape"), Json(got.dense_shape))}) {
      const std::string difference = DiffJson(expected, ours);
      if (!difference.empty()) return Failed((*type)->ToString() + ": " + difference);
    }
  }
  return Passed();
}

Verdict FillNulls(const Json& params) {
  const auto item = ArrowType(params.at("value_type"));
  if (!item.ok()) return Failed(item.status());
  const bool large = params.at("list_type_factory").at("@callable") == "large_list";
  const auto type = large ? arrow::large_list(*item) : arrow::list(*item);
  const auto array = MakeArray(type, params.at("list_array"));
  const auto fill = MakeArray(*item, params.at("fill_with"));
  if (!array.ok()) return Failed(array.status());
  if (!fill.ok()) return Failed(fill.status());
  const Json expected = {
      {"@array", {{"type", type->ToString()}, {"values", params.at("expected")}}}};
  return CompareArray(expected, columnar::FillNullLists(*array, *fill));
}

Verdict Sizes(const Json& params) {
  const auto array = ArrayOf(params.at("array"));
  if (!array.ok()) return Failed(array.status());
  const auto slice = (*array)->Slice(params.at("slice_offset").get<int64_t>(),
                                     params.at("slice_length").get<int64_t>());
  const auto whole = columnar::ByteSize(**array);
  const auto part = columnar::ByteSize(*slice);
  if (!whole.ok()) return Failed(whole.status());
  if (!part.ok()) return Failed(part.status());
  const Verdict verdict = Same(params.at("expected_size").get<int64_t>(), *whole);
  return verdict.passed() ? Same(params.at("expected_sliced_size").get<int64_t>(), *part)
                          : verdict;
}

Verdict Singletons(const Json& params) {
  const auto array = ArrayOf(params.at("array"));
  if (!array.ok()) return Failed(array.status());
  return CompareArray(params.at("expected_result"), columnar::SingletonLists(*array));
}

Verdict InvalidUtf8(const Json& params) {
  const auto array = ArrayOf(params.at("array"));
  if (!array.ok()) return Failed(array.status());
  const auto got = columnar::CountInvalidUtf8(**array);
  Verdict verdict;
  if (DecidedByError(ExpectsError(params), got.status(), &verdict)) return verdict;
  return Same(params.at("expected_count").get<int64_t>(), *got);
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> BatchOfColumns(const Json& columns) {
  arrow::FieldVector fields;
  arrow::ArrayVector arrays;
  for (const auto& [name, encoded] : columns.items()) {
    BESSEMER_ASSIGN_OR_RETURN(auto array, ArrayOf(encoded));
    fields.push_back(arrow::field(name, array->type()));
    arrays.push_back(std::move(array));
  }
  const int64_t rows = arrays.empty() ? 0 : arrays[0]->length();
  return arrow::RecordBatch::Make(arrow::schema(fields), rows, arrays);
}

Verdict Merge(const Json& params) {
  std::vector<std::shared_ptr<arrow::RecordBatch>> batches;
  for (const Json& input : params.at("inputs")) {
    auto batch = BatchOfColumns(input);
    if (!batch.ok()) return Failed(batch.status());
    batches.push_back(std::move(*batch));
  }
  const auto got = columnar::MergeBatches(batches);
  Verdict verdict;
  if (DecidedByError(ExpectsError(params), got.status(), &verdict)) return verdict;
  const Json& expected = params.at("expected_output");
  if ((*got)->num_columns() != static_cast<int>(expected.size())) {
    return Failed(fmt::format("expected {} columns, got {}", expected.size(),
                              (*got)->num_columns()));
  }
  for (const auto& [name, column] : expected.items()) {
    const auto array = (*got)->GetColumnByName(name);
    if (array == nullptr) return Failed("no column " + name);
    const Verdict one = CompareArray(column, array);
    if (!one.passed()) return Failed(name + ": " + one.text);
  }
  return Passed();
}

// The batch is in the test's code, the rows that its cases expect are all that is known of it:
// those of the case itself are put back where they came from, the others are null.
Verdict Take(const Json& params) {
  const auto expected = BatchOf(params.at("expected_output"));
  if (!expected.ok()) return Failed(expected.status());
  const auto rows = params.at("row_indices").get<std::vector<int64_t>>();
  Json whole = params.at("expected_output");
  int64_t num_rows = 0;
  for (const int64_t row : rows) num_rows = std::max(num_rows, row + 1);
  whole.at("@arrow")["num_rows"] = num_rows;
  for (Json& column : whole["@arrow"].at("columns")) {
    Json values(static_cast<size_t>(num_rows), Json());
    for (size_t i = 0; i < rows.size(); ++i) {
      values.at(static_cast<size_t>(rows[i])) = column.at("values").at(i);
    }
    column["values"] = std::move(values);
  }
  const auto batch = BatchOf(whole);
  if (!batch.ok()) return Failed(batch.status());
  const auto got = columnar::TakeRows(**batch, rows);
  if (!got.ok()) return Failed(got.status());
  return FromDifference(DiffBatch(params.at("expected_output"), **got));
}

// A law of lengths and positions over a few values of the case's type: the values themselves stand
// in the test's code.
Verdict Lengths(const Json& params) {
  const auto type = ArrowType(params.at("binary_like_type"));
  if (!type.ok()) return Failed(type.status());
  const Json values = {"a", "bb", nullptr, "", "ccc"};
  const auto array = MakeArray(*type, values);
  if (!array.ok()) return Failed(array.status());
  const auto got = columnar::ElementLengths(**array);
  if (!got.ok()) return Failed(got.status());
  return FromDifference(DiffJson({1, 2, 0, 0, 3}, Json(*got)));
}

Verdict Positions(const Json& params) {
  const auto values_type = ArrowType(params.at("values_type"));
  const auto set_type = ArrowType(params.at("value_set_type"));
  if (!values_type.ok()) return Failed(values_type.status());
  if (!set_type.ok()) return Failed(set_type.status());
  const Json letters = {"d", "b", "e", "b"};
  const Json set = {"a", "b", "d"};
  const auto values = MakeArray(*values_type, letters);
  const auto known = MakeArray(*set_type, set);
  if (!values.ok()) return Failed(values.status());
  if (!known.ok()) return Failed(known.status());
  const auto got = columnar::PositionsIn(**values, **known);
  if (!got.ok()) return Failed(got.status());
  return FromDifference(DiffJson({2, 1, -1, 1}, Json(*got)));
}

Verdict Parents(const Json& params, bool lengths) {
  const bool large = params.at("list_type_factory").at("@callable") == "large_list";
  const auto type = large ? arrow::large_list(arrow::int64()) : arrow::list(arrow::int64());
  const Json values = {{1}, Json::array(), nullptr, {2, 3}};
  const auto array = MakeArray(type, values);
  if (!array.ok()) return Failed(array.status());
  const auto got = lengths ? columnar::ElementLengths(**array) : columnar::ParentIndices(**array);
  if (!got.ok()) return Failed(got.status());
  return FromDifference(DiffJson(lengths ? Json{1, 0, 0, 2} : Json{0, 3, 3}, Json(*got)));
}

// Bytes of values alone, and of a batch: laws, since the values stand in the test's code.
Verdict ValueBytes(const Json& params) {
  const auto type = ArrowType(params.at("binary_like_type"));
  if (!type.ok()) return Failed(type.status());
  const auto array = MakeArray(*type, {"a", "bb", nullptr, "", "ccc"});
  if (!array.ok()) return Failed(array.status());
  const auto lengths = columnar::ElementLengths(**array);
  if (!lengths.ok()) return Failed(lengths.status());
  return Same(int64_t{6}, std::accumulate(lengths->begin(), lengths->end(), int64_t{0}));
}

Verdict BatchBytes() {
  const auto batch = BatchOfColumns(
      {{"a", {{"@array", {{"type", "int64"}, {"values", {1, 2, 3}}}}}},
       {"b", {{"@array", {{"type", "list<item: int32>"}, {"values", {{1}, {2}, {3, 4}}}}}}}});
  if (!batch.ok()) return Failed(batch.status());
  const auto size = columnar::ByteSize(**batch);
  if (!size.ok()) return Failed(size.status());
  return Same(int64_t{3 * 8 + 4 * 4 + 4 * 4}, *size);
}

}  // namespace

Verdict RunLists(const Case& one) {
  const std::string test = one.json.at("test");
  const Json& params = one.json.at("params");
  if (test.starts_with("MakeListArrayFromParentIndicesAndValuesTest.")) {
    return FromParents(params);
  }
  if (test == "CooFromListArrayTest.testCooFromListArray") return Coordinates(params);
  if (test == "FillNullListsTest.testFillNullLists") return FillNulls(params);
  if (test == "GetByteSizeTest.testGetByteSize") return Sizes(params);
  if (test == "ToSingletonListArrayTest.testToSingletonListArray") return Singletons(params);
  if (test == "CountInvalidUtf8.test_count_utf8") return InvalidUtf8(params);
  if (test == "MergeRecordBatchesTest.test_merge_record_batches") return Merge(params);
  if (test == "RecordBatchTakeTest.test_success") return Take(params);
  if (test == "ArrayUtilTest.test_element_lengths_binary_like") return Lengths(params);
  if (test == "ArrayUtilTest.test_get_binary_array_total_byte_size") return ValueBytes(params);
  if (test == "GetTotalByteSizeTest.test_simple") return BatchBytes();
  if (test == "ArrayUtilTest.test_indexin_binary_alike") return Positions(params);
  if (test == "ArrayUtilTest.test_list_lengths") return Parents(params, true);
  if (test == "ArrayUtilTest.test_get_flattened_array_parent_indices") {
    return Parents(params, false);
  }
  return NotImplemented(test);
}

}  // namespace bessemer::conformance::tfxbsl_param_cases
