#include <algorithm>

#include "bessemer/expression/kernels.h"
#include "bessemer/transform/library.h"

// Numbers cut into buckets.

namespace bessemer::transform::buckets {
namespace {

using expression::Accepts;
using expression::CallContext;
using expression::Column;
using expression::KernelCall;
using expression::Kind;
using expression::Shape;
using expression::Type;

StatusOr<Type> BucketType(const CallContext& context) {
  if (context.types[1].shape != Shape::kList) {
    return InvalidArgumentError("boundaries must be a list, not {}", context.types[1].ToString());
  }
  if (const Column* list = context.constants[1]) {
    if (!std::is_sorted(list->floats().begin(), list->floats().end())) {
      return InvalidArgumentError("boundaries must ascend");
    }
  }
  return Broadcast({context.types[0]}, Kind::kInt);
}

Status ApplyBuckets(const KernelCall& call) {
  const auto& boundaries = *static_cast<const std::vector<float>*>(call.state);
  return expression::Map<float, int64_t>(call, [&](float x) {
    // NaN compares false with everything and so lands in the last bucket.
    return std::upper_bound(boundaries.begin(), boundaries.end(), x) - boundaries.begin();
  });
}

}  // namespace

void Register(Library& library) {
  library.functions.Add(
      {.name = "apply_buckets",
       .doc = "The number of boundaries that are at most x: 0 below the first, the next bucket at "
              "a boundary; NaN in the last.",
       .arguments = {{.name = "x", .accepts = Accepts::kFloat, .doc = "a number"},
                     {.name = "boundaries", .accepts = Accepts::kFloat,
                      .doc = "an ascending list"}},
       .result = Kind::kInt,
       .kernel = ApplyBuckets,
       .infer = BucketType,
       .prepare = [](const CallContext& context) -> StatusOr<expression::State> {
         const auto list = context.constants[1]->floats();
         return std::make_shared<const std::vector<float>>(list.begin(), list.end());
       },
       .domain = [](const CallContext& context) {
         return std::optional(
             std::pair<int64_t, int64_t>(0, context.constants[1]->num_values()));
       }});
  library.functions.Add(
      {.name = "bucketize",
       .doc = "The bucket 0 … num_buckets - 1 of x, buckets holding about equally many values: "
              "apply_buckets(x, quantiles(x, num_buckets)).",
       .arguments = {{.name = "x", .accepts = Accepts::kNumber, .doc = "a number"},
                     {.name = "num_buckets", .accepts = Accepts::kInt, .doc = "at least 1",
                      .constant = true}},
       .definition = "apply_buckets(x, quantiles(x, num_buckets))"});
}

}  // namespace bessemer::transform::buckets
