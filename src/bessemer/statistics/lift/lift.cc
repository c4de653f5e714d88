#include "bessemer/statistics/lift/lift.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "bessemer/base/hash.h"
#include "bessemer/base/random.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/statistics/lift/lift_output_internal.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::lift {
namespace {

using ::tensorflow::metadata::v0::DatasetFeatureStatistics;

// For each element of a feature's leaf the row of the batch it belongs to.
std::vector<int64_t> ExampleRows(const BatchView& batch, const FeatureArray& feature) {
  std::vector<int64_t> rows = ParentRows(feature);
  for (FeaturePath path = feature.path; path.size() > 1;) {
    path.pop_back();
    const FeatureArray* parent = batch.Find(path);
    if (parent == nullptr) return {};
    const std::vector<int64_t> above = ParentRows(*parent);
    for (int64_t& row : rows) row = above[row];
  }
  return rows;
}

// The different categories of each row of the batch; none for a feature the batch lacks.
std::vector<std::set<Category>> RowCategories(const BatchView& batch, const FeaturePath& path,
                                              const std::vector<double>& boundaries) {
  std::vector<std::set<Category>> result(batch.num_rows());
  const FeatureArray* feature = batch.Find(path);
  if (feature == nullptr || !feature->type) return result;
  const std::vector<int64_t> rows = ExampleRows(batch, *feature);
  if (rows.empty()) return result;
  if (feature->type == FeatureType::kString) {
    columnar::DispatchBytes(*feature->leaf->type(), [&]<typename Array>(std::type_identity<Array>) {
      const auto& array = static_cast<const Array&>(*feature->leaf);
      for (int64_t i = 0; i < array.length(); ++i) {
        if (array.IsValid(i)) result[rows[i]].insert(std::string(array.GetView(i)));
      }
      return OkStatus();
    }).IgnoreError();
    return result;
  }
  std::vector<double> values;
  std::vector<int64_t> positions;
  LeafNumbers(*feature, &values, &positions);
  for (size_t i = 0; i < values.size(); ++i) {
    if (std::isnan(values[i])) continue;
    const int64_t category =
        boundaries.empty()
            ? static_cast<int64_t>(std::clamp(values[i], -9.2e18, 9.2e18))
            : std::upper_bound(boundaries.begin(), boundaries.end(),
                               values[i]) - boundaries.begin();
    result[rows[positions[i]]].insert(category);
  }
  return result;
}

// The weight of each row of the batch for a feature, or empty.
std::vector<double> RowWeights(const BatchView& batch, const FeaturePath& path) {
  const FeatureArray* top = batch.Find({path.front()});
  if (path.size() == 1 && top != nullptr) return {top->weights.begin(), top->weights.end()};
  return {batch.weights().begin(), batch.weights().end()};
}

void SaveCategory(const Category& category, StateWriter* out) {
  out->Bool(category.index() == 1);
  if (category.index() == 1) {
    out->Bytes(std::get<1>(category));
  } else {
    out->Signed(std::get<0>(category));
  }
}

Category LoadCategory(StateReader* in) {
  if (in->Bool()) return std::string(in->Bytes());
  return in->Signed();
}

// The keys of a hash table in order: equal states are to give equal bytes.
template <typename Map>
std::vector<Category> SortedKeys(const Map& map) {
  std::vector<Category> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  std::sort(keys.begin(), keys.end());
  return keys;
}

}  // namespace

size_t CategoryHash::operator()(const Category& category) const {
  if (category.index() == 1) return Fingerprint64(std::get<1>(category));
  return Random::Mix(static_cast<uint64_t>(std::get<0>(category)));
}

struct LiftAccumulator::Lift {
  Category x;
  double lift;
  double xy;
  double total;
};

Status LiftAccumulator::Update(const BatchView& batch) {
  num_rows_ += batch.num_rows();
  const auto ys = RowCategories(batch, options_.y, options_.y_boundaries);
  const std::vector<double> y_weights = RowWeights(batch, options_.y);
  weighted_ |= !y_weights.empty();
  const auto mass_of = [](const std::vector<double>& weights, size_t row) {
    return Mass{1, weights.empty() ? FixedWeight{1} << kFixedWeightBits
        : ToFixedWeight(weights[row])};
  };
  for (size_t row = 0; row < ys.size(); ++row) {
    for (const Category& y : ys[row]) ys_[y].Add(mass_of(y_weights, row));
  }
  for (size_t x = 0; x < xs_.size(); ++x) {
    const auto values = RowCategories(batch, options_.xs[x], {});
    const std::vector<double> weights = RowWeights(batch, options_.xs[x]);
    weighted_ |= !weights.empty();
    for (size_t row = 0; row < values.size(); ++row) {
      for (const Category& value : values[row]) {
        XValue& entry = xs_[x][value];
        const Mass mass = mass_of(weights, row);
        entry.total.Add(mass);
        for (const Category& y : ys[row]) entry.with_y[y].Add(mass);
      }
    }
  }
  return OkStatus();
}

Status LiftAccumulator::Merge(const Accumulator& base) {
  const auto& other = static_cast<const LiftAccumulator&>(base);
  weighted_ |= other.weighted_;
  num_rows_ += other.num_rows_;
  for (const auto& [y, mass] : other.ys_) ys_[y].Add(mass);
  for (size_t i = 0; i < xs_.size(); ++i) {
    for (const auto& [x, value] : other.xs_[i]) {
      XValue& mine = xs_[i][x];
      mine.total.Add(value.total);
      for (const auto& [y, mass] : value.with_y) mine.with_y[y].Add(mass);
    }
  }
  return OkStatus();
}

void LiftAccumulator::Save(StateWriter* out) const {
  const auto save_counts = [out](const Counts& counts) {
    out->Varint(counts.size());
    for (const Category& key : SortedKeys(counts)) {
      SaveCategory(key, out);
      out->Varint(counts.at(key).count);
      out->Int128(counts.at(key).weight);
    }
  };
  out->Bool(weighted_);
  out->Varint(num_rows_);
  save_counts(ys_);
  for (const XValues& values : xs_) {
    out->Varint(values.size());
    for (const Category& key : SortedKeys(values)) {
      const XValue& value = values.at(key);
      SaveCategory(key, out);
      out->Varint(value.total.count);
      out->Int128(value.total.weight);
      save_counts(value.with_y);
    }
  }
}

void LiftAccumulator::Load(StateReader* in) {
  const auto load_mass = [in] {
    Mass mass;
    mass.count = static_cast<int64_t>(in->Varint());
    mass.weight = in->Int128();
    return mass;
  };
  const auto load_counts = [&](Counts* counts) {
    for (uint64_t i = in->Count(19); i > 0 && in->status().ok(); --i) {
      const Category key = LoadCategory(in);
      (*counts)[key] = load_mass();
    }
  };
  ys_.clear();
  weighted_ = in->Bool();
  num_rows_ = static_cast<int64_t>(in->Varint());
  load_counts(&ys_);
  for (XValues& values : xs_) {
    values.clear();
    for (uint64_t i = in->Count(20); i > 0 && in->status().ok(); --i) {
      XValue& value = values[LoadCategory(in)];
      value.total = load_mass();
      load_counts(&value.with_y);
    }
  }
}

std::vector<LiftAccumulator::Lift> LiftAccumulator::Selected(std::vector<Lift> lifts) const {
  const auto higher = [](const Lift& a, const Lift& b) {
    return a.lift != b.lift ? a.lift > b.lift : a.x > b.x;
  };
  std::sort(lifts.begin(), lifts.end(), higher);
  const int64_t size = static_cast<int64_t>(lifts.size());
  const int64_t top = options_.top_k_per_y;
  const int64_t bottom = options_.bottom_k_per_y;
  if ((top > 0 || bottom > 0) && top + bottom < size) {
    lifts.erase(lifts.begin() + top, lifts.end() - bottom);
  }
  std::sort(lifts.begin(), lifts.end(), [](const Lift& a, const Lift& b) {
    return a.lift != b.lift ? a.lift > b.lift : a.x < b.x;
  });
  return lifts;
}

std::vector<LiftAccumulator::Lift> LiftAccumulator::LiftsOf(size_t x, const Category& y,
                                                            const Mass& y_mass,
                                                            bool weighted) const {
  const auto number = [weighted](const Mass& mass) {
    return weighted ? FromFixedWeight(mass.weight) : static_cast<double>(mass.count);
  };
  std::vector<Lift> lifts;
  const double y_rate = number(y_mass) / static_cast<double>(num_rows_);
  // What has no weight has no lift.
  if (!(y_rate > 0)) return lifts;
  for (const auto& [value, entry] : xs_[x]) {
    const double total = number(entry.total);
    if (!(total > 0)) continue;
    if (options_.min_x_count > 0 && !(total > static_cast<double>(options_.min_x_count))) continue;
    const auto with_y = entry.with_y.find(y);
    const double xy = with_y == entry.with_y.end() ? 0 : number(with_y->second);
    lifts.push_back({value, (xy / total) / y_rate, xy, total});
  }
  return Selected(std::move(lifts));
}

void LiftAccumulator::FinishFeature(size_t x, bool weighted, DatasetFeatureStatistics* out) const {
  if (xs_[x].empty() || ys_.empty()) return;
  LiftOutput output(options_, x, weighted, out);
  for (const Category& y : SortedKeys(ys_)) {
    const Mass& mass = ys_.at(y);
    const std::vector<Lift> lifts = LiftsOf(x, y, mass, weighted);
    if (lifts.empty()) continue;
    output.StartSeries(y, weighted ? FromFixedWeight(mass.weight)
                       : static_cast<double>(mass.count));
    for (const Lift& lift : lifts) output.AddLift(lift.x, lift.lift, lift.xy, lift.total);
  }
}

void LiftAccumulator::Finish(DatasetFeatureStatistics* out) const {
  for (size_t x = 0; x < xs_.size(); ++x) {
    FinishFeature(x, /*weighted=*/false, out);
    if (weighted_) FinishFeature(x, /*weighted=*/true, out);
  }
}

}  // namespace bessemer::statistics::lift
