#include <google/protobuf/util/json_util.h>

#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/commands/stats/stats_command.h"
#include "bessemer/io/file.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/statistics/statistics_parts.h"
#include "bessemer/statistics/statistics_view.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::cli::stats {
namespace {

using ::bessemer::statistics::DatasetStatisticsState;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

struct Args {
  std::vector<std::string> paths;
  Outputs outputs;
  bool parts = false;
  std::vector<std::string> slices;
};

Status Print(const Session& session, const DatasetFeatureStatisticsList& statistics) {
  if (!session.json) {
    fmt::print("{}", ::bessemer::statistics::StatisticsTable(statistics));
    return OkStatus();
  }
  std::string json;
  ::google::protobuf::util::JsonPrintOptions options;
  options.preserve_proto_field_names = true;
  options.always_print_primitive_fields = true;
  const auto status = ::google::protobuf::util::MessageToJsonString(statistics, &json, options);
  if (!status.ok()) return InternalError("the statistics cannot be written as JSON");
  fmt::print("{}\n", json);
  return OkStatus();
}

// Statistics of the same rows in parts.
StatusOr<int> MergeParts(const Session& session, const Args& args) {
  if (!args.outputs.state.empty()) {
    return InvalidArgumentError("--state: parts have no state that could be written");
  }
  ::bessemer::statistics::StatisticsPartsMerger merger;
  for (const std::string& path : args.paths) {
    BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList part,
                              ::bessemer::statistics::ReadStatistics(path));
    BESSEMER_RETURN_IF_ERROR(WithContext(merger.Add(part), path));
  }
  const DatasetFeatureStatisticsList result = merger.Get();
  if (!args.outputs.statistics.empty()) {
    BESSEMER_RETURN_IF_ERROR(
        ::bessemer::statistics::WriteStatistics(args.outputs.statistics, result));
    if (!session.json) return kExitOk;
  }
  BESSEMER_RETURN_IF_ERROR(Print(session, result));
  return kExitOk;
}

// Statistics themselves are easily taken for a state.
Status WhyNoState(const std::string& path, const Status& status) {
  if (!::bessemer::statistics::ReadStatistics(path).ok()) return WithContext(status, path);
  return InvalidArgumentError(
      "{}: finished statistics, which cannot be added up (quantiles and numbers of different "
      "values need more than they hold): write a state of each data set by `stats generate DATA "
      "--state FILE` and merge these (StatisticsGen leaves statistics.state beside its "
      "statistics); or, if the files hold other features, or other statistics, of the same rows, "
      "give --parts",
      path);
}

StatusOr<int> Merge(Session& session, const Args& args) {
  if (args.parts) return MergeParts(session, args);
  std::vector<std::string> paths;
  for (const std::string& path : args.paths) {
    if (path.find_first_of("*?") == std::string::npos) {
      paths.push_back(path);
      continue;
    }
    BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> found, io::ListFiles(path));
    paths.insert(paths.end(), found.begin(), found.end());
  }
  std::optional<DatasetStatisticsState> merged;
  for (const std::string& path : paths) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
    StatusOr<DatasetStatisticsState> state = DatasetStatisticsState::Load(bytes);
    if (!state.ok()) return WhyNoState(path, state.status());
    if (!merged) {
      merged = std::move(*state);
    } else {
      BESSEMER_RETURN_IF_ERROR(WithContext(merged->Merge(*state), path));
    }
  }
  const DatasetFeatureStatisticsList result = merged->Finish();
  BESSEMER_RETURN_IF_ERROR(merged->status());
  return Deliver(session, args.outputs, *merged, result);
}

StatusOr<int> Show(Session& session, const Args& args) {
  BESSEMER_ASSIGN_OR_RETURN(DatasetFeatureStatisticsList statistics,
                            ::bessemer::statistics::ReadStatistics(args.paths.front()));
  if (!args.slices.empty()) {
    DatasetFeatureStatisticsList wanted;
    for (const std::string& name : args.slices) {
      BESSEMER_ASSIGN_OR_RETURN(const auto slice,
                                ::bessemer::statistics::FindSlice(statistics, name));
      *wanted.add_datasets() = slice.proto();
    }
    statistics = std::move(wanted);
  }
  BESSEMER_RETURN_IF_ERROR(Print(session, statistics));
  return kExitOk;
}

}  // namespace

void AddOutputs(CLI::App* verb, Outputs* outputs) {
  verb->add_option("-o,--out", outputs->statistics,
                   "Write a DatasetFeatureStatisticsList here instead of printing a table: binary, "
                   "or text if the name ends in .pbtxt");
  verb->add_option("--state", outputs->state,
                   "Write the mergeable state here; every command that takes statistics takes it");
}

StatusOr<int> Deliver(const Session& session, const Outputs& outputs,
                      const DatasetStatisticsState& state,
                      const DatasetFeatureStatisticsList& result) {
  if (!outputs.state.empty()) BESSEMER_RETURN_IF_ERROR(state.SaveFile(outputs.state));
  if (!outputs.statistics.empty()) {
    BESSEMER_RETURN_IF_ERROR(::bessemer::statistics::WriteStatistics(outputs.statistics, result));
  }
  if (session.json || (outputs.statistics.empty() && outputs.state.empty())) {
    BESSEMER_RETURN_IF_ERROR(Print(session, result));
  }
  return kExitOk;
}

void Setup(CLI::App& app, Session& session) {
  AddGenerate(app, session);
  auto merge_args = std::make_shared<Args>();
  CLI::App* merge =
      app.add_subcommand("merge", "Joins saved states into statistics of all the data");
  merge->add_option("state", merge_args->paths,
                    "States of disjoint data, made by `stats generate --state` with equal options")
      ->required();
  AddOutputs(merge, &merge_args->outputs);
  merge->add_flag("--parts", merge_args->parts,
                  "Joins statistics (not states) that hold other features, or other statistics, of "
                  "the same rows");
  merge->footer(
      "Examples:\n"
      "  bessemer stats merge day1.state day2.state -o FeatureStats.pb\n"
      "  bessemer stats merge 'days/*.state' --state year.state\n"
      "  bessemer stats merge --parts basic.pb extra.pb -o FeatureStats.pb\n"
      "  bessemer stats merge --parts 'FeatureStats.pb-*-of-*' -o FeatureStats.pb");
  merge->callback([&session, merge_args] {
    session.Run([&session, merge_args] { return Merge(session, *merge_args); });
  });
  auto show_args = std::make_shared<Args>();
  CLI::App* show = app.add_subcommand("show", "Prints statistics as a table");
  show->add_option("file", show_args->paths, "FeatureStats.pb, stats_tfrecord, text, or a folder")
      ->required()
      ->expected(1);
  show->add_option("--slice", show_args->slices, "Only the slice of this name; may be repeated")
      ->allow_extra_args(false);
  show->footer("Examples:\n  bessemer stats show statistics/Split-train/FeatureStats.pb");
  show->callback([&session, show_args] {
    session.Run([&session, show_args] { return Show(session, *show_args); });
  });
  AddCompare(app, session);
  app.require_subcommand(1);
  app.footer(
      "Examples:\n"
      "  bessemer stats generate data.csv -o FeatureStats.pb\n"
      "  bessemer stats show FeatureStats.pb");
}

void Register(CommandRegistry& registry) {
  registry.Add({.name = "stats",
                .doc = "Computes, merges and shows statistics of data",
                .setup = Setup});
}

}  // namespace bessemer::cli::stats
