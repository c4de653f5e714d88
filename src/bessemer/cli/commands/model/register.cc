#include <CLI/CLI.hpp>
#include <algorithm>

#include "bessemer/base/config.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/command.h"
#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/tensorflow/session.h"

namespace bessemer::cli::model {
namespace {

// A SavedModel, or the folder of a Model artifact that holds one.
StatusOr<std::string> ModelDirectory(const std::string& path) {
  const std::string serving = io::JoinPath(path, "Format-Serving");
  BESSEMER_ASSIGN_OR_RETURN(const bool is_artifact,
                            io::Exists(io::JoinPath(serving, "saved_model.pb")));
  return is_artifact ? serving : path;
}

Json ShapeJson(const tf::SignatureTensor& tensor) {
  if (!tensor.shape) return nullptr;
  Json shape = Json::array();
  for (const int64_t size : *tensor.shape) shape.push_back(size < 0 ? Json(nullptr) : Json(size));
  return shape;
}

std::string TypeName(const tf::SignatureTensor& tensor) {
  std::string name = ::tensorflow::DataType_Name(tensor.dtype()).substr(3);  // without "DT_"
  std::transform(name.begin(), name.end(), name.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return name;
}

Json TensorsJson(const std::map<std::string, tf::SignatureTensor>& tensors) {
  Json json = Json::object();
  for (const auto& [name, tensor] : tensors) {
    json[name] = {{"dtype", TypeName(tensor)},
                  {"shape", ShapeJson(tensor)},
                  {"sparse", tensor.sparse.has_value()}};
  }
  return json;
}

void PrintTensors(const char* title, const std::map<std::string, tf::SignatureTensor>& tensors) {
  fmt::print("  {}\n", title);
  for (const auto& [name, tensor] : tensors) {
    std::vector<std::string> sizes;
    if (tensor.shape) {
      for (const int64_t size : *tensor.shape) {
        sizes.push_back(size < 0 ? "?" : std::to_string(size));
      }
    }
    const std::string shape = tensor.shape ? fmt::format("[{}]", fmt::join(sizes, ", "))
                                           : std::string("of any rank");
    fmt::print("    {:<28} {:<8} {}{}\n", name, TypeName(tensor), shape,
               tensor.sparse ? "  sparse" : "");
  }
}

StatusOr<int> Show(const std::string& path, bool json) {
  BESSEMER_ASSIGN_OR_RETURN(const std::string directory, ModelDirectory(path));
  BESSEMER_ASSIGN_OR_RETURN(const tf::Signatures signatures, tf::ReadSignatures(directory));
  if (json) {
    Json result = Json::object();
    for (const auto& [name, signature] : signatures) {
      result[name] = {{"method", signature.method_name},
                      {"inputs", TensorsJson(signature.inputs)},
                      {"outputs", TensorsJson(signature.outputs)}};
    }
    fmt::print("{}\n", JsonText(Json{{"signatures", result}}, 2));
    return kExitOk;
  }
  for (const auto& [name, signature] : signatures) {
    fmt::print("{}\n", name);
    PrintTensors("inputs", signature.inputs);
    PrintTensors("outputs", signature.outputs);
  }
  return kExitOk;
}

struct PredictArgs {
  std::string model;
  std::string examples;
  std::string signature = "serving_default";
  std::vector<std::string> outputs;
  int64_t limit = 0;
};

StatusOr<std::vector<std::string>> ReadRecords(const PredictArgs& args) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> files, io::ListFiles(args.examples));
  std::vector<std::string> records;
  for (const std::string& file : files) {
    BESSEMER_ASSIGN_OR_RETURN(const auto reader, example_gen::OpenExampleRecords(file));
    std::string_view record;
    while (args.limit == 0 || static_cast<int64_t>(records.size()) < args.limit) {
      BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&record));
      if (!more) break;
      records.emplace_back(record);
    }
  }
  return records;
}

// One row of a tensor: a value, or nested lists of them.
Json RowJson(const tf::HostTensor& tensor, const std::vector<double>& numbers, int64_t row) {
  const int64_t width = tensor.num_rows() == 0 ? 0 : tensor.num_elements() / tensor.num_rows();
  Json values = Json::array();
  for (int64_t i = row * width; i < (row + 1) * width; ++i) {
    if (tensor.dtype() == ::tensorflow::DT_STRING) {
      values.push_back(tensor.strings()[i]);
    } else if (tensor.dtype() == ::tensorflow::DT_INT64) {
      values.push_back(tensor.values<int64_t>()[i]);
    } else {
      values.push_back(numbers[i]);
    }
  }
  return tensor.shape().size() == 1 ? values[0] : values;
}

StatusOr<int> Predict(const PredictArgs& args, int num_threads) {
  BESSEMER_ASSIGN_OR_RETURN(const std::vector<std::string> records, ReadRecords(args));
  BESSEMER_ASSIGN_OR_RETURN(const std::string directory, ModelDirectory(args.model));
  BESSEMER_ASSIGN_OR_RETURN(const auto session,
                            tf::Session::Load(directory, {.num_threads = num_threads}));
  BESSEMER_ASSIGN_OR_RETURN(
      const auto outputs,
      session->PredictExamples(args.signature, records, /*batch_size=*/1024, args.outputs));
  std::map<std::string, std::vector<double>> numbers;
  for (const auto& [name, tensor] : outputs) {
    if (tensor.dtype() == ::tensorflow::DT_STRING) continue;
    BESSEMER_ASSIGN_OR_RETURN(numbers[name], tensor.ToDoubles());
  }
  for (size_t row = 0; row < records.size(); ++row) {
    Json json = Json::object();
    for (const auto& [name, tensor] : outputs) {
      json[name] = RowJson(tensor, numbers[name], static_cast<int64_t>(row));
    }
    fmt::print("{}\n", JsonText(json));
  }
  return kExitOk;
}

void Setup(CLI::App& app, Session& session) {
  app.require_subcommand(1);
  auto path = std::make_shared<std::string>();
  CLI::App* show = app.add_subcommand("show", "Prints the signatures of a SavedModel");
  show->add_option("model", *path, "Folder of a SavedModel or of a Model artifact")->required();
  show->callback([&session, path] {
    session.Run([&session, path] { return Show(*path, session.json); });
  });

  show->footer("Examples:\n  bessemer model show serving/1700000000");

  auto args = std::make_shared<PredictArgs>();
  CLI::App* predict =
      app.add_subcommand("predict", "Calls a model on tf.Examples; prints a line of JSON for each");
  predict->add_option("model", args->model, "Folder of a SavedModel or of a Model artifact")
      ->required();
  predict->add_option("examples", args->examples, "TFRecord file, folder or pattern")->required();
  predict->add_option("--signature", args->signature, "What to call")->capture_default_str();
  predict->add_option("--output", args->outputs, "Outputs to print; none: all");
  predict->add_option("--limit", args->limit, "The first so many examples; 0: all")
      ->check(CLI::Range(0, 1 << 30));
  predict->callback([&session, args] {
    session.Run([&session, args] { return Predict(*args, session.num_threads); });
  });
  predict->footer(
      "Examples:\n  bessemer model predict serving/1700000000 data/Split-eval --limit 10");
  app.footer(
      "Examples:\n"
      "  bessemer model show serving/1700000000\n"
      "  bessemer model predict serving/1700000000 data/Split-eval --limit 10\n"
      "  bessemer model predict model data.tfrecord --signature transform_features");
}

}  // namespace

void Register(CommandRegistry& registry) {
  registry.Add({.name = "model",
                .doc = "Shows what a SavedModel takes and gives, or calls it on examples",
                .setup = Setup});
}

}  // namespace bessemer::cli::model
