#include <algorithm>
#include <cmath>
#include <limits>

#include "bessemer/evaluation/metric.h"
#include "bessemer/evaluation/state_bytes.h"

namespace bessemer::evaluation::ranking {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();

struct Document {
  double prediction, value, weight;
};

// The documents of each query. A query may be spread over shards, so they are kept until the end:
// memory grows with the data (24 bytes a document), unlike for other metrics.
class Queries final : public Accumulator {
 public:
  Status Update(const Examples& examples) override {
    for (int64_t i = 0; i < examples.num_rows; ++i) {
      auto number = [&](const Ragged& from) {
        const bool empty = from.values.empty() || from.row(i).empty();
        return empty ? 0.0 : from.row(i)[0];
      };
      documents_[examples.groups[i]].push_back(
          {number(examples.predictions), number(examples.labels), examples.weights[i]});
    }
    return OkStatus();
  }
  void Merge(const Accumulator& other) override {
    for (const auto& [query, documents] : static_cast<const Queries&>(other).documents_) {
      auto& mine = documents_[query];
      mine.insert(mine.end(), documents.begin(), documents.end());
    }
  }
  void Save(std::string* out) const override {
    PutNumber<uint64_t>(out, documents_.size());
    for (const auto& [query, documents] : documents_) {
      PutString(out, query);
      PutNumber<uint64_t>(out, documents.size());
      for (const Document& d : documents) {
        PutNumber(out, d.prediction);
        PutNumber(out, d.value);
        PutNumber(out, d.weight);
      }
    }
  }
  Status Load(std::string_view bytes) override {
    documents_.clear();
    StateReader reader(bytes);
    const uint64_t num_queries = reader.Count(16);
    for (uint64_t q = 0; q < num_queries; ++q) {
      auto& documents = documents_[std::string(reader.String())];
      const uint64_t count = reader.Count(24);
      for (uint64_t i = 0; i < count; ++i) {
        Document d{};
        d.prediction = reader.Number<double>();
        d.value = reader.Number<double>();
        d.weight = reader.Number<double>();
        documents.push_back(d);
      }
    }
    return reader.Finish("queries");
  }
  const std::map<std::string, std::vector<Document>>& documents() const { return documents_; }

 private:
  std::map<std::string, std::vector<Document>> documents_;
};

// Best prediction first; of equal ones the later document.
std::vector<Document> Ranked(std::vector<Document> documents) {
  std::reverse(documents.begin(), documents.end());
  std::stable_sort(documents.begin(), documents.end(), [](const Document& a, const Document& b) {
    return a.prediction > b.prediction;
  });
  return documents;
}

bool SameWeights(const std::vector<Document>& documents) {
  return std::all_of(documents.begin(), documents.end(), [&](const Document& d) {
    return d.weight == documents.front().weight;
  });
}

const Value& UnequalWeights() {
  static const auto* const error =
      new Value(MetricError{"the examples of one query have different weights"});
  return *error;
}

// Discounted gains of the first k: sum of gain / log2(rank + 1).
double DiscountedGain(const std::vector<Document>& documents, int k) {
  double sum = 0;
  for (size_t i = 0; i < documents.size() && i < static_cast<size_t>(k); ++i) {
    sum += documents[i].value / std::log2(static_cast<double>(i) + 2);
  }
  return sum;
}

Value Ndcg(const Queries& queries, int k) {
  double total = 0, total_weight = 0;
  for (const auto& [query, documents] : queries.documents()) {
    if (!SameWeights(documents)) return UnequalWeights();
    std::vector<Document> ideal = documents;
    std::stable_sort(ideal.begin(), ideal.end(),
                     [](const Document& a, const Document& b) { return a.value > b.value; });
    if (ideal.front().value <= 0) continue;  // nothing to find: the query weighs nothing
    const double best = DiscountedGain(ideal, k);
    total += documents.front().weight *
             (best > 0 ? DiscountedGain(Ranked(documents), k) / best : 0.0);
    total_weight += documents.front().weight;
  }
  return total_weight > 0 ? total / total_weight : kNaN;
}

Value FirstPosition(const Queries& queries) {
  double total = 0, total_weight = 0;
  for (const auto& [query, documents] : queries.documents()) {
    if (!SameWeights(documents)) return UnequalWeights();
    const std::vector<Document> ranked = Ranked(documents);
    for (size_t i = 0; i < ranked.size(); ++i) {
      if (ranked[i].value <= 0) continue;
      total += static_cast<double>(i + 1) * documents.front().weight;
      total_weight += documents.front().weight;
      break;
    }
  }
  return total_weight > 0 ? total / total_weight : kNaN;
}

MetricPlan QueryPlan(const MetricContext& context, const std::string& label_feature) {
  MetricPlan plan{.view = context.view, .accumulator_id = "queries"};
  plan.view.flatten = false;
  plan.view.label_feature = label_feature;
  plan.make = [] { return std::make_unique<Queries>(); };
  return plan;
}

StatusOr<MetricPlan> NdcgPlan(const MetricContext& context) {
  std::vector<int> ks = context.top_k_list;
  for (const Json& k : context.params.Value("top_k_list")) {
    if (!k.is_number_integer() || k.get<int>() < 1) {
      return context.params.Error("top_k_list", "must be positive integers");
    }
    ks.push_back(k.get<int>());
  }
  if (ks.empty()) {
    return InvalidArgumentError("NDCG needs top_k_list, its own or of the spec's binarize options");
  }
  MetricPlan plan = QueryPlan(context, context.params.String("gain_key"));
  plan.finish = [key = context.key, ks](const Accumulator& state) {
    std::vector<std::pair<MetricKey, Value>> values;
    for (const int k : ks) {
      MetricKey own = key;
      own.sub_key.top_k = k;
      values.emplace_back(own, Ndcg(static_cast<const Queries&>(state), k));
    }
    return values;
  };
  return plan;
}

StatusOr<MetricPlan> PositionPlan(const MetricContext& context) {
  MetricPlan plan = QueryPlan(context, context.params.String("label_key"));
  plan.finish = [key = context.key](const Accumulator& state) {
    return std::vector<std::pair<MetricKey, Value>>{
        {key, FirstPosition(static_cast<const Queries&>(state))}};
  };
  return plan;
}

StatusOr<MetricPlan> StatisticsPlan(const MetricContext& context) {
  MetricPlan plan = QueryPlan(context, "");
  plan.view.needs_labels = false;
  plan.view.needs_predictions = false;
  plan.finish = [key = context.key](const Accumulator& state) {
    const auto& queries = static_cast<const Queries&>(state).documents();
    double num_queries = 0, total = 0, smallest = queries.empty() ? 0 : INFINITY, largest = 0;
    for (const auto& [query, documents] : queries) {
      const double weight = documents.front().weight;
      const double size = static_cast<double>(documents.size()) * weight;
      num_queries += weight;
      total += size;
      smallest = std::min(smallest, size);
      largest = std::max(largest, size);
    }
    std::vector<std::pair<MetricKey, Value>> values;
    auto add = [&](const char* name, double value) {
      MetricKey own = key;
      own.name = name;
      values.emplace_back(own, value);
    };
    add("total_queries", num_queries);
    add("total_documents", total);
    add("min_documents", smallest);
    add("max_documents", largest);
    return values;
  };
  return plan;
}

}  // namespace

void Register(MetricRegistry& registry) {
  registry.Add({.name = "NDCG",
                .doc = "Normalised discounted cumulative gain at each k, in [0, 1]; queries "
                       "without a "
                       "positive gain do not count",
                .default_name = "ndcg",
                .params = {{.name = "gain_key",
                            .type = ParamType::kString,
                            .doc = "Feature that holds the gain of a document",
                            .required = true},
                           {.name = "top_k_list",
                            .type = ParamType::kList,
                            .default_value = Json::array(),
                            .doc = "Values of k"}},
                .ignores_sub_key = true,
                .needs_query = true,
                .plan = NdcgPlan});
  registry.Add({.name = "MinLabelPosition",
                .doc = "Mean position, from 1, of the first positive label in each query; queries "
                       "without one do not count",
                .default_name = "min_label_position",
                .params = {{.name = "label_key",
                            .type = ParamType::kString,
                            .default_value = "",
                            .doc = "Feature that holds the label; empty: the model's"}},
                .ignores_sub_key = true,
                .needs_query = true,
                .plan = PositionPlan});
  registry.Add({.name = "QueryStatistics",
                .doc = "Number of queries, of documents, fewest and most documents of a query, "
                       "each times "
                       "the weight of its query",
                .default_name = "query_statistics",
                .ignores_sub_key = true,
                .needs_query = true,
                .has_confidence = false,
                .plan = StatisticsPlan});
}

}  // namespace bessemer::evaluation::ranking
