#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/record_batch.h>

#include <algorithm>

#include "bessemer/expression/graph.h"

namespace bessemer::expression {
namespace {

// A value of each row repeated over the values of rows as `like` has them.
Column Spread(const Column& column, const Column& like) {
  Column out = Column::Make(Type::List(column.type().kind), 1, like.num_values());
  for (int64_t row = 0; row < like.num_rows(); ++row) {
    for (int64_t i = like.begin(row); i < like.end(row); ++i) {
      if (column.type().kind == Kind::kInt) out.MutableInts()[i] = column.ints()[row];
      if (column.type().kind == Kind::kFloat) out.MutableFloats()[i] = column.floats()[row];
      if (column.type().kind == Kind::kBytes) out.MutableBytes()[i] = column.bytes()[row];
    }
  }
  out.HoldAll(column);
  return out;
}

bool SameLengths(const Column& a, const Column& b) {
  return a.offsets().data() == b.offsets().data() ||
         std::equal(a.offsets().begin(), a.offsets().end(), b.offsets().begin());
}

// The values of the rows in which `offsets` leaves any.
Column KeepRows(const Column& from, const std::vector<int64_t>& offsets) {
  Column out = Column::Make(from.type(), from.num_rows(), offsets.back());
  std::copy(offsets.begin(), offsets.end(), out.MutableOffsets());
  for (int64_t row = 0; row < from.num_rows(); ++row) {
    const int64_t size = offsets[row + 1] - offsets[row], begin = from.begin(row);
    if (from.type().kind == Kind::kInt) {
      std::copy_n(from.ints().data() + begin, size, out.MutableInts() + offsets[row]);
    } else if (from.type().kind == Kind::kFloat) {
      std::copy_n(from.floats().data() + begin, size, out.MutableFloats() + offsets[row]);
    } else {
      std::copy_n(from.bytes().data() + begin, size, out.MutableBytes() + offsets[row]);
    }
  }
  out.HoldAll(from);
  return out;
}

// Values side by side: a row without values in one ragged argument has none in the others either,
// since what is missing in an argument is missing in the result. Other differences are errors.
Status AlignRagged(std::vector<Column>* args) {
  std::vector<Column*> ragged;
  for (Column& arg : *args) {
    if (arg.type().shape == Shape::kRagged) ragged.push_back(&arg);
  }
  if (ragged.size() < 2 || std::all_of(ragged.begin() + 1, ragged.end(), [&](const Column* arg) {
        return SameLengths(*ragged[0], *arg);
      })) {
    return OkStatus();
  }
  std::vector<int64_t> offsets = {0};
  for (int64_t row = 0; row < ragged[0]->num_rows(); ++row) {
    int64_t least = ragged[0]->end(row) - ragged[0]->begin(row), most = least;
    for (const Column* arg : ragged) {
      least = std::min(least, arg->end(row) - arg->begin(row));
      most = std::max(most, arg->end(row) - arg->begin(row));
    }
    if (least != most && least != 0) {
      return InvalidArgumentError("row {} has {} and {} values, which cannot be taken side by side",
                                  row, least, most);
    }
    offsets.push_back(offsets.back() + least);
  }
  for (Column* arg : ragged) *arg = KeepRows(*arg, offsets);
  return OkStatus();
}

Operand MakeOperand(const Column& column, int64_t stride) {
  return {column.type().kind, column.ints().data(), column.floats().data(), column.bytes().data(),
          stride};
}

// Rows that are missing in an argument are missing in the result.
void MergeValidity(const std::vector<Column>& args, Column& out) {
  const Column* only = nullptr;
  int count = 0;
  for (const Column& arg : args) {
    if (!arg.has_validity()) continue;
    only = &arg;
    ++count;
  }
  if (count == 0) return;
  if (count == 1) return out.ShareValidity(*only);
  uint8_t* valid = out.MutableValidity();
  for (const Column& arg : args) {
    if (!arg.has_validity()) continue;
    const uint8_t* from = arg.validity();
    for (int64_t row = 0; row < out.num_rows(); ++row) valid[row] &= from[row];
  }
}

StatusOr<Column> RunKernel(const Node& node, std::vector<Column> args, int64_t num_rows) {
  const Status aligned = AlignRagged(&args);
  if (!aligned.ok()) return WithContext(aligned, node.function->name);
  const Column* lead = nullptr;  // gives the rows of a ragged or vector result
  for (const Column& arg : args) {
    if (arg.type().shape != Shape::kVector && arg.type().shape != Shape::kRagged) continue;
    if (lead == nullptr) lead = &arg;
  }
  Column out = lead != nullptr ? Column::Make(node.type, num_rows, lead->num_values())
                               : Column::Make(node.type, num_rows);
  if (node.type.shape == Shape::kRagged) out.ShareOffsets(*lead);
  std::vector<Column> spread;  // keeps what operands point to
  std::vector<Operand> operands;
  for (const Column& arg : args) {
    const bool constant = !arg.type().per_row();
    if (lead != nullptr && arg.type().shape == Shape::kRow) {
      spread.push_back(Spread(arg, *lead));
      operands.push_back(MakeOperand(spread.back(), 1));
    } else {
      operands.push_back(MakeOperand(arg, constant ? 0 : 1));
    }
  }
  MergeValidity(args, out);
  KernelCall call;
  call.args = operands;
  call.size = out.num_values();
  call.attrs = &node.attrs;
  call.state = node.state.get();
  call.out = &out;
  if (node.function->may_fail) {
    Column rows = Column::Make(Type::Row(Kind::kInt, true), num_rows);
    call.out_valid = rows.MutableValidity();
    if (out.has_validity()) std::copy_n(out.validity(), num_rows, call.out_valid);
    out.ShareValidity(rows);
  }
  BESSEMER_RETURN_IF_ERROR(node.function->kernel(call));
  if (node.type.shape == Shape::kScalar && !out.IsValid(0)) {
    return InvalidArgumentError("this constant has no value");
  }
  // Results may be views into the arguments' bytes.
  if (node.type.kind == Kind::kBytes) {
    for (const Column& arg : args) out.HoldAll(arg);
  }
  return out;
}

StatusOr<Column> ReadFeature(const arrow::RecordBatch& batch, const Node& node) {
  const int index = batch.schema()->GetFieldIndex(node.feature);
  std::shared_ptr<arrow::Array> array;
  if (index >= 0) {
    array = batch.column(index);
  } else if (node.type.optional || node.type.shape == Shape::kRagged) {
    array = std::make_shared<arrow::NullArray>(batch.num_rows());
  } else {
    return NotFoundError("the batch has no feature '{}', which the schema says is always there",
                         node.feature);
  }
  auto column = Column::FromArrow(array, node.type);
  if (!column.ok()) {
    return WithContext(column.status(), fmt::format("feature '{}'", node.feature));
  }
  return column;
}

}  // namespace

StatusOr<Column> Graph::EvaluateNode(const Node& node, std::vector<Column> args,
                                     int64_t num_rows) const {
  auto result = node.function->kernel
                    ? RunKernel(node, std::move(args), num_rows)
                    : node.function->evaluate(args, num_rows, node.attrs, node.state.get());
  if (!result.ok()) return WithContext(result.status(), node.function->name);
  return result;
}

StatusOr<std::vector<Column>> Graph::Evaluate(const arrow::RecordBatch& batch,
                                              const std::vector<int>& nodes) const {
  const std::vector<bool> needed = NeededBy(nodes);
  std::vector<Column> values(nodes_.size());
  for (size_t i = 0; i < nodes_.size(); ++i) {
    if (!needed[i]) continue;
    const Node& node = nodes_[i];
    switch (node.op) {
      case Node::Op::kConstant:
        values[i] = node.constant;
        break;
      case Node::Op::kInput: {
        BESSEMER_ASSIGN_OR_RETURN(values[i], ReadFeature(batch, node));
        break;
      }
      case Node::Op::kCall: {
        if (node.is_analyzer()) {
          return FailedPreconditionError("{} has no result yet: analyse the data first",
                                         node.function->name);
        }
        std::vector<Column> args;
        for (const int input : node.inputs) args.push_back(values[input]);
        BESSEMER_ASSIGN_OR_RETURN(values[i],
                                  EvaluateNode(node, std::move(args), batch.num_rows()));
        break;
      }
    }
  }
  std::vector<Column> results;
  for (const int node : nodes) results.push_back(values[node]);
  return results;
}

}  // namespace bessemer::expression
