#include <algorithm>
#include <cmath>
#include <limits>

#include "bessemer/transform/library.h"

// minimum and maximum, which min(x) and max(x) stand for.

namespace bessemer::transform::extremes {
namespace {

using expression::Accepts;
using expression::CallContext;
using expression::Column;
using expression::Function;
using expression::Kind;
using expression::Type;

template <typename T>
class Extremes : public Accumulator {
 public:
  Status Update(std::span<const Column> args, int64_t num_rows) override {
    const Column& x = args[0];
    const T* values;
    if constexpr (std::is_same_v<T, float>) {
      values = x.floats().data();
    } else {
      values = x.ints().data();
    }
    const int64_t size = x.num_values();
    for (int64_t i = 0; i < size; ++i) {
      if (x.has_validity() && !x.IsValid(i)) continue;
      Add(values[i]);
    }
    return OkStatus();
  }

  Status Merge(const Accumulator& accumulator) override {
    const auto& other = static_cast<const Extremes&>(accumulator);
    min_ = std::min(min_, other.min_);
    max_ = std::max(max_, other.max_);
    has_nan_ = has_nan_ || other.has_nan_;
    return OkStatus();
  }

  Json Save() const override { return {min_, max_, has_nan_}; }

  Status Load(const Json& state) override {
    if (!state.is_array() || state.size() != 3) return DataLossError("no saved extremes");
    min_ = state[0].get<T>();
    max_ = state[1].get<T>();
    has_nan_ = state[2].get<bool>();
    return OkStatus();
  }

  StatusOr<Column> Finish(const ResultRequest& request) const override {
    if (has_nan_) return Column::Constant(std::numeric_limits<float>::quiet_NaN());
    return Column::Constant(request.function == "minimum" ? min_ : max_);
  }

 private:
  void Add(T value) {
    if constexpr (std::is_same_v<T, float>) {
      if (std::isnan(value)) {
        has_nan_ = true;
        return;
      }
    }
    min_ = std::min(min_, value);
    max_ = std::max(max_, value);
  }

  // What an empty dataset gives: the ends of the type's range, crossed.
  T min_ = std::numeric_limits<T>::max();
  T max_ = std::numeric_limits<T>::lowest();
  bool has_nan_ = false;
};

Function Extreme(std::string name, std::string doc) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {{.name = "x", .accepts = Accepts::kNumber, .doc = "a number"}},
          .analyzer = "extremes",
          .infer = [](const CallContext& context) -> StatusOr<Type> {
            if (!context.types[0].per_row()) {
              return InvalidArgumentError("it is taken over a feature, not over a {}",
                                          context.types[0].ToString());
            }
            return Type::Scalar(context.types[0].kind);
          }};
}

}  // namespace

void Register(Library& library) {
  library.analyzers.Add(
      {.name = "extremes",
       .doc = "The least and the greatest value.",
       .make = [](std::span<const Type> types) -> std::unique_ptr<Accumulator> {
         if (types[0].kind == Kind::kFloat) return std::make_unique<Extremes<float>>();
         return std::make_unique<Extremes<int64_t>>();
       }});
  library.functions.Add(Extreme("minimum",
                                "The least of all values, also written min(x); NaN if one is. "
                                "Without values the greatest number of the type."));
  library.functions.Add(Extreme("maximum",
                                "The greatest of all values, also written max(x); NaN if one is. "
                                "Without values the least number of the type."));
}

}  // namespace bessemer::transform::extremes
