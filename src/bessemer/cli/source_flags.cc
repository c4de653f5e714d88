#include "bessemer/cli/source_flags.h"

#include <CLI/CLI.hpp>

#include "bessemer/base/config.h"
#include "bessemer/example_gen/query_macros.h"

namespace bessemer::cli {
namespace {

// "name=value", the value as YAML reads it: 3, true, text, [a, b], {a: b}.
Status AddParam(const std::string& text, Json* params) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0) {
    return InvalidArgumentError("--param {}: must be name=value", text);
  }
  const std::string value = text.substr(equals + 1);
  BESSEMER_ASSIGN_OR_RETURN(const ConfigNode node,
                            ConfigNode::Parse(value, "--param " + text.substr(0, equals)));
  (*params)[text.substr(0, equals)] = node.ToJson();
  return OkStatus();
}

}  // namespace

void AddSourceFlags(CLI::App& verb, SourceFlags& flags) {
  verb.add_option("--format,--source", flags.format,
                  "The source that reads, e.g. avro, or runs the query; none: by the files' names");
  verb.add_option("--param", flags.params, "A parameter of it, name=value; may be repeated")
      ->allow_extra_args(false);
  verb.add_option("--query", flags.query, "A query to run instead of files; needs --source");
  verb.add_option("--connection", flags.connection,
                  "Where its engine is, e.g. shop.db or postgresql://reader@db.example/shop");
  verb.add_option("--span", flags.span,
                  "The span, a day since 1970-01-01, for @span_ macros in it");
  verb.add_flag("--skip-bad-rows", flags.skip_bad_rows,
                "Leave rows that break their format out instead of failing");
  verb.add_option("--null", flags.null_spellings,
                  "A cell of CSV that is missing, as an empty one is, e.g. NA; may be repeated")
      ->allow_extra_args(false);
  verb.add_option("--delimiter", flags.delimiter, "The character between cells of CSV");
}

StatusOr<example_gen::RowOptions> ReadSourceFlags(const SourceFlags& flags,
                                                  const example_gen::Source& source,
                                                  Session& session) {
  Json params = Json::object();
  if (!flags.null_spellings.empty()) params["null_spellings"] = flags.null_spellings;
  if (flags.delimiter.size() > 1) {
    return InvalidArgumentError("--delimiter {}: must be one character", flags.delimiter);
  }
  if (!flags.delimiter.empty()) params["delimiter"] = flags.delimiter;
  params = example_gen::ParamsOf(source, params);
  if (!flags.connection.empty()) params["connection"] = flags.connection;
  for (const std::string& text : flags.params) BESSEMER_RETURN_IF_ERROR(AddParam(text, &params));
  return example_gen::RowOptions{.params = std::move(params),
                                 .on_bad_row = flags.skip_bad_rows
                                                   ? example_gen::OnBadRow::kQuarantine
                                                   : example_gen::OnBadRow::kFail,
                                 .num_threads = session.num_threads,
                                 .progress = &session.progress()};
}

StatusOr<std::unique_ptr<example_gen::RowInput>> OpenRows(const example_gen::RowFiles& files,
                                                          const SourceFlags& flags,
                                                          Session& session) {
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::RowOptions options,
                            ReadSourceFlags(flags, *files.source, session));
  return example_gen::OpenRowFiles(files, options);
}

StatusOr<std::unique_ptr<example_gen::RowInput>> OpenRows(const std::string& path,
                                                          const SourceFlags& flags,
                                                          Session& session) {
  if (flags.query.empty()) {
    if (path.empty()) return InvalidArgumentError("give a file, or a query with --query");
    BESSEMER_ASSIGN_OR_RETURN(const example_gen::RowFiles files,
                              example_gen::FindRowFiles(path, flags.format));
    return OpenRows(files, flags, session);
  }
  if (!path.empty()) return InvalidArgumentError("{}: give either files or --query", path);
  if (flags.format.empty()) {
    return InvalidArgumentError("--query needs --source: the engine that runs it");
  }
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::Source* const source,
                            example_gen::Sources().Find(flags.format));
  BESSEMER_ASSIGN_OR_RETURN(const example_gen::RowOptions options,
                            ReadSourceFlags(flags, *source, session));
  BESSEMER_ASSIGN_OR_RETURN(const std::string query,
                            example_gen::ReplaceSpanMacros(flags.query, flags.span));
  return example_gen::RunRowQuery(*source, query, options);
}

}  // namespace bessemer::cli
