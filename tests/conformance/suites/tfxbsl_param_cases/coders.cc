#include <stdlib.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/row_files.h"
#include "bessemer/example_gen/sequence_example.h"
#include "bessemer/example_gen/sources/csv/csv_reader.h"
#include "bessemer/transform/nested_columns.h"
#include "conformance/arrow_json.h"
#include "conformance/protos.h"
#include "conformance/suites/tfxbsl_param_cases/runs.h"
#include "tensorflow/core/example/example.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

namespace bessemer::conformance::tfxbsl_param_cases {
namespace {

namespace fs = std::filesystem;
using example_gen::csv::CsvInput;
using example_gen::csv::CsvOptions;
using example_gen::FeatureSpec;
using example_gen::ValueKind;
using ::tensorflow::metadata::v0::Schema;

bool ExpectsError(const Json& params) {
  for (const char* key : {"error", "expected_error"}) {
    if (params.contains(key) && !params[key].is_null()) return true;
  }
  return false;
}

// A file of the case's own, removed with the object.
class OwnFile {
 public:
  explicit OwnFile(const std::string& text) {
    std::string name = (fs::temp_directory_path() / "conformance_XXXXXX.csv").string();
    const int descriptor = mkstemps(name.data(), 4);
    if (descriptor >= 0) close(descriptor);
    path_ = name;
    std::ofstream(path_, std::ios::binary) << text;
  }
  ~OwnFile() { fs::remove(path_); }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

ValueKind KindOf(const ::tensorflow::metadata::v0::Feature& feature) {
  switch (feature.type()) {
    case ::tensorflow::metadata::v0::INT: return ValueKind::kInt64;
    case ::tensorflow::metadata::v0::FLOAT: return ValueKind::kFloat;
    default: return ValueKind::kBytes;
  }
}

CsvOptions CsvOptionsOf(const Json& params) {
  CsvOptions options;
  options.column_names = params.at("column_names").get<std::vector<std::string>>();
  options.skip_blank_lines = params.value("skip_blank_lines", false);
  const auto one_byte = [&](const char* key, char* to) {
    if (params.contains(key) && params[key].is_string()) *to = params[key].get<std::string>()[0];
  };
  one_byte("delimiter", &options.dialect.delimiter);
  one_byte("secondary_delimiter", &options.secondary_delimiter);
  if (params.contains("multivalent_columns") && params["multivalent_columns"].is_array()) {
    options.multivalent_columns = params["multivalent_columns"].get<std::vector<std::string>>();
  }
  return options;
}

std::optional<example_gen::SequenceFeatures> SequenceFeaturesOf(const Json& text) {
  if (text.is_null()) return std::nullopt;
  const auto schema = FromText<Schema>(text);
  example_gen::SequenceFeatures features;
  for (const auto& feature : schema.feature()) {
    if (feature.name() != example_gen::kSequenceColumn) {
      features.context.push_back({feature.name(), KindOf(feature)});
      continue;
    }
    for (const auto& list : feature.struct_domain().feature()) {
      features.sequence.push_back({list.name(), KindOf(list)});
    }
  }
  return features;
}

// Columns by name: the order of the reference follows its hash map.
Verdict CompareByName(const Json& expected, const arrow::RecordBatch& got) {
  const Json& columns = expected.at("@arrow").at("columns");
  if (got.num_columns() != static_cast<int>(columns.size())) {
    return Failed(fmt::format("expected {} columns, got {}", columns.size(), got.num_columns()));
  }
  for (const Json& column : columns) {
    const std::string name = column.at("name");
    const auto array = got.GetColumnByName(name);
    if (array == nullptr) return Failed("no column " + name);
    const Json wanted = {{"@array", column}};
    const std::string difference = DiffArray(wanted, *array);
    if (!difference.empty()) return Failed(name + ": " + difference);
  }
  return Passed();
}

// Our CSV columns are plain where no list is needed: a cell is then a list of one value.
Verdict CompareCells(const Json& expected, const arrow::RecordBatch& got) {
  arrow::ArrayVector arrays;
  arrow::FieldVector fields;
  for (int i = 0; i < got.num_columns(); ++i) {
    auto array = got.column(i);
    if (array->type_id() != arrow::Type::NA && array->type_id() != arrow::Type::LIST) {
      Json cells = Json::array();
      for (const Json& cell : ArrayToJson(*array)) {
        cells.push_back(cell.is_null() ? cell : Json::array({cell}));
      }
      const auto lists = MakeArray(arrow::list(array->type()), cells);
      if (!lists.ok()) return Failed(lists.status());
      array = *lists;
    }
    fields.push_back(arrow::field(got.column_name(i), array->type()));
    arrays.push_back(std::move(array));
  }
  return FromDifference(
      DiffBatch(expected, *arrow::RecordBatch::Make(arrow::schema(fields), got.num_rows(),
                                                    arrays)));
}

}  // namespace

Verdict RunCsv(const Case& one) {
  const Json& params = one.json.at("params");
  std::string text;
  for (const Json& line : params.at("input_lines")) text += BytesOf(line) + "\n";
  const OwnFile file(text);
  CsvOptions options = CsvOptionsOf(params);
  const auto input = CsvInput::Open({file.path()}, options);
  Verdict verdict;
  if (DecidedByError(ExpectsError(params), input.status(), &verdict)) return verdict;
  const Json types = params.value("expected_types", Json::array());
  for (size_t i = 0; i < types.size(); ++i) {
    const auto& column = (*input)->columns().at(i);
    if (types[i].get<int>() + 1 != static_cast<int>(column.type)) {
      return Failed(fmt::format("type of {}: expected {}, got {}", column.name,
                                types[i].get<int>(), static_cast<int>(column.type) - 1));
    }
  }
  const auto batch = example_gen::ReadRows(**input, (*input)->schema())->Next();
  if (!batch.ok()) return Failed(batch.status());
  const Json& expected = params.at("expected_record_batch");
  if (*batch == nullptr) {
    return Same(expected.at("@arrow").at("num_rows").get<int64_t>(), int64_t{0});
  }
  return CompareCells(expected, **batch);
}

Verdict RunExampleDecoder(const Case& one) {
  const Json& params = one.json.at("params");
  example_gen::ExampleDecoderOptions options;
  if (params.contains("schema_text_proto") && !params["schema_text_proto"].is_null()) {
    const auto schema = FromText<Schema>(params["schema_text_proto"]);
    options.features.emplace();
    for (const auto& feature : schema.feature()) {
      options.features->push_back({feature.name(), KindOf(feature)});
    }
  }
  std::vector<std::string> records;
  for (const Json& text : params.at("examples_text_proto")) {
    records.push_back(FromText<::tensorflow::Example>(text).SerializeAsString());
  }
  const auto batch = example_gen::DecodeExamples({records.begin(), records.end()}, options);
  Verdict verdict;
  if (DecidedByError(ExpectsError(params), batch.status(), &verdict)) return verdict;
  return FromDifference(DiffBatch(params.at("expected"), **batch));
}

Verdict RunSequenceDecoder(const Case& one) {
  const Json& params = one.json.at("params");
  example_gen::SequenceExampleDecoder decoder(
      SequenceFeaturesOf(params.value("schema_text_proto", Json())));
  Status status;
  for (const Json& text : params.at("sequence_examples_text_proto")) {
    const auto example = FromText<::tensorflow::SequenceExample>(text);
    if (status.ok()) status = decoder.Append(example.SerializeAsString());
  }
  Verdict verdict;
  if (DecidedByError(ExpectsError(params), status, &verdict)) return verdict;
  const auto batch = decoder.Finish();
  if (!batch.ok()) return Failed(batch.status());
  if (!(*batch)->ValidateFull().ok()) return Failed("the batch is not valid Arrow");
  return CompareByName(params.at("expected"), **batch);
}

Verdict RunExampleEncoder(const Case& one) {
  const Json& params = one.json.at("params");
  auto batch = BatchOf(params.at("record_batch"));
  if (!batch.ok()) return Failed(batch.status());
  Verdict verdict;
  if (params.contains("schema") && !params["schema"].is_null()) {
    batch = transform::FlattenNestedColumns(**batch, FromText<Schema>(params["schema"]));
    if (!batch.ok() && DecidedByError(ExpectsError(params), batch.status(), &verdict)) {
      return verdict;
    }
  }
  auto encoder = example_gen::ExampleEncoder::Make(
      *batch, {.missing = example_gen::MissingCell::kNoKind});
  if (DecidedByError(ExpectsError(params), encoder.status(), &verdict)) return verdict;
  const Json& texts = params.at("examples_text_proto");
  for (size_t row = 0; row < texts.size(); ++row) {
    const auto expected = FromText<::tensorflow::Example>(texts[row]);
    const std::string any_order = expected.SerializeAsString();
    std::string storage;
    const auto wanted = example_gen::CanonicalExample(any_order, &storage);
    if (!wanted.ok()) return Failed(wanted.status());
    const std::string got(encoder->Encode(static_cast<int64_t>(row)));
    if (got == *wanted) continue;
    ::tensorflow::Example ours;
    if (!ours.ParseFromString(got)) return Failed("the record is not a tf.Example");
    return Failed(fmt::format("row {}: {}", row, DiffProtos(expected, ours)));
  }
  return Passed();
}

}  // namespace bessemer::conformance::tfxbsl_param_cases
