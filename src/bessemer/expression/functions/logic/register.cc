#include <cmath>

#include "bessemer/expression/kernels.h"

// and, or, not (three-valued) and if.

namespace bessemer::expression::logic {
namespace {

const std::vector<Argument> kTwoConditions = {
    {.name = "a", .accepts = Accepts::kInt, .doc = "a condition: 0 is false"},
    {.name = "b", .accepts = Accepts::kInt, .doc = "a condition: 0 is false"}};

int64_t At(const Column& column, int64_t row) {
  return column.ints()[column.type().per_row() ? row : 0];
}
bool Valid(const Column& column, int64_t row) {
  return column.type().per_row() ? column.IsValid(row) : true;
}

// `decisive` is the truth value that settles the result whatever the other side is.
StatusOr<Column> Connect(const std::vector<Column>& args, int64_t num_rows, bool decisive) {
  BESSEMER_ASSIGN_OR_RETURN(const Type type,
                            Broadcast({args[0].type(), args[1].type()}, Kind::kInt));
  const int64_t rows = type.shape == Shape::kScalar ? 1 : num_rows;
  Column out = Column::Make(type, rows);
  uint8_t* valid = type.optional ? out.MutableValidity() : nullptr;
  for (int64_t row = 0; row < rows; ++row) {
    const bool valid_a = Valid(args[0], row), valid_b = Valid(args[1], row);
    const bool settled_a = valid_a && (At(args[0], row) != 0) == decisive;
    const bool settled_b = valid_b && (At(args[1], row) != 0) == decisive;
    out.MutableInts()[row] = (settled_a || settled_b) == decisive;
    if (valid != nullptr) valid[row] = (valid_a && valid_b) || settled_a || settled_b;
  }
  return out;
}

Function Connective(std::string name, std::string doc, bool decisive) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = kTwoConditions,
          .evaluate = [decisive](const std::vector<Column>& args, int64_t num_rows, const Json&,
                                 const void*) { return Connect(args, num_rows, decisive); },
          .infer = [](const CallContext& context) -> StatusOr<Type> {
            BESSEMER_ASSIGN_OR_RETURN(const Type type, Broadcast(context.types, Kind::kInt));
            if (type.shape != Shape::kRow && type.shape != Shape::kScalar) {
              return InvalidArgumentError("conditions have one value a row, not {}",
                                          type.ToString());
            }
            return type;
          }};
}

template <typename T>
void Choose(const std::vector<Column>& args, int64_t rows, Column& out) {
  const auto values = [](const Column& column) {
    return ValuesOf<T>(Operand{column.type().kind, column.ints().data(), column.floats().data(),
                               column.bytes().data()});
  };
  const T* then_values = values(args[1]);
  const T* else_values = values(args[2]);
  const int64_t then_step = args[1].type().per_row();
  const int64_t else_step = args[2].type().per_row();
  T* results = ResultsOf<T>(out);
  uint8_t* valid = out.type().optional ? out.MutableValidity() : nullptr;
  for (int64_t row = 0; row < rows; ++row) {
    const bool first = At(args[0], row) != 0;
    results[row] = first ? then_values[row * then_step] : else_values[row * else_step];
    if (valid != nullptr) valid[row] = Valid(args[0], row) && Valid(args[first ? 1 : 2], row);
  }
}

StatusOr<Type> IfType(const CallContext& context) {
  BESSEMER_ASSIGN_OR_RETURN(const Type type, Broadcast(context.types, context.types[1].kind));
  if (type.shape != Shape::kRow && type.shape != Shape::kScalar) {
    if (context.types[0].shape == Shape::kScalar) return type;
    return InvalidArgumentError("if chooses between single values a row, not {}", type.ToString());
  }
  return type;
}

StatusOr<Column> If(const std::vector<Column>& args, int64_t num_rows, const Json&, const void*) {
  BESSEMER_ASSIGN_OR_RETURN(const Type type,
                            Broadcast({args[0].type(), args[1].type(), args[2].type()},
                                      args[1].type().kind));
  const Column& chosen = args[args[0].type().per_row() || At(args[0], 0) != 0 ? 1 : 2];
  if (!args[0].type().per_row() && chosen.type() == type) return chosen;
  if (type.shape != Shape::kRow && type.shape != Shape::kScalar) {
    // A constant condition; the chosen side is narrower than the other one.
    const Column& wide = args[&chosen == &args[1] ? 2 : 1];
    if (chosen.type().per_row()) {
      return InvalidArgumentError("if chooses between values of one shape");
    }
    Column out = Column::Make(type, num_rows, wide.num_values());
    if (type.shape == Shape::kRagged) out.ShareOffsets(wide);
    for (int64_t i = 0; i < wide.num_values(); ++i) {
      if (type.kind == Kind::kInt) out.MutableInts()[i] = chosen.ints()[0];
      if (type.kind == Kind::kFloat) out.MutableFloats()[i] = chosen.floats()[0];
      if (type.kind == Kind::kBytes) out.MutableBytes()[i] = chosen.bytes()[0];
    }
    out.HoldAll(chosen);
    return out;
  }
  const int64_t rows = type.shape == Shape::kScalar ? 1 : num_rows;
  Column out = Column::Make(type, rows);
  BESSEMER_RETURN_IF_ERROR(DispatchKind(type.kind, [&](auto tag) {
    Choose<typename decltype(tag)::type>(args, rows, out);
    return OkStatus();
  }));
  for (const Column& arg : args) out.HoldAll(arg);
  return out;
}

}  // namespace

void Register(FunctionRegistry& registry) {
  registry.Add(Connective(
      "and", "a and b. False and missing is false; true and missing is missing.", false));
  registry.Add(Connective(
      "or", "a or b. True or missing is true; false or missing is missing.", true));
  registry.Add({.name = "not",
                .doc = "1 if x is 0, else 0.",
                .arguments = {{.name = "x", .accepts = Accepts::kInt, .doc = "a condition"}},
                .result = Kind::kInt,
                .kernel = [](const KernelCall& call) {
                  return Map<int64_t, int64_t>(
                      call, [](int64_t a) { return static_cast<int64_t>(a == 0); });
                }});
  registry.Add({.name = "if",
                .doc = "`then` where the condition is true, `otherwise` where it is false; missing "
                       "where the condition or the chosen value is.",
                .arguments = {{.name = "condition", .accepts = Accepts::kInt, .doc = "0 is false"},
                              {.name = "then", .accepts = Accepts::kSame, .doc = "a value"},
                              {.name = "otherwise", .accepts = Accepts::kSame, .doc = "a value"}},
                .evaluate = If,
                .infer = IfType});
}

}  // namespace bessemer::expression::logic
