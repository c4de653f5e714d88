#ifndef BESSEMER_TRAINING_TRAINING_TEST_DATA_H_
#define BESSEMER_TRAINING_TRAINING_TEST_DATA_H_

#include <gtest/gtest.h>

#include <map>
#include <string>
#include <variant>
#include <vector>

#include "bessemer/io/file.h"
#include "bessemer/io/tfrecord.h"
#include "bessemer/training/learner.h"
#include "tensorflow/core/example/example.pb.h"

namespace bessemer::training {

using Cell = std::variant<float, int64_t, std::string, std::vector<float>, std::vector<int64_t>>;
using Row = std::map<std::string, Cell>;

inline std::string Serialise(const Row& row) {
  ::tensorflow::Example example;
  for (const auto& [name, cell] : row) {
    auto& feature = (*example.mutable_features()->mutable_feature())[name];
    if (const auto* f = std::get_if<float>(&cell)) feature.mutable_float_list()->add_value(*f);
    if (const auto* i = std::get_if<int64_t>(&cell)) feature.mutable_int64_list()->add_value(*i);
    if (const auto* s = std::get_if<std::string>(&cell)) {
      feature.mutable_bytes_list()->add_value(*s);
    }
    if (const auto* f = std::get_if<std::vector<float>>(&cell)) {
      for (const float v : *f) feature.mutable_float_list()->add_value(v);
    }
    if (const auto* i = std::get_if<std::vector<int64_t>>(&cell)) {
      for (const int64_t v : *i) feature.mutable_int64_list()->add_value(v);
    }
  }
  return example.SerializeAsString();
}

// A folder of its own for each test, removed after it.
class TrainingTest : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "training_XXXXXX";
    ASSERT_NE(mkdtemp(root_.data()), nullptr);
  }
  void TearDown() override { EXPECT_TRUE(io::RemoveTree(root_).ok()); }

  std::string WriteText(const std::string& name, std::string_view content) {
    const std::string path = root_ + "/" + name;
    auto out = io::OpenOutput(path);
    EXPECT_TRUE(out.ok() && (*out)->Write(content).ok() && (*out)->Close().ok());
    return path;
  }

  std::string WriteRows(const std::string& name, const std::vector<Row>& rows) {
    const std::string path = root_ + "/" + name;
    auto writer = io::TFRecordWriter::Open(path, io::Compression::kNone);
    EXPECT_TRUE(writer.ok()) << writer.status();
    for (const Row& row : rows) EXPECT_TRUE((*writer)->Write(Serialise(row)).ok());
    EXPECT_TRUE((*writer)->Close().ok());
    return path;
  }

  TrainRequest Request(const std::string& name = "run") const {
    TrainRequest request;
    request.model_dir = root_ + "/" + name + "/model";
    request.run_dir = root_ + "/" + name + "/model_run";
    request.scratch_dir = root_ + "/" + name + "/scratch";
    return request;
  }

  StatusOr<TrainReport> Train(const std::string& learner, const Json& params,
                              const TrainRequest& request) {
    BESSEMER_ASSIGN_OR_RETURN(const LearnerRegistry registry, Learners());
    BESSEMER_ASSIGN_OR_RETURN(const Learner* found, registry.Find(learner));
    BESSEMER_ASSIGN_OR_RETURN(const ParamValues values,
                              ParamValues::FromJson(found->params, params, learner));
    return found->train(request, values);
  }

  std::string root_;
};

}  // namespace bessemer::training

#endif  // BESSEMER_TRAINING_TRAINING_TEST_DATA_H_
