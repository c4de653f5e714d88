#include <algorithm>
#include <cmath>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/statistics/basic/string_stats.h"
#include "bessemer/statistics/basic/unique_counts_output.h"
#include "tensorflow_metadata/proto/v0/statistics.pb.h"

namespace bessemer::statistics::basic {
namespace {

using ::tensorflow::metadata::v0::StringStatistics;

constexpr size_t kKmvBuckets = 16384;
constexpr size_t kMisraGriesBuckets = 1024;
// After a table outgrew its memory: room enough that the top values are still near exact.
constexpr size_t kLargeMisraGriesBuckets = 65536;
constexpr size_t kLargeString = 1024;

enum class Form : uint64_t { kTable = 0, kIntegers = 1, kSketches = 2, kLargeSketches = 3 };

}  // namespace

UniqueCounts::UniqueCounts(const StatisticsOptions& options, bool weighted, bool integral,
                           Categorical categorical)
    : options_(&options), weighted_(weighted), integral_(integral), categorical_(categorical) {
  if (options.use_sketch_based_topk_uniques) {
    sketches_ = NewSketches(/*asked_for=*/true);
  } else if (integral) {
    integers_ = std::make_unique<IntegerTable>(weighted);
  } else {
    values_ = std::make_unique<ValueTable>(weighted);
  }
}

std::unique_ptr<UniqueCounts::Sketches> UniqueCounts::NewSketches(bool asked_for) const {
  MisraGriesSketch::Options top;
  top.num_buckets = asked_for ? kMisraGriesBuckets : kLargeMisraGriesBuckets;
  top.num_buckets = std::max<size_t>(
      {top.num_buckets, static_cast<size_t>(options_->num_top_values),
       static_cast<size_t>(options_->num_rank_histogram_buckets)});
  MisraGriesSketch::Options weighted_top = top;
  if (asked_for) {
    top.invalid_utf8_placeholder = kInvalidUtf8Label;
    if (categorical_ != Categorical::kYes) {
      top.large_string_threshold = kLargeString;
      top.large_string_placeholder = kLargeStringLabel;
    }
  }
  return std::make_unique<Sketches>(Sketches{KmvSketch(kKmvBuckets), MisraGriesSketch(top),
                                             MisraGriesSketch(weighted_top)});
}

void UniqueCounts::AddToSketches(std::string_view value, double count, double weight,
                                 uint64_t num_rows) {
  sketches_->uniques.Add(value);
  sketches_->top.Add(value, count);
  if (weighted_ && weight > 0) {
    // The reference's sketch takes its weights in single precision.
    if (options_->use_sketch_based_topk_uniques) weight = static_cast<float>(weight);
    sketches_->weighted_top.Add(value, weight);
  }
  if (!integral_ && !IsValidUtf8(value)) {
    sketches_->num_invalid_utf8 += static_cast<int64_t>(num_rows);
  }
}

void UniqueCounts::ToSketches() {
  if (sketches_ != nullptr) return;
  sketches_ = NewSketches(/*asked_for=*/false);
  const auto add = [this](std::string_view value, uint64_t count, FixedWeight weight) {
    AddToSketches(value, static_cast<double>(count), FromFixedWeight(weight), count);
  };
  // In the order of values: the sketch must not depend on where the table put them.
  if (values_) {
    for (const auto& entry : values_->Top(values_->size(), /*by_weight=*/false)) {
      add(entry.value, entry.count, entry.weight);
    }
  }
  if (integers_) {
    for (const auto& entry : integers_->Top(integers_->size(), /*by_weight=*/false)) {
      add(std::to_string(entry.value), entry.count, entry.weight);
    }
  }
  values_.reset();
  integers_.reset();
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

void UniqueCounts::Update(const FeatureArray& feature) {
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
      AddToSketches(std::to_string(value), 1, weight_at(position), 1);
    } else if (values_) {
      values_->Add(value, 1, weighted_ ? ToFixedWeight(weight_at(position)) : 0);
    } else if (sketches_) {
      AddToSketches(value, 1, weight_at(position), 1);
    }
  });
  if (values_ && values_->memory_bytes() > options_->max_uniques_bytes) ToSketches();
}

Status UniqueCounts::Merge(const UniqueCounts& other) {
  if (values_ && other.values_) {
    values_->Merge(*other.values_);
    if (values_->memory_bytes() > options_->max_uniques_bytes) ToSketches();
    return OkStatus();
  }
  if (integers_ && other.integers_) {
    integers_->Merge(*other.integers_);
    return OkStatus();
  }
  ToSketches();
  if (other.sketches_ == nullptr) {
    if (other.values_) {
      other.values_->ForEach([this](const ValueTable::Entry& entry) {
        AddToSketches(entry.value, static_cast<double>(entry.count), FromFixedWeight(entry.weight),
                      entry.count);
      });
    }
    return OkStatus();
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
    out->Varint(static_cast<uint64_t>(options_->use_sketch_based_topk_uniques
                                          ? Form::kSketches
                                          : Form::kLargeSketches));
    sketches_->uniques.Save(out);
    sketches_->top.Save(out);
    sketches_->weighted_top.Save(out);
    out->Varint(sketches_->num_invalid_utf8);
  }
}

void UniqueCounts::Load(StateReader* in) {
  values_.reset();
  integers_.reset();
  sketches_.reset();
  const Form form = static_cast<Form>(in->Varint());
  if (form == Form::kTable && !integral_) {
    values_ = std::make_unique<ValueTable>(weighted_);
    values_->Load(in);
  } else if (form == Form::kIntegers && integral_) {
    integers_ = std::make_unique<IntegerTable>(weighted_);
    integers_->Load(in);
  } else {
    sketches_ = NewSketches(form == Form::kSketches);
    sketches_->uniques.Load(in);
    sketches_->top.Load(in);
    sketches_->weighted_top.Load(in);
    sketches_->num_invalid_utf8 = static_cast<int64_t>(in->Varint());
    if (form != Form::kSketches && form != Form::kLargeSketches) {
      in->Fail("the values of a feature have an unknown form");
    }
  }
}

void UniqueCounts::FinishTable(StringStatistics* out) const {
  const size_t wanted = static_cast<size_t>(
      std::max(options_->num_top_values, options_->num_rank_histogram_buckets));
  const auto ranked = [&](bool by_weight) {
    std::vector<RankedValue> result;
    const auto add = [&](std::string value, uint64_t count, FixedWeight weight) {
      result.emplace_back(std::move(value),
                          by_weight ? FromFixedWeight(weight) : static_cast<double>(count));
    };
    if (values_) {
      for (const auto& entry : values_->Top(wanted, by_weight)) {
        add(std::string(entry.value), entry.count, entry.weight);
      }
    } else {
      for (const auto& entry : integers_->Top(wanted, by_weight)) {
        add(std::to_string(entry.value), entry.count, entry.weight);
      }
    }
    return result;
  };
  const size_t size = values_ ? values_->size() : integers_->size();
  if (size == 0) return;
  out->set_unique(size);
  SetTopValues(ranked(false),
               {static_cast<double>(options_->frequency_threshold), options_->num_top_values,
                options_->num_rank_histogram_buckets},
               out);
  if (weighted_) {
    SetTopValues(ranked(true),
                 {options_->weighted_frequency_threshold, options_->num_top_values,
                  options_->num_rank_histogram_buckets},
                 out->mutable_weighted_string_stats());
  }
  if (!values_) return;
  int64_t num_invalid = 0;
  values_->ForEach([&num_invalid](const ValueTable::Entry& entry) {
    if (!IsValidUtf8(entry.value)) num_invalid += static_cast<int64_t>(entry.count);
  });
  out->set_invalid_utf8_count(num_invalid);
}

void UniqueCounts::Finish(StringStatistics* out) const {
  if (sketches_ == nullptr) {
    FinishTable(out);
    return;
  }
  out->set_invalid_utf8_count(sketches_->num_invalid_utf8);
  if (categorical_ == Categorical::kNo && options_->use_sketch_based_topk_uniques) return;
  const std::vector<RankedValue> ranked = sketches_->top.Estimate();
  if (ranked.empty()) return;
  out->set_unique(sketches_->uniques.Estimate());
  SetTopValues(ranked,
               {static_cast<double>(options_->frequency_threshold), options_->num_top_values,
                options_->num_rank_histogram_buckets},
               out);
  if (!weighted_) return;
  SetTopValues(sketches_->weighted_top.Estimate(),
               {options_->weighted_frequency_threshold, options_->num_top_values,
                options_->num_rank_histogram_buckets},
               out->mutable_weighted_string_stats());
}

}  // namespace bessemer::statistics::basic
