#include "bessemer/transform/emission.h"
#include "bessemer/transform/library.h"

// Functions that look at rows as a whole: missing values, logic, one-hot.

namespace bessemer::transform::rows {
namespace {

using expression::Kind;
using expression::Shape;
using expression::Type;

constexpr tf::DataType kInt64 = ::tensorflow::DT_INT64;

EmittedColumn RowColumn(const Type& type, tf::Tensor values, tf::Tensor valid = {}) {
  return {.type = type, .values = std::move(values), .valid = std::move(valid)};
}

// bool [batch]: whether each row has a value; node "" if every row has.
tf::Tensor Present(Emission& e, const EmittedColumn& x) {
  if (x.type.shape != Shape::kRagged) return x.valid;
  const tf::Tensor rows = x.RowOfValue(e.b);
  const tf::Tensor num_rows = e.b.StridedSlice(x.dense_shape, {0}, {1}, 0, 0, 1);
  const tf::Tensor counts =
      e.b.Op("UnsortedSegmentSum", {e.b.Unary("OnesLike", rows), rows, num_rows},
             {{"T", kInt64}, {"Tindices", kInt64}, {"Tnumsegments", kInt64}}, kInt64);
  return e.b.Compare("Greater", counts, e.b.ConstInt64(0));
}

// int64 [batch] of equal values.
tf::Tensor Repeat(Emission& e, const EmittedColumn& x, int64_t value) {
  const tf::Tensor batch = e.b.StridedSlice(e.b.ShapeOf(x.values), {0}, {1});
  return e.b.Fill(batch, e.b.ConstInt64(value));
}

void AddFlag(Library& library, std::string name, bool wanted) {
  library.emitters.Add({.name = std::move(name), .emit = [wanted](Emission& e) {
                          const EmittedColumn& x = e.column(0);
                          const tf::Tensor present = Present(e, x);
                          if (present.node.empty()) {
                            e.ReturnColumn(RowColumn(e.type(), Repeat(e, x, wanted)));
                          } else {
                            e.ReturnColumn(RowColumn(
                                e.type(), e.AsInt(wanted ? present : e.b.Not(present))));
                          }
                          return OkStatus();
                        }});
}

Status EmitFill(Emission& e) {
  const EmittedColumn& x = e.column(0);
  const EmittedColumn& value = e.column(1);
  EmittedColumn out = x;
  out.type = e.type();
  if (x.type.shape == Shape::kRagged) {
    // Empty rows get a placeholder, then the default.
    const tf::Tensor filler = x.type.kind == Kind::kBytes
                                  ? e.b.ConstString("")
                                  : e.b.ConstOf(DataTypeOf(x.type.kind), 0);
    const auto filled = e.b.MultiOp(
        "SparseFillEmptyRows", {x.indices, x.values, x.dense_shape, filler},
        {{"T", DataTypeOf(x.type.kind)}},
        {kInt64, DataTypeOf(x.type.kind), ::tensorflow::DT_BOOL, kInt64});
    out.indices = filled[0];
    const tf::Tensor rows = e.b.Column(filled[0], 0);
    const tf::Tensor was_empty = e.b.Gather(filled[2], rows);
    const tf::Tensor defaults =
        value.type.per_row() ? e.b.Gather(value.values, rows) : value.values;
    out.values = e.b.Select(was_empty, defaults, filled[1]);
    // A batch of empty lists has a second dimension of 0.
    out.dense_shape = e.b.Binary("Maximum", x.dense_shape, e.b.ConstInt64s({0, 1}));
  } else if (x.has_valid()) {
    out.values = e.b.Select(x.valid, x.values, value.values);
    out.valid = value.has_valid() ? e.b.Or(x.valid, value.valid) : tf::Tensor{};
  }
  e.ReturnColumn(std::move(out));
  return OkStatus();
}

// `decisive` is the truth value that settles the result whatever the other side is.
void AddConnective(Library& library, std::string name, bool decisive) {
  library.emitters.Add({.name = std::move(name), .emit = [decisive](Emission& e) {
    const auto truth = [&](int i) {
      return e.b.Compare("NotEqual", e.column(i).values, e.b.ConstInt64(0));
    };
    tf::Tensor settled[2];
    for (int i = 0; i < 2; ++i) {
      settled[i] = decisive ? truth(i) : e.b.Not(truth(i));
      if (e.column(i).has_valid()) settled[i] = e.b.And(settled[i], e.column(i).valid);
    }
    const tf::Tensor either = e.b.Or(settled[0], settled[1]);
    EmittedColumn out = RowColumn(e.type(), e.AsInt(decisive ? either : e.b.Not(either)));
    const bool valid_a = e.column(0).has_valid(), valid_b = e.column(1).has_valid();
    if (valid_a || valid_b) {
      tf::Tensor both = valid_a ? e.column(0).valid : e.column(1).valid;
      if (valid_a && valid_b) both = e.b.And(both, e.column(1).valid);
      out.valid = e.b.Or(both, either);
    }
    e.ReturnColumn(std::move(out));
    return OkStatus();
  }});
}

Status EmitIf(Emission& e) {
  const tf::Tensor condition = e.b.Compare("NotEqual", e.value(0), e.b.ConstInt64(0));
  e.Return(e.b.Select(condition, e.value(1), e.value(2)));
  if (!e.column(1).has_valid() && !e.column(2).has_valid()) return OkStatus();
  // Missing where the condition or the chosen side is, whatever the other one.
  EmittedColumn out = e.result();
  const tf::Tensor all = e.b.Or(out.valid, e.b.ConstBool(true));  // [batch] of true
  const auto valid = [&](int i) { return e.column(i).has_valid() ? e.column(i).valid : all; };
  out.valid = e.b.And(e.b.Select(condition, valid(1), valid(2)), valid(0));
  e.ReturnColumn(std::move(out));
  return OkStatus();
}

Status EmitHot(Emission& e) {
  const EmittedColumn& x = e.column(0);
  const int64_t depth = e.attrs()["depth"].get<int64_t>();
  EmittedColumn out = RowColumn(e.type(), {});
  if (x.type.shape == Shape::kRow) {
    tf::Tensor index = x.values;
    if (x.has_valid()) index = e.b.Select(x.valid, index, e.b.ConstInt64(-1));
    out.values = e.b.OneHot(index, depth);
  } else if (x.type.shape == Shape::kVector) {
    out.values = e.b.Reduce("Max", e.b.OneHot(x.values, depth), {1});
  } else {
    const tf::Tensor num_rows = e.b.StridedSlice(x.dense_shape, {0}, {1}, 0, 0, 1);
    const tf::Tensor most = e.b.Op(
        "UnsortedSegmentMax", {e.b.OneHot(x.values, depth), x.RowOfValue(e.b), num_rows},
        {{"T", ::tensorflow::DT_FLOAT}, {"Tindices", kInt64}, {"Tnumsegments", kInt64}},
        ::tensorflow::DT_FLOAT);
    out.values = e.b.Binary("Maximum", most, e.b.ConstFloat(0));  // empty rows: the lowest float
  }
  e.ReturnColumn(std::move(out));
  return OkStatus();
}

}  // namespace

void Register(Library& library) {
  AddFlag(library, "is_present", true);
  AddFlag(library, "is_missing", false);
  AddConnective(library, "and", false);
  AddConnective(library, "or", true);
  library.emitters.Add({.name = "fill", .emit = EmitFill});
  library.emitters.Add({.name = "if", .emit = EmitIf});
  library.emitters.Add({.name = "one_hot", .emit = EmitHot});
  library.emitters.Add({.name = "multi_hot", .emit = EmitHot});
}

}  // namespace bessemer::transform::rows
