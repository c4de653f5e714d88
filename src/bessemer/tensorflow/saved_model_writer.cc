#include <map>

#include "bessemer/base/hash.h"
#include "bessemer/io/file.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/tensorflow/checkpoint.h"
#include "bessemer/tensorflow/saved_model.h"
#include "tensorflow/core/framework/attr_value.pb.h"
#include "tensorflow/core/framework/graph.pb.h"
#include "tensorflow/core/framework/variable.pb.h"
#include "tensorflow/core/protobuf/meta_graph.pb.h"
#include "tensorflow/core/protobuf/saved_model.pb.h"

namespace bessemer::tf {
namespace {

using ::tensorflow::DT_STRING;

Status CheckVariables(const GraphBuilder& builder, const VariableValues& values) {
  for (const VariableInfo& variable : builder.variables()) {
    const auto value = values.find(variable.handle.node);
    if (value == values.end()) {
      return InvalidArgumentError("variable '{}' has no value to save", variable.handle.node);
    }
    if (value->second.dtype() != variable.dtype || value->second.shape() != variable.shape) {
      return InvalidArgumentError(
          "variable '{}' is {} [{}], its value {} [{}]", variable.handle.node,
          ::tensorflow::DataType_Name(variable.dtype), fmt::join(variable.shape, ","),
          ::tensorflow::DataType_Name(value->second.dtype()),
          fmt::join(value->second.shape(), ","));
    }
  }
  return OkStatus();
}

Status CheckSignatureTensor(const GraphBuilder& builder, const std::string& signature,
                            const std::string& name, const SignatureTensor& tensor) {
  std::vector<Tensor> parts = {tensor.dense};
  if (tensor.sparse) {
    parts = {tensor.sparse->indices, tensor.sparse->values, tensor.sparse->dense_shape};
  }
  for (const Tensor& part : parts) {
    if (!builder.HasNode(part.node)) {
      return InvalidArgumentError("signature '{}', '{}': the graph has no node '{}'", signature,
                                  name, part.node);
    }
  }
  return OkStatus();
}

// Adds what TF1 code expects of a variable: an initial value, an initialiser, a read.
::tensorflow::VariableDef DescribeVariable(GraphBuilder& builder, const VariableInfo& variable) {
  const std::string& name = variable.handle.node;
  std::vector<int32_t> shape(variable.shape.begin(), variable.shape.end());
  const auto scope = builder.Enter(name);
  const Tensor zeros = builder.Fill(builder.ConstInt32s(shape, "Initializer/shape"),
                                    builder.ConstOf(variable.dtype, 0, "Initializer/zero"));
  const std::string assign = builder.Target("AssignVariableOp", {variable.handle, zeros},
                                            {{"dtype", variable.dtype}}, {}, "Assign");
  const Tensor read = builder.ReadVariable(variable.handle, variable.dtype, "Read");
  ::tensorflow::VariableDef def;
  def.set_variable_name(name + ":0");
  def.set_initial_value_name(zeros.name());
  def.set_initializer_name(assign);
  def.set_snapshot_name(read.name());
  def.set_is_resource(true);
  def.set_trainable(true);
  return def;
}

// Nodes that save and restore the variables.
::tensorflow::SaverDef AddSaver(GraphBuilder& builder) {
  const auto scope = builder.Enter("save");
  const Tensor path = builder.Op(
      "PlaceholderWithDefault", {builder.ConstString("model", "filename/input")},
      {{"dtype", DT_STRING}, {"shape", Attr::OfShape({})}}, DT_STRING, "Const");
  std::vector<std::string> names, slices;
  std::vector<DataType> types;
  std::vector<Tensor> values;
  for (const VariableInfo& variable : builder.variables()) {
    names.push_back(variable.handle.node);
    slices.emplace_back();
    types.push_back(variable.dtype);
    values.push_back(builder.ReadVariable(variable.handle, variable.dtype, "Read"));
  }
  const Tensor c_names = builder.ConstStrings(names, "names");
  const Tensor c_slices = builder.ConstStrings(slices, "slices");
  std::vector<Tensor> inputs = {path, c_names, c_slices};
  inputs.insert(inputs.end(), values.begin(), values.end());
  const std::string save =
      builder.Target("SaveV2", inputs, {{"dtypes", Attr::Types(types)}}, {}, "SaveV2");
  const Tensor saved = builder.Identity(path, "control_dependency");
  builder.AddControlInput(saved, save);

  const std::vector<Tensor> restored =
      builder.MultiOp("RestoreV2", {path, c_names, c_slices}, {{"dtypes", Attr::Types(types)}},
                      types, "RestoreV2");
  std::vector<std::string> assigns;
  const std::vector<VariableInfo> variables = builder.variables();
  for (size_t i = 0; i < variables.size(); ++i) {
    assigns.push_back(builder.Target("AssignVariableOp", {variables[i].handle, restored[i]},
                                     {{"dtype", types[i]}}, {}, "Assign"));
  }
  ::tensorflow::SaverDef saver;
  saver.set_filename_tensor_name(path.name());
  saver.set_save_tensor_name(saved.name());
  saver.set_restore_op_name(builder.Target("NoOp", {}, {}, assigns, "restore_all"));
  saver.set_max_to_keep(5);
  saver.set_keep_checkpoint_every_n_hours(10000);
  saver.set_version(::tensorflow::SaverDef::V2);
  return saver;
}

// Copies the assets and declares them. The constants get the files' names: the loader puts the
// real paths there.
Status AddAssets(const std::vector<Asset>& assets, const std::string& directory,
                 ::tensorflow::MetaGraphDef* meta_graph) {
  std::map<std::string, std::string> sources;  // file name in assets/ -> content hash
  for (const Asset& asset : assets) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string content, io::ReadFile(asset.path));
    const std::string hash = Sha256Hex(content);
    std::string file = io::BaseName(asset.path);
    for (int i = 1; sources.contains(file) && sources[file] != hash; ++i) {
      file = fmt::format("{}_{}", io::BaseName(asset.path), i);
    }
    if (sources.emplace(file, hash).second) {
      BESSEMER_RETURN_IF_ERROR(
          io::CopyFile(asset.path, fmt::format("{}/assets/{}", directory, file)));
    }
    ::tensorflow::AssetFileDef def;
    def.mutable_tensor_info()->set_name(asset.filename_node + ":0");
    def.set_filename(file);
    *meta_graph->add_asset_file_def() = def;
    (*meta_graph->mutable_collection_def())["saved_model_assets"]
        .mutable_any_list()
        ->add_value()
        ->PackFrom(def);
    for (auto& node : *meta_graph->mutable_graph_def()->mutable_node()) {
      if (node.name() != asset.filename_node) continue;
      (*node.mutable_attr())["value"].mutable_tensor()->set_string_val(0, file);
    }
  }
  return OkStatus();
}

}  // namespace

Status WriteSavedModel(GraphBuilder builder, const Signatures& signatures,
                       const VariableValues& variables, const std::string& directory) {
  BESSEMER_RETURN_IF_ERROR(builder.status());
  BESSEMER_RETURN_IF_ERROR(CheckVariables(builder, variables));
  for (const auto& [name, signature] : signatures) {
    for (const auto& [key, tensor] : signature.inputs) {
      BESSEMER_RETURN_IF_ERROR(CheckSignatureTensor(builder, name, key, tensor));
    }
    for (const auto& [key, tensor] : signature.outputs) {
      BESSEMER_RETURN_IF_ERROR(CheckSignatureTensor(builder, name, key, tensor));
    }
  }
  ::tensorflow::SavedModel model;
  model.set_saved_model_schema_version(1);
  ::tensorflow::MetaGraphDef* meta_graph = model.add_meta_graphs();
  meta_graph->mutable_meta_info_def()->add_tags("serve");
  auto& collections = *meta_graph->mutable_collection_def();

  const std::vector<VariableInfo> infos = builder.variables();
  for (const VariableInfo& info : infos) {
    const std::string def = proto::Serialize(DescribeVariable(builder, info));
    collections["variables"].mutable_bytes_list()->add_value(def);
    collections["trainable_variables"].mutable_bytes_list()->add_value(def);
  }
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(io::JoinPath(directory, "variables")));
  if (!infos.empty()) {
    *meta_graph->mutable_saver_def() = AddSaver(builder);
    VariableValues used;
    for (const VariableInfo& info : infos) used[info.handle.node] = variables.at(info.handle.node);
    BESSEMER_RETURN_IF_ERROR(WriteCheckpoint(io::JoinPath(directory, "variables/variables"), used));
  }
  if (!builder.initializers().empty()) {
    const std::vector<std::string> initializers = builder.initializers();
    const std::string init = builder.Target("NoOp", {}, {}, initializers, "init_all_tables");
    collections["saved_model_main_op"].mutable_node_list()->add_value(init);
    for (const std::string& node : initializers) {
      collections["table_initializer"].mutable_node_list()->add_value(node);
    }
  }
  BESSEMER_ASSIGN_OR_RETURN(*meta_graph->mutable_graph_def(), builder.Finish());
  BESSEMER_RETURN_IF_ERROR(AddAssets(builder.assets(), directory, meta_graph));
  for (const auto& [name, signature] : signatures) {
    (*meta_graph->mutable_signature_def())[name] = SignatureToProto(signature);
  }
  if (model.ByteSizeLong() > INT32_MAX) {
    return InvalidArgumentError("the graph for {} is larger than 2 GiB", directory);
  }
  BESSEMER_ASSIGN_OR_RETURN(auto out, io::OpenOutput(io::JoinPath(directory, "saved_model.pb")));
  BESSEMER_RETURN_IF_ERROR(out->Write(proto::Serialize(model)));
  return out->Close();
}

}  // namespace bessemer::tf
