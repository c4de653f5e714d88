#ifndef BESSEMER_TENSORFLOW_GRAPH_BUILDER_H_
#define BESSEMER_TENSORFLOW_GRAPH_BUILDER_H_

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/tensorflow/attr.h"
#include "bessemer/tensorflow/tensor.h"

namespace tensorflow {
class GraphDef;
class NodeDef;
}  // namespace tensorflow

namespace bessemer::tf {

struct VariableInfo {
  Tensor handle;
  DataType dtype = ::tensorflow::DT_INVALID;
  Shape shape;
};

using Attrs = std::vector<std::pair<std::string, Attr>>;

// A file that a graph reads; WriteSavedModel copies it to assets/<file name>.
struct Asset {
  std::string filename_node;  // the string constant that holds its path
  std::string path;           // where the file is now
};

// Builds a TensorFlow graph as a protobuf: needs no TensorFlow, checks no shapes.
//
// Nodes get unique names below the current scope. A node added with a wish for a name that is taken
// gets "_1", "_2", … appended. Mistakes of the caller (an input that does not exist, operands of
// different dtypes, attributes given twice) are kept: status() and Finish() return the first, and
// later calls still return usable values. Not thread-safe. Same calls, same bytes.
class GraphBuilder {
 public:
  GraphBuilder();
  ~GraphBuilder();
  GraphBuilder(GraphBuilder&&) noexcept;
  GraphBuilder& operator=(GraphBuilder&&) noexcept;

  // ---- any op -------------------------------------------------------------------------------
  // A node with one output of type `dtype`. `name` is a wish ("": the op's name).
  Tensor Op(std::string_view op, const std::vector<Tensor>& inputs, const Attrs& attrs,
            DataType dtype, std::string_view name = "");
  // A node with several outputs, in the op's order.
  std::vector<Tensor> MultiOp(std::string_view op, const std::vector<Tensor>& inputs,
                              const Attrs& attrs, const std::vector<DataType>& dtypes,
                              std::string_view name = "");
  // A node without outputs that runs after `control_nodes`; returns its name.
  std::string Target(std::string_view op, const std::vector<Tensor>& inputs, const Attrs& attrs,
                     const std::vector<std::string>& control_nodes = {},
                     std::string_view name = "");
  // Makes the node of `tensor` run after `control_node`.
  void AddControlInput(const Tensor& tensor, std::string_view control_node);
  // Copies a node as it is, its inputs too; INVALID_ARGUMENT if its name is taken.
  Status AddNode(const ::tensorflow::NodeDef& node);

  // Copies the function library of a graph. INVALID_ARGUMENT if a function of the same name but
  // other content is there.
  Status AddFunctions(const ::tensorflow::GraphDef& graph);
  // Replaces the value of a scalar string constant. INVALID_ARGUMENT if the node is none.
  Status SetString(std::string_view node, std::string_view value);

  // ---- names --------------------------------------------------------------------------------
  // Nodes added during the life of the object are named below `name`/; scopes nest.
  class Scope {
   public:
    ~Scope() { builder_->scope_.resize(length_); }
    Scope(const Scope&) = delete;

   private:
    friend class GraphBuilder;
    Scope(GraphBuilder* builder, size_t length) : builder_(builder), length_(length) {}
    GraphBuilder* builder_;
    size_t length_;
  };
  [[nodiscard]] Scope Enter(std::string_view name);
  // A node name that is free, below the current scope. Characters TensorFlow forbids become '_'.
  std::string UniqueName(std::string_view wish);
  bool HasNode(std::string_view name) const;

  // ---- sources ------------------------------------------------------------------------------
  Tensor Placeholder(DataType dtype, const Shape& shape, std::string_view name);
  Tensor Const(const ::tensorflow::TensorProto& value, std::string_view name = "Const");
  Tensor ConstFloat(float value, std::string_view name = "Const");
  Tensor ConstDouble(double value, std::string_view name = "Const");
  Tensor ConstInt32(int32_t value, std::string_view name = "Const");
  Tensor ConstInt64(int64_t value, std::string_view name = "Const");
  Tensor ConstBool(bool value, std::string_view name = "Const");
  Tensor ConstString(std::string_view value, std::string_view name = "Const");
  // A number of any numeric dtype.
  Tensor ConstOf(DataType dtype, double value, std::string_view name = "Const");
  // Row-major values; the shape defaults to a vector. INVALID_ARGUMENT if sizes do not match.
  Tensor ConstFloats(const std::vector<float>& values, std::string_view name = "Const");
  Tensor ConstFloats(const std::vector<float>& values, const Shape& shape,
                     std::string_view name = "Const");
  Tensor ConstInt32s(const std::vector<int32_t>& values, std::string_view name = "Const");
  Tensor ConstInt64s(const std::vector<int64_t>& values, std::string_view name = "Const");
  Tensor ConstStrings(const std::vector<std::string>& values, std::string_view name = "Const");

  // ---- element-wise -------------------------------------------------------------------------
  Tensor Identity(const Tensor& x, std::string_view name = "");
  Tensor Cast(const Tensor& x, DataType to);  // x itself if it is of that type
  // Ops with attribute T: one operand (Neg, Abs, Exp, Log, Log1p, Sqrt, Rsqrt, Floor, Round, Sign,
  // Sigmoid, Softmax, Tanh, Relu, Softplus, Square, ZerosLike, OnesLike, Reciprocal, …).
  Tensor Unary(std::string_view op, const Tensor& x);
  // Two operands of one dtype, which is also that of the result (AddV2, Sub, Mul, RealDiv,
  // DivNoNan, FloorDiv, FloorMod, Pow, Minimum, Maximum, SquaredDifference, …). Broadcasts.
  Tensor Binary(std::string_view op, const Tensor& x, const Tensor& y);
  Tensor Add(const Tensor& x, const Tensor& y) { return Binary("AddV2", x, y); }
  Tensor Sub(const Tensor& x, const Tensor& y) { return Binary("Sub", x, y); }
  Tensor Mul(const Tensor& x, const Tensor& y) { return Binary("Mul", x, y); }
  Tensor Div(const Tensor& x, const Tensor& y) { return Binary("RealDiv", x, y); }
  // Equal, NotEqual, Less, LessEqual, Greater, GreaterEqual; bool result.
  Tensor Compare(std::string_view op, const Tensor& x, const Tensor& y);
  // IsNan, IsInf, IsFinite.
  Tensor Test(std::string_view op, const Tensor& x);
  Tensor And(const Tensor& x, const Tensor& y);  // of bools, as Or and Not
  Tensor Or(const Tensor& x, const Tensor& y);
  Tensor Not(const Tensor& x);
  Tensor Select(const Tensor& condition, const Tensor& then, const Tensor& otherwise);

  // ---- shape and order ----------------------------------------------------------------------
  Tensor ShapeOf(const Tensor& x, DataType out = ::tensorflow::DT_INT32);
  Tensor SizeOf(const Tensor& x, DataType out = ::tensorflow::DT_INT32);
  Tensor Reshape(const Tensor& x, const Tensor& shape);
  Tensor Reshape(const Tensor& x, const std::vector<int32_t>& shape);
  Tensor ExpandDims(const Tensor& x, int axis);
  Tensor Squeeze(const Tensor& x, const std::vector<int64_t>& axes);
  Tensor Concat(const std::vector<Tensor>& parts, int axis);  // one part: that part
  Tensor Stack(const std::vector<Tensor>& parts, int axis);
  Tensor Gather(const Tensor& params, const Tensor& indices, int axis = 0);
  // x[begin:end] in the leading dimensions, dimensions of `shrink_mask` bits dropped.
  Tensor StridedSlice(const Tensor& x, const std::vector<int32_t>& begin,
                      const std::vector<int32_t>& end, int begin_mask = 0, int end_mask = 0,
                      int shrink_mask = 0);
  Tensor Column(const Tensor& x, int column);  // x[:, column]
  Tensor Fill(const Tensor& shape, const Tensor& value);
  Tensor Range(const Tensor& start, const Tensor& limit, const Tensor& delta);
  Tensor Tile(const Tensor& x, const Tensor& multiples);
  Tensor OneHot(const Tensor& indices, int64_t depth, DataType dtype = ::tensorflow::DT_FLOAT);
  Tensor Where(const Tensor& condition);  // int64 [n, rank]
  // Sum, Mean, Max, Min, Prod, All, Any over axes.
  Tensor Reduce(std::string_view op, const Tensor& x, const std::vector<int32_t>& axes,
                bool keep_dims = false);
  Tensor ArgMax(const Tensor& x, int axis);  // int64
  Tensor MatMul(const Tensor& x, const Tensor& y, bool transpose_x = false,
                bool transpose_y = false);
  Tensor BiasAdd(const Tensor& x, const Tensor& bias);

  // ---- strings ------------------------------------------------------------------------------
  Tensor AsString(const Tensor& x, int precision = -1);
  Tensor StringToNumber(const Tensor& x, DataType out);
  Tensor HashBucketFast(const Tensor& x, int64_t num_buckets);  // int64
  // StringStrip, StringLower, StringUpper: string to string.
  Tensor StringOp(std::string_view op, const Tensor& x, const Attrs& attrs = {});
  Tensor StringJoin(const std::vector<Tensor>& parts, std::string_view separator = "");
  Tensor RegexReplace(const Tensor& x, std::string_view pattern, std::string_view rewrite,
                      bool global = true);
  Tensor RegexFullMatch(const Tensor& x, std::string_view pattern);  // bool
  SparseTensor StringSplit(const Tensor& x, const Tensor& separator);  // x: [n]

  Tensor SparseToDense(const SparseTensor& x, const Tensor& dense_shape, const Tensor& filler);
  // int32: the number of (ascending) boundaries ≤ x.
  Tensor Bucketize(const Tensor& x, const std::vector<float>& boundaries);

  // ---- lookup tables, with their initialisers -----------------------------------------------
  // A table whose keys are the lines of a file and whose values are line numbers (from 0).
  // The file becomes an asset. Returns the handle.
  Tensor VocabularyTable(const std::string& path, std::string_view name = "vocabulary");
  // Any columns of a text file: -2 whole line, -1 line number, else the column.
  Tensor TextFileTable(const std::string& path, DataType key, DataType value, int64_t key_index,
                       int64_t value_index, std::string_view delimiter = "\t",
                       std::string_view name = "table");
  Tensor ConstTable(const Tensor& keys, const Tensor& values, std::string_view name = "table");
  Tensor LookupFind(const Tensor& table, const Tensor& keys, const Tensor& default_value);
  Tensor LookupSize(const Tensor& table);  // int64

  // ---- serialised tf.Example ----------------------------------------------------------------
  struct DenseFeature {
    std::string key;
    DataType dtype;      // DT_FLOAT, DT_INT64 or DT_STRING
    Shape shape;         // of one example, e.g. {} or {3}
    Tensor default_value = {};  // node "" : the feature is required. Its shape: `shape`
  };
  struct ParsedExamples {
    std::vector<Tensor> dense;         // as asked for
    std::vector<SparseTensor> sparse;  // rank 2
    std::vector<RaggedTensor> ragged;  // int64 row splits
  };
  ParsedExamples ParseExamples(const Tensor& serialized, const std::vector<DenseFeature>& dense,
                               const std::vector<std::pair<std::string, DataType>>& sparse,
                               const std::vector<std::pair<std::string, DataType>>& ragged = {});

  // ---- resource variables -------------------------------------------------------------------
  Tensor Variable(DataType dtype, const Shape& shape, std::string_view name);  // the handle
  Tensor ReadVariable(const Tensor& handle, DataType dtype, std::string_view name = "");

  // ---- what a SavedModel of this graph needs ------------------------------------------------
  const std::vector<VariableInfo>& variables() const { return variables_; }
  const std::vector<std::string>& initializers() const { return initializers_; }  // nodes to run
  const std::vector<Asset>& assets() const { return assets_; }
  void AddInitializer(std::string_view node) { initializers_.emplace_back(node); }
  void AddAsset(Asset asset) { assets_.push_back(std::move(asset)); }

  const Status& status() const { return status_; }
  const ::tensorflow::GraphDef& graph() const { return *graph_; }  // valid while building
  // The graph, or the first mistake. Does not change the builder.
  StatusOr<::tensorflow::GraphDef> Finish() const;

 private:
  friend class Scope;
  ::tensorflow::NodeDef* NewNode(std::string_view op, const std::vector<Tensor>& inputs,
                                 const Attrs& attrs, std::string_view name);
  void Fail(Status status);
  Tensor ConstRaw(DataType dtype, const Shape& shape, const void* data, size_t num_bytes,
                  size_t num_values, std::string_view name);

  std::unique_ptr<::tensorflow::GraphDef> graph_;
  std::map<std::string, int, std::less<>> nodes_;       // name -> position in graph_
  std::map<std::string, int, std::less<>> next_suffix_;  // wish -> number to try next
  std::string scope_;                                   // "" or "a/b/"
  std::vector<VariableInfo> variables_;
  std::vector<std::string> initializers_;
  std::vector<Asset> assets_;
  Status status_;
};

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_GRAPH_BUILDER_H_
