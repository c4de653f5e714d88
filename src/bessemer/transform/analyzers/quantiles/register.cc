#include "bessemer/transform/library.h"
#include "bessemer/transform/value_counts.h"

// quantiles(x, num_buckets) and median(x).

namespace bessemer::transform::quantiles {
namespace {

using expression::Accepts;
using expression::CallContext;
using expression::Column;
using expression::Type;

class Quantiles : public Accumulator {
 public:
  Status Update(std::span<const Column> args, int64_t num_rows) override {
    const Column& x = args[0];
    for (int64_t i = 0; i < x.num_values(); ++i) {
      if (x.has_validity() && !x.IsValid(i)) continue;
      counts_.Add(x.floats()[i]);
    }
    return OkStatus();
  }
  Status Merge(const Accumulator& other) override {
    counts_.Merge(static_cast<const Quantiles&>(other).counts_);
    return OkStatus();
  }
  Json Save() const override { return counts_.Save(); }
  Status Load(const Json& state) override { return counts_.Load(state); }

  StatusOr<Column> Finish(const ResultRequest& request) const override {
    if (request.function == "median") {
      const std::vector<float> half = counts_.Boundaries(2);
      return Column::Constant(half.empty() ? 0.0f : half[0]);
    }
    return Column::List(counts_.Boundaries((*request.attrs)["num_buckets"].get<int64_t>()));
  }

 private:
  ValueCounts counts_;
};

StatusOr<Type> Check(const CallContext& context, Type type) {
  if (!context.types[0].per_row()) {
    return InvalidArgumentError("it is taken over a feature, not over a {}",
                                context.types[0].ToString());
  }
  if (type.shape == expression::Shape::kList) {
    const int64_t buckets = (*context.attrs)["num_buckets"].get<int64_t>();
    if (buckets < 1 || buckets > 1'000'000) {
      return InvalidArgumentError("num_buckets must be 1 … 1000000, not {}", buckets);
    }
  }
  return type;
}

}  // namespace

void Register(Library& library) {
  library.analyzers.Add(
      {.name = "quantiles",
       .doc = "How often each value occurs.",
       .make = [](std::span<const Type>) { return std::make_unique<Quantiles>(); }});
  library.functions.Add(
      {.name = "quantiles",
       .doc = "The num_buckets - 1 values that cut all values into parts of equal size; none "
              "without values. NaN is left out.",
       .arguments = {{.name = "x", .accepts = Accepts::kFloat, .doc = "a number"},
                     {.name = "num_buckets", .accepts = Accepts::kInt, .doc = "the number of parts",
                      .constant = true}},
       .analyzer = "quantiles",
       .infer = [](const CallContext& context) {
         return Check(context, Type::List(expression::Kind::kFloat));
       }});
  library.functions.Add({.name = "median",
                         .doc = "The middle value; 0 without values. NaN is left out.",
                         .arguments = {{.name = "x", .accepts = Accepts::kFloat,
                                        .doc = "a number"}},
                         .analyzer = "quantiles",
                         .infer = [](const CallContext& context) {
                           return Check(context, Type::Scalar(expression::Kind::kFloat));
                         }});
}

}  // namespace bessemer::transform::quantiles
