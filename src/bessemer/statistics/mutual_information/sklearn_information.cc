#include "bessemer/statistics/mutual_information/sklearn_information.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <span>

#include "bessemer/statistics/mutual_information/legacy_random.h"
#include "bessemer/statistics/mutual_information/neighbours.h"
#include "bessemer/statistics/mutual_information/numbers.h"

namespace bessemer::statistics::mutual_information {
namespace {

constexpr int64_t kNeighbours = 3;
constexpr double kNoise = 1e-10;

double Mean(const std::vector<double>& values) {
  return PairwiseSum(values) / static_cast<double>(values.size());
}

void FillGaps(Variable* variable) {
  double greatest = -std::numeric_limits<double>::infinity();
  for (const double number : variable->numbers) {
    if (!std::isnan(number)) greatest = std::max(greatest, number);
  }
  const double gap = std::isinf(greatest) ? std::ldexp(1.0, 63) : 10 * greatest;
  for (double& number : variable->numbers) {
    if (std::isnan(number)) number = gap;
  }
}

// Unit variance, the mean left where it is; a constant stays.
void Scale(std::vector<double>* numbers) {
  const double mean = Mean(*numbers);
  std::vector<double> squares;
  for (const double number : *numbers) squares.push_back((number - mean) * (number - mean));
  const double deviation = std::sqrt(Mean(squares));
  if (deviation < 10 * std::numeric_limits<double>::epsilon()) return;
  for (double& number : *numbers) number /= deviation;
}

// Scales numeric columns and adds noise, row by row.
void Prepare(const std::vector<Variable*>& columns, LegacyRandom* random) {
  std::vector<double> sizes;
  for (Variable* column : columns) {
    Scale(&column->numbers);
    std::vector<double> magnitudes;
    for (const double number : column->numbers) magnitudes.push_back(std::fabs(number));
    sizes.push_back(kNoise * std::max(1.0, Mean(magnitudes)));
  }
  const size_t num_rows = columns.empty() ? 0 : columns[0]->size();
  for (size_t row = 0; row < num_rows; ++row) {
    for (size_t i = 0; i < columns.size(); ++i) {
      columns[i]->numbers[row] += sizes[i] * random->Normal();
    }
  }
}

double OfCategories(const std::vector<int64_t>& x, const std::vector<int64_t>& y) {
  std::map<int64_t, double> of_x, of_y;
  std::map<std::pair<int64_t, int64_t>, double> of_both;
  const double n = static_cast<double>(x.size());
  for (size_t i = 0; i < x.size(); ++i) {
    of_x[x[i]] += 1;
    of_y[y[i]] += 1;
    of_both[{x[i], y[i]}] += 1;
  }
  double sum = 0;
  for (const auto& [both, count] : of_both) {
    sum += count / n * std::log(count * n / (of_x[both.first] * of_y[both.second]));
  }
  return std::max(0.0, sum);
}

// The distance just below that of the last of the k nearest other points.
double RadiusBelow(const NeighbourTree& tree, int64_t point, int64_t k) {
  std::vector<std::pair<double, int64_t>> nearest;
  tree.Nearest(point, k, &nearest);
  return std::nextafter(nearest.back().first, 0.0);
}

double OfNumbers(const std::vector<double>& x, const std::vector<double>& y) {
  Points both{2, {}};
  for (size_t i = 0; i < x.size(); ++i) {
    both.coordinates.push_back(x[i]);
    both.coordinates.push_back(y[i]);
  }
  const NeighbourTree tree(std::move(both)), tree_x({1, x}), tree_y({1, y});
  std::vector<double> terms;
  for (int64_t i = 0; i < static_cast<int64_t>(x.size()); ++i) {
    const double radius = RadiusBelow(tree, i, kNeighbours);
    terms.push_back(Digamma(static_cast<double>(tree_x.CountWithin(i, radius))) +
                    Digamma(static_cast<double>(tree_y.CountWithin(i, radius))));
  }
  return std::max(0.0, Digamma(static_cast<double>(x.size())) + Digamma(kNeighbours) - Mean(terms));
}

double OfNumbersAndCategories(const std::vector<double>& numbers,
                              const std::vector<int64_t>& categories) {
  std::map<int64_t, std::vector<double>> by_category;
  for (size_t i = 0; i < numbers.size(); ++i) by_category[categories[i]].push_back(numbers[i]);
  std::vector<double> kept, radii, terms;
  for (const auto& [category, own] : by_category) {
    const int64_t count = static_cast<int64_t>(own.size());
    if (count == 1) continue;
    const int64_t k = std::min(kNeighbours, count - 1);
    const NeighbourTree tree({1, own});
    for (int64_t i = 0; i < count; ++i) {
      kept.push_back(own[static_cast<size_t>(i)]);
      radii.push_back(RadiusBelow(tree, i, k));
      terms.push_back(Digamma(static_cast<double>(k)) - Digamma(static_cast<double>(count)));
    }
  }
  if (kept.empty()) return 0;
  const NeighbourTree all({1, kept});
  for (size_t i = 0; i < kept.size(); ++i) {
    terms[i] -= Digamma(static_cast<double>(all.CountWithin(static_cast<int64_t>(i), radii[i])));
  }
  return std::max(0.0, Digamma(static_cast<double>(kept.size())) + Mean(terms));
}

// Of each feature about the label.
std::vector<double> Estimate(std::vector<Variable> features, Variable label, uint32_t seed) {
  LegacyRandom random(seed);
  std::vector<Variable*> numeric;
  for (Variable& feature : features) {
    if (!feature.categorical) numeric.push_back(&feature);
  }
  Prepare(numeric, &random);
  if (!label.categorical) Prepare({&label}, &random);
  std::vector<double> result;
  for (const Variable& feature : features) {
    if (feature.categorical) {
      result.push_back(label.categorical
                           ? OfCategories(feature.categories, label.categories)
                           : OfNumbersAndCategories(label.numbers, feature.categories));
    } else {
      result.push_back(label.categorical
                           ? OfNumbersAndCategories(feature.numbers, label.categories)
                           : OfNumbers(feature.numbers, label.numbers));
    }
  }
  return result;
}

bool HasRowsFor(const Variable& label) {
  return label.categorical ? label.size() > 0 : label.size() > kNeighbours;
}

double AboutItself(const Variable& variable, uint32_t seed) {
  return HasRowsFor(variable) ? Estimate({variable}, variable, seed)[0] : 0;
}

Variable Shuffled(const Variable& variable, uint32_t seed) {
  LegacyRandom random(seed);
  Variable shuffled = variable;
  const std::vector<int64_t> order = random.Permutation(static_cast<int64_t>(variable.size()));
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t from = static_cast<size_t>(order[i]);
    if (variable.categorical) {
      shuffled.categories[i] = variable.categories[from];
    } else {
      shuffled.numbers[i] = variable.numbers[from];
    }
  }
  return shuffled;
}

}  // namespace

std::vector<SklearnInformation> SklearnInformationOf(std::vector<Variable> features, Variable label,
                                                     uint32_t seed) {
  std::vector<SklearnInformation> result;
  if (!HasRowsFor(label)) return result;
  for (Variable& feature : features) FillGaps(&feature);
  FillGaps(&label);
  const std::vector<double> own = Estimate(features, label, seed);
  const std::vector<double> by_chance = Estimate(features, Shuffled(label, seed), seed);
  const double of_label = AboutItself(label, seed);
  for (size_t i = 0; i < features.size(); ++i) {
    SklearnInformation& found = result.emplace_back();
    found.information = own[i];
    found.adjusted = own[i] - by_chance[i];
    const double most = std::max(of_label, AboutItself(features[i], seed)) - by_chance[i];
    if (most != 0) found.normalized_adjusted = std::clamp(found.adjusted / most, 0.0, 1.0);
  }
  return result;
}

std::vector<std::pair<std::string, SklearnInformation>> SklearnLabelInformation(
    const std::vector<Column>& columns, const LabelInformationOptions& options) {
  std::vector<std::string> names;
  std::vector<Variable> features;
  std::optional<Variable> label;
  const auto wanted_label = options.kinds.find(options.label);
  const bool numeric_label =
      wanted_label != options.kinds.end() && !wanted_label->second.categorical;
  for (const Column& column : columns) {
    const auto kind = options.kinds.find(column.name);
    if (kind == options.kinds.end() || kind->second.multivalent) continue;
    const auto encoded = Encode(column, kind->second, options.max_encoding_length);
    if (!encoded.ok() || !*encoded || (*encoded)->variables.size() != 1) continue;
    const Variable& variable = (*encoded)->variables[0];
    if (column.name == options.label) {
      label = variable;
    } else if (!(variable.categorical && numeric_label && (*encoded)->uninformative)) {
      names.push_back(column.name);
      features.push_back(variable);
    }
  }
  std::vector<std::pair<std::string, SklearnInformation>> result;
  if (!label) return result;
  const auto found = SklearnInformationOf(std::move(features), *std::move(label), options.seed);
  for (size_t i = 0; i < found.size(); ++i) result.emplace_back(names[i], found[i]);
  return result;
}

}  // namespace bessemer::statistics::mutual_information
