#include <tensorflow_metadata/proto/v0/schema.pb.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/schema/schema_file.h"
#include "bessemer/transform/examples.h"
#include "bessemer/transform/transform_fn.h"

namespace bessemer::cli::transform {
namespace {

namespace v0 = ::tensorflow::metadata::v0;
using bessemer::transform::TransformGraph;
using bessemer::transform::TransformSpec;

struct Flags {
  std::vector<std::string> examples;
  std::string schema, spec, out, transform, function;
};

StatusOr<std::vector<std::string>> Files(const std::vector<std::string>& patterns) {
  std::vector<std::string> files;
  for (const std::string& pattern : patterns) {
    BESSEMER_ASSIGN_OR_RETURN(const auto more, io::ListFiles(pattern));
    files.insert(files.end(), more.begin(), more.end());
  }
  return files;
}

StatusOr<int> Analyze(const Flags& flags, Session& session) {
  BESSEMER_ASSIGN_OR_RETURN(const TransformSpec spec, TransformSpec::ReadFile(flags.spec));
  BESSEMER_ASSIGN_OR_RETURN(const v0::Schema schema, ::bessemer::schema::ReadSchema(flags.schema));
  auto graph = TransformGraph::Bind(spec, schema);
  if (!graph.ok()) return WithContext(graph.status(), flags.spec);
  BESSEMER_ASSIGN_OR_RETURN(auto files, Files(flags.examples));
  BESSEMER_ASSIGN_OR_RETURN(
      const auto report,
      bessemer::transform::Analyze(
          *graph, bessemer::transform::ExamplesDataset(*graph, std::move(files)),
          {.num_threads = session.num_threads, .progress = &session.progress()}));
  BESSEMER_ASSIGN_OR_RETURN(auto staged, io::StagedDirectory::Create(flags.out));
  BESSEMER_RETURN_IF_ERROR(bessemer::transform::WriteTransform(*graph, staged.path()));
  BESSEMER_RETURN_IF_ERROR(staged.Publish());
  if (session.json) {
    fmt::print("{}\n", JsonText(Json{{"rows", report.num_rows},
                                     {"passes", report.num_passes},
                                     {"transform", flags.out}}));
  } else {
    fmt::print(stderr, "{} rows analysed in {} pass{}: {}\n", report.num_rows, report.num_passes,
               report.num_passes == 1 ? "" : "es", flags.out);
  }
  return kExitOk;
}

StatusOr<int> Apply(const Flags& flags, Session& session) {
  BESSEMER_ASSIGN_OR_RETURN(const TransformGraph graph,
                            bessemer::transform::LoadTransform(flags.transform));
  BESSEMER_ASSIGN_OR_RETURN(const auto files, Files(flags.examples));
  BESSEMER_ASSIGN_OR_RETURN(auto staged, io::StagedDirectory::Create(flags.out));
  BESSEMER_ASSIGN_OR_RETURN(
      const int64_t num_rows,
      bessemer::transform::TransformFiles(graph, files, staged.path(), session.num_threads,
                                          &session.progress()));
  BESSEMER_RETURN_IF_ERROR(staged.Publish());
  if (session.json) {
    fmt::print("{}\n", JsonText(Json{{"rows", num_rows}, {"files", files.size()}}));
  } else {
    fmt::print(stderr, "{} rows transformed: {}\n", num_rows, flags.out);
  }
  return kExitOk;
}

StatusOr<int> DescribeTransform(const std::string& directory, bool json) {
  BESSEMER_ASSIGN_OR_RETURN(const TransformGraph graph,
                            bessemer::transform::LoadTransform(directory));
  Json outputs = Json::array();
  for (size_t i = 0; i < graph.output_nodes().size(); ++i) {
    const auto& [name, text] = graph.spec().outputs[i];
    const std::string type = graph.graph().nodes()[graph.output_nodes()[i]].type.ToString();
    outputs.push_back({{"name", name}, {"type", type}, {"expression", text}});
    if (!json) fmt::print("{:<24} {:<18} {}\n", name, type, text);
  }
  Json vocabularies = Json::object();
  for (const auto& vocabulary : graph.vocabularies()) {
    const int64_t size = graph.graph().nodes()[vocabulary.node].constant.num_values();
    vocabularies[vocabulary.name] = size;
    if (!json) fmt::print("vocabulary {:<13} {} tokens\n", vocabulary.name, size);
  }
  if (json) {
    fmt::print("{}\n", JsonText(Json{{"outputs", outputs}, {"vocabularies", vocabularies}}));
  }
  return kExitOk;
}

StatusOr<int> Describe(const Flags& flags, bool json) {
  if (!flags.transform.empty()) return DescribeTransform(flags.transform, json);
  const auto& functions = bessemer::transform::StandardLibrary().functions;
  BESSEMER_RETURN_IF_ERROR(functions.status());
  if (flags.function.empty()) {
    Json all = Json::array();
    for (const auto& function : functions.entries()) {
      all.push_back({{"name", function.name},
                     {"signature", Signature(function)},
                     {"doc", function.doc},
                     {"analyzer", !function.analyzer.empty()}});
      if (!json) fmt::print("{}\n    {}\n", Signature(function), function.doc);
    }
    if (json) fmt::print("{}\n", JsonText(all));
    return kExitOk;
  }
  const auto found = functions.Find(flags.function);
  if (!found.ok()) return InvalidArgumentError("{}", Message(found.status()));
  const auto* function = *found;
  if (json) {
    Json arguments = Json::array();
    for (const auto& argument : function->arguments) {
      arguments.push_back({{"name", argument.name}, {"doc", argument.doc}});
    }
    fmt::print("{}\n", JsonText(Json{{"name", function->name},
                                     {"signature", Signature(*function)},
                                     {"doc", function->doc},
                                     {"analyzer", !function->analyzer.empty()},
                                     {"arguments", std::move(arguments)}}));
    return kExitOk;
  }
  fmt::print("{}\n{}\n", Signature(*function), function->doc);
  for (const auto& argument : function->arguments) {
    fmt::print("  {:<20} {}\n", argument.name, argument.doc);
  }
  return kExitOk;
}

void Setup(CLI::App& app, Session& session) {
  auto flags = std::make_shared<Flags>();
  app.require_subcommand(1);

  CLI::App* analyze = app.add_subcommand("analyze", "Gathers what a transform needs to know");
  analyze->add_option("--examples", flags->examples, "TFRecord files of tf.Example")->required();
  analyze->add_option("--schema", flags->schema, "Their schema.pbtxt")->required();
  analyze->add_option("--spec", flags->spec, "YAML: output names and expressions")->required();
  analyze->add_option("-o,--out", flags->out, "The folder to write")->required();
  analyze->callback([flags, &session] {
    session.Run([flags, &session] { return Analyze(*flags, session); });
  });

  analyze->footer(
      "Examples:\n"
      "  bessemer transform analyze --examples data/Split-train --schema schema.pbtxt \\\n"
      "      --spec features.yaml -o transform");

  CLI::App* apply = app.add_subcommand("apply", "Applies an analysed transform to examples");
  apply->add_option("--transform", flags->transform, "What analyze wrote")->required();
  apply->add_option("--examples", flags->examples, "TFRecord files of tf.Example")->required();
  apply->add_option("-o,--out", flags->out, "The folder to write")->required();
  apply->callback([flags, &session] {
    session.Run([flags, &session] { return Apply(*flags, session); });
  });

  apply->footer(
      "Examples:\n"
      "  bessemer transform apply --transform transform --examples data/Split-eval -o out");

  CLI::App* describe = app.add_subcommand("describe", "Lists the functions, or tells of one");
  describe->add_option("function", flags->function, "Its name; none: all");
  describe->add_option("--transform", flags->transform, "Tells of an analysed transform instead");
  describe->callback([flags, &session] {
    session.Run([flags, &session] { return Describe(*flags, session.json); });
  });

  describe->footer("Examples:\n  bessemer transform describe bucketize");
  app.footer(
      "Examples:\n"
      "  bessemer transform describe bucketize\n"
      "  bessemer transform analyze --examples data/Split-train --schema schema.pbtxt \\\n"
      "      --spec features.yaml -o transform\n"
      "  bessemer transform apply --transform transform --examples data/Split-eval -o out");
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add({.name = "transform",
                .doc = "Computes features from features, the same for training and serving",
                .setup = Setup});
}

}  // namespace bessemer::cli::transform
