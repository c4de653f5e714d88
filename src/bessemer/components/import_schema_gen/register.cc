#include "bessemer/base/hash.h"
#include "bessemer/components/component.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/schema/schema_file.h"

namespace bessemer::components::import_schema_gen {
namespace {

constexpr char kFileParam[] = "schema_file";

// The file is outside the pipeline: a change in it is a change of the step.
StatusOr<Json> Resolve(const ParamValues& params, io::FileHashes&, const Progress&) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(params.String(kFileParam)));
  return Json{{"sha256", Sha256Hex(bytes)}};
}

Status Run(RunContext& context) {
  const std::string path = context.params.String(kFileParam);
  BESSEMER_ASSIGN_OR_RETURN(const auto schema, schema::ReadSchema(path));
  // Copied as it stands: comments and order are the author's.
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  context.summary = fmt::format("{} features, from {}", schema.feature_size(), path);
  return io::WriteFileAtomically(
      io::JoinPath(context.Output("schema").uri, schema::kSchemaFile), bytes);
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add({.name = "ImportSchemaGen",
                .doc = "Brings a schema that people keep into the pipeline\n"
                       "Reads the file, to see that it is a schema, and copies it byte by byte.",
                .outputs = {{.name = "schema", .artifact_type = "Schema", .doc = "schema.pbtxt"}},
                .params = {{.name = kFileParam,
                            .type = ParamType::kString,
                            .doc = "A schema in protobuf text format.",
                            .required = true}},
                .resolve = Resolve,
                .run = Run,
                .tfx_class =
                    "tfx.components.schema_gen.import_schema_gen.component.ImportSchemaGen"});
}

}  // namespace bessemer::components::import_schema_gen
