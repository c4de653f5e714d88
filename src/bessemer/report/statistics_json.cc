#include "bessemer/report/statistics_json.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <unordered_map>

#include "bessemer/report/page.h"
#include "bessemer/report/schema_json.h"
#include "bessemer/schema/statistics_view.h"
#include "bessemer/validation/distance.h"
#include "tensorflow_metadata/proto/v0/anomalies.pb.h"
#include "tensorflow_metadata/proto/v0/path.pb.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::report {
namespace {

namespace tfmd = ::tensorflow::metadata::v0;

constexpr size_t kMaxTextBytes = 120;
constexpr int kManyFeatures = 500;
constexpr size_t kMostCompared = 6;
constexpr int kTopValues = 50;
constexpr int kTopValuesOfMany = 20;
constexpr int kDigits = 9;       // of single numbers
constexpr int kChartDigits = 6;  // of histograms

std::string PathText(const tfmd::Path& path) {
  std::string text;
  for (const std::string& step : path.step()) text += (text.empty() ? "" : ".") + step;
  return text;
}

std::string FeatureName(const tfmd::FeatureNameStatistics& feature) {
  return feature.field_id_case() == tfmd::FeatureNameStatistics::kPath ? PathText(feature.path())
                                                                       : feature.name();
}

Json Buckets(const tfmd::Histogram& histogram) {
  Json flat = Json::array();
  for (const tfmd::Histogram::Bucket& bucket : histogram.buckets()) {
    flat.push_back(Rounded(bucket.low_value(), kChartDigits));
    flat.push_back(Rounded(bucket.high_value(), kChartDigits));
    flat.push_back(Rounded(bucket.sample_count(), kChartDigits));
  }
  return flat;
}

// A statistic of values: those of floats have the digits that tell the float, 6.1 and not
// 6.09999990; what is not finite, which JSON cannot say, is a text.
Json Number(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value > 0 ? "Infinity" : "-Infinity";
  if (value != std::trunc(value) && std::abs(value) <= std::numeric_limits<float>::max() &&
      static_cast<double>(static_cast<float>(value)) == value) {
    return std::strtod(fmt::format("{}", static_cast<float>(value)).c_str(), nullptr);
  }
  return Rounded(value, kDigits);
}

// How many values are infinite: both bounds of their buckets are, or (TFDV) one of them.
double NumInfinite(const tfmd::Histogram& histogram) {
  double count = 0;
  for (const tfmd::Histogram::Bucket& bucket : histogram.buckets()) {
    if (std::isinf(bucket.low_value()) || std::isinf(bucket.high_value())) {
      count += bucket.sample_count();
    }
  }
  return count;
}

Json Numbers(const tfmd::NumericStatistics& stats) {
  Json json = {{"mean", Number(stats.mean())},       {"std", Number(stats.std_dev())},
               {"zeros", stats.num_zeros()},         {"min", Number(stats.min())},
               {"median", Number(stats.median())},   {"max", Number(stats.max())}};
  const bool infinite = std::isinf(stats.min()) || std::isinf(stats.max());
  for (const tfmd::Histogram& histogram : stats.histograms()) {
    const char* key = histogram.type() == tfmd::Histogram::QUANTILES ? "quantiles" : "standard";
    if (histogram.buckets_size() > 0 && !json.contains(key)) json[key] = Buckets(histogram);
    if (histogram.num_nan() > 0) json["nan"] = histogram.num_nan();
    if (infinite && histogram.type() == tfmd::Histogram::STANDARD && !json.contains("inf")) {
      json["inf"] = Rounded(NumInfinite(histogram), kDigits);
    }
  }
  return json;
}

// The most frequent values: top_values, continued by the rank histogram, which is longer.
Json Strings(const tfmd::StringStatistics& stats, int max_values) {
  Json top = Json::array();
  std::set<std::string_view> seen;
  const auto add = [&](const std::string& value, double count) {
    if (static_cast<int>(top.size()) >= max_values || !seen.insert(value).second) return;
    top.push_back({Shortened(value, kMaxTextBytes), Rounded(count, kDigits)});
  };
  for (const auto& value : stats.top_values()) add(value.value(), value.frequency());
  for (const auto& bucket : stats.rank_histogram().buckets()) {
    if (bucket.low_rank() == bucket.high_rank()) add(bucket.label(), bucket.sample_count());
  }
  Json json = {{"unique", stats.unique()},
               {"avgLength", Rounded(stats.avg_length(), kDigits)},
               {"top", std::move(top)}};
  if (stats.invalid_utf8_count() > 0) json["invalidUtf8"] = stats.invalid_utf8_count();
  return json;
}

const tfmd::CommonStatistics& Common(const tfmd::FeatureNameStatistics& feature) {
  switch (feature.stats_case()) {
    case tfmd::FeatureNameStatistics::kNumStats: return feature.num_stats().common_stats();
    case tfmd::FeatureNameStatistics::kStringStats: return feature.string_stats().common_stats();
    case tfmd::FeatureNameStatistics::kBytesStats: return feature.bytes_stats().common_stats();
    case tfmd::FeatureNameStatistics::kStructStats: return feature.struct_stats().common_stats();
    default: return tfmd::CommonStatistics::default_instance();
  }
}

Json CustomStats(const tfmd::FeatureNameStatistics& feature) {
  Json list = Json::array();
  for (const tfmd::CustomStatistic& custom : feature.custom_stats()) {
    switch (custom.val_case()) {
      case tfmd::CustomStatistic::kNum:
        list.push_back({custom.name(), Rounded(custom.num(), kDigits)});
        break;
      case tfmd::CustomStatistic::kStr:
        list.push_back({custom.name(), Shortened(custom.str(), kMaxTextBytes)});
        break;
      default: break;  // histograms of custom statistics are not shown
    }
  }
  return list;
}

Json FeatureStats(const tfmd::FeatureNameStatistics& feature, uint64_t num_examples,
                  int max_values) {
  const tfmd::CommonStatistics& common = Common(feature);
  // num_missing is not filled for features that an example may lack with its whole struct.
  const uint64_t present = common.num_non_missing();
  uint64_t missing = common.num_missing();
  if (missing == 0 && feature.path().step_size() <= 1 && num_examples > present) {
    missing = num_examples - present;
  }
  Json json = {{"n", present}, {"missing", missing}};
  if (common.tot_num_values() > 0) json["values"] = common.tot_num_values();
  if (present > 0) {
    json["valueCount"] = {common.min_num_values(), Rounded(common.avg_num_values(), kDigits),
                          common.max_num_values()};
  }
  if (common.min_num_values() != common.max_num_values()) {
    json["valueCountHist"] = Buckets(common.num_values_histogram());
  }
  if (feature.has_num_stats()) json["num"] = Numbers(feature.num_stats());
  if (feature.has_string_stats()) json["str"] = Strings(feature.string_stats(), max_values);
  if (feature.has_bytes_stats()) {
    const tfmd::BytesStatistics& bytes = feature.bytes_stats();
    json["bytes"] = {{"unique", bytes.unique()},
                     {"avg", Rounded(bytes.avg_num_bytes(), kDigits)},
                     {"min", Rounded(bytes.min_num_bytes(), kDigits)},
                     {"max", Rounded(bytes.max_num_bytes(), kDigits)}};
  }
  if (feature.custom_stats_size() > 0) json["custom"] = CustomStats(feature);
  return json;
}

// Features of all data sets by path, in order of first appearance.
class FeatureList {
 public:
  explicit FeatureList(size_t num_datasets) : num_datasets_(num_datasets) {}

  void Add(size_t dataset, const tfmd::FeatureNameStatistics& feature, Json stats) {
    const std::string name = FeatureName(feature);
    const auto [where, is_new] = index_.emplace(name, features_.size());
    if (is_new) {
      features_.push_back({{"path", Shortened(name, 400)},
                           {"type", tfmd::FeatureNameStatistics::Type_Name(feature.type())},
                           {"kind", feature.has_num_stats() ? "numeric" : "categorical"},
                           {"stats", Json::array_t(num_datasets_, nullptr)}});
      paths_.push_back(name);
    }
    features_[where->second]["stats"][dataset] = std::move(stats);
  }

  void Differ(const tfmd::FeatureNameStatistics& feature, size_t pair, size_t num_pairs,
              double difference) {
    Json& differences = features_[index_.at(FeatureName(feature))]["differences"];
    if (differences.is_null()) differences = Json::array_t(num_pairs, nullptr);
    differences[pair] = Rounded(difference, kChartDigits);
  }

  void Expect(const std::map<std::string, std::string>& sentences) {
    for (size_t i = 0; i < paths_.size(); ++i) {
      const auto found = sentences.find(paths_[i]);
      if (found != sentences.end()) features_[i]["expected"] = found->second;
    }
  }

  Json Take() { return std::move(features_); }

 private:
  size_t num_datasets_;
  std::unordered_map<std::string, size_t> index_;
  std::vector<std::string> paths_;
  std::vector<Json> features_;
};

struct Dataset {
  std::string name;
  size_t list;  // of the input
  const tfmd::DatasetFeatureStatistics* statistics;
};

StatusOr<std::vector<Dataset>> Flatten(const std::vector<NamedStatistics>& inputs) {
  std::vector<Dataset> datasets;
  std::set<std::string> names;
  for (size_t i = 0; i < inputs.size(); ++i) {
    if (!names.insert(inputs[i].name).second) {
      return InvalidArgumentError("two data sets are named '{}': give them different names",
                                  inputs[i].name);
    }
    bool first = true;
    for (const tfmd::DatasetFeatureStatistics& dataset : inputs[i].statistics->datasets()) {
      std::string name = inputs[i].name;
      if (!first) name += " · " + Shortened(dataset.name(), kMaxTextBytes);
      datasets.push_back({std::move(name), i, &dataset});
      first = false;
    }
  }
  if (datasets.empty()) {
    return InvalidArgumentError(
        "the statistics hold no data set: there is nothing to show (an empty file?)");
  }
  return datasets;
}

// The histogram with NaN and infinities as points of their own, which a drift_comparator takes for
// unlike anything on the other side, so that equal data that have them are far apart.
tfmd::Histogram WithPoints(const tfmd::Histogram& histogram) {
  constexpr double kGreatest = std::numeric_limits<double>::max();
  tfmd::Histogram points;
  const auto add = [&points](double at, double count) {
    auto* bucket = points.add_buckets();
    bucket->set_low_value(at);
    bucket->set_high_value(at);
    bucket->set_sample_count(count);
  };
  for (const auto& bucket : histogram.buckets()) {
    if (std::isfinite(bucket.low_value()) && std::isfinite(bucket.high_value())) {
      *points.add_buckets() = bucket;
    } else {
      add(bucket.high_value() > 0 ? kGreatest : -kGreatest, bucket.sample_count());
    }
  }
  if (histogram.num_nan() > 0) {
    add(std::nextafter(kGreatest, 0.0), static_cast<double>(histogram.num_nan()));
  }
  return points;
}

std::optional<double> Difference(const schema::FeatureView& a, const schema::FeatureView& b) {
  const tfmd::Histogram* const of_a = a.FindHistogram(tfmd::Histogram::STANDARD);
  const tfmd::Histogram* const of_b = b.FindHistogram(tfmd::Histogram::STANDARD);
  if (of_a == nullptr || of_b == nullptr) {
    return validation::JensenShannonDivergence(a, b, tfmd::Histogram::STANDARD);
  }
  return validation::JensenShannonDivergence(WithPoints(*of_a), WithPoints(*of_b));
}

// How far apart each two data sets are in each feature, from 0 for equal ones to 1, as a
// drift_comparator measures it where there are finite numbers only: pairs in the order (0, 1),
// (0, 2), …, (1, 2), …. Not of many data sets, as slices may be, nor of
// statistics that no feature can be found in by its path.
void AddDifferences(const std::vector<Dataset>& datasets, FeatureList* features) {
  if (datasets.size() < 2 || datasets.size() > kMostCompared) return;
  std::vector<schema::DatasetView> views;
  for (const Dataset& dataset : datasets) {
    auto view = schema::DatasetView::Create(*dataset.statistics,
                                            schema::DatasetView::Weighting::kUnweighted);
    if (!view.ok()) return;
    views.push_back(*std::move(view));
  }
  const size_t num_pairs = views.size() * (views.size() - 1) / 2;
  size_t pair = 0;
  for (size_t a = 0; a < views.size(); ++a) {
    for (size_t b = a + 1; b < views.size(); ++b, ++pair) {
      for (const schema::FeatureView& feature : views[a].features()) {
        const schema::FeatureView* other = views[b].Find(feature.path());
        if (other == nullptr) continue;
        const std::optional<double> difference = Difference(feature, *other);
        if (difference) features->Differ(feature.proto(), pair, num_pairs, *difference);
      }
    }
  }
}

const char* SeverityName(tfmd::AnomalyInfo::Severity severity) {
  switch (severity) {
    case tfmd::AnomalyInfo::ERROR: return "error";
    case tfmd::AnomalyInfo::WARNING: return "warning";
    default: return "unknown";
  }
}

// What the reasons say, where TFDV writes "Multiple errors".
std::string ShortText(const tfmd::AnomalyInfo& info) {
  if (info.reason_size() < 2) return info.short_description();
  std::vector<std::string> texts;
  for (const tfmd::AnomalyInfo::Reason& reason : info.reason()) {
    const std::string& text = reason.short_description();
    if (std::find(texts.begin(), texts.end(), text) == texts.end()) texts.push_back(text);
  }
  return fmt::format("{}", fmt::join(texts, "; "));
}

}  // namespace

StatusOr<Json> StatisticsJson(const std::vector<NamedStatistics>& inputs,
                              const tfmd::Schema* schema,
                              const std::vector<NamedAnomalies>& anomalies) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<Dataset> datasets, Flatten(inputs));
  Json named = Json::array();
  Json compare = {0, nullptr};
  FeatureList features(datasets.size());
  for (size_t i = 0; i < datasets.size(); ++i) {
    const tfmd::DatasetFeatureStatistics& statistics = *datasets[i].statistics;
    Json entry = {{"name", datasets[i].name}, {"examples", statistics.num_examples()}};
    if (statistics.weighted_num_examples() > 0) {
      entry["weighted"] = Rounded(statistics.weighted_num_examples(), kDigits);
    }
    named.push_back(std::move(entry));
    if (compare[1].is_null() && datasets[i].list > datasets[0].list) compare[1] = i;
    const int max_values =
        statistics.features_size() >= kManyFeatures ? kTopValuesOfMany : kTopValues;
    for (const tfmd::FeatureNameStatistics& feature : statistics.features()) {
      features.Add(i, feature, FeatureStats(feature, statistics.num_examples(), max_values));
    }
  }
  AddDifferences(datasets, &features);
  if (schema != nullptr) features.Expect(SchemaSentences(*schema));
  return Json{{"datasets", std::move(named)},
              {"compare", std::move(compare)},
              {"features", features.Take()},
              {"anomalies", AnomaliesJson(anomalies)}};
}

Json AnomaliesJson(const std::vector<NamedAnomalies>& anomalies) {
  struct Entry {
    int rank;
    std::string path;
    Json json;
  };
  std::vector<Entry> entries;
  const auto add = [&](const std::string& path, const tfmd::AnomalyInfo& info,
                       const std::string& dataset) {
    Json json = {{"path", Shortened(path, 400)},
                 {"severity", SeverityName(info.severity())},
                 {"short", Shortened(ShortText(info), kMaxTextBytes)},
                 {"text", Shortened(info.description(), 2000)}};
    if (!dataset.empty()) json["dataset"] = dataset;
    entries.push_back({-static_cast<int>(info.severity()), path, std::move(json)});
  };
  for (const NamedAnomalies& named : anomalies) {
    for (const auto& [key, info] : named.anomalies->anomaly_info()) {
      add(info.path().step_size() > 0 ? PathText(info.path()) : key, info, named.dataset);
    }
    if (named.anomalies->has_dataset_anomaly_info()) {
      add("", named.anomalies->dataset_anomaly_info(), named.dataset);
    }
  }
  // The map of a message has no order of its own.
  std::stable_sort(entries.begin(), entries.end(), [](const Entry& a, const Entry& b) {
    return std::tie(a.rank, a.path) < std::tie(b.rank, b.path);
  });
  Json list = Json::array();
  for (Entry& entry : entries) list.push_back(std::move(entry.json));
  return list;
}

}  // namespace bessemer::report
