#include "bessemer/cli/commands/validate/skew.h"

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>

#include "bessemer/base/json_text.h"
#include "bessemer/cli/source_flags.h"
#include "bessemer/example_gen/row_input.h"
#include "bessemer/validation/feature_skew.h"

namespace bessemer::cli::validate {
namespace {

struct SkewArgs {
  std::string base, test, out;
  std::vector<std::string> identifiers, ignored, confusion;
  SourceFlags source;
  int64_t sample = 0;
  int round = -1;
  bool duplicates = false;
};

Json ToJson(const validation::FeatureSkewResult& result) {
  Json features = Json::array();
  for (const auto& f : result.features) {
    features.push_back({{"feature", f.feature_name()},
                        {"base", f.base_count()},
                        {"test", f.test_count()},
                        {"match", f.match_count()},
                        {"mismatch", f.mismatch_count()},
                        {"base_only", f.base_only()},
                        {"test_only", f.test_only()},
                        {"differ", f.diff_count()}});
  }
  Json confusion = Json::array();
  for (const auto& c : result.confusion) {
    confusion.push_back({{"feature", c.feature_name()},
                         {"base", c.base().bytes_value()},
                         {"test", c.test().bytes_value()},
                         {"count", c.count()}});
  }
  const auto& m = result.match_stats;
  return {{"features", std::move(features)},
          {"confusion", std::move(confusion)},
          {"identifiers", m.identifiers_count()},
          {"pairs", m.matching_pairs_count()},
          {"only_in_test", m.ids_missing_in_base_count()},
          {"only_in_base", m.ids_missing_in_test_count()},
          {"duplicates", m.duplicate_id_count()},
          {"base_without_identifier", m.base_missing_id_count()},
          {"test_without_identifier", m.test_missing_id_count()}};
}

StatusOr<int> Run(Session& session, const SkewArgs& args) {
  BESSEMER_ASSIGN_OR_RETURN(auto base, OpenRows(args.base, args.source, session));
  BESSEMER_ASSIGN_OR_RETURN(auto test, OpenRows(args.test, args.source, session));
  validation::FeatureSkewOptions options{.identifiers = args.identifiers,
                                         .ignored = args.ignored,
                                         .sample_size = args.sample,
                                         .allow_duplicate_identifiers = args.duplicates,
                                         .confusion_features = args.confusion,
                                         .names_must_exist = true,
                                         .num_threads = session.num_threads,
                                         .progress = &session.progress()};
  if (args.round >= 0) options.float_round_digits = args.round;
  BESSEMER_ASSIGN_OR_RETURN(
      const validation::FeatureSkewResult result,
      validation::DetectFeatureSkew(std::move(base), std::move(test), options));
  if (!args.out.empty()) {
    BESSEMER_RETURN_IF_ERROR(
        validation::WriteFeatureSkew(result, !args.confusion.empty(), args.out));
  }
  if (session.json) {
    fmt::print("{}\n", JsonText(ToJson(result), 2));
  } else {
    fmt::print("{}", validation::FeatureSkewTable(result));
  }
  if (result.match_stats.matching_pairs_count() == 0) {
    std::fflush(stdout);
    return FailedPreconditionError(
        "no rows of {} and {} have the same {}, so nothing was compared ({} and {} rows lack it)",
        args.base, args.test, fmt::join(args.identifiers, ", "),
        result.match_stats.base_missing_id_count(), result.match_stats.test_missing_id_count());
  }
  for (const auto& feature : result.features) {
    if (feature.diff_count() > 0) return kExitFindings;
  }
  return kExitOk;
}

}  // namespace

void AddSkew(CLI::App& app, Session& session) {
  auto args = std::make_shared<SkewArgs>();
  CLI::App* verb = app.add_subcommand("skew", "Compares two sets of rows, paired by identifiers");
  verb->add_option("base", args->base, "Files of rows, e.g. what a model was trained on")
      ->required();
  verb->add_option("test", args->test, "Files of rows, e.g. what it was given when it served")
      ->required();
  verb->add_option("--id", args->identifiers, "Features that say which rows belong together")
      ->required()
      ->allow_extra_args(false)
      ->delimiter(',');
  verb->add_option("--ignore", args->ignored, "Features not to compare")
      ->allow_extra_args(false)
      ->delimiter(',');
  verb->add_option("--round", args->round, "Decimal digits to round floats to; default: not at all")
      ->check(CLI::Range(0, 100));
  verb->add_flag("--allow-duplicates", args->duplicates,
                 "Compare all pairs where an identifier occurs more than once");
  verb->add_option("--confusion", args->confusion, "Text features whose pairs of values to count")
      ->allow_extra_args(false)
      ->delimiter(',');
  verb->add_option("--sample", args->sample, "Keep so many pairs that differ (with --out)")
      ->check(CLI::Range(0, 1000000));
  verb->add_option("-o,--out", args->out, "Write skew_stats, match_stats, … into this folder");
  AddFormatFlags(*verb, args->source);
  verb->footer(
      "Exit code 1 if rows of a pair differ; it is an error if there are no pairs.\n"
      "Examples:\n"
      "  bessemer validate skew training.csv served.csv --id request_id --round 4\n"
      "  bessemer validate skew Split-train Split-eval --id id --sample 100 -o skew");
  verb->callback([&session, args] {
    session.Run([&session, args] { return Run(session, *args); });
  });
}

}  // namespace bessemer::cli::validate
