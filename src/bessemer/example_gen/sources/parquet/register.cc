#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/parquet/parquet_file.h"

namespace bessemer::example_gen::parquet {

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "parquet",
      .doc = "Reads Parquet files and splits the rows into examples.\n"
             "Files may lack columns of others; row groups are read in parallel. Types that "
             "tf.Example does not have become those it has, nested columns features "
             "\"parent.child\".",
      .component = "ParquetExampleGen",
      .params = {{.name = "tfx_compat",
                  .type = ParamType::kBool,
                  .default_value = false,
                  .doc = "Write 0, 0.0, false, empty strings and empty lists as missing values, "
                         "as TFX's Parquet executor does; it loses them."}},
      .suffixes = {".parquet", ".pq"},
      .magic = "PAR1",
      .open_files = OpenParquetFiles,
  });
}

}  // namespace bessemer::example_gen::parquet
