#ifndef BESSEMER_TRANSFORM_EMISSION_H_
#define BESSEMER_TRANSFORM_EMISSION_H_

#include <functional>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/expression/graph.h"
#include "bessemer/tensorflow/graph_builder.h"
#include "bessemer/tensorflow/tensor.h"

namespace bessemer::transform {

// A column in a TensorFlow graph. `values` is a scalar, [batch], [batch, size] or, ragged, [n].
struct EmittedColumn {
  expression::Type type;
  tf::Tensor values;
  tf::Tensor valid;        // bool [batch] of an optional row that may be missing; else node ""
  tf::Tensor indices;      // ragged: int64 [n, 2], row and position
  tf::Tensor dense_shape;  // ragged: int64 [2]

  bool has_valid() const { return !valid.node.empty(); }
  // int64 [n]: the row of each value of a ragged column.
  tf::Tensor RowOfValue(tf::GraphBuilder& builder) const;
};

// A call being written into a TensorFlow graph.
class Emission {
 public:
  Emission(tf::GraphBuilder& builder, const expression::Graph& graph,
           const expression::Node& node, std::vector<EmittedColumn> columns,
           std::function<StatusOr<std::string>(int node)> vocabulary_file)
      : b(builder),
        graph_(graph),
        node_(node),
        columns_(std::move(columns)),
        vocabulary_file_(std::move(vocabulary_file)) {}

  tf::GraphBuilder& b;

  const Json& attrs() const { return node_.attrs; }
  const expression::Type& type() const { return node_.type; }
  size_t num_args() const { return columns_.size(); }
  const EmittedColumn& column(size_t i) const { return columns_[i]; }
  // The values of an argument so that they broadcast against those of the others.
  tf::Tensor value(size_t i);
  // The constant an argument is, or null.
  const expression::Column* constant(size_t i) const;
  // A file with the texts of a vocabulary argument, a line each.
  StatusOr<std::string> VocabularyFile(size_t i) const {
    return vocabulary_file_(node_.inputs[i]);
  }

  // The result, from values that broadcast against value(i); missing where an argument is, and
  // where `also_valid` (bool, optional) is false.
  void Return(tf::Tensor values, tf::Tensor also_valid = {});
  void ReturnColumn(EmittedColumn column) { result_ = std::move(column); }
  // A bool as int64.
  tf::Tensor AsInt(const tf::Tensor& flag) { return b.Cast(flag, ::tensorflow::DT_INT64); }

  const EmittedColumn& result() const { return result_; }

 private:
  const EmittedColumn* Lead() const;  // the ragged or vector argument

  const expression::Graph& graph_;
  const expression::Node& node_;
  std::vector<EmittedColumn> columns_;
  std::function<StatusOr<std::string>(int)> vocabulary_file_;
  EmittedColumn result_;
};

tf::DataType DataTypeOf(expression::Kind kind);

// Puts the values of ragged columns side by side, as the native form does: rows without values in
// one lose those of the others; running the graph fails for rows with different numbers of values.
void AlignRagged(tf::GraphBuilder& builder, std::vector<EmittedColumn>* columns);

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_EMISSION_H_
