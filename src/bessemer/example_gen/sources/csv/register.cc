#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/csv/csv_params.h"
#include "bessemer/example_gen/sources/csv/csv_reader.h"
#include "bessemer/io/compression.h"

namespace bessemer::example_gen::csv {
namespace {

StatusOr<std::unique_ptr<RowInput>> OpenFiles(const FileRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(CsvOptions options, ReadCsvParams(request.params));
  if (!request.params.Has("delimiter") &&
      io::WithoutCompressionSuffix(request.files.front()).ends_with(".tsv")) {
    options.dialect.delimiter = '\t';
  }
  for (const auto& [column, type] : request.known_types) {
    options.known_types[column] = CellTypeOf(type);
  }
  options.exact_values = request.exact_values;
  options.on_bad_row = request.on_bad_row;
  options.num_threads = request.num_threads;
  options.scratch_dir = request.scratch_dir;
  options.progress = request.progress;
  return CsvInput::Open(request.files, options);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "csv",
      .doc =
          "Reads CSV files, finds the types of their columns and splits the rows into examples.\n"
          "A column is INT, FLOAT or STRING as TFX infers it, over all files together; an empty "
          "cell is a missing value. Quoted cells may span lines.",
      .component = "CsvExampleGen",
      .params = CsvParams(),
      .check = [](const ParamValues& params) { return ReadCsvParams(params).status(); },
      .suffixes = {".csv", ".tsv"},
      .open_files = OpenFiles,
      .tfx_class = "tfx.components.example_gen.csv_example_gen.component.CsvExampleGen",
  });
}

}  // namespace bessemer::example_gen::csv
