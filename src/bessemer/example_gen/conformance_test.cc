#include <arrow/api.h>
#include <arrow/json/from_string.h>
#include <google/protobuf/text_format.h>
#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <fstream>
#include <map>
#include <set>

#include "bessemer/example_gen/csv_reader.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/example_gen/test_files.h"
#include "tensorflow/core/example/example.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

// What tfx_bsl's own tests expect of its CSV decoder and example coders.

namespace bessemer::example_gen {
namespace {

constexpr const char* kFolder = "../shared/conformance/";

std::vector<Json> ReadCases(const std::string& name) {
  std::ifstream in(kFolder + name);
  std::vector<Json> cases;
  for (std::string line; std::getline(in, line);) cases.push_back(Json::parse(line));
  return cases;
}

// Numbers of expected values are floats of double precision; ours are the shortest floats.
bool SameValue(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return a.get<float>() == b.get<float>();
  if (a.size() != b.size() || a.type() != b.type()) return false;
  if (a.is_array()) return std::equal(a.begin(), a.end(), b.begin(), b.end(), SameValue);
  if (a.is_object()) {
    return std::all_of(a.items().begin(), a.items().end(), [&](const auto& item) {
      return b.contains(item.key()) && SameValue(item.value(), b.at(item.key()));
    });
  }
  return a == b;
}

// "" or what differs. Large and small list types are the same here.
std::string Difference(const arrow::RecordBatch& got, const Json& wanted) {
  const Json& batch = wanted.at("@arrow");
  const Json& columns = batch.at("columns");
  if (got.num_rows() != batch.at("num_rows").get<int64_t>()) return "number of rows";
  if (got.num_columns() != static_cast<int>(columns.size())) return "number of columns";
  const Json cells = BatchToJson(got);
  for (size_t i = 0; i < columns.size(); ++i) {
    const std::string name = columns[i].at("name");
    if (got.column_name(static_cast<int>(i)) != name) return "name of column " + name;
    if (!SameValue(cells.at(name), columns[i].at("values"))) {
      return name + ": " + cells.at(name).dump();
    }
    const std::string type = columns[i].at("type");
    const std::string ours = got.column(static_cast<int>(i))->type()->ToString();
    const bool same =
        (type == "null") == (ours == "null") &&
        (type.find("int64") == std::string::npos) == (ours.find("int64") == std::string::npos) &&
        (type.find("float") == std::string::npos) == (ours.find("float") == std::string::npos);
    if (!same) return name + " is " + ours;
  }
  return "";
}

std::string RunCsvCase(const Json& params) {
  CsvOptions options;
  options.column_names = params.at("column_names").get<std::vector<std::string>>();
  options.skip_blank_lines = params.value("skip_blank_lines", false);
  if (params.contains("delimiter")) {
    options.dialect.delimiter = params["delimiter"].get<std::string>()[0];
  }
  if (params.contains("secondary_delimiter")) {
    options.secondary_delimiter = params["secondary_delimiter"].get<std::string>()[0];
    options.multivalent_columns = params.at("multivalent_columns").get<std::vector<std::string>>();
  }
  std::string text;
  for (const Json& line : params.at("input_lines")) text += line.get<std::string>() + "\n";
  const TestFolder folder;
  const auto input = CsvInput::Open({folder.Write("x.csv", text)}, options);
  const bool error = params.contains("error") || params.contains("expected_error");
  if (error || !input.ok()) return error == !input.ok() ? "" : input.status().ToString();
  const Json& types = params.at("expected_types");
  for (size_t i = 0; i < types.size(); ++i) {
    if (types[i].get<int>() + 1 != static_cast<int>((*input)->columns()[i].type)) {
      return "type of " + (*input)->columns()[i].name;
    }
  }
  const auto batch = (*input)->OpenBlocks(0, (*input)->num_blocks())->Next();
  if (!batch.ok() || *batch == nullptr) return "no rows";
  return Difference(**batch, params.at("expected_record_batch"));
}

ValueKind KindOf(const ::tensorflow::metadata::v0::Feature& feature) {
  switch (feature.type()) {
    case ::tensorflow::metadata::v0::INT:
      return ValueKind::kInt64;
    case ::tensorflow::metadata::v0::FLOAT:
      return ValueKind::kFloat;
    default:
      return ValueKind::kBytes;
  }
}

std::string RunDecodeCase(const Json& params) {
  ExampleDecoderOptions options;
  if (params.contains("schema_text_proto") && !params["schema_text_proto"].is_null()) {
    ::tensorflow::metadata::v0::Schema schema;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(
        params["schema_text_proto"].get<std::string>(), &schema));
    options.features.emplace();
    for (const auto& feature : schema.feature()) {
      options.features->push_back({feature.name(), KindOf(feature)});
    }
  }
  std::vector<std::string> records;
  for (const Json& text : params.at("examples_text_proto")) {
    ::tensorflow::Example example;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text.get<std::string>(), &example));
    records.push_back(example.SerializeAsString());
  }
  const auto batch = DecodeExamples({records.begin(), records.end()}, options);
  const bool error = params.contains("error");
  if (error || !batch.ok()) return error == !batch.ok() ? "" : batch.status().ToString();
  return Difference(**batch, params.at("expected"));
}

std::optional<SequenceFeatures> ReadSequenceSchema(const Json& text) {
  if (text.is_null()) return std::nullopt;
  ::tensorflow::metadata::v0::Schema schema;
  EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text.get<std::string>(), &schema));
  SequenceFeatures features;
  for (const auto& feature : schema.feature()) {
    if (feature.name() != kSequenceColumn) {
      features.context.push_back({feature.name(), KindOf(feature)});
      continue;
    }
    for (const auto& list : feature.struct_domain().feature()) {
      features.sequence.push_back({list.name(), KindOf(list)});
    }
  }
  return features;
}

// A value of any nesting; leaves by CellToJson.
Json NestedToJson(const arrow::Array& array, int64_t row) {
  if (array.IsNull(row) || array.type_id() == arrow::Type::NA) return nullptr;
  if (array.type_id() == arrow::Type::STRUCT) {
    const auto& fields = static_cast<const arrow::StructArray&>(array);
    Json object = Json::object();
    for (int i = 0; i < fields.num_fields(); ++i) {
      object[fields.type()->field(i)->name()] = NestedToJson(*fields.field(i), row);
    }
    return object;
  }
  const auto& list = static_cast<const arrow::ListArray&>(array);
  if (list.value_type()->id() != arrow::Type::LIST && list.value_type()->id() != arrow::Type::NA) {
    return CellToJson(*columnar::FeatureColumn::Make(list.Slice(row, 1)), 0);
  }
  Json values = Json::array();
  for (int64_t i = list.value_offset(row); i < list.value_offset(row + 1); ++i) {
    values.push_back(NestedToJson(*list.values(), i));
  }
  return values;
}

std::string RunSequenceCase(const Json& params) {
  SequenceExampleDecoder decoder(ReadSequenceSchema(params.value("schema_text_proto", Json())));
  Status status;
  for (const Json& text : params.at("sequence_examples_text_proto")) {
    ::tensorflow::SequenceExample example;
    EXPECT_TRUE(google::protobuf::TextFormat::ParseFromString(text.get<std::string>(), &example));
    if (status.ok()) status = decoder.Append(example.SerializeAsString());
  }
  const bool error = params.contains("error");
  if (error || !status.ok()) return error == !status.ok() ? "" : status.ToString();
  const auto batch = decoder.Finish();
  if (!batch.ok()) return batch.status().ToString();
  EXPECT_TRUE((*batch)->ValidateFull().ok());
  const Json& columns = params.at("expected").at("@arrow").at("columns");
  if ((*batch)->num_columns() != static_cast<int>(columns.size())) return "number of columns";
  for (const Json& column : columns) {
    const auto array = (*batch)->GetColumnByName(column.at("name"));
    if (array == nullptr) return "no column " + column.at("name").dump();
    Json cells = Json::array();
    for (int64_t row = 0; row < array->length(); ++row) cells.push_back(NestedToJson(*array, row));
    if (!SameValue(cells, column.at("values"))) return cells.dump();
    std::string type = column.at("type");
    for (size_t at; (at = type.find("large_")) != std::string::npos;) type.erase(at, 6);
    if (array->type()->ToString() != type) return array->type()->ToString();
  }
  return "";
}

std::shared_ptr<arrow::DataType> TypeFromText(const std::string& text) {
  const size_t item = text.find("<item: ");
  if (item != std::string::npos) {
    const auto inner = TypeFromText(text.substr(item + 7, text.size() - item - 8));
    return text.starts_with("large") ? arrow::large_list(inner) : arrow::list(inner);
  }
  static const std::map<std::string, std::shared_ptr<arrow::DataType>> kTypes = {
      {"int64", arrow::int64()},   {"float", arrow::float32()},
      {"binary", arrow::binary()}, {"large_binary", arrow::large_binary()},
      {"bool", arrow::boolean()},  {"null", arrow::null()}};
  const auto found = kTypes.find(text);
  return found == kTypes.end() ? arrow::null() : found->second;
}

std::string RunEncodeCase(const Json& params) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::vector<std::shared_ptr<arrow::Array>> arrays;
  for (const Json& column : params.at("record_batch").at("@arrow").at("columns")) {
    const auto type = TypeFromText(column.at("type"));
    const auto array = arrow::json::ArrayFromJSONString(type, column.at("values").dump());
    if (!array.ok()) return array.status().ToString();
    fields.push_back(arrow::field(column.at("name"), type));
    arrays.push_back(*array);
  }
  auto encoder = ExampleEncoder::Make(
      arrow::RecordBatch::Make(arrow::schema(fields), arrays[0]->length(), arrays),
      {.missing = MissingCell::kNoKind});
  const bool error = params.contains("error");
  if (error || !encoder.ok()) return error == !encoder.ok() ? "" : encoder.status().ToString();
  const Json& texts = params.at("examples_text_proto");
  for (size_t row = 0; row < texts.size(); ++row) {
    ::tensorflow::Example example;
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(texts[row].get<std::string>(), &example));
    const std::string any_order = example.SerializeAsString();
    std::string storage;
    if (encoder->Encode(static_cast<int64_t>(row)) != *CanonicalExample(any_order, &storage)) {
      return fmt::format("row {}", row);
    }
  }
  return "";
}

TEST(ConformanceTest, TfxBslCoders) {
  const std::vector<Json> cases = ReadCases("tfxbsl_param_cases.jsonl");
  if (cases.empty()) GTEST_SKIP() << "no conformance cases";
  const std::map<std::string, std::string (*)(const Json&)> runners = {
      {"CSVDecoderTest.test_parse_csv_lines", RunCsvCase},
      {"CSVDecoderTest.test_csv_to_recordbatch", RunCsvCase},
      {"ExamplesToRecordBatchDecoderTest.test_decode", RunDecodeCase},
      {"SequenceExamplesToRecordBatchDecoderTest.test_decode", RunSequenceCase},
      {"RecordBatchToExamplesTest.test_encode", RunEncodeCase},
      {"RecordBatchToExamplesTest.test_invalid_input", RunEncodeCase}};
  std::map<std::string, std::pair<int, int>> counts;
  for (const Json& item : cases) {
    const auto runner = runners.find(item.at("test").get<std::string>());
    if (runner == runners.end()) continue;
    const std::string difference = runner->second(item.at("params"));
    EXPECT_EQ(difference, "") << item.at("id") << " " << item.at("name");
    auto& [passed, total] = counts[runner->first];
    passed += difference.empty();
    ++total;
  }
  for (const auto& [test, count] : counts) {
    std::cout << test << ": " << count.first << " of " << count.second << " pass\n";
  }
  EXPECT_GE(counts.size(), 3u);
}

// The CSV files are part of TFX's source tree, not of the cases: $BESSEMER_TFX_SOURCE or beside
// them.
TEST(ConformanceTest, GoldenCsvTypes) {
  const char* root = std::getenv("BESSEMER_TFX_SOURCE");
  const std::string folder = root == nullptr ? kFolder : std::string(root) + "/";
  int total = 0;
  for (const Json& item : ReadCases("golden_csv.jsonl")) {
    if (!item.contains("column_types")) continue;
    std::ifstream in(folder + item.at("file").get<std::string>());
    if (!in) continue;
    std::string text;
    std::string line;
    const int64_t limit = item["limit"].is_number() ? item["limit"].get<int64_t>() : INT64_MAX;
    for (int64_t row = -1; row < limit && std::getline(in, line); ++row) text += line + "\n";
    const TestFolder own;
    const auto input = CsvInput::Open({own.Write("x.csv", text)}, {});
    ASSERT_TRUE(input.ok()) << input.status();
    EXPECT_EQ((*input)->num_rows(), item.at("num_rows").get<int64_t>()) << item.at("id");
    for (const CsvColumn& column : (*input)->columns()) {
      EXPECT_EQ(CellTypeName(column.type), item["column_types"].at(column.name)) << column.name;
    }
    ++total;
  }
  if (total == 0) GTEST_SKIP() << "the CSV files of the golden cases are not here";
  std::cout << total << " files typed\n";
}

}  // namespace
}  // namespace bessemer::example_gen
