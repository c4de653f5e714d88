#include <cstdlib>

#include "bessemer/example_gen/query_spool.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/sources/bigquery/bigquery_job_internal.h"

namespace bessemer::example_gen::bigquery {
namespace {

// "host:port" or a URL, with BigQuery's path.
std::string BaseUrl(std::string endpoint) {
  while (endpoint.ends_with('/')) endpoint.pop_back();
  if (endpoint.find("://") == std::string::npos) endpoint = "http://" + endpoint;
  return endpoint + "/bigquery/v2";
}

Json QueryConfiguration(const QueryRequest& request) {
  const ParamValues& params = request.params;
  Json query = {{"query", request.query},
                {"useLegacySql", params.Bool("use_legacy_sql")},
                {"useQueryCache", params.Bool("use_query_cache")},
                {"priority", params.String("priority")}};
  if (params.Has("maximum_bytes_billed")) {
    query["maximumBytesBilled"] = std::to_string(params.Int("maximum_bytes_billed"));
  }
  if (params.Has("dataset")) {
    std::string dataset = params.String("dataset");
    Json reference = Json::object();
    if (const size_t dot = dataset.find('.'); dot != std::string::npos) {
      reference["projectId"] = dataset.substr(0, dot);
      dataset.erase(0, dot + 1);
    }
    reference["datasetId"] = dataset;
    query["defaultDataset"] = reference;
  }
  return query;
}

StatusOr<JobOptions> MakeOptions(const QueryRequest& request) {
  const ParamValues& params = request.params;
  JobOptions options;
  const char* emulator = std::getenv("BIGQUERY_EMULATOR_HOST");
  const bool emulated = emulator != nullptr && *emulator != '\0' && !params.Has("endpoint");
  if (emulated) {
    options.base_url = BaseUrl(emulator);
  } else {
    options.base_url = BaseUrl(params.Has("endpoint") ? params.String("endpoint")
                                                      : "https://bigquery.googleapis.com");
    BESSEMER_ASSIGN_OR_RETURN(options.credentials,
                              io::GoogleCredentials::Find(params.String("credentials_file")));
    options.project = options.credentials->project();
  }
  if (params.Has("project")) options.project = params.String("project");
  if (options.project.empty()) {
    return InvalidArgumentError(
        "BigQuery needs a project to bill: set 'project' or GOOGLE_CLOUD_PROJECT");
  }
  options.location = params.String("location");
  options.query = QueryConfiguration(request);
  if (params.Has("labels")) options.labels = params.Value("labels");
  options.page_rows = params.Int("page_rows");
  return options;
}

StatusOr<std::unique_ptr<RowInput>> RunQuery(const QueryRequest& request) {
  BESSEMER_ASSIGN_OR_RETURN(JobOptions job_options, MakeOptions(request));
  BESSEMER_ASSIGN_OR_RETURN(const std::unique_ptr<Job> job,
                            Job::Run(std::move(job_options), request.progress));
  QuerySpoolOptions options;
  options.scratch_dir = request.scratch_dir;
  options.progress = request.progress;
  return SpoolQuery(job->schema(), *job, options);
}

}  // namespace

void Register(SourceRegistry& registry) {
  registry.Add({
      .name = "bigquery",
      .doc = "The result of a query that Google BigQuery runs.\n"
             "All its types are read, TFX's four among them: repeated fields are lists, records "
             "structs, NUMERIC decimals; GEOGRAPHY, JSON, INTERVAL and RANGE are text. Credentials "
             "are Google's application default ones.",
      .component = "BigQueryExampleGen",
      .params =
          {
              {.name = "project",
               .doc = "The project that pays for the query; by default that of "
                      "the credentials or GOOGLE_CLOUD_PROJECT."},
              {.name = "location",
               .default_value = "",
               .doc = "Where the data lie, e.g. EU; \"\": BigQuery finds out."},
              {.name = "dataset",
               .doc = "The dataset, or project.dataset, of tables named without one."},
              {.name = "credentials_file",
               .default_value = "",
               .doc = "The key file of a service account or of gcloud; \"\": looked for as "
                      "Google's tools do."},
              {.name = "use_legacy_sql",
               .type = ParamType::kBool,
               .default_value = false,
               .doc = "Whether the query is in legacy SQL."},
              {.name = "use_query_cache",
               .type = ParamType::kBool,
               .default_value = true,
               .doc = "Whether a result that BigQuery has kept will do."},
              {.name = "maximum_bytes_billed",
               .type = ParamType::kInt,
               .doc = "A query that would read more bytes fails instead.",
               .min = 1},
              {.name = "priority",
               .default_value = "INTERACTIVE",
               .doc = "BATCH waits for idle capacity.",
               .choices = {"INTERACTIVE", "BATCH"}},
              {.name = "labels", .type = ParamType::kMap, .doc = "Labels of the job, for bills."},
              {.name = "page_rows",
               .type = ParamType::kInt,
               .default_value = 50000,
               .doc = "Rows asked for at a time; BigQuery gives at most 10 MB.",
               .min = 1,
               .max = 1000000},
              {.name = "endpoint",
               .doc = "Another server that speaks BigQuery's REST API, e.g. of a private network."},
          },
      .run_query = RunQuery,
      .tfx_class = "tfx.extensions.google_cloud_big_query.example_gen.component."
                   "BigQueryExampleGen",
  });
}

}  // namespace bessemer::example_gen::bigquery
