#include "bessemer/transform/emission.h"
#include "bessemer/transform/library.h"

// Numbers: arithmetic, comparisons, mathematics, conversions.

namespace bessemer::transform::elementwise {
namespace {

using expression::Kind;

void AddBinary(Library& library, std::string name, const char* op) {
  library.emitters.Add({.name = std::move(name), .emit = [op](Emission& e) {
                          e.Return(e.b.Binary(op, e.value(0), e.value(1)));
                          return OkStatus();
                        }});
}

void AddCompare(Library& library, std::string name, const char* op) {
  library.emitters.Add({.name = std::move(name), .emit = [op](Emission& e) {
                          e.Return(e.AsInt(e.b.Compare(op, e.value(0), e.value(1))));
                          return OkStatus();
                        }});
}

// Leaves ints alone if `floats_only`.
void AddUnary(Library& library, std::string name, const char* op, bool floats_only = false) {
  library.emitters.Add({.name = std::move(name), .emit = [op, floats_only](Emission& e) {
                          const bool keep = floats_only && e.column(0).type.kind == Kind::kInt;
                          e.Return(keep ? e.value(0) : e.b.Unary(op, e.value(0)));
                          return OkStatus();
                        }});
}

// TensorFlow refuses integer division by 0, where the language says 0.
void AddDivision(Library& library, std::string name, const char* op) {
  library.emitters.Add({.name = std::move(name), .emit = [op](Emission& e) {
                          const tf::Tensor a = e.value(0), divisor = e.value(1);
                          const expression::Column* known = e.constant(1);
                          if (e.column(0).type.kind == Kind::kFloat ||
                              (known != nullptr && known->ints()[0] != 0)) {
                            e.Return(e.b.Binary(op, a, divisor));
                            return OkStatus();
                          }
                          const tf::Tensor zero = e.b.ConstInt64(0);
                          const tf::Tensor is_zero = e.b.Compare("Equal", divisor, zero);
                          const tf::Tensor safe =
                              e.b.Select(is_zero, e.b.Unary("OnesLike", divisor), divisor);
                          const tf::Tensor result = e.b.Binary(op, a, safe);
                          e.Return(e.b.Mul(result, e.AsInt(e.b.Not(is_zero))));
                          return OkStatus();
                        }});
}

// Row by row over several arguments.
void AddExtreme(Library& library, std::string name, const char* op) {
  library.emitters.Add({.name = std::move(name), .emit = [op](Emission& e) {
                          tf::Tensor best = e.value(0);
                          for (size_t i = 1; i < e.num_args(); ++i) {
                            best = e.b.Binary(op, best, e.value(i));
                          }
                          e.Return(best);
                          return OkStatus();
                        }});
}

Status EmitIn(Emission& e) {
  tf::Tensor found;
  for (size_t i = 1; i < e.num_args(); ++i) {
    const tf::Tensor equal = e.b.Compare("Equal", e.value(0), e.value(i));
    found = i == 1 ? equal : e.b.Or(found, equal);
  }
  e.Return(e.AsInt(found));
  return OkStatus();
}

}  // namespace

void Register(Library& library) {
  AddBinary(library, "add", "AddV2");
  AddBinary(library, "subtract", "Sub");
  AddBinary(library, "multiply", "Mul");
  AddBinary(library, "divide", "RealDiv");
  AddBinary(library, "power", "Pow");
  AddDivision(library, "floor_divide", "FloorDiv");
  AddDivision(library, "modulo", "FloorMod");
  AddUnary(library, "negate", "Neg");
  AddCompare(library, "equal", "Equal");
  AddCompare(library, "not_equal", "NotEqual");
  AddCompare(library, "less", "Less");
  AddCompare(library, "less_equal", "LessEqual");
  AddCompare(library, "greater", "Greater");
  AddCompare(library, "greater_equal", "GreaterEqual");
  library.emitters.Add({.name = "in", .emit = EmitIn});
  AddUnary(library, "abs", "Abs");
  AddUnary(library, "log", "Log");
  AddUnary(library, "log1p", "Log1p");
  AddUnary(library, "exp", "Exp");
  AddUnary(library, "sqrt", "Sqrt");
  AddUnary(library, "sigmoid", "Sigmoid");
  AddUnary(library, "round", "Round", true);
  AddUnary(library, "floor", "Floor", true);
  AddUnary(library, "ceil", "Ceil", true);
  AddExtreme(library, "min", "Minimum");
  AddExtreme(library, "max", "Maximum");
  library.emitters.Add({.name = "is_nan", .emit = [](Emission& e) {
                          e.Return(e.b.Cast(e.b.Test("IsNan", e.value(0)),
                                            ::tensorflow::DT_FLOAT));
                          return OkStatus();
                        }});
  library.emitters.Add({.name = "not", .emit = [](Emission& e) {
                          e.Return(e.AsInt(e.b.Compare("Equal", e.value(0), e.b.ConstInt64(0))));
                          return OkStatus();
                        }});
  for (const auto& [name, kind] :
       {std::pair("int", Kind::kInt), std::pair("float", Kind::kFloat)}) {
    library.emitters.Add({.name = name, .emit = [kind = kind](Emission& e) {
                            e.Return(e.b.Cast(e.value(0), DataTypeOf(kind)));
                            return OkStatus();
                          }});
  }
}

}  // namespace bessemer::transform::elementwise
