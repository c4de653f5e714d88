#include "bessemer/base/hash.h"
#include "bessemer/expression/kernels.h"

namespace bessemer::expression::category {
namespace {

constexpr int64_t kMaxDepth = 1 << 20;

Status Hash(const KernelCall& call) {
  const uint64_t buckets = (*call.attrs)["buckets"].get<int64_t>();
  return Map<std::string_view, int64_t>(call, [&](std::string_view x) {
    return static_cast<int64_t>(Fingerprint64(x) % buckets);
  });
}

Status Cross(const KernelCall& call) {
  std::string joined;
  std::string_view* out = call.out->MutableBytes();
  for (int64_t i = 0; i < call.size; ++i) {
    joined.clear();
    for (const Operand& arg : call.args) {
      if (&arg != &call.args[0]) joined += "_X_";
      joined += arg.bytes[i * arg.stride];
    }
    out[i] = call.out->Keep(joined);
  }
  return OkStatus();
}

Status CheckBuckets(const Json& attrs) {
  if (attrs["buckets"].get<int64_t>() > 0) return OkStatus();
  return InvalidArgumentError("the number of buckets must be positive");
}

StatusOr<Type> DepthType(const CallContext& context, bool multiple) {
  const int64_t depth = (*context.attrs)["depth"].get<int64_t>();
  if (depth < 1 || depth > kMaxDepth) {
    return InvalidArgumentError("depth must be 1 … {}, not {}", kMaxDepth, depth);
  }
  const Type& x = context.types[0];
  if (x.shape == Shape::kRagged && !multiple) {
    return InvalidArgumentError(
        "x may have any number of values a row ({}); take multi_hot, or say in the schema that "
        "there is one at most (value_count {{ max: 1 }})",
        x.ToString());
  }
  if (!x.per_row() || (!multiple && x.shape != Shape::kRow)) {
    return InvalidArgumentError("x must be {} a row, not {}", multiple ? "ints" : "one int",
                                x.ToString());
  }
  return Type::Vector(Kind::kFloat, depth);
}

// A row that is missing or out of range has no 1.
StatusOr<Column> Hot(const std::vector<Column>& args, int64_t num_rows, const Json& attrs,
                     const void*) {
  const int64_t depth = attrs["depth"].get<int64_t>();
  const Column& x = args[0];
  Column out = Column::Make(Type::Vector(Kind::kFloat, depth), num_rows);
  for (int64_t row = 0; row < num_rows; ++row) {
    for (int64_t i = x.begin(row); i < x.end(row); ++i) {
      const int64_t index = x.ints()[i];
      if (index >= 0 && index < depth) out.MutableFloats()[row * depth + index] = 1;
    }
  }
  return out;
}

Function HotFunction(std::string name, std::string doc, bool multiple) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {{.name = "x", .accepts = Accepts::kInt, .doc = "an index from 0"},
                        {.name = "depth", .accepts = Accepts::kInt,
                         .doc = "the number of indices", .constant = true}},
          .evaluate = Hot,
          .infer = [multiple](const CallContext& context) { return DepthType(context, multiple); }};
}

}  // namespace

void Register(FunctionRegistry& registry) {
  registry.Add({.name = "hash",
                .doc = "A bucket 0 … buckets - 1 by FarmHash Fingerprint64 of the text, or of an "
                       "int's decimal text.",
                .arguments = {{.name = "x", .accepts = Accepts::kText, .doc = "a text or int"},
                              {.name = "buckets", .accepts = Accepts::kInt,
                               .doc = "how many, at least 1", .constant = true}},
                .result = Kind::kInt,
                .kernel = Hash,
                .check = CheckBuckets,
                .domain = [](const CallContext& context) {
                  return std::optional(std::pair<int64_t, int64_t>(
                      0, (*context.attrs)["buckets"].get<int64_t>() - 1));
                }});
  registry.Add({.name = "cross",
                .doc = "One text that stands for the combination: the texts joined by '_X_'.",
                .arguments = {{.name = "a", .accepts = Accepts::kText, .doc = "a text or int"},
                              {.name = "b", .accepts = Accepts::kText, .doc = "more of them"}},
                .variadic = true,
                .result = Kind::kBytes,
                .kernel = Cross});
  registry.Add(HotFunction("one_hot",
                           "`depth` floats, 1 at index x and else 0; all 0 where x is missing or "
                           "outside 0 … depth - 1.",
                           false));
  registry.Add(HotFunction("multi_hot",
                           "`depth` floats, 1 at the index of each value of the row and else 0.",
                           true));
}

}  // namespace bessemer::expression::category
