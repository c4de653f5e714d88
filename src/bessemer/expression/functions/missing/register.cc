#include "bessemer/expression/kernels.h"

namespace bessemer::expression::missing {
namespace {

StatusOr<Type> FlagType(const CallContext& context) {
  if (context.types[0].shape == Shape::kList) {
    return InvalidArgumentError("a {} is not one value a row", context.types[0].ToString());
  }
  return context.types[0].per_row() ? Type::Row(Kind::kInt) : Type::Scalar(Kind::kInt);
}

Function Flag(std::string name, std::string doc, bool wanted) {
  return {.name = std::move(name),
          .doc = std::move(doc),
          .arguments = {{.name = "x", .accepts = Accepts::kAny, .doc = "a value"}},
          .evaluate = [wanted](const std::vector<Column>& args, int64_t num_rows, const Json&,
                               const void*) -> StatusOr<Column> {
            const Column& x = args[0];
            if (!x.type().per_row()) return Column::Constant(static_cast<int64_t>(wanted));
            Column out = Column::Make(Type::Row(Kind::kInt), num_rows);
            for (int64_t row = 0; row < num_rows; ++row) {
              out.MutableInts()[row] = (x.begin(row) < x.end(row)) == wanted;
            }
            return out;
          },
          .infer = FlagType};
}

// x keeps its type but is never missing; an optional default stays optional.
StatusOr<Type> FillType(const CallContext& context) {
  const Type& x = context.types[0];
  const Type& value = context.types[1];
  if (x.shape == Shape::kList || value.shape == Shape::kList) {
    return InvalidArgumentError("a list is not one value a row");
  }
  if (value.shape != Shape::kScalar && value.shape != Shape::kRow) {
    return InvalidArgumentError("the default must be one value a row, not {}", value.ToString());
  }
  if (x.shape == Shape::kRagged && value.optional) {
    return InvalidArgumentError("the default of a {} must not be missing", x.ToString());
  }
  Type type = x;
  type.optional = x.optional && value.optional;
  return type;
}

template <typename T>
struct Filler {
  static const T* Values(const Column& column) {
    return ValuesOf<T>(Operand{column.type().kind, column.ints().data(), column.floats().data(),
                               column.bytes().data()});
  }

  static Column Rows(const Column& x, const Column& value, int64_t num_rows) {
    Type type = x.type();
    type.optional = type.optional && value.type().optional;
    Column out = Column::Make(type, num_rows);
    const int64_t step = value.type().per_row();
    const T* from = Values(x);
    const T* defaults = Values(value);
    T* results = ResultsOf<T>(out);
    for (int64_t row = 0; row < num_rows; ++row) {
      results[row] = x.IsValid(row) ? from[row] : defaults[row * step];
      if (type.optional) {
        out.MutableValidity()[row] = x.IsValid(row) || value.IsValid(row);
      }
    }
    return out;
  }

  // A row without values gets the default as its one value.
  static Column Ragged(const Column& x, const Column& value, int64_t num_rows) {
    int64_t total = 0;
    for (int64_t row = 0; row < num_rows; ++row) {
      total += std::max<int64_t>(1, x.end(row) - x.begin(row));
    }
    Column out = Column::Make(x.type(), num_rows, total);
    T* results = ResultsOf<T>(out);
    int64_t at = 0;
    for (int64_t row = 0; row < num_rows; ++row) {
      for (int64_t i = x.begin(row); i < x.end(row); ++i) results[at++] = Values(x)[i];
      if (x.begin(row) == x.end(row)) {
        results[at++] = Values(value)[value.type().per_row() ? row : 0];
      }
      out.MutableOffsets()[row + 1] = at;
    }
    return out;
  }
};

StatusOr<Column> Fill(const std::vector<Column>& args, int64_t num_rows, const Json&,
                      const void*) {
  const Column& x = args[0];
  if (x.type().shape == Shape::kScalar || x.type().shape == Shape::kVector) return x;
  if (x.type().shape == Shape::kRow && !x.type().optional) return x;
  Column out;
  BESSEMER_RETURN_IF_ERROR(DispatchKind(x.type().kind, [&](auto tag) {
    using T = typename decltype(tag)::type;
    out = x.type().shape == Shape::kRow ? Filler<T>::Rows(x, args[1], num_rows)
                                        : Filler<T>::Ragged(x, args[1], num_rows);
    return OkStatus();
  }));
  out.HoldAll(x);
  out.HoldAll(args[1]);
  return out;
}

}  // namespace

void Register(FunctionRegistry& registry) {
  registry.Add(Flag("is_missing", "1 where the row has no value, else 0. NaN is a value.", false));
  registry.Add(Flag("is_present", "1 where the row has a value, else 0. NaN is a value.", true));
  registry.Add({.name = "fill",
                .doc = "x, and where it is missing the default; a ragged row without values gets "
                       "the default as its one value.",
                .arguments = {{.name = "x", .accepts = Accepts::kSame, .doc = "a value"},
                              {.name = "default", .accepts = Accepts::kSame,
                               .doc = "what stands where x is missing"}},
                .evaluate = Fill,
                .infer = FillType});
}

}  // namespace bessemer::expression::missing
