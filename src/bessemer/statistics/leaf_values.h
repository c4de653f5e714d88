#ifndef BESSEMER_STATISTICS_LEAF_VALUES_H_
#define BESSEMER_STATISTICS_LEAF_VALUES_H_

#include <cstdint>
#include <string_view>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/statistics/batch_view.h"

namespace bessemer::statistics {

// Calls f(std::string_view) for each text or bytes value of a feature that is not null.
template <typename F>
void ForEachBytes(const FeatureArray& feature, F&& f) {
  columnar::DispatchBytes(*feature.leaf->type(), [&]<typename Array>(std::type_identity<Array>) {
    const auto& array = static_cast<const Array&>(*feature.leaf);
    for (int64_t i = 0; i < array.length(); ++i) {
      if (array.IsValid(i)) f(std::string_view(array.GetView(i)));
    }
    return OkStatus();
  }).IgnoreError();
}

// Calls f(number) for each number of a feature that is not null, in its own type.
template <typename F>
void ForEachNumber(const FeatureArray& feature, F&& f) {
  columnar::DispatchNumeric(*feature.leaf->type(), [&]<typename Array>(std::type_identity<Array>) {
    const auto& array = static_cast<const Array&>(*feature.leaf);
    for (int64_t i = 0; i < array.length(); ++i) {
      if (array.IsValid(i)) f(array.Value(i));
    }
    return OkStatus();
  }).IgnoreError();
}

}  // namespace bessemer::statistics

#endif  // BESSEMER_STATISTICS_LEAF_VALUES_H_
