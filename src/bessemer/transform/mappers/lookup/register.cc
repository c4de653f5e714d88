#include <unordered_map>

#include "bessemer/base/hash.h"
#include "bessemer/expression/kernels.h"
#include "bessemer/transform/library.h"

// Texts turned into ids: by vocabulary or by hash.

namespace bessemer::transform::lookup {
namespace {

using expression::Accepts;
using expression::Argument;
using expression::CallContext;
using expression::KernelCall;
using expression::Kind;
using expression::Shape;
using expression::Type;

struct Ids {
  std::unordered_map<std::string_view, int64_t> ids;
  expression::Column tokens;  // holds the bytes
  uint64_t num_oov_buckets = 0;
  int64_t default_value = -1;
};

StatusOr<Type> IdType(const CallContext& context) {
  if (context.types[1].shape != Shape::kList) {
    return InvalidArgumentError("tokens must be a list, not {}", context.types[1].ToString());
  }
  if ((*context.attrs)["num_oov_buckets"].get<int64_t>() < 0) {
    return InvalidArgumentError("num_oov_buckets must not be negative");
  }
  return Broadcast({context.types[0]}, Kind::kInt);
}

StatusOr<expression::State> MakeIds(const CallContext& context) {
  auto state = std::make_shared<Ids>();
  state->tokens = *context.constants[1];
  state->num_oov_buckets = (*context.attrs)["num_oov_buckets"].get<int64_t>();
  state->default_value = (*context.attrs)["default_value"].get<int64_t>();
  int64_t next = 0;
  for (const std::string_view token : state->tokens.bytes()) {
    if (!state->ids.emplace(token, next++).second) {
      return InvalidArgumentError("the vocabulary holds '{}' twice", token);
    }
  }
  return expression::State(state);
}

Status Lookup(const KernelCall& call) {
  const auto& state = *static_cast<const Ids*>(call.state);
  const auto size = static_cast<int64_t>(state.ids.size());
  return expression::Map<std::string_view, int64_t>(call, [&](std::string_view x) {
    const auto found = state.ids.find(x);
    if (found != state.ids.end()) return found->second;
    if (state.num_oov_buckets == 0) return state.default_value;
    return size + static_cast<int64_t>(Fingerprint64(x) % state.num_oov_buckets);
  });
}

std::optional<std::pair<int64_t, int64_t>> IdDomain(const CallContext& context) {
  const int64_t oov = (*context.attrs)["num_oov_buckets"].get<int64_t>();
  const int64_t last = context.constants[1]->num_values() - 1;
  const int64_t other = (*context.attrs)["default_value"].get<int64_t>();
  if (oov > 0) return std::pair<int64_t, int64_t>(0, last + oov);
  return std::pair<int64_t, int64_t>(std::min<int64_t>(0, other), std::max(last, other));
}

Argument OovBuckets() {
  return {.name = "num_oov_buckets", .accepts = Accepts::kInt,
          .doc = "ids after the vocabulary's for other texts, chosen by Fingerprint64",
          .constant = true, .default_value = 0};
}

Argument DefaultId() {
  return {.name = "default_value", .accepts = Accepts::kInt,
          .doc = "the id of other texts if num_oov_buckets is 0", .constant = true,
          .default_value = -1};
}

}  // namespace

void Register(Library& library) {
  const Argument x = {.name = "x", .accepts = Accepts::kText, .doc = "a text or int"};
  library.functions.Add({.name = "vocabulary_index",
                         .doc = "The position of x in a list of texts.",
                         .arguments = {x,
                                       {.name = "tokens", .accepts = Accepts::kBytes,
                                        .doc = "a list of different texts"},
                                       OovBuckets(), DefaultId()},
                         .result = Kind::kInt,
                         .kernel = Lookup,
                         .infer = IdType,
                         .prepare = MakeIds,
                         .domain = IdDomain});
  const std::vector<Argument> settings = {
      {.name = "top_k", .accepts = Accepts::kInt, .doc = "keep so many texts at most",
       .constant = true, .nullable = true},
      {.name = "frequency_threshold", .accepts = Accepts::kFloat,
       .doc = "keep texts that occur (or weigh) at least so much", .constant = true,
       .nullable = true},
      OovBuckets(), DefaultId(),
      {.name = "name", .accepts = Accepts::kBytes,
       .doc = "the file name of the vocabulary; none: the output's name", .constant = true,
       .nullable = true}};
  const std::string passed_on =
      "top_k=top_k, frequency_threshold=frequency_threshold, name=name), "
      "num_oov_buckets=num_oov_buckets, default_value=default_value)";
  std::vector<Argument> counted = {x};
  counted.insert(counted.end(), settings.begin(), settings.end());
  library.functions.Add({.name = "vocabulary",
                         .doc = "The id of x in the vocabulary of its feature, 0 the most "
                                "frequent: vocabulary_index(x, vocabulary_tokens(x, …), …).",
                         .arguments = counted,
                         .definition = "vocabulary_index(x, vocabulary_tokens(x, " + passed_on});
  std::vector<Argument> weighted = {
      x, {.name = "weight", .accepts = Accepts::kFloat, .doc = "of the row's texts"}};
  weighted.insert(weighted.end(), settings.begin(), settings.end());
  library.functions.Add(
      {.name = "weighted_vocabulary",
       .doc = "vocabulary, but 0 is the text whose rows weigh most.",
       .arguments = weighted,
       .definition = "vocabulary_index(x, weighted_vocabulary_tokens(x, weight, " + passed_on});
  library.functions.Add({.name = "hash_bucket",
                         .doc = "hash(x, buckets).",
                         .arguments = {x,
                                       {.name = "buckets", .accepts = Accepts::kInt,
                                        .doc = "at least 1", .constant = true}},
                         .definition = "hash(x, buckets)"});
}

}  // namespace bessemer::transform::lookup
