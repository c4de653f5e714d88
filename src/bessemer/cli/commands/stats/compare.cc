#include <CLI/CLI.hpp>
#include <memory>
#include <optional>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/commands/stats/stats_command.h"
#include "bessemer/statistics/statistics_file.h"
#include "bessemer/statistics/statistics_view.h"
#include "bessemer/validation/feature_difference.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::cli::stats {
namespace {

using ::bessemer::validation::FeatureDifference;
using ::tensorflow::metadata::v0::DatasetFeatureStatisticsList;

struct Args {
  std::vector<std::string> paths, slices;
};

std::string Shown(const std::optional<double>& number) {
  return number ? fmt::format("{:.6g}", *number) : "-";
}

// "INT"; of a feature that has another type in each, or is in one only, "INT/FLOAT", "-/INT".
std::string TypeText(const FeatureDifference& difference) {
  const auto& [a, b] = difference.type;
  if (a == b) return a;
  return fmt::format("{}/{}", a.empty() ? "-" : a, b.empty() ? "-" : b);
}

void PrintTable(const std::vector<FeatureDifference>& differences) {
  fmt::print("{:<32} {:<12} {:>9} {:>9} {:>12} {:>12} {:>10}  {}\n", "feature", "type", "missing a",
             "missing b", "mean a", "mean b", "L-infinity", "where");
  for (const FeatureDifference& difference : differences) {
    const auto& distance = difference.l_infinity;
    std::string line = fmt::format(
        "{:<32} {:<12} {:>8.2f}% {:>8.2f}% {:>12} {:>12} {:>10}  {}",
        difference.path.ToString(), TypeText(difference), 100 * difference.missing[0],
        100 * difference.missing[1], Shown(difference.mean[0]), Shown(difference.mean[1]),
        distance ? Shown(distance->distance) : "-",
        distance && distance->distance > 0 ? distance->value : "");
    line.erase(line.find_last_not_of(' ') + 1);
    fmt::print("{}\n", line);
  }
}

Json ToJson(const std::vector<FeatureDifference>& differences) {
  const auto number = [](const std::optional<double>& value) {
    return value ? Json(*value) : Json();
  };
  Json rows = Json::array();
  for (const FeatureDifference& difference : differences) {
    Json types = Json::array();
    for (const std::string& type : difference.type) {
      types.push_back(type.empty() ? Json() : Json(type));
    }
    const auto& distance = difference.l_infinity;
    const bool differs = distance && distance->distance > 0;
    rows.push_back({{"feature", difference.path.ToString()},
                    {"type", std::move(types)},
                    {"missing", difference.missing},
                    {"mean", {number(difference.mean[0]), number(difference.mean[1])}},
                    {"l_infinity", distance ? Json(distance->distance) : Json()},
                    {"where", differs ? Json(distance->value) : Json()}});
  }
  return rows;
}

StatusOr<int> Compare(Session& session, const Args& args) {
  if (args.paths.size() == 1 && args.slices.empty()) {
    return InvalidArgumentError("give two files, or --slice A B: the two slices to compare");
  }
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList of_a,
                            ::bessemer::statistics::ReadStatistics(args.paths.front()));
  BESSEMER_ASSIGN_OR_RETURN(const DatasetFeatureStatisticsList of_b,
                            ::bessemer::statistics::ReadStatistics(args.paths.back()));
  const auto slice = [&](size_t i) { return args.slices.empty() ? "" : args.slices[i]; };
  BESSEMER_ASSIGN_OR_RETURN(const auto a, ::bessemer::statistics::FindSlice(of_a, slice(0)));
  BESSEMER_ASSIGN_OR_RETURN(const auto b, ::bessemer::statistics::FindSlice(of_b, slice(1)));
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<FeatureDifference> differences,
                            validation::CompareFeatures(a.proto(), b.proto()));
  if (session.json) {
    fmt::print("{}\n", JsonText(ToJson(differences)));
  } else {
    PrintTable(differences);
  }
  return kExitOk;
}

}  // namespace

void AddCompare(CLI::App& app, Session& session) {
  auto args = std::make_shared<Args>();
  CLI::App* verb = app.add_subcommand(
      "compare", "Shows how two data sets or slices differ, feature by feature");
  verb->add_option("file", args->paths, "Statistics; one file with --slice, or two")
      ->required()
      ->expected(1, 2);
  verb->add_option("--slice", args->slices,
                   "Names of the two slices, 'All Examples' among them")
      ->expected(2);
  verb->footer(
      "A type such as INT/FLOAT: INT in the first, FLOAT in the second.\n"
      "L-infinity is what a drift_comparator's infinity_norm is compared with: of text the "
      "greatest\n"
      "difference of a value's share, of numbers that of the distribution functions\n"
      "(Kolmogorov-Smirnov); `where` is the value, or the range of numbers, at which it is.\n"
      "Examples:\n"
      "  bessemer stats compare monday.pb tuesday.pb\n"
      "  bessemer stats compare FeatureStats.pb --slice 'All Examples' day_3");
  verb->callback([&session, args] {
    session.Run([&session, args] { return Compare(session, *args); });
  });
}

}  // namespace bessemer::cli::stats
