#include <algorithm>
#include <cmath>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/columnar/utf8.h"
#include "bessemer/statistics/basic/string_stats.h"
#include "bessemer/statistics/basic/unique_counts_output.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::basic {
namespace {

using ::tensorflow::metadata::v0::StringStatistics;

constexpr size_t kKmvBuckets = 16384;
constexpr size_t kMisraGriesBuckets = 1024;
constexpr size_t kLargeString = 1024;

enum class Form : uint64_t { kTable = 0, kIntegers = 1, kSketches = 2 };

// The k largest of a sequence too long to keep, by a heap.
class Largest {
 public:
  explicit Largest(size_t k) : k_(k) {}
  void Add(double count, std::string_view value) {
    if (k_ == 0) return;
    if (ranked_.size() == k_) {
      if (!Before(count, value, ranked_.front())) return;
      std::pop_heap(ranked_.begin(), ranked_.end(), Order);
      ranked_.pop_back();
    }
    ranked_.emplace_back(value, count);
    std::push_heap(ranked_.begin(), ranked_.end(), Order);
  }
  // By count descending, of equal ones by value descending.
  std::vector<RankedValue> Take() {
    std::sort_heap(ranked_.begin(), ranked_.end(), Order);
    return std::move(ranked_);
  }

 private:
  static bool Before(double count, std::string_view value, const RankedValue& other) {
    return count != other.second ? count > other.second : value > other.first;
  }
  static bool Order(const RankedValue& a, const RankedValue& b) {
    return Before(a.second, a.first, b);
  }
  size_t k_;
  std::vector<RankedValue> ranked_;  // the front comes last
};

}  // namespace

UniqueCounts::UniqueCounts(const StatisticsOptions& options, bool weighted, bool integral,
                           Categorical categorical)
    : options_(&options), weighted_(weighted), integral_(integral), categorical_(categorical) {
  if (options.use_sketch_based_topk_uniques) {
    sketches_ = NewSketches();
  } else if (integral) {
    integers_ = std::make_unique<IntegerTable>(weighted);
  } else {
    values_ = std::make_unique<ValueTable>(weighted, options.max_uniques_bytes,
                                           options.tfdv_compat
                                               ? ValueTable::LargeValues::kTextWhole
                                               : ValueTable::LargeValues::kShort);
  }
}

std::unique_ptr<UniqueCounts::Sketches> UniqueCounts::NewSketches() const {
  MisraGriesSketch::Options top;
  top.num_buckets = std::max<size_t>({kMisraGriesBuckets,
                                      static_cast<size_t>(options_->num_top_values),
                                      static_cast<size_t>(options_->num_rank_histogram_buckets)});
  const MisraGriesSketch::Options weighted_top = top;
  top.invalid_utf8_placeholder = kInvalidUtf8Label;
  if (categorical_ != Categorical::kYes) {
    top.large_string_threshold = kLargeString;
    top.large_string_placeholder = kLargeStringLabel;
  }
  return std::make_unique<Sketches>(Sketches{KmvSketch(kKmvBuckets), MisraGriesSketch(top),
                                             MisraGriesSketch(weighted_top)});
}

void UniqueCounts::AddToSketches(std::string_view value, double weight) {
  sketches_->uniques.Add(value);
  sketches_->top.Add(value, 1);
  // The reference's sketch takes its weights in single precision.
  if (weighted_ && weight > 0) sketches_->weighted_top.Add(value, static_cast<float>(weight));
  if (!integral_ && !columnar::IsUtf8(value)) ++sketches_->num_invalid_utf8;
}

// Calls add(value, position in the leaf); values are string_view or int64_t.
template <typename F>
void UniqueCounts::ForEachValue(const FeatureArray& feature, F&& add) {
  const arrow::Array& leaf = *feature.leaf;
  if (columnar::IsBytes(*leaf.type())) {
    columnar::DispatchBytes(*leaf.type(), [&]<typename Array>(std::type_identity<Array>) {
      const auto& array = static_cast<const Array&>(leaf);
      const bool no_nulls = array.null_count() == 0;
      for (int64_t i = 0; i < array.length(); ++i) {
        if (no_nulls || array.IsValid(i)) add(std::string_view(array.GetView(i)), i);
      }
      return OkStatus();
    }).IgnoreError();
    return;
  }
  columnar::DispatchNumeric(*leaf.type(), [&]<typename Array>(std::type_identity<Array>) {
    const auto& array = static_cast<const Array&>(leaf);
    for (int64_t i = 0; i < array.length(); ++i) {
      if (!array.IsValid(i)) continue;
      if constexpr (std::is_floating_point_v<typename Array::value_type>) {
        add(std::string_view(FloatLabel(array.Value(i))), i);
      } else {
        add(static_cast<int64_t>(array.Value(i)), i);
      }
    }
    return OkStatus();
  }).IgnoreError();
}

Status UniqueCounts::Update(const FeatureArray& feature) {
  std::vector<int64_t> rows;
  if (weighted_) rows = ParentRows(feature);
  const auto weight_at = [&](int64_t position) {
    return weighted_ ? feature.weights[rows[position]] : 0.0;
  };
  ForEachValue(feature, [&](auto value, int64_t position) {
    if constexpr (std::is_same_v<decltype(value), int64_t>) {
      if (integers_) {
        integers_->Add(value, 1, ToFixedWeight(weight_at(position)));
        return;
      }
      AddToSketches(std::to_string(value), weight_at(position));
    } else if (values_) {
      values_->Add(value, 1, weighted_ ? ToFixedWeight(weight_at(position)) : 0);
    } else if (sketches_) {
      AddToSketches(value, weight_at(position));
    }
  });
  return values_ ? values_->Settle() : OkStatus();
}

Status UniqueCounts::Merge(const UniqueCounts& other) {
  if (values_ && other.values_) return values_->Merge(*other.values_);
  if (integers_ && other.integers_) {
    integers_->Merge(*other.integers_);
    return OkStatus();
  }
  if (!sketches_ || !other.sketches_) {
    return FailedPreconditionError("values counted in different ways cannot be merged");
  }
  BESSEMER_RETURN_IF_ERROR(sketches_->uniques.Merge(other.sketches_->uniques));
  BESSEMER_RETURN_IF_ERROR(sketches_->top.Merge(other.sketches_->top));
  sketches_->num_invalid_utf8 += other.sketches_->num_invalid_utf8;
  return sketches_->weighted_top.Merge(other.sketches_->weighted_top);
}

void UniqueCounts::Save(StateWriter* out) const {
  if (values_) {
    out->Varint(static_cast<uint64_t>(Form::kTable));
    values_->Save(out);
  } else if (integers_) {
    out->Varint(static_cast<uint64_t>(Form::kIntegers));
    integers_->Save(out);
  } else {
    out->Varint(static_cast<uint64_t>(Form::kSketches));
    sketches_->uniques.Save(out);
    sketches_->top.Save(out);
    sketches_->weighted_top.Save(out);
    out->Varint(static_cast<uint64_t>(sketches_->num_invalid_utf8));
  }
}

void UniqueCounts::Load(StateReader* in) {
  const Form form = static_cast<Form>(in->Varint());
  if (form == Form::kTable && values_) {
    values_->Load(in);
  } else if (form == Form::kIntegers && integers_) {
    integers_->Load(in);
  } else if (form == Form::kSketches && sketches_) {
    sketches_->uniques.Load(in);
    sketches_->top.Load(in);
    sketches_->weighted_top.Load(in);
    sketches_->num_invalid_utf8 = static_cast<int64_t>(in->Varint());
  } else {
    in->Fail("the values of a feature have an unknown form");
  }
}

Status UniqueCounts::FinishTable(StringStatistics* out) const {
  const size_t wanted = static_cast<size_t>(
      std::max(options_->num_top_values, options_->num_rank_histogram_buckets));
  std::vector<RankedValue> by_count;
  std::vector<RankedValue> by_weight;
  if (integers_) {
    if (integers_->size() == 0) return OkStatus();
    out->set_unique(integers_->size());
    // Of equal counts the greater number comes first, not the greater text.
    for (const auto& entry : integers_->Top(wanted, /*by_weight=*/false)) {
      by_count.emplace_back(std::to_string(entry.value), static_cast<double>(entry.count));
    }
    for (const auto& entry : integers_->Top(weighted_ ? wanted : 0, /*by_weight=*/true)) {
      by_weight.emplace_back(std::to_string(entry.value), FromFixedWeight(entry.weight));
    }
  } else {
    Largest counts(wanted);
    Largest weights(weighted_ ? wanted : 0);
    uint64_t unique = 0;
    uint64_t num_invalid = 0;
    const auto add = [&](const ValueTable::Entry& entry) {
      ++unique;
      counts.Add(static_cast<double>(entry.count), entry.value);
      if (weighted_) weights.Add(FromFixedWeight(entry.weight), entry.value);
      if (!columnar::IsUtf8(entry.value)) num_invalid += entry.count;
    };
    if (values_->spilled()) {
      BESSEMER_RETURN_IF_ERROR(values_->ForEachSorted([&add](const ValueTable::Entry& entry) {
        add(entry);
        return OkStatus();
      }));
    } else {
      values_->ForEach(add);
    }
    if (unique == 0) return OkStatus();
    out->set_unique(unique);
    out->set_invalid_utf8_count(num_invalid);
    by_count = counts.Take();
    by_weight = weights.Take();
  }
  SetTopValues(by_count,
               {static_cast<double>(options_->frequency_threshold), options_->num_top_values,
                options_->num_rank_histogram_buckets},
               out);
  if (weighted_) {
    SetTopValues(by_weight,
                 {options_->weighted_frequency_threshold, options_->num_top_values,
                  options_->num_rank_histogram_buckets},
                 out->mutable_weighted_string_stats());
  }
  return OkStatus();
}

Status UniqueCounts::Finish(StringStatistics* out) const {
  if (sketches_ == nullptr) return FinishTable(out);
  out->set_invalid_utf8_count(static_cast<uint64_t>(sketches_->num_invalid_utf8));
  if (categorical_ == Categorical::kNo) return OkStatus();
  const std::vector<RankedValue> ranked = sketches_->top.Estimate();
  if (ranked.empty()) return OkStatus();
  out->set_unique(sketches_->uniques.Estimate());
  SetTopValues(ranked,
               {static_cast<double>(options_->frequency_threshold), options_->num_top_values,
                options_->num_rank_histogram_buckets},
               out);
  if (!weighted_) return OkStatus();
  SetTopValues(sketches_->weighted_top.Estimate(),
               {options_->weighted_frequency_threshold, options_->num_top_values,
                options_->num_rank_histogram_buckets},
               out->mutable_weighted_string_stats());
  return OkStatus();
}

}  // namespace bessemer::statistics::basic
