#include <random>

#include "bessemer/example_gen/query_spool.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/athena/athena_query_internal.h"
#include "bessemer/io/object_store.h"

namespace bessemer::example_gen::athena {
namespace {

StatusOr<QueryOptions> MakeOptions(const ParamValues& params) {
  QueryOptions options;
  options.region = params.Has("region") ? params.String("region") : io::AwsRegion();
  if (options.region.empty()) {
    return InvalidArgumentError("Athena needs a region: set 'region' or AWS_REGION");
  }
  options.endpoint = params.Has("endpoint") ? params.String("endpoint") : io::AwsEndpoint("ATHENA");
  if (options.endpoint.empty()) {
    options.endpoint = fmt::format("https://athena.{}.amazonaws.com", options.region);
  }
  while (options.endpoint.ends_with('/')) options.endpoint.pop_back();
  options.workgroup = params.String("workgroup");
  options.catalog = params.String("catalog");
  options.database = params.String("database");
  options.output_location = params.String("output_location");
  if (!options.output_location.empty() && !options.output_location.starts_with("s3://")) {
    return params.Error("output_location", "must begin with s3://");
  }
  return options;
}

// The rows of what UNLOAD wrote; removes it in the end.
class UnloadedRows : public RowInput {
 public:
  UnloadedRows(std::unique_ptr<RowInput> rows, std::string folder)
      : rows_(std::move(rows)), folder_(std::move(folder)) {}
  ~UnloadedRows() override {
    rows_.reset();
    io::RemoveTree(folder_).IgnoreError();
  }
  const std::shared_ptr<arrow::Schema>& schema() const override { return rows_->schema(); }
  int64_t num_blocks() const override { return rows_->num_blocks(); }
  int64_t first_block(size_t file) const override {
    return file == 0 ? 0 : rows_->num_blocks();  // however many there are: one result
  }
  int64_t block_bytes(int64_t block) const override { return rows_->block_bytes(block); }
  int64_t open_bytes(int64_t block) const override { return rows_->open_bytes(block); }
  int64_t num_rows() const override { return rows_->num_rows(); }
  StatusOr<std::unique_ptr<columnar::BatchSource>> OpenBlock(int64_t block) const override {
    return rows_->OpenBlock(block);
  }

 private:
  std::unique_ptr<RowInput> rows_;
  const std::string folder_;
};

std::string UnloadFolder(const std::string& output_location) {
  std::random_device random;
  return io::JoinPath(output_location,
                      fmt::format("bessemer-unload-{:08x}{:08x}", random(), random()));
}

std::string UnloadSql(std::string query, const std::string& folder) {
  while (!query.empty() && (query.back() == ';' || query.back() == ' ' || query.back() == '\n')) {
    query.pop_back();
  }
  // A comment at the query's end must not swallow the parenthesis.
  return fmt::format("UNLOAD ({}\n) TO '{}/' WITH (format = 'PARQUET', compression = 'SNAPPY')",
                     query, folder);
}

StatusOr<std::unique_ptr<RowInput>> OpenUnloaded(const std::string& folder,
                                                 const QueryRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const Source* parquet, Sources().Find("parquet"));
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues params,
                            ParamValues::FromConfig(parquet->params, nullptr));
  const StatusOr<std::vector<std::string>> files = io::ListFiles(folder);
  if (files.status().code() == StatusCode::kNotFound) {
    return FailedPreconditionError("the query has no rows: UNLOAD has written no file to {}",
                                   folder);
  }
  BESSEMER_RETURN_IF_ERROR(files.status());
  FileRequest open{.files = *files, .params = params};
  open.scratch_dir = request.scratch_dir;
  open.progress = request.progress;
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<RowInput> rows, parquet->open_files(open));
  return std::make_unique<UnloadedRows>(std::move(rows), folder);
}

StatusOr<std::unique_ptr<RowInput>> Unload(const QueryRequest& request,
                                           const QueryOptions& options) {
  if (options.output_location.empty()) {
    return request.params.Error("result", "unload needs 'output_location', where it may write");
  }
  const std::string folder = UnloadFolder(options.output_location);
  const auto query = Query::Run(options, UnloadSql(request.query, folder), request.progress);
  StatusOr<std::unique_ptr<RowInput>> rows =
      query.ok() ? OpenUnloaded(folder, request) : query.status();
  if (!rows.ok()) io::RemoveTree(folder).IgnoreError();
  return rows;
}

StatusOr<std::unique_ptr<RowInput>> RunQuery(const QueryRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(const QueryOptions options, MakeOptions(request.params));
  if (request.params.String("result") == "unload") return Unload(request, options);
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<Query> query,
                            Query::Run(options, request.query, request.progress));
  if (!query->output_location().ends_with(".csv")) {
    return InvalidArgumentError(
        "the query has no table for a result ({}); give a SELECT, and an 'output_location' unless "
        "the workgroup has one",
        query->output_location());
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::Schema> schema, query->Columns());
  BESSEMER_ASSIGN_OR_RETURN(std::unique_ptr<io::InputStream> in,
                            io::OpenInput(query->output_location()));
  BESSEMER_ASSIGN_OR_RETURN(const auto rows, OpenResultCsv(std::move(in), schema));
  QuerySpoolOptions spool;
  spool.scratch_dir = request.scratch_dir;
  spool.progress = request.progress;
  return SpoolQuery(schema, *rows, spool);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "athena",
      .doc = "The result of a query that Amazon Athena runs, read from S3.\n"
             "As CSV arrays, maps and rows are text; by UNLOAD to Parquet they keep their types "
             "and are read in parallel. Credentials are those of Amazon's default chain.",
      .component = "AthenaExampleGen",
      .params =
          {
              {.name = "database",
               .default_value = "",
               .doc = "The database of tables named "
                      "without one."},
              {.name = "catalog",
               .default_value = "AwsDataCatalog",
               .doc = "The catalog of databases."},
              {.name = "workgroup", .default_value = "primary", .doc = "The workgroup to run in."},
              {.name = "output_location",
               .default_value = "",
               .doc = "s3://bucket/folder where Athena puts results; \"\": the workgroup's."},
              {.name = "result",
               .default_value = "csv",
               .doc = "How rows come: csv stays at output_location as Athena's own; unload writes "
                      "Parquet there and removes it after reading.",
               .choices = {"csv", "unload"}},
              {.name = "region", .doc = "The region; by default AWS_REGION or the profile's."},
              {.name = "endpoint",
               .doc = "The URL of another server that speaks Athena's API; by default "
                      "AWS_ENDPOINT_URL_ATHENA, AWS_ENDPOINT_URL, the profile's or Amazon's."},
          },
      .run_query = RunQuery,
  });
}

}  // namespace bessemer::example_gen::athena
