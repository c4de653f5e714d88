#ifndef BESSEMER_EVALUATION_TEST_BATCHES_H_
#define BESSEMER_EVALUATION_TEST_BATCHES_H_

#include <arrow/api.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>
#include <memory>
#include <string>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/evaluation/batch.h"

// Batches for tests, from rows written as JSON: [{"label": [1.0], "carrier": ["UA"]}, …].

namespace bessemer::evaluation {

inline std::shared_ptr<arrow::Array> ColumnFromRows(const Json& rows, const std::string& name) {
  bool is_text = false, is_float = false;
  for (const Json& row : rows) {
    if (!row.contains(name)) continue;
    for (const Json& x : row[name]) {
      is_text = is_text || (x.is_string() && x != "NaN" && x != "Infinity");
      is_float = is_float || x.is_number_float() || x.is_string();
    }
  }
  std::shared_ptr<arrow::ArrayBuilder> values;
  if (is_text) {
    values = std::make_shared<arrow::BinaryBuilder>();
  } else if (is_float) {
    values = std::make_shared<arrow::FloatBuilder>();
  } else {
    values = std::make_shared<arrow::Int64Builder>();
  }
  arrow::ListBuilder list(arrow::default_memory_pool(), values);
  auto check = [](const arrow::Status& status) {
    EXPECT_TRUE(status.ok()) << status.ToString();
  };
  for (const Json& row : rows) {
    if (!row.contains(name) || row[name].is_null()) {
      check(list.AppendNull());
      continue;
    }
    check(list.Append());
    for (const Json& x : row[name]) {
      if (is_text) {
        check(static_cast<arrow::BinaryBuilder&>(*values).Append(x.get<std::string>()));
      } else if (is_float) {
        const float value = x == "NaN"          ? std::numeric_limits<float>::quiet_NaN()
                            : x == "Infinity"  ? std::numeric_limits<float>::infinity()
                                                : x.get<float>();
        check(static_cast<arrow::FloatBuilder&>(*values).Append(value));
      } else {
        check(static_cast<arrow::Int64Builder&>(*values).Append(x.get<int64_t>()));
      }
    }
  }
  std::shared_ptr<arrow::Array> array;
  check(list.Finish(&array));
  return array;
}

inline Batch BatchFromRows(const Json& rows) {
  std::vector<std::string> names;
  for (const Json& row : rows) {
    for (const auto& [name, value] : row.items()) {
      if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    }
  }
  arrow::FieldVector fields;
  arrow::ArrayVector columns;
  for (const std::string& name : names) {
    columns.push_back(ColumnFromRows(rows, name));
    fields.push_back(arrow::field(name, columns.back()->type()));
  }
  return {.features = arrow::RecordBatch::Make(arrow::schema(fields),
                                               static_cast<int64_t>(rows.size()), columns)};
}

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_TEST_BATCHES_H_
