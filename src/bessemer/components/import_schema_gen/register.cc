#include "bessemer/base/hash.h"
#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/optional_file.h"
#include "bessemer/io/publish.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/validation/rules.h"

namespace bessemer::components::import_schema_gen {
namespace {

constexpr char kFileParam[] = "schema_file";

// The rules beside the schema; empty: there are none.
StatusOr<std::string> RulesBeside(const std::string& schema_file) {
  const std::string folder = io::DirName(schema_file);
  std::string path = io::JoinPath(folder.empty() ? "." : folder, validation::kRulesFile);
  BESSEMER_ASSIGN_OR_RETURN(const bool exists, io::OptionalFileExists(path));
  return exists ? path : std::string();
}

// The files are outside the pipeline: a change in them is a change of the step.
StatusOr<Json> Resolve(const ParamValues& params, io::FileHashes&, const Progress&) {
  const std::string path = params.String(kFileParam);
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  Json resolved = {{"sha256", Sha256Hex(bytes)}};
  BESSEMER_ASSIGN_OR_RETURN(const std::string rules, RulesBeside(path));
  if (!rules.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(rules));
    resolved["rules_sha256"] = Sha256Hex(text);
  }
  return resolved;
}

Status Run(RunContext& context) {
  const std::string path = context.params.String(kFileParam);
  BESSEMER_ASSIGN_OR_RETURN(const auto schema, schema::ReadSchema(path));
  // Copied as it stands: comments and order are the author's.
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  context.summary = fmt::format("{} features, from {}", schema.feature_size(), path);
  BESSEMER_ASSIGN_OR_RETURN(const std::string rules, RulesBeside(path));
  if (!rules.empty()) {
    BESSEMER_RETURN_IF_ERROR(validation::ReadRules(rules).status());
    BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(rules));
    BESSEMER_RETURN_IF_ERROR(io::WriteFileAtomically(
        io::JoinPath(context.Output("schema").uri, validation::kRulesFile), text));
    context.summary += fmt::format(", and the rules in {}", rules);
  }
  return io::WriteFileAtomically(
      io::JoinPath(context.Output("schema").uri, schema::kSchemaFile), bytes);
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add({.name = "ImportSchemaGen",
                .doc = "Brings a schema that people keep into the pipeline\n"
                       "Reads the file, to see that it is a schema, and copies it byte by byte; "
                       "likewise rules.yaml\nin its folder, if there is one.",
                .outputs = {{.name = "schema", .artifact_type = "Schema", .doc = "schema.pbtxt"}},
                .params = {{.name = kFileParam,
                            .type = ParamType::kString,
                            .doc = "A schema in protobuf text format.",
                            .required = true}},
                .version = 2,
                .resolve = Resolve,
                .run = Run,
                .tfx_class =
                    "tfx.components.schema_gen.import_schema_gen.component.ImportSchemaGen"});
}

}  // namespace bessemer::components::import_schema_gen
