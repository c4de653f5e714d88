#include "bessemer/components/component.h"
#include "bessemer/components/split_pairs.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/validation/feature_skew.h"

namespace bessemer::components::example_diff {
namespace {

validation::FeatureSkewOptions OptionsOf(const RunContext& context) {
  const ParamValues& params = context.params;
  validation::FeatureSkewOptions options{
      .identifiers = params.Strings("identifier_features"),
      .ignored = params.Strings("ignore_features"),
      .sample_size = params.Int("skew_sample_size"),
      .allow_duplicate_identifiers = params.Bool("allow_duplicate_identifiers"),
      .confusion_features = params.Strings("confusion_features"),
      .num_threads = context.num_threads,
      .memory_bytes = context.memory_budget_bytes / 2,
      .progress = context.progress,
  };
  if (params.Has("float_round_ndigits")) {
    options.float_round_digits = static_cast<int>(params.Int("float_round_ndigits"));
  }
  return options;
}

Status Run(RunContext& context) {
  const Artifact* test = context.Input("examples");
  const Artifact* base = context.Input("baseline_examples");
  if (test == nullptr) return FailedPreconditionError("ExampleDiff needs 'examples'");
  if (base == nullptr) {
    context.summary = "there is no baseline yet: nothing was compared\n";
    return OkStatus();
  }
  BESSEMER_ASSIGN_OR_RETURN(
      const std::vector<SplitPair> pairs,
      SplitPairs(context.params, DefaultPairs::kAll, *test, *base));
  const validation::FeatureSkewOptions options = OptionsOf(context);
  for (const SplitPair& pair : pairs) {
    BESSEMER_ASSIGN_OR_RETURN(const auto test_files,
                              example_gen::ListExampleFiles(test->SplitUri(pair.test)));
    BESSEMER_ASSIGN_OR_RETURN(const auto base_files,
                              example_gen::ListExampleFiles(base->SplitUri(pair.base)));
    const auto result = validation::DetectFeatureSkew(base_files, test_files, options);
    if (!result.ok()) {
      return WithContext(result.status(),
                         fmt::format("splits '{}' and '{}'", pair.test, pair.base));
    }
    BESSEMER_RETURN_IF_ERROR(
        validation::WriteFeatureSkew(*result, !options.confusion_features.empty(),
                                     pair.Folder(context.Output("example_diff_result"))));
    context.summary += fmt::format("{} against {}:\n{}", pair.test, pair.base,
                                   validation::FeatureSkewTable(*result));
  }
  return OkStatus();
}

std::vector<Param> Params() {
  return {{.name = "identifier_features",
           .type = ParamType::kList,
           .doc = "Features whose values say which rows belong together.",
           .required = true},
          {.name = "ignore_features",
           .type = ParamType::kList,
           .default_value = Json::array(),
           .doc = "Features not to compare."},
          {.name = "skew_sample_size",
           .type = ParamType::kInt,
           .default_value = 0,
           .doc = "How many pairs of rows that differ to keep.",
           .min = 0,
           .max = 1000000},
          {.name = "float_round_ndigits",
           .type = ParamType::kInt,
           .doc = "Decimal digits that floats are rounded to before they are compared; none: they "
                  "must be equal bit by bit.",
           .min = 0,
           .max = 100},
          {.name = "allow_duplicate_identifiers",
           .type = ParamType::kBool,
           .default_value = false,
           .doc = "Whether to compare all pairs of rows where an identifier occurs more than once; "
                  "else such rows are left out."},
          {.name = "confusion_features",
           .type = ParamType::kList,
           .default_value = Json::array(),
           .doc = "Text features whose pairs of values are counted."},
          SplitPairsParam(DefaultPairs::kAll)};
}

}  // namespace

void Register(ComponentRegistry& registry) {
  registry.Add(
      {.name = "ExampleDiff",
       .doc = "Compares two sets of examples row by row\n"
              "Rows are paired by identifier features. Writes SplitPair-<test>_<base>/ with "
              "skew_stats (FeatureSkew\nper feature), match_stats, sample_pairs and confusion, as "
              "uncompressed TFRecords. Base is the baseline:\nthe executor of TFX 1.16 has the two "
              "the other way round.",
       .inputs = {{.name = "examples", .artifact_type = "Examples", .doc = "What is judged."},
                  {.name = "baseline_examples",
                   .artifact_type = "Examples",
                   .doc = "What it is compared with.",
                   .optional = true,
                   .resolver = "previous_span"}},
       .outputs = {{.name = "example_diff_result",
                    .artifact_type = "ExamplesDiff",
                    .doc = "A folder for each pair of splits."}},
       .params = Params(),
       .run = Run,
       .tfx_class = "tfx.components.example_diff.component.ExampleDiff"});
}

}  // namespace bessemer::components::example_diff
