#include <CLI/CLI.hpp>
#include <memory>

#include "bessemer/cli/commands/report/report_command.h"
#include "bessemer/io/file.h"
#include "bessemer/report/artifact_files.h"
#include "bessemer/report/report.h"
#include "bessemer/schema/schema_file.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::cli::report {
namespace {

namespace tfmd = ::tensorflow::metadata::v0;

struct StatsArgs {
  std::vector<std::string> files;
  std::vector<std::string> names;
  std::string schema, title, out;
  std::vector<std::string> anomalies;
};

// "train" for ".../Split-train/FeatureStats.pb" and ".../Split-train"; else the file's own name.
std::string NameOf(const std::string& path) {
  constexpr std::string_view kSplit = "Split-";
  std::string trimmed = path;
  while (trimmed.size() > 1 && trimmed.ends_with('/')) trimmed.pop_back();
  for (const std::string& part : {io::BaseName(trimmed), io::BaseName(io::DirName(trimmed))}) {
    if (part.starts_with(kSplit)) return part.substr(kSplit.size());
  }
  const std::string base = io::BaseName(trimmed);
  return base.substr(0, base.find_last_of('.'));
}

// Two files of one name are told apart by their paths.
std::vector<std::string> Names(const StatsArgs& args) {
  std::vector<std::string> names = args.names;
  for (size_t i = names.size(); i < args.files.size(); ++i) names.push_back(NameOf(args.files[i]));
  if (args.names.empty() && names.size() == 2 && names[0] == names[1]) names = args.files;
  return names;
}

StatusOr<int> Stats(const Session& session, const StatsArgs& args) {
  if (args.names.size() > args.files.size()) {
    return InvalidArgumentError("{} names for {} files: give at most one --name per file",
                                args.names.size(), args.files.size());
  }
  if (args.anomalies.size() > args.files.size()) {
    return InvalidArgumentError("{} anomaly files for {} statistics files: give at most one each",
                                args.anomalies.size(), args.files.size());
  }
  const std::vector<std::string> names = Names(args);
  std::vector<tfmd::DatasetFeatureStatisticsList> lists(args.files.size());
  ::bessemer::report::StatisticsPageInput input;
  for (size_t i = 0; i < args.files.size(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN(lists[i], ::bessemer::report::ReadStatistics(args.files[i]));
    input.datasets.push_back({names[i], &lists[i]});
  }
  tfmd::Schema schema;
  if (!args.schema.empty()) {
    BESSEMER_ASSIGN_OR_RETURN(schema, ::bessemer::schema::ReadSchema(args.schema));
    input.schema = &schema;
  }
  std::vector<tfmd::Anomalies> anomalies(args.anomalies.size());
  for (size_t i = 0; i < anomalies.size(); ++i) {
    BESSEMER_ASSIGN_OR_RETURN(anomalies[i], ::bessemer::report::ReadAnomalies(args.anomalies[i]));
    input.anomalies.push_back({anomalies.size() > 1 ? names[i] : "", &anomalies[i]});
  }
  input.title = args.title;
  if (input.title.empty()) {
    input.title = names.size() == 2 ? fmt::format("Statistics: {} and {}", names[0], names[1])
                                    : fmt::format("Statistics: {}", names[0]);
  }
  BESSEMER_RETURN_IF_ERROR(::bessemer::report::WriteStatisticsPage(input, args.out));
  PrintWritten(session, args.out);
  return kExitOk;
}

}  // namespace

void SetUpStats(CLI::App& app, Session& session) {
  CLI::App* stats = app.add_subcommand("stats", "A page of one data set, or of two side by side");
  auto args = std::make_shared<StatsArgs>();
  stats->add_option("file", args->files, "FeatureStats.pb, or the folder that holds it; one or two")
      ->required()
      ->expected(1, 2);
  stats->add_option("--name", args->names, "Name of a data set, in the order of the files");
  stats->add_option("--schema", args->schema, "schema.pbtxt: what each feature should be");
  stats->add_option("--anomalies", args->anomalies,
                    "SchemaDiff.pb, in the order of the files: shown beside the features");
  stats->add_option("--title", args->title, "Title of the page");
  stats->add_option("-o,--out", args->out, "The HTML file to write")->required();
  stats->footer(
      "Examples:\n"
      "  bessemer report stats Split-train/FeatureStats.pb -o train.html\n"
      "  bessemer report stats Split-train Split-eval --schema schema.pbtxt -o both.html\n"
      "  bessemer report stats monday.pb tuesday.pb --name monday --name tuesday -o days.html");
  stats->callback(
      [&session, args] { session.Run([&session, args] { return Stats(session, *args); }); });
}

}  // namespace bessemer::cli::report
