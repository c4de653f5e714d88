#include "bessemer/example_gen/sources/csv/csv_params.h"

#include "bessemer/example_gen/text_encoding.h"

namespace bessemer::example_gen::csv {
namespace {

Status ReadChar(const ParamValues& params, const char* name, bool optional, char* out) {
  std::string text = params.String(name);
  if (text == "\\t") text = "\t";
  if (text.size() > 1 || (text.empty() && !optional)) {
    return params.Error(name, fmt::format("must be one character (a byte), not '{}'", text));
  }
  *out = text.empty() ? '\0' : text[0];
  return OkStatus();
}

Status ReadColumnTypes(const ParamValues& params, CsvOptions* options) {
  for (const auto& [name, type] : params.Value("column_types").items()) {
    const std::string text = type.is_string() ? type.get<std::string>() : "";
    const CellType cells = CellTypeOf(text);
    if (cells == CellType::kUnknown) {
      return params.Error("column_types", fmt::format("'{}' must be INT, FLOAT or STRING", name));
    }
    options->column_types[name] = cells;
  }
  return OkStatus();
}

}  // namespace

std::vector<Param> CsvParams() {
  return {
      {.name = "delimiter",
       .doc = "One character between cells; a comma unless given, a tab for .tsv files."},
      {.name = "quote", .default_value = "\"", .doc = "One character around cells, or \"\": none."},
      {.name = "comment",
       .default_value = "",
       .doc = "One character that begins lines to pass over, or \"\": none."},
      {.name = "column_names",
       .type = ParamType::kList,
       .doc = "Names of the columns of files without a header line."},
      {.name = "replace_header",
       .type = ParamType::kBool,
       .default_value = false,
       .doc = "The files have a header line, and column_names replaces the names in it."},
      {.name = "encoding",
       .doc = "The encoding of the files, e.g. windows-1252, iso-8859-1, utf-16: bytes that are no "
              "text in it are an error, with utf-8 bad rows. Without it the files are UTF-8 and "
              "cells of other bytes stay as they are; UTF-16 is known by its byte order mark."},
      {.name = "column_types",
       .type = ParamType::kMap,
       .doc = "The types of columns, e.g. {zip_code: STRING}: a row with another cell is a bad "
              "row. Others are inferred."},
      {.name = "null_spellings",
       .type = ParamType::kList,
       .doc = "Cells that are missing beside empty ones, e.g. [NA, \"null\"]."},
      {.name = "multivalent_columns",
       .type = ParamType::kList,
       .doc = "Columns whose cells hold lists."},
      {.name = "secondary_delimiter",
       .default_value = "|",
       .doc = "One character between the values of such a list."},
  };
}

CellType CellTypeOf(std::string_view name) {
  for (const CellType type : {CellType::kInt, CellType::kFloat, CellType::kString}) {
    if (name == CellTypeName(type)) return type;
  }
  return CellType::kUnknown;
}

StatusOr<CsvOptions> ReadCsvParams(const ParamValues& params) {
  CsvOptions options;
  if (params.Has("delimiter")) {
    BESSEMER_RETURN_IF_ERROR(ReadChar(params, "delimiter", false, &options.dialect.delimiter));
  }
  BESSEMER_RETURN_IF_ERROR(ReadChar(params, "quote", true, &options.dialect.quote));
  BESSEMER_RETURN_IF_ERROR(ReadChar(params, "comment", true, &options.dialect.comment));
  BESSEMER_RETURN_IF_ERROR(
      ReadChar(params, "secondary_delimiter", false, &options.secondary_delimiter));
  if (params.Has("column_names")) options.column_names = params.Strings("column_names");
  options.replace_header = params.Bool("replace_header");
  if (options.replace_header && !options.column_names) {
    return params.Error("replace_header", "give the names of the columns by column_names, too");
  }
  if (params.Has("encoding")) {
    options.encoding = params.String("encoding");
    if (!IsUtf8Name(options.encoding)) {
      const auto known = Utf8Converter::Create(options.encoding);
      if (!known.ok()) return params.Error("encoding", Message(known.status()));
    }
  }
  options.null_spellings = params.Strings("null_spellings");
  options.multivalent_columns = params.Strings("multivalent_columns");
  if (params.Has("column_types")) BESSEMER_RETURN_IF_ERROR(ReadColumnTypes(params, &options));
  return options;
}

}  // namespace bessemer::example_gen::csv
