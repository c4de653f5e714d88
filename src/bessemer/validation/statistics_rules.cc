#include <cmath>
#include <functional>

#include "bessemer/base/nearest_name.h"
#include "bessemer/schema/statistics_view.h"
#include "bessemer/validation/anomaly_builder.h"
#include "bessemer/validation/compare_datasets.h"
#include "bessemer/validation/number_text.h"
#include "bessemer/validation/rule_evaluator.h"
#include "bessemer/validation/rules.h"

// Rules over statistics.

namespace bessemer::validation {

using ::tensorflow::metadata::v0::Anomalies;
using ::tensorflow::metadata::v0::AnomalyInfo;
using ::tensorflow::metadata::v0::DatasetFeatureStatistics;
using ::tensorflow::metadata::v0::FeatureNameStatistics;
using ::tensorflow::metadata::v0::Histogram;
using schema::DatasetView;
using schema::FeatureView;

namespace {

using Maybe = std::optional<RuleValue>;

RuleValue Ratio(double part, double whole) {
  return whole == 0 ? RuleValue() : RuleValue(part / whole);
}

double NumNan(const FeatureView& f) {
  double most = 0;
  for (const auto& histogram : f.proto().num_stats().histograms()) {
    most = std::max(most, static_cast<double>(histogram.num_nan()));
  }
  return most;
}

// The value below which a share of the values lies, uniform within a bucket.
// The fewest buckets, of round numbers, one of which ends at that share.
int BucketsFor(double share) {
  for (const int buckets : {10, 20, 100, 1000}) {
    if (std::abs(share * buckets - std::round(share * buckets)) < 1e-9 * buckets) return buckets;
  }
  return 10000;
}

// The statistics know quantiles at the ends of buckets alone; within one, anything between may be.
StatusOr<RuleValue> Quantile(const FeatureView& f, double share) {
  if (!(share >= 0 && share <= 1)) {
    return InvalidArgumentError("quantile(x, share) needs a share from 0 to 1");
  }
  const Histogram* histogram = f.FindHistogram(Histogram::QUANTILES);
  if (histogram == nullptr || histogram->buckets().empty()) return RuleValue();
  double total = 0;
  for (const auto& bucket : histogram->buckets()) total += bucket.sample_count();
  // Buckets hold whole rows, or shares of them that were rounded.
  const double rounding = 1 + 1e-6 * total;
  const double wanted = share * total;
  double below = 0;
  for (const auto& bucket : histogram->buckets()) {
    const double end = below + bucket.sample_count();
    const bool begins_nearer = wanted - below <= end - wanted;
    if (begins_nearer && wanted - below <= rounding) return RuleValue(bucket.low_value());
    below = end;
    if (wanted > end) continue;
    if (end - wanted <= rounding) return RuleValue(bucket.high_value());
    if (bucket.low_value() == bucket.high_value()) return RuleValue(bucket.low_value());
    return FailedPreconditionError(
        "these statistics, of {} quantiles, say only that it is between {} and {}; make them with "
        "num_quantiles_histogram_buckets: {}",
        histogram->buckets_size(), NumberText(bucket.low_value()), NumberText(bucket.high_value()),
        BucketsFor(share));
  }
  return RuleValue(histogram->buckets().rbegin()->high_value());
}

struct Function {
  const char* name;
  const char* doc;
  bool needs_numbers;
  std::function<RuleValue(const FeatureView&)> value;
};

const std::vector<Function>& Functions() {
  const auto numbers = [](const FeatureView& f) -> const auto& { return f.proto().num_stats(); };
  static const auto* const functions = new std::vector<Function>{
      {"mean", "mean of the values", true, [=](const FeatureView& f) { return numbers(f).mean(); }},
      {"std_dev", "standard deviation", true,
       [=](const FeatureView& f) { return numbers(f).std_dev(); }},
      {"min", "least value", true, [=](const FeatureView& f) { return numbers(f).min(); }},
      {"max", "greatest value", true, [=](const FeatureView& f) { return numbers(f).max(); }},
      {"median", "median", true, [=](const FeatureView& f) { return numbers(f).median(); }},
      {"num_zeros", "values that are 0", true,
       [=](const FeatureView& f) { return static_cast<int64_t>(numbers(f).num_zeros()); }},
      {"zero_fraction", "share of values that are 0", true,
       [=](const FeatureView& f) {
         return Ratio(static_cast<double>(numbers(f).num_zeros()), f.total_num_values());
       }},
      {"num_nan", "values that are NaN", true, [](const FeatureView& f) { return NumNan(f); }},
      {"nan_fraction", "share of values that are NaN", true,
       [](const FeatureView& f) { return Ratio(NumNan(f), f.total_num_values()); }},
      {"num_missing", "rows without the feature", false,
       [](const FeatureView& f) { return f.num_missing(); }},
      {"missing_fraction", "share of rows without the feature", false,
       [](const FeatureView& f) {
         return Ratio(f.num_missing(), f.num_missing() + f.num_present());
       }},
      {"num_present", "rows with the feature", false,
       [](const FeatureView& f) { return f.num_present(); }},
      {"present_fraction", "share of rows with the feature", false,
       [](const FeatureView& f) {
         return Ratio(f.num_present(), f.num_missing() + f.num_present());
       }},
      {"num_values", "values in all rows", false,
       [](const FeatureView& f) { return f.total_num_values(); }},
      {"min_num_values", "least number of values in a row that has the feature", false,
       [](const FeatureView& f) { return static_cast<int64_t>(f.common()->min_num_values()); }},
      {"max_num_values", "greatest number of values in a row", false,
       [](const FeatureView& f) { return static_cast<int64_t>(f.common()->max_num_values()); }},
      {"avg_num_values", "mean number of values in a row that has the feature", false,
       [](const FeatureView& f) { return static_cast<double>(f.common()->avg_num_values()); }},
      {"unique", "distinct values, of text and categories", false,
       [](const FeatureView& f) {
         const auto unique = f.num_unique();
         return unique.has_value() ? RuleValue(*unique) : RuleValue();
       }},
      {"avg_length", "mean number of bytes of a text", false,
       [](const FeatureView& f) {
         return f.proto().has_string_stats()
                    ? RuleValue(static_cast<double>(f.proto().string_stats().avg_length()))
                    : RuleValue();
       }},
      {"top_value", "the most frequent text", false,
       [](const FeatureView& f) {
         const auto& top = f.proto().string_stats().top_values();
         return top.empty() ? RuleValue() : RuleValue(top[0].value());
       }},
      {"top_fraction", "share of the most frequent text", false,
       [](const FeatureView& f) {
         const auto& top = f.proto().string_stats().top_values();
         return top.empty() ? RuleValue() : Ratio(top[0].frequency(), f.total_num_values());
       }},
  };
  return *functions;
}

class StatisticsScope : public RuleScope {
 public:
  StatisticsScope(const DatasetView& view, const DatasetFeatureStatistics& statistics,
                  const RuleData& data)
      : view_(view), statistics_(statistics), data_(data) {}

  // Other data was asked for that is not there.
  bool lacks_data() const { return lacks_data_; }

  StatusOr<Maybe> Name(const std::string& name) override {
    if (name == "num_rows" || name == "num_examples") {
      return Maybe(static_cast<int64_t>(statistics_.num_examples()));
    }
    if (name == "num_features") return Maybe(static_cast<int64_t>(view_.features().size()));
    if (name == "bad_rows" || name == "bad_row_fraction") return BadRows(name == "bad_rows");
    return NotFoundError(
        "unknown name '{}'{}; a feature stands inside a function: mean(x)", name,
        SuggestName(name, {"num_rows", "num_features", "bad_rows", "bad_row_fraction"}));
  }

  StatusOr<Maybe> Call(const RuleSyntax& call, RuleEvaluator& evaluator) override {
    for (const char* other : kOtherData) {
      if (call.text == other && call.args.size() == 1) return InOther(call, evaluator);
    }
    const std::string name = call.args.empty() ? "" : DottedName(*call.args[0]);
    const std::string& function = call.text;
    if (function == "has" && call.args.size() == 1) {
      return Maybe(Find(name) != nullptr);
    }
    if (function == "quantile" || function == "fraction" || function == "frequency" ||
        function == "custom") {
      if (call.args.size() != 2) return InvalidArgumentError("{} takes 2 arguments", function);
      BESSEMER_ASSIGN_OR_RETURN(const FeatureView* feature, Feature(name));
      BESSEMER_ASSIGN_OR_RETURN(const RuleValue argument, evaluator.Evaluate(*call.args[1], *this));
      return OfTwo(function, *feature, argument);
    }
    if (call.args.size() != 1 || name.empty()) return Maybe();
    for (const Function& known : Functions()) {
      if (function != known.name) continue;
      BESSEMER_ASSIGN_OR_RETURN(const FeatureView* feature, Feature(name));
      if (known.needs_numbers && !feature->proto().has_num_stats()) {
        return FailedPreconditionError("'{}' has no statistics of numbers", name);
      }
      return Maybe(known.value(*feature));
    }
    return Maybe();
  }

 private:
  const FeatureView* Find(const std::string& name) const {
    const auto path = schema::Path::Parse(name);
    const FeatureView* feature = path.ok() ? view_.Find(*path) : nullptr;
    return feature != nullptr ? feature : view_.Find(schema::Path({name}));
  }

  StatusOr<const FeatureView*> Feature(const std::string& name) const {
    const FeatureView* feature = Find(name);
    if (feature != nullptr && feature->common() != nullptr) return feature;
    std::vector<std::string> names;
    for (const FeatureView& known : view_.features()) names.push_back(known.path().ToString());
    return NotFoundError("the data has no feature '{}'{}", name, SuggestName(name, names));
  }

  StatusOr<Maybe> BadRows(bool count) const {
    if (!data_.num_bad_rows.has_value()) {
      return FailedPreconditionError("it is not known how many rows were set aside");
    }
    if (count) return Maybe(*data_.num_bad_rows);
    const auto bad = static_cast<double>(*data_.num_bad_rows);
    return Maybe(Ratio(bad, bad + static_cast<double>(statistics_.num_examples())));
  }

  StatusOr<Maybe> InOther(const RuleSyntax& call, RuleEvaluator& evaluator) {
    const DatasetFeatureStatistics* other = data_.Other(call.text);
    if (other == nullptr) {
      lacks_data_ = true;
      return Maybe(RuleValue());
    }
    BESSEMER_ASSIGN_OR_RETURN(const DatasetView view,
                              DatasetView::Create(*other, DatasetView::Weighting::kUnweighted));
    RuleData data{.current = *other};
    StatisticsScope scope(view, *other, data);
    BESSEMER_ASSIGN_OR_RETURN(RuleValue value, evaluator.Evaluate(*call.args[0], scope));
    return Maybe(std::move(value));
  }

  StatusOr<Maybe> OfTwo(const std::string& function, const FeatureView& feature,
                        const RuleValue& argument) const {
    if (function == "quantile") {
      if (!argument.is_number()) return InvalidArgumentError("quantile(x, share) needs a number");
      BESSEMER_ASSIGN_OR_RETURN(RuleValue value, Quantile(feature, argument.number()));
      return Maybe(std::move(value));
    }
    if (argument.As<std::string>() == nullptr) {
      return InvalidArgumentError("{} needs a text as its second argument", function);
    }
    const std::string& text = *argument.As<std::string>();
    if (function == "custom") {
      const auto* custom = feature.FindCustom(text);
      if (custom == nullptr) return Maybe(RuleValue());
      return Maybe(custom->has_str() ? RuleValue(custom->str()) : RuleValue(custom->num()));
    }
    double count = 0;
    for (const auto& [value, frequency] : feature.StringCounts()) {
      if (value == text) count = frequency;
    }
    return Maybe(function == "frequency" ? RuleValue(count)
                                         : Ratio(count, feature.total_num_values()));
  }

  const DatasetView& view_;
  const DatasetFeatureStatistics& statistics_;
  const RuleData& data_;
  bool lacks_data_ = false;
};

// The first feature of the data that the expression names.
schema::Path FeatureOf(const std::vector<std::string>& names, const DatasetView* view) {
  for (const std::string& name : names) {
    const auto parsed = schema::Path::Parse(name);
    for (const schema::Path& path :
         {parsed.ok() ? *parsed : schema::Path(), schema::Path({name})}) {
      if (!path.empty() && (view == nullptr || view->Find(path) != nullptr)) return path;
    }
  }
  return {};
}

void Report(const Rule& rule, const schema::Path& path, AnomalyType type, const std::string& text,
            Anomalies* anomalies) {
  AnomalyInfo* anomaly = anomalies->mutable_dataset_anomaly_info();
  if (!path.empty()) {
    anomaly = &(*anomalies->mutable_anomaly_info())[path.ToString()];
    *anomaly->mutable_path() = path.ToProto();
  }
  const std::string why =
      rule.description.empty() ? "" : fmt::format(" ({})", rule.description);
  AddFindings({{type, fmt::format("Rule: {}", rule.name), text + why}},
              {{type, rule.severity}}, anomaly);
}

// "quantile(fare, 0.99)"
std::string CallText(const RuleSyntax& call) {
  std::string text = fmt::format("{}({}", call.text, DottedName(*call.args[0]));
  for (size_t i = 1; i < call.args.size(); ++i) {
    const auto& value = call.args[i]->value;
    if (const auto* whole = std::get_if<int64_t>(&value)) text += fmt::format(", {}", *whole);
    if (const auto* number = std::get_if<double>(&value)) text += ", " + NumberText(*number);
    if (const auto* string = std::get_if<std::string>(&value)) {
      text += fmt::format(", '{}'", *string);
    }
  }
  return text + ")";
}

// What the functions in a comparison gave: "mean(fare) is 3.5".
std::string Observed(const RuleSyntax& syntax, std::string_view text, StatisticsScope& scope) {
  std::string observed;
  const auto visit = [&](const auto& self, const RuleSyntax& node) -> void {
    const bool is_statistic =
        node.kind == RuleSyntax::Kind::kCall && !node.args.empty() &&
        node.text[0] >= 'a' && node.text[0] <= 'z' && !DottedName(*node.args[0]).empty();
    const bool is_name = node.kind == RuleSyntax::Kind::kName;
    StatusOr<RuleValue> value = RuleValue();
    if (is_statistic || is_name) value = RuleEvaluator(text).Evaluate(node, scope);
    if (value.ok() && value->is_number()) {
      observed += fmt::format(
          "{}{} is {}", observed.empty() ? "" : ", ",
          is_name ? node.text : CallText(node),
          NumberText(value->number()));
      return;
    }
    for (const auto& arg : node.args) {
      if (arg != nullptr) self(self, *arg);
    }
  };
  visit(visit, syntax);
  return observed.empty() ? "it does not hold" : observed;
}

}  // namespace

Status JudgeStatistics(const std::vector<Rule>& rules, const RuleData& data,
                       Anomalies* anomalies) {
  BESSEMER_ASSIGN_OR_RETURN(
      const DatasetView view,
      DatasetView::Create(data.current, DatasetView::Weighting::kUnweighted));
  for (const Rule& rule : rules) {
    if (rule.statistics.empty() || !rule.IsFor(data.environment)) continue;
    const auto syntax = ParseRule(rule.statistics);
    if (!syntax.ok()) return WithContext(syntax.status(), fmt::format("rule '{}'", rule.name));
    StatisticsScope scope(view, data.current, data);
    const auto holds = RuleEvaluator(rule.statistics).Holds(**syntax, scope);
    if (scope.lacks_data() || (holds.ok() && *holds)) continue;
    const schema::Path path = FeatureOf(NamesOf(**syntax), &view);
    if (holds.ok()) {
      Report(rule, path, AnomalyInfo::CUSTOM_VALIDATION,
             fmt::format("Expected {}; {}.", rule.statistics,
                         Observed(**syntax, rule.statistics, scope)),
             anomalies);
    } else {
      const std::string_view message = Message(holds.status());
      Report(rule, path, AnomalyInfo::STATS_NOT_AVAILABLE,
             fmt::format("Expected {}; that cannot be judged: {}.", rule.statistics,
                         message.substr(0, message.find('\n'))),
             anomalies);
    }
  }
  return OkStatus();
}

void ReportRowRule(const Rule& rule, int64_t num_broken, int64_t num_rows, Anomalies* anomalies,
                   std::string_view slice) {
  const double fraction =
      num_rows == 0 ? 0 : static_cast<double>(num_broken) / static_cast<double>(num_rows);
  if (num_broken == 0 || fraction <= rule.max_fraction) return;
  const auto syntax = ParseRule(rule.row);
  schema::Path path = syntax.ok() ? FeatureOf(NamesOf(**syntax), nullptr) : schema::Path();
  std::string where =
      rule.max_fraction > 0
          ? fmt::format("all but a fraction of {} of the rows", NumberText(rule.max_fraction))
          : "every row";
  if (!slice.empty()) {
    where += fmt::format(" of slice {}", slice);
    std::vector<std::string> steps = path.steps();
    if (!steps.empty()) steps[0] = SliceStep(slice, steps[0]);
    path = schema::Path(std::move(steps));
  }
  Report(rule, path, AnomalyInfo::CUSTOM_VALIDATION,
         fmt::format("Expected {} in {}; {} of {} rows break it.", rule.row, where, num_broken,
                     num_rows),
         anomalies);
}

std::vector<std::pair<std::string, std::string>> StatisticsFunctions() {
  std::vector<std::pair<std::string, std::string>> docs;
  for (const Function& function : Functions()) {
    docs.emplace_back(fmt::format("{}(x)", function.name), function.doc);
  }
  docs.insert(docs.end(), {{"quantile(x, share)", "value below which that share of values lies"},
                           {"frequency(x, 'v')", "how often a text occurs"},
                           {"fraction(x, 'v')", "share of a text among the values"},
                           {"custom(x, 'name')", "a custom statistic"},
                           {"has(x)", "whether the data has the feature"},
                           {"num_rows", "rows"},
                           {"num_features", "features"},
                           {"bad_rows", "rows set aside when the data was read"},
                           {"bad_row_fraction", "their share of all rows read"},
                           {"previous(…)", "the same in the previous span"},
                           {"previous_version(…)", "the same in the previous version"},
                           {"serving(…)", "the same in the statistics of serving"}});
  return docs;
}

}  // namespace bessemer::validation
