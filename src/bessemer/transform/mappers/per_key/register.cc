#include <unordered_map>

#include "bessemer/expression/kernels.h"
#include "bessemer/transform/emission.h"
#include "bessemer/transform/library.h"

// Numbers scaled by what is known of their row's group.

namespace bessemer::transform::per_key {
namespace {

using expression::Accepts;
using expression::Argument;
using expression::CallContext;
using expression::Column;
using expression::KernelCall;
using expression::Kind;
using expression::Type;

struct Values {
  Column keys;  // holds the bytes
  std::unordered_map<std::string_view, float> by_key;
};

StatusOr<expression::State> Prepare(const CallContext& context) {
  auto state = std::make_shared<Values>();
  state->keys = *context.constants[1];
  const Column& values = *context.constants[2];
  if (state->keys.num_values() != values.num_values()) {
    return InvalidArgumentError("there are {} keys, but {} values", state->keys.num_values(),
                                values.num_values());
  }
  for (int64_t i = 0; i < values.num_values(); ++i) {
    state->by_key.emplace(state->keys.bytes()[i], values.floats()[i]);
  }
  return expression::State(state);
}

Status PerKey(const KernelCall& call) {
  const auto& state = *static_cast<const Values*>(call.state);
  return expression::Map<std::string_view, float>(call, [&](std::string_view key) {
    const auto found = state.by_key.find(key);
    return found == state.by_key.end() ? 0.0f : found->second;
  });
}

Status Emit(Emission& e) {
  std::vector<std::string> keys;
  std::vector<int64_t> positions;
  for (const std::string_view key : e.constant(1)->bytes()) {
    positions.push_back(static_cast<int64_t>(keys.size()));
    keys.emplace_back(key);
  }
  const auto list = e.constant(2)->floats();
  std::vector<float> values(list.begin(), list.end());
  values.push_back(0);  // of other keys
  if (keys.empty()) {
    e.Return(e.b.Mul(e.b.Cast(e.b.HashBucketFast(e.value(0), 1), ::tensorflow::DT_FLOAT),
                     e.b.ConstFloat(0)));
    return OkStatus();
  }
  const tf::Tensor table = e.b.ConstTable(e.b.ConstStrings(keys), e.b.ConstInt64s(positions));
  const auto other = static_cast<int64_t>(keys.size());
  const tf::Tensor position = e.b.LookupFind(table, e.value(0), e.b.ConstInt64(other));
  e.Return(e.b.Gather(e.b.ConstFloats(values), position));
  return OkStatus();
}

}  // namespace

void Register(Library& library) {
  library.functions.Add(
      {.name = "per_key",
       .doc = "The entry of `values` at the position of the key in `keys`; 0 for other keys.",
       .arguments = {{.name = "key", .accepts = Accepts::kText, .doc = "a text or int"},
                     {.name = "keys", .accepts = Accepts::kBytes, .doc = "a list of texts"},
                     {.name = "values", .accepts = Accepts::kFloat, .doc = "a list of numbers"}},
       .result = Kind::kFloat,
       .kernel = PerKey,
       .infer = [](const CallContext& context) -> StatusOr<Type> {
         if (context.types[1].per_row() || context.types[2].per_row()) {
           return InvalidArgumentError("keys and values must be lists");
         }
         return Broadcast({context.types[0]}, Kind::kFloat);
       },
       .prepare = Prepare});
  library.emitters.Add({.name = "per_key", .emit = Emit});
  const Argument x = {.name = "x", .accepts = Accepts::kFloat, .doc = "a number"};
  const Argument key = {.name = "key", .accepts = Accepts::kText, .doc = "the row's group"};
  // Divides by 1 where the deviation is 0.
  library.functions.Add(
      {.name = "z_score_per_key",
       .doc = "z_score with the mean and deviation of the rows with the same key; x itself for "
              "keys not seen.",
       .arguments = {x, key},
       .definition = "(x - per_key(key, group_keys(x, key), group_mean(x, key))) / "
                     "(sqrt(per_key(key, group_keys(x, key), group_var(x, key))) + "
                     "(per_key(key, group_keys(x, key), group_var(x, key)) == 0))"});
  const std::string least = "per_key(key, group_keys(x, key), group_min(x, key))";
  const std::string most = "per_key(key, group_keys(x, key), group_max(x, key))";
  library.functions.Add(
      {.name = "scale_min_max_per_key",
       .doc = "scale_min_max with the extremes of the rows with the same key; sigmoid(x) mapped "
              "for keys not seen and groups of equal values.",
       .arguments = {x, key,
                     {.name = "low", .accepts = Accepts::kFloat, .doc = "the new least",
                      .constant = true, .default_value = 0.0},
                     {.name = "high", .accepts = Accepts::kFloat, .doc = "the new greatest",
                      .constant = true, .default_value = 1.0}},
       .definition = fmt::format("if({0} < {1}, (x - {0}) / ({1} - {0}), sigmoid(x)) * "
                                 "(float(high) - float(low)) + float(low)",
                                 least, most)});
  library.functions.Add({.name = "scale_0_1_per_key",
                         .doc = "scale_min_max_per_key(x, key, 0, 1).",
                         .arguments = {x, key},
                         .definition = "scale_min_max_per_key(x, key, 0.0, 1.0)"});
}

}  // namespace bessemer::transform::per_key
