#include <cmath>

#include "bessemer/transform/library.h"

// mean, var, std, sum and size.

namespace bessemer::transform::moments {
namespace {

using expression::Accepts;
using expression::CallContext;
using expression::Column;
using expression::Function;
using expression::Kind;
using expression::Type;

// Count, mean and sum of squared deviations in double, batches joined by the formula of Chan, Golub
// and LeVeque (1983). Values that are NaN or infinite count in sum and size, not in the moments.
class Moments : public Accumulator {
 public:
  Status Update(std::span<const Column> args, int64_t num_rows) override {
    const Column& x = args[0];
    const bool ints = x.type().kind == Kind::kInt;
    Moments batch;
    const auto value = [&](int64_t i) {
      return ints ? static_cast<double>(x.ints()[i]) : static_cast<double>(x.floats()[i]);
    };
    double total = 0;
    ForEach(x, num_rows, [&](int64_t i) {
      ++batch.size_;
      if (ints) batch.int_sum_ += static_cast<uint64_t>(x.ints()[i]);
      const double v = value(i);
      batch.float_sum_ += v;
      if (!std::isfinite(v)) return;
      ++batch.count_;
      total += v;
    });
    if (batch.count_ > 0) {
      batch.mean_ = total / static_cast<double>(batch.count_);
      ForEach(x, num_rows, [&](int64_t i) {
        const double v = value(i);
        if (std::isfinite(v)) batch.m2_ += (v - batch.mean_) * (v - batch.mean_);
      });
    }
    return Merge(batch);
  }

  Status Merge(const Accumulator& accumulator) override {
    const auto& other = static_cast<const Moments&>(accumulator);
    size_ += other.size_;
    int_sum_ += other.int_sum_;
    float_sum_ += other.float_sum_;
    if (other.count_ == 0) return OkStatus();
    const double n = static_cast<double>(count_ + other.count_);
    const double delta = other.mean_ - mean_;
    const double share = static_cast<double>(other.count_) / n;
    m2_ += other.m2_ + delta * delta * static_cast<double>(count_) * share;
    mean_ = count_ == 0 ? other.mean_ : mean_ + delta * share;
    count_ += other.count_;
    return OkStatus();
  }

  Json Save() const override { return {size_, int_sum_, float_sum_, count_, mean_, m2_}; }

  Status Load(const Json& state) override {
    if (!state.is_array() || state.size() != 6) return DataLossError("no saved moments");
    size_ = state[0].get<int64_t>();
    int_sum_ = state[1].get<uint64_t>();
    float_sum_ = state[2].get<double>();
    count_ = state[3].get<int64_t>();
    mean_ = state[4].get<double>();
    m2_ = state[5].get<double>();
    return OkStatus();
  }

  StatusOr<Column> Finish(const ResultRequest& request) const override {
    const double variance = count_ == 0 ? 0 : m2_ / static_cast<double>(count_);
    if (request.function == "size") return Column::Constant(size_);
    if (request.function == "sum") {
      return request.type.kind == Kind::kInt ? Column::Constant(static_cast<int64_t>(int_sum_))
                                             : Column::Constant(static_cast<float>(float_sum_));
    }
    if (request.function == "mean") return Column::Constant(static_cast<float>(mean_));
    return Column::Constant(
        static_cast<float>(request.function == "std" ? std::sqrt(variance) : variance));
  }

 private:
  template <typename F>
  static void ForEach(const Column& x, int64_t num_rows, F f) {
    if (!x.has_validity()) {
      for (int64_t i = 0; i < x.num_values(); ++i) f(i);
      return;
    }
    for (int64_t row = 0; row < num_rows; ++row) {
      if (x.IsValid(row)) f(row);
    }
  }

  int64_t size_ = 0;
  uint64_t int_sum_ = 0;  // wraps as int64 does
  double float_sum_ = 0;
  int64_t count_ = 0;  // of finite values
  double mean_ = 0;
  double m2_ = 0;
};

StatusOr<Type> ResultType(const CallContext& context, Kind kind) {
  if (!context.types[0].per_row()) {
    return InvalidArgumentError("it is taken over a feature, not over a {}",
                                context.types[0].ToString());
  }
  return Type::Scalar(kind);
}

Function Moment(std::string name, std::string doc, std::optional<Kind> kind) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {{.name = "x", .accepts = Accepts::kNumber, .doc = "a number"}},
          .analyzer = "moments",
          .infer = [kind](const CallContext& context) {
            return ResultType(context, kind.value_or(context.types[0].kind));
          }};
}

}  // namespace

void Register(Library& library) {
  library.analyzers.Add({.name = "moments",
                         .doc = "Count, sum, mean and variance.",
                         .make = [](std::span<const Type>) {
                           return std::make_unique<Moments>();
                         }});
  library.functions.Add(Moment("mean",
                               "The mean of all values but NaN and infinities; 0 without values.",
                               Kind::kFloat));
  library.functions.Add(Moment("var",
                               "The population variance of all values but NaN and infinities; 0 "
                               "without values.",
                               Kind::kFloat));
  library.functions.Add(Moment("std", "The square root of var(x).", Kind::kFloat));
  library.functions.Add(Moment("sum", "The sum of all values; of ints as an int.", std::nullopt));
  library.functions.Add(Moment("size", "The number of values.", Kind::kInt));
}

}  // namespace bessemer::transform::moments
