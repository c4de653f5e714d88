#include "bessemer/serving/warmup.h"

#include <algorithm>

#include "bessemer/example_gen/examples.h"
#include "bessemer/io/file.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/proto/serialize.h"
#include "bessemer/tensorflow/signature.h"
#include "tensorflow_serving/apis/prediction_log.pb.h"

namespace bessemer::serving {

Status WriteWarmup(const std::string& model, const std::vector<std::string>& signatures,
                   const std::string& model_name, const std::string& examples_file,
                   int64_t num_examples) {
  BESSEMER_ASSIGN_OR_RETURN(const tf::Signatures known, tf::ReadSignatures(model));
  std::vector<std::pair<std::string, std::string>> targets;  // signature, input
  for (const auto& [name, signature] : known) {
    const bool wanted = signatures.empty()
                            ? name == "serving_default"
                            : std::find(signatures.begin(), signatures.end(), name) !=
                                  signatures.end();
    if (!wanted || signature.inputs.size() != 1) continue;
    const auto& [input, tensor] = *signature.inputs.begin();
    if (tensor.dtype() == ::tensorflow::DT_STRING) targets.emplace_back(name, input);
  }
  if (targets.empty()) {
    return InvalidArgumentError("{}: no signature takes serialised examples, so there is nothing "
                                "to "
                                "warm up with",
                                model);
  }
  const std::string folder = io::JoinPath(model, "assets.extra");
  BESSEMER_RETURN_IF_ERROR(io::MakeDirectories(folder));
  BESSEMER_ASSIGN_OR_RETURN(
      const auto writer,
      io::TFRecordWriter::Open(io::JoinPath(folder, "tf_serving_warmup_requests"),
                               io::Compression::kNone));
  BESSEMER_ASSIGN_OR_RETURN(const auto reader, example_gen::OpenExampleRecords(examples_file));
  std::string_view record;
  for (int64_t i = 0; i < std::min<int64_t>(num_examples, 1000); ++i) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, reader->Next(&record));
    if (!more) break;
    for (const auto& [signature, input] : targets) {
      ::tensorflow::serving::PredictionLog log;
      auto* request = log.mutable_predict_log()->mutable_request();
      request->mutable_model_spec()->set_name(model_name);
      request->mutable_model_spec()->set_signature_name(signature);
      ::tensorflow::TensorProto& tensor = (*request->mutable_inputs())[input];
      tensor.set_dtype(::tensorflow::DT_STRING);
      tensor.mutable_tensor_shape()->add_dim()->set_size(1);
      tensor.add_string_val(std::string(record));
      BESSEMER_RETURN_IF_ERROR(writer->Write(proto::Serialize(log)));
    }
  }
  return writer->Close();
}

}  // namespace bessemer::serving
