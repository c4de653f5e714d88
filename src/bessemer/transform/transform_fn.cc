#include "bessemer/transform/transform_fn.h"

#include <google/protobuf/text_format.h>
#include <tensorflow/core/protobuf/saved_model.pb.h>
#include <tensorflow_metadata/proto/v0/schema.pb.h>

#include <map>

#include "bessemer/base/json_text.h"
#include "bessemer/io/file.h"
#include "bessemer/io/publish.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/tensorflow/saved_model.h"
#include "bessemer/transform/emission.h"

namespace bessemer::transform {

namespace v0 = ::tensorflow::metadata::v0;
using expression::Column;
using expression::Kind;
using expression::Node;
using expression::Shape;
using expression::Type;

namespace {

class Writer {
 public:
  Writer(const TransformGraph& transform, std::string scratch)
      : transform_(transform), scratch_(std::move(scratch)) {
    for (const v0::Feature& feature : transform.raw_schema().feature()) {
      features_[feature.name()] = &feature;
    }
    for (const TransformGraph::Vocabulary& vocabulary : transform.vocabularies()) {
      vocabularies_[vocabulary.node] = vocabulary.name;
    }
  }

  Status Write(const std::string& directory) {
    const std::vector<Node>& nodes = transform_.graph().nodes();
    const std::vector<bool> needed = transform_.graph().NeededBy(transform_.output_nodes());
    columns_.resize(nodes.size());
    for (size_t i = 0; i < nodes.size(); ++i) {
      if (needed[i]) BESSEMER_RETURN_IF_ERROR(Add(static_cast<int>(i)));
    }
    for (size_t i = 0; i < transform_.output_nodes().size(); ++i) {
      AddOutput(transform_.spec().outputs[i].first, columns_[transform_.output_nodes()[i]]);
    }
    // Features that no output reads are inputs too: callers pass whole parsed examples.
    for (const auto& [name, type] : transform_.graph().inputs().columns()) {
      if (signature_.inputs.contains(name)) continue;
      Node unused;
      unused.feature = name;
      unused.type = type;
      EmittedColumn column;
      AddInput(unused, column);
    }
    BESSEMER_RETURN_IF_ERROR(builder_.status());
    signature_.method_name = "";
    return tf::WriteSavedModel(std::move(builder_), {{kSignature, signature_}}, {}, directory);
  }

 private:
  Status Add(int index) {
    const Node& node = transform_.graph().nodes()[index];
    if (node.op == Node::Op::kInput) {
      AddInput(node, columns_[index]);
      return OkStatus();
    }
    if (node.op == Node::Op::kConstant) {
      AddConstant(node.constant, columns_[index]);
      return OkStatus();
    }
    BESSEMER_ASSIGN_OR_RETURN(const Emitter* emitter,
                              transform_.library().emitters.Find(node.function->name));
    std::vector<EmittedColumn> args;
    for (const int input : node.inputs) args.push_back(columns_[input]);
    const auto scope = builder_.Enter(node.function->name);
    AlignRagged(builder_, &args);
    Emission emission(builder_, transform_.graph(), node, std::move(args),
                      [this](int vocabulary) { return VocabularyFile(vocabulary); });
    BESSEMER_RETURN_IF_ERROR(emitter->emit(emission));
    columns_[index] = emission.result();
    columns_[index].type = node.type;
    return OkStatus();
  }

  void AddConstant(const Column& constant, EmittedColumn& out) {
    out.type = constant.type();
    if (constant.type().shape == Shape::kList) return;  // read through Emission::constant
    if (constant.type().kind == Kind::kInt) {
      out.values = Opaque(builder_.ConstInt64(constant.ints()[0]));
    } else if (constant.type().kind == Kind::kFloat) {
      out.values = Opaque(builder_.ConstFloat(constant.floats()[0]));
    } else {
      out.values = builder_.ConstString(constant.bytes()[0]);
    }
  }

  // A constant that TensorFlow's optimiser does not see through. It would divide by it by
  // multiplying with its inverse, which is another number in the last bit: values on a boundary of
  // buckets would fall into another one than in training.
  tf::Tensor Opaque(const tf::Tensor& constant) {
    return builder_.Op("PlaceholderWithDefault", {constant},
                       {{"dtype", constant.dtype}, {"shape", tf::Attr::OfShape({})}},
                       constant.dtype, "constant");
  }

  void AddInput(const Node& node, EmittedColumn& out) {
    const v0::Feature& feature = *features_.at(node.feature);
    const auto scope = builder_.Enter("inputs");
    out.type = node.type;
    const tf::DataType dtype = DataTypeOf(node.type.kind);
    if (feature.has_shape()) {
      tf::Shape shape = {-1};
      for (const auto& dim : feature.shape().dim()) shape.push_back(dim.size());
      const tf::Tensor raw = builder_.Placeholder(dtype, shape, node.feature);
      signature_.AddInput(node.feature, raw, shape);
      if (node.type.shape == Shape::kRow) {
        out.values = shape.size() == 1 ? raw : builder_.Reshape(raw, std::vector<int32_t>{-1});
      } else {
        const auto size = static_cast<int32_t>(node.type.size);
        out.values =
            shape.size() == 2 ? raw : builder_.Reshape(raw, std::vector<int32_t>{-1, size});
      }
      return;
    }
    tf::SparseTensor raw;
    raw.indices = builder_.Placeholder(::tensorflow::DT_INT64, {-1, 2}, node.feature + "/indices");
    raw.values = builder_.Placeholder(dtype, {-1}, node.feature + "/values");
    raw.dense_shape = builder_.Placeholder(::tensorflow::DT_INT64, {2}, node.feature + "/shape");
    signature_.AddInput(node.feature, raw, tf::Shape{-1, -1});
    if (node.type.shape == Shape::kRagged) {
      out.values = raw.values;
      out.indices = raw.indices;
      out.dense_shape = raw.dense_shape;
    } else {
      AddRows(raw, out);
    }
  }

  // A sparse input with at most one value a row as [batch] and a mask. A second value in a row is
  // refused by SparseToDense, whose result has one column.
  void AddRows(const tf::SparseTensor& raw, EmittedColumn& out) {
    const tf::Tensor batch = builder_.StridedSlice(raw.dense_shape, {0}, {1});
    const tf::Tensor shape =
        builder_.Concat({batch, builder_.ConstInt64s({1})}, 0);
    const tf::Tensor filler = out.type.kind == Kind::kBytes
                                  ? builder_.ConstString("")
                                  : builder_.ConstOf(DataTypeOf(out.type.kind), 0);
    const tf::Tensor dense = builder_.SparseToDense(raw, shape, filler);
    if (!out.type.optional) {
      // Fails, as it should, where a required value is missing.
      out.values = builder_.Reshape(dense, builder_.ShapeOf(raw.values));
      return;
    }
    out.values = builder_.Reshape(dense, std::vector<int32_t>{-1});
    tf::SparseTensor ones = raw;
    ones.values = builder_.Fill(builder_.ShapeOf(raw.values), builder_.ConstInt64(1));
    const tf::Tensor mask = builder_.SparseToDense(ones, shape, builder_.ConstInt64(0));
    out.valid = builder_.Compare("Equal", builder_.Reshape(mask, std::vector<int32_t>{-1}),
                                 builder_.ConstInt64(1));
  }

  void AddOutput(const std::string& name, const EmittedColumn& column) {
    const auto scope = builder_.Enter("outputs");
    const bool dense = column.type.shape != Shape::kRagged && !column.type.optional;
    if (dense) {
      tf::Shape shape = {-1};
      if (column.type.shape == Shape::kVector) shape.push_back(column.type.size);
      signature_.AddOutput(name, builder_.Identity(column.values, name), shape);
      return;
    }
    tf::SparseTensor out;
    if (column.type.shape == Shape::kRagged) {
      out.indices = column.indices;
      out.values = column.values;
      out.dense_shape = column.dense_shape;
    } else {
      const tf::Tensor valid = column.has_valid() ? column.valid : AllRows(column);
      const tf::Tensor rows = builder_.Where(valid);  // [n, 1]
      out.indices = builder_.Concat({rows, builder_.Unary("ZerosLike", rows)}, 1);
      out.values = builder_.Gather(column.values, builder_.Squeeze(rows, {1}));
      const tf::Tensor batch = builder_.ShapeOf(valid, ::tensorflow::DT_INT64);
      out.dense_shape = builder_.Concat({batch, builder_.ConstInt64s({1})}, 0);
    }
    out.indices = builder_.Identity(out.indices, name + "/indices");
    out.values = builder_.Identity(out.values, name + "/values");
    out.dense_shape = builder_.Identity(out.dense_shape, name + "/shape");
    signature_.AddOutput(name, out, tf::Shape{-1, -1});
  }

  tf::Tensor AllRows(const EmittedColumn& column) {
    return builder_.Fill(builder_.ShapeOf(column.values), builder_.ConstBool(true));
  }

  StatusOr<std::string> VocabularyFile(int index) {
    const Column& tokens = transform_.graph().nodes()[index].constant;
    auto& name = vocabularies_[index];
    if (name.empty()) name = fmt::format("tokens_{}", index);  // a literal list
    const std::string path = io::JoinPath(scratch_, name);
    std::string text;
    for (const std::string_view token : tokens.bytes()) {
      if (token.find_first_of("\r\n") != std::string_view::npos) {
        return InvalidArgumentError("token '{}' of a vocabulary has a line break", token);
      }
      text.append(token);
      text.push_back('\n');
    }
    BESSEMER_RETURN_IF_ERROR(io::WriteFileAtomically(path, text));
    return path;
  }

  const TransformGraph& transform_;
  const std::string scratch_;
  tf::GraphBuilder builder_;
  tf::Signature signature_;
  std::map<std::string, const v0::Feature*, std::less<>> features_;
  std::map<int, std::string> vocabularies_;
  std::vector<EmittedColumn> columns_;
};

Status WriteProto(const google::protobuf::Message& message, const std::string& path) {
  std::string text;
  google::protobuf::TextFormat::PrintToString(message, &text);
  return io::WriteFileAtomically(path, text);
}

// TensorFlow Transform looks for a graph whose only tag is "transform".
Status TagAsTransform(const std::string& directory) {
  const std::string path = io::JoinPath(directory, "saved_model.pb");
  BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, io::ReadFile(path));
  ::tensorflow::SavedModel model;
  if (!model.ParseFromString(bytes) || model.meta_graphs_size() != 1) {
    return DataLossError("{}: not the SavedModel just written", path);
  }
  auto& info = *model.mutable_meta_graphs(0)->mutable_meta_info_def();
  info.clear_tags();
  info.add_tags("transform");
  return io::WriteFileAtomically(path, proto::Serialize(model));
}

}  // namespace

Status WriteTransformFn(const TransformGraph& graph, const std::string& directory) {
  if (!graph.analyzed()) {
    return FailedPreconditionError("the transform has not been analysed");
  }
  const std::string scratch = directory + ".vocabularies";
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(scratch));
  const Status status = Writer(graph, scratch).Write(directory);
  BESSEMER_RETURN_IF_ERROR(io::RemoveTree(scratch));
  BESSEMER_RETURN_IF_ERROR(status);
  return TagAsTransform(directory);
}

Status WriteTransform(const TransformGraph& graph, const std::string& directory) {
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(directory));
  BESSEMER_RETURN_IF_ERROR(WriteTransformFn(graph, io::JoinPath(directory, "transform_fn")));
  const std::string raw = io::JoinPath(directory, "metadata");
  const std::string transformed = io::JoinPath(directory, "transformed_metadata");
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(raw));
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(transformed));
  BESSEMER_RETURN_IF_ERROR(WriteProto(graph.raw_schema(), io::JoinPath(raw, "schema.pbtxt")));
  BESSEMER_ASSIGN_OR_RETURN(const v0::Schema schema, graph.TransformedSchema());
  BESSEMER_RETURN_IF_ERROR(WriteProto(schema, io::JoinPath(transformed, "schema.pbtxt")));
  Json assets = Json::object();
  for (const auto& vocabulary : graph.vocabularies()) assets[vocabulary.name] = vocabulary.name;
  BESSEMER_RETURN_IF_ERROR(
      io::WriteFileAtomically(io::JoinPath(transformed, "asset_map"), JsonText(assets)));
  return io::WriteFileAtomically(io::JoinPath(directory, kStateFile), JsonText(graph.ToJson()));
}

StatusOr<TransformGraph> LoadTransform(const std::string& directory, const Library& library) {
  const std::string path = io::JoinPath(directory, kStateFile);
  BESSEMER_ASSIGN_OR_RETURN(const bool there, io::Exists(path));
  if (!there) {
    return NotFoundError(
        "{}: no analysed transform (there is no {}): give the folder that `bessemer transform "
        "analyze` or a Transform step wrote",
        directory, kStateFile);
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::string text, io::ReadFile(path));
  const Json json = Json::parse(text, nullptr, false);
  if (json.is_discarded()) return DataLossError("{}: not JSON", path);
  auto graph = TransformGraph::FromJson(json, library);
  if (!graph.ok()) return WithContext(graph.status(), path);
  return graph;
}

}  // namespace bessemer::transform
