#include "bessemer/base/json_text.h"
#include "bessemer/components/component.h"
#include "bessemer/example_gen/ingest.h"
#include "bessemer/example_gen/input_params.h"
#include "bessemer/io/file.h"

namespace bessemer::components::csv_example_gen {
namespace {

using example_gen::BadRow;
using example_gen::CellType;
using example_gen::CsvOptions;
using example_gen::IngestResult;

std::vector<Param> Params() {
  std::vector<Param> params = example_gen::InputParams();
  const std::vector<Param> csv = {
      {.name = "delimiter", .default_value = ",", .doc = "One character between cells."},
      {.name = "quote", .default_value = "\"", .doc = "One character around cells, or \"\": none."},
      {.name = "comment",
       .default_value = "",
       .doc = "One character that begins lines to pass over, or \"\": none."},
      {.name = "column_names",
       .type = ParamType::kList,
       .doc = "Names of the columns of files without a header line."},
      {.name = "column_types",
       .type = ParamType::kMap,
       .doc = "The least type of columns, e.g. {zip_code: STRING}; others are inferred."},
      {.name = "null_spellings",
       .type = ParamType::kList,
       .doc = "Cells that are missing beside empty ones, e.g. [NA, \"null\"]."},
      {.name = "multivalent_columns",
       .type = ParamType::kList,
       .doc = "Columns whose cells hold lists."},
      {.name = "secondary_delimiter",
       .default_value = "|",
       .doc = "One character between the values of such a list."},
      {.name = "on_bad_row",
       .default_value = "fail",
       .doc = "Rows with a wrong number of cells: an error, or left out and written to a file.",
       .choices = {"fail", "quarantine"}},
  };
  params.insert(params.end(), csv.begin(), csv.end());
  return params;
}

Status ReadChar(const ParamValues& params, const char* name, bool optional, char* out) {
  const std::string text = params.String(name);
  if (text.size() > 1 || (text.empty() && !optional)) {
    return params.Error(name, fmt::format("must be one character (a byte), not '{}'", text));
  }
  *out = text.empty() ? '\0' : text[0];
  return OkStatus();
}

StatusOr<CsvOptions> ReadCsvOptions(const ParamValues& params) {
  CsvOptions options;
  BESSEMER_RETURN_IF_ERROR(ReadChar(params, "delimiter", false, &options.dialect.delimiter));
  BESSEMER_RETURN_IF_ERROR(ReadChar(params, "quote", true, &options.dialect.quote));
  BESSEMER_RETURN_IF_ERROR(ReadChar(params, "comment", true, &options.dialect.comment));
  BESSEMER_RETURN_IF_ERROR(
      ReadChar(params, "secondary_delimiter", false, &options.secondary_delimiter));
  if (params.Has("column_names")) options.column_names = params.Strings("column_names");
  options.null_spellings = params.Strings("null_spellings");
  options.multivalent_columns = params.Strings("multivalent_columns");
  if (params.Has("column_types")) {
    for (const auto& [name, type] : params.Value("column_types").items()) {
      const std::string text = type.is_string() ? type.get<std::string>() : "";
      const bool known = text == "INT" || text == "FLOAT" || text == "STRING";
      if (!known) {
        return params.Error("column_types", fmt::format("'{}' must be INT, FLOAT or STRING", name));
      }
      options.column_types[name] = text == "INT"     ? CellType::kInt
                                   : text == "FLOAT" ? CellType::kFloat
                                                     : CellType::kString;
    }
  }
  if (params.String("on_bad_row") == "quarantine") {
    options.on_bad_row = example_gen::OnBadRow::kQuarantine;
  }
  return options;
}

// A line of JSON per row, in input order.
Status WriteQuarantine(const std::vector<BadRow>& rows, const std::string& path) {
  if (rows.empty()) return OkStatus();
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<io::OutputStream> out, io::OpenOutput(path));
  for (const BadRow& row : rows) {
    const Json json = {
        {"file", row.file}, {"line", row.line}, {"reason", row.reason}, {"text", row.text}};
    BESSEMER_RETURN_IF_ERROR(
        out->Write(JsonText(json) + "\n"));
  }
  return out->Close();
}

Status Run(RunContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(CsvOptions csv, ReadCsvOptions(context.params));
  BESSEMER_ASSIGN_OR_RETURN(example_gen::IngestOptions options,
                            example_gen::ReadIngestOptions(context.params));
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::ResolvedInput input,
                            example_gen::ResolvedFromJson(context.resolved));
  csv.num_threads = options.num_threads = context.num_threads;
  csv.progress = options.progress = context.progress;
  if (!context.scratch_dir.empty()) csv.scratch_dir = context.scratch_dir;
  Artifact& examples = context.Output("examples");
  BESSEMER_ASSIGN_OR_RETURN(const IngestResult result,
                            example_gen::IngestCsv(input.splits, examples.uri, csv, options));
  BESSEMER_RETURN_IF_ERROR(
      WriteQuarantine(result.bad_rows, io::JoinPath(examples.uri, "quarantine/bad_rows.jsonl")));
  const example_gen::ExamplesDescription description =
      example_gen::DescribeExamples(context.resolved, result);
  examples.SetSplitNames(description.split_names);
  for (const auto& [name, number] : description.numbers) examples.custom_properties[name] = number;
  for (const auto& [name, text] : description.texts) examples.custom_properties[name] = text;
  if (csv.on_bad_row == example_gen::OnBadRow::kQuarantine) {
    examples.custom_properties["num_bad_rows"] = static_cast<int64_t>(result.bad_rows.size());
  }
  context.summary = description.summary;
  return OkStatus();
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add({
      .name = "CsvExampleGen",
      .doc =
          "Reads CSV files, finds the types of their columns and splits the rows into examples.\n"
          "A column is INT, FLOAT or STRING as TFX infers it, over all files together; an empty "
          "cell is a missing value. Files may be gzip-compressed and quoted cells may span "
          "lines.",
      .inputs = {},
      .outputs = {{.name = "examples",
                   .artifact_type = "Examples",
                   .doc = "TFRecords of tf.Example, a folder per split."}},
      .params = Params(),
      .resolve = example_gen::ResolveInputParams,
      .run = Run,
      .tfx_class = "tfx.components.example_gen.csv_example_gen.component.CsvExampleGen",
  });
}

}  // namespace bessemer::components::csv_example_gen
