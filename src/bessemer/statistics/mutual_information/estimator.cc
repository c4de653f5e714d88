#include "bessemer/statistics/mutual_information/estimator.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numbers>
#include <numeric>
#include <optional>
#include <span>

#include "bessemer/statistics/mutual_information/neighbours.h"
#include "bessemer/statistics/mutual_information/numbers.h"

namespace bessemer::statistics::mutual_information {
namespace {

// A sum over the rows, in the order of the rows, and the shares it is made of.
struct Estimate {
  double value = 0;
  std::vector<double> each;
};

// Every combination of categories as one category: 0, 1, … by first appearance.
std::vector<int64_t> Combined(const std::vector<const std::vector<int64_t>*>& columns) {
  std::map<std::vector<int64_t>, int64_t> known;
  std::vector<int64_t> combined(columns[0]->size());
  std::vector<int64_t> key(columns.size());
  for (size_t row = 0; row < combined.size(); ++row) {
    for (size_t i = 0; i < columns.size(); ++i) key[i] = (*columns[i])[row];
    combined[row] = known.try_emplace(key, static_cast<int64_t>(known.size())).first->second;
  }
  return combined;
}

Estimate Entropy(const std::vector<int64_t>& categories, std::span<const double> weights) {
  std::map<int64_t, int64_t> counts;
  for (const int64_t category : categories) ++counts[category];
  Estimate entropy;
  const double size = static_cast<double>(categories.size());
  for (size_t row = 0; row < categories.size(); ++row) {
    entropy.each.push_back(
        -std::log2(static_cast<double>(counts[categories[row]]) / size) * weights[row]);
  }
  entropy.value = PairwiseSum(entropy.each) / size;
  return entropy;
}

// The side of one list of variables: one numeric point and one category for each row.
struct Side {
  std::optional<Points> points;
  std::optional<std::vector<int64_t>> categories;
};

class Estimator {
 public:
  Estimator(const EstimateOptions& options, std::vector<double> weights)
      : options_(options), weights_(std::move(weights)) {}

  Estimate Categories(const std::vector<int64_t>& a, const std::vector<int64_t>& b) const;
  StatusOr<Estimate> Numbers(const Points& a, const Points& b) const;
  StatusOr<Estimate> Mixed(const Points& points, const std::vector<int64_t>& categories) const;

 private:
  bool smaller_data() const { return options_.method == EstimateMethod::kSmallerData; }
  // -digamma(number of points within the radius of each row), weighted.
  std::vector<double> InRadius(const Points& points, std::span<const double> radius,
                               std::span<const double> weights) const;

  const EstimateOptions& options_;
  std::vector<double> weights_;
};

Estimate Estimator::Categories(const std::vector<int64_t>& a,
                               const std::vector<int64_t>& b) const {
  const Estimate only_a = Entropy(a, weights_);
  const Estimate only_b = Entropy(b, weights_);
  const Estimate both = Entropy(Combined({&a, &b}), weights_);
  Estimate result{std::max(0.0, only_a.value + only_b.value - both.value), {}};
  for (size_t i = 0; i < a.size(); ++i) {
    result.each.push_back(only_a.each[i] + only_b.each[i] - both.each[i]);
  }
  return result;
}

std::vector<double> Estimator::InRadius(const Points& points, std::span<const double> radius,
                                        std::span<const double> weights) const {
  const NeighbourTree tree(points);
  std::vector<double> each(radius.size());
  for (size_t i = 0; i < radius.size(); ++i) {
    const int64_t within = tree.CountWithin(static_cast<int64_t>(i), radius[i]);
    each[i] =
        -Digamma(static_cast<double>(smaller_data() ? within : within - 1)) * weights[i];
  }
  return each;
}

StatusOr<Estimate> Estimator::Numbers(const Points& a, const Points& b) const {
  const int64_t size = a.size();
  if (size <= options_.k) {
    return InvalidArgumentError("{} rows are too few for {} neighbours each", size, options_.k);
  }
  Points both{a.dimension + b.dimension, {}};
  for (int64_t i = 0; i < size; ++i) {
    both.coordinates.insert(both.coordinates.end(), a.at(i), a.at(i) + a.dimension);
    both.coordinates.insert(both.coordinates.end(), b.at(i), b.at(i) + b.dimension);
  }
  const NeighbourTree tree(both);
  std::vector<double> radius_a(static_cast<size_t>(size));
  std::vector<double> radius_b(static_cast<size_t>(size));
  std::vector<std::pair<double, int64_t>> nearest;
  const auto largest = [](const Points& points, int64_t i, int64_t j, double so_far) {
    for (int64_t d = 0; d < points.dimension; ++d) {
      so_far = std::max(so_far, std::fabs(points.at(i)[d] - points.at(j)[d]));
    }
    return so_far;
  };
  for (int64_t i = 0; i < size; ++i) {
    tree.Nearest(i, options_.k, &nearest);
    if (smaller_data()) {  // without the point on the boundary
      radius_a[i] = radius_b[i] = std::nextafter(nearest.back().first, 0.0);
      continue;
    }
    for (const auto& [distance, j] : nearest) {
      radius_a[i] = largest(a, i, j, radius_a[i]);
      radius_b[i] = largest(b, i, j, radius_b[i]);
    }
  }
  const std::vector<double> each_a = InRadius(a, radius_a, weights_);
  const std::vector<double> each_b = InRadius(b, radius_b, weights_);
  const double k = static_cast<double>(options_.k);
  const double term =
      Digamma(k) + Digamma(static_cast<double>(size)) - (smaller_data() ? 0 : 1 / k);
  Estimate result;
  std::vector<double> extra(each_a.size());
  for (size_t i = 0; i < extra.size(); ++i) {
    extra[i] = term * weights_[i];
    result.each.push_back((each_a[i] + each_b[i] + extra[i]) / std::numbers::ln2);
  }
  const double n = static_cast<double>(size);
  const double nats = (PairwiseSum(each_a) + PairwiseSum(each_b)) / n + PairwiseSum(extra) / n;
  result.value = std::max(0.0, nats / std::numbers::ln2);
  return result;
}

// The points of some rows.
Points Taken(const Points& points, std::span<const int64_t> rows) {
  Points taken{points.dimension, {}};
  taken.coordinates.reserve(rows.size() * static_cast<size_t>(points.dimension));
  for (const int64_t row : rows) {
    taken.coordinates.insert(taken.coordinates.end(), points.at(row),
                             points.at(row) + points.dimension);
  }
  return taken;
}

StatusOr<Estimate> Estimator::Mixed(const Points& points,
                                    const std::vector<int64_t>& categories) const {
  std::map<int64_t, std::vector<int64_t>> rows_of;
  for (size_t i = 0; i < categories.size(); ++i) {
    rows_of[categories[i]].push_back(static_cast<int64_t>(i));
  }
  std::vector<double> radius(categories.size(), -1);  // -1: the only row of its category
  std::vector<double> own(categories.size());         // digamma(k) - digamma(rows of the category)
  std::vector<std::pair<double, int64_t>> nearest;
  for (const auto& [category, rows] : rows_of) {
    const int64_t count = static_cast<int64_t>(rows.size());
    if (count == 1) continue;
    const int64_t k = std::min(options_.k, count - 1);
    const NeighbourTree tree(Taken(points, rows));
    for (int64_t i = 0; i < count; ++i) {
      tree.Nearest(i, k, &nearest);
      const double distance = nearest.back().first;
      radius[rows[i]] = smaller_data() ? std::nextafter(distance, 0.0) : distance;
      own[rows[i]] = Digamma(static_cast<double>(k)) - Digamma(static_cast<double>(count));
    }
  }
  std::vector<int64_t> rows;
  std::vector<double> radii;
  std::vector<double> weights;
  for (size_t i = 0; i < radius.size(); ++i) {
    if (radius[i] < 0) continue;
    rows.push_back(static_cast<int64_t>(i));
    radii.push_back(radius[i]);
    weights.push_back(weights_[i]);
  }
  if (rows.empty()) {
    return InvalidArgumentError("the combinations of categories are all different");
  }
  const std::vector<double> each = InRadius(Taken(points, rows), radii, weights);
  const double n = static_cast<double>(rows.size());
  const double all = Digamma(n);
  Estimate result;
  result.each.resize(categories.size());
  std::vector<double> extra(rows.size());
  for (size_t i = 0; i < rows.size(); ++i) {
    extra[i] = (all + own[rows[i]]) * weights[i];
    result.each[rows[i]] = (each[i] + extra[i]) / std::numbers::ln2;
  }
  const double nats = PairwiseSum(each) / n + PairwiseSum(extra) / n;
  result.value = std::max(0.0, nats / std::numbers::ln2);
  return result;
}

Status CheckVariables(const std::vector<Variable>& side0, const std::vector<Variable>& side1,
                      const EstimateOptions& options) {
  if (side0.empty() || side1.empty()) {
    return InvalidArgumentError("mutual information needs variables on both sides");
  }
  if (options.k < 3) return InvalidArgumentError("k is {}; it must be at least 3", options.k);
  const size_t size = side0[0].size();
  bool equal = options.weights.empty() || options.weights.size() == size;
  for (const auto* side : {&side0, &side1}) {
    for (const Variable& variable : *side) equal = equal && variable.size() == size;
  }
  if (!equal) return InvalidArgumentError("variables and weights have different numbers of rows");
  return OkStatus();
}

// Draws the noise of the numeric variables.
StatusOr<Side> SideOf(const std::vector<Variable>& variables, LegacyRandom* random) {
  Side side;
  std::vector<std::vector<double>> numbers;
  std::vector<const std::vector<int64_t>*> categories;
  for (const Variable& variable : variables) {
    if (variable.categorical) {
      categories.push_back(&variable.categories);
    } else {
      BESSEMER_ASSIGN_OR_RETURN(numbers.emplace_back(), Standardized(variable.numbers));
    }
  }
  if (!numbers.empty()) {
    side.points = Points{static_cast<int64_t>(numbers.size()), WithNoise(numbers, random)};
  }
  if (!categories.empty()) side.categories = Combined(categories);
  return side;
}

Points Joined(const std::optional<Points>& a, const std::optional<Points>& b) {
  if (!a) return *b;
  if (!b) return *a;
  Points both{a->dimension + b->dimension, {}};
  for (int64_t i = 0; i < a->size(); ++i) {
    both.coordinates.insert(both.coordinates.end(), a->at(i), a->at(i) + a->dimension);
    both.coordinates.insert(both.coordinates.end(), b->at(i), b->at(i) + b->dimension);
  }
  return both;
}

}  // namespace

StatusOr<double> MutualInformation(const std::vector<Variable>& side0,
                                   const std::vector<Variable>& side1,
                                   const EstimateOptions& options, LegacyRandom* random,
                                   std::vector<double>* each) {
  BESSEMER_RETURN_IF_ERROR(CheckVariables(side0, side1, options));
  const size_t size = side0[0].size();
  if (size == 0) return InvalidArgumentError("mutual information needs rows");
  BESSEMER_ASSIGN_OR_RETURN(const Side a, SideOf(side0, random));
  BESSEMER_ASSIGN_OR_RETURN(const Side b, SideOf(side1, random));
  const Estimator estimator(options, options.weights.empty() ? std::vector<double>(size, 1.0)
                                                             : options.weights);
  double total = 0;
  std::vector<double> shares(size);
  const auto add = [&](const Estimate& part, double sign) {
    total += sign * part.value;
    for (size_t i = 0; i < size; ++i) shares[i] += sign * part.each[i];
  };
  if ((a.points || b.points) && (a.categories || b.categories)) {
    const std::vector<int64_t> categories =
        a.categories && b.categories ? Combined({&*a.categories, &*b.categories})
                                     : (a.categories ? *a.categories : *b.categories);
    BESSEMER_ASSIGN_OR_RETURN(const Estimate part,
                              estimator.Mixed(Joined(a.points, b.points), categories));
    add(part, 1);
  }
  if (a.points && b.points) {
    BESSEMER_ASSIGN_OR_RETURN(const Estimate part, estimator.Numbers(*a.points, *b.points));
    add(part, 1);
  }
  if (a.categories && b.categories) add(estimator.Categories(*a.categories, *b.categories), 1);
  for (const Side* side : {&a, &b}) {
    if (!side->points || !side->categories) continue;
    BESSEMER_ASSIGN_OR_RETURN(const Estimate part,
                              estimator.Mixed(*side->points, *side->categories));
    add(part, -1);
  }
  if (each != nullptr) *each = std::move(shares);
  return std::max(0.0, total);
}

StatusOr<double> AdjustedMutualInformation(const std::vector<Variable>& side0,
                                           const std::vector<Variable>& side1,
                                           const EstimateOptions& options, uint32_t seed) {
  constexpr uint32_t kMaxSeed = 999;
  LegacyRandom random(seed);
  random.Seed(random.AtMost(kMaxSeed));
  BESSEMER_ASSIGN_OR_RETURN(const double plain,
                            MutualInformation(side0, side1, options, &random));
  random.Seed(random.AtMost(kMaxSeed));
  const std::vector<int64_t> order = random.Permutation(static_cast<int64_t>(side0[0].size()));
  std::vector<Variable> shuffled = side0;
  for (size_t v = 0; v < side0.size(); ++v) {
    for (size_t i = 0; i < order.size(); ++i) {
      if (side0[v].categorical) {
        shuffled[v].categories[i] = side0[v].categories[order[i]];
      } else {
        shuffled[v].numbers[i] = side0[v].numbers[order[i]];
      }
    }
  }
  random.Seed(random.AtMost(kMaxSeed));
  BESSEMER_ASSIGN_OR_RETURN(const double by_chance,
                            MutualInformation(shuffled, side1, options, &random));
  return std::max(plain - by_chance, 0.0);
}

}  // namespace bessemer::statistics::mutual_information
