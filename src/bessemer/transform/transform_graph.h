#ifndef BESSEMER_TRANSFORM_TRANSFORM_GRAPH_H_
#define BESSEMER_TRANSFORM_TRANSFORM_GRAPH_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"
#include "bessemer/expression/graph.h"
#include "bessemer/transform/library.h"
#include "bessemer/transform/spec.h"

namespace arrow {
class RecordBatch;
}  // namespace arrow
namespace tensorflow::metadata::v0 {
class Schema;
}  // namespace tensorflow::metadata::v0

namespace bessemer::transform {

// A transform bound to a schema: the one graph that is analysed, applied to batches and written as
// TensorFlow ops. Const use is thread-safe.
class TransformGraph {
 public:
  // Errors name the output and the place in its expression.
  static StatusOr<TransformGraph> Bind(const TransformSpec& spec,
                                       const ::tensorflow::metadata::v0::Schema& schema,
                                       const Library& library = StandardLibrary());
  TransformGraph(TransformGraph&&) noexcept;
  TransformGraph& operator=(TransformGraph&&) noexcept;
  ~TransformGraph();

  const TransformSpec& spec() const { return spec_; }
  const ::tensorflow::metadata::v0::Schema& raw_schema() const { return *schema_; }
  const expression::Graph& graph() const { return graph_; }
  const Library& library() const { return *library_; }
  // The node of each output, in the order of the spec.
  const std::vector<int>& output_nodes() const { return outputs_; }
  // The features read, in order of first use.
  std::vector<std::string> features() const { return graph_.FeaturesOf(outputs_); }

  // How many passes over the data are left.
  int num_phases() const;
  // The analyzers of the next pass: those whose arguments need no other analyzer's result.
  std::vector<int> NextPhase() const;
  bool analyzed() const { return NextPhase().empty(); }
  // Results of the next pass. Recomputes what depends on them.
  Status SetResults(std::vector<std::pair<int, expression::Column>> results);

  // The outputs over a batch: int64, float and binary columns, plain where a row has at most one
  // value, lists otherwise. FAILED_PRECONDITION before all analyzers have results.
  StatusOr<std::shared_ptr<arrow::RecordBatch>> Apply(const arrow::RecordBatch& batch) const;

  // The features of the outputs: a fixed shape where every row has as many values, int domains of
  // categorical ints.
  StatusOr<::tensorflow::metadata::v0::Schema> TransformedSchema() const;

  // Vocabularies by the name of their file, no two alike: the `name` given, or that of the first
  // output that uses it, with '_' for what may not be in a file's name.
  struct Vocabulary {
    std::string name;
    int node = -1;
  };
  std::vector<Vocabulary> vocabularies() const;

  // The whole state, analyzer results included.
  Json ToJson() const;
  // DATA_LOSS for what ToJson cannot have written.
  static StatusOr<TransformGraph> FromJson(const Json& json,
                                           const Library& library = StandardLibrary());

 private:
  TransformGraph(const Library* library, expression::Graph graph);

  TransformSpec spec_;
  std::unique_ptr<::tensorflow::metadata::v0::Schema> schema_;
  const Library* library_;
  expression::Graph graph_;
  std::vector<int> outputs_;
};

}  // namespace bessemer::transform

#endif  // BESSEMER_TRANSFORM_TRANSFORM_GRAPH_H_
