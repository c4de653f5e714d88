#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sched.h>

#include "bessemer/base/random.h"
#include "bessemer/tensorflow/session.h"
#include "bessemer/tensorflow/test_runtime.h"
#include "bessemer/training/process.h"
#include "bessemer/training/training_test_data.h"

namespace bessemer::training {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr char kKerasModule[] = R"(
import tensorflow as tf


def run_fn(fn_args):
    tf.keras.utils.set_random_seed(1)
    accessor = fn_args.data_accessor
    options = accessor.TensorFlowDatasetOptions(batch_size=50, num_epochs=1, label_key="y")
    data = accessor.tf_dataset_factory(fn_args.train_files, options)
    data = data.map(lambda features, label: (features["x"], label))
    inputs = tf.keras.Input(shape=(1,), name="x")
    model = tf.keras.Model(inputs, tf.keras.layers.Dense(1)(inputs))
    model.compile(optimizer=tf.keras.optimizers.SGD(0.1), loss="mse")
    model.fit(data, epochs=fn_args.custom_config["epochs"], verbose=2)
    spec = tf.TensorSpec([None], tf.string, name="examples")

    @tf.function(input_signature=[spec])
    def serve(examples):
        features = tf.io.parse_example(examples, {"x": tf.io.FixedLenFeature([1], tf.float32)})
        return {"predictions": model(features["x"])}

    archive = tf.keras.export.ExportArchive()
    archive.track(model)
    archive.add_endpoint("serving_default", serve)
    archive.write_out(fn_args.serving_model_dir)
)";

class ModuleLearnerTest : public TrainingTest {
 protected:
  StatusOr<TrainReport> RunModule(const std::string& source, TrainRequest* request) {
    return Train("module", {{"module_file", WriteText("my_module.py", source)}}, *request);
  }
};

TEST_F(ModuleLearnerTest, AKerasModuleTrainsAndItsExportPredicts) {
  Random random(1);
  std::vector<Row> rows;
  for (int i = 0; i < 500; ++i) {
    const auto x = static_cast<float>(random.Normal());
    rows.push_back({{"x", x}, {"y", 2 * x + 1}});
  }
  TrainRequest request = Request();
  request.train_files = {WriteRows("train", rows)};
  request.schema_path = WriteText("schema.pbtxt", R"(
      feature { name: "x" type: FLOAT shape { dim { size: 1 } } }
      feature { name: "y" type: FLOAT shape { dim { size: 1 } } })");
  request.custom_config = {{"epochs", 10}};
  const auto report = RunModule(kKerasModule, &request);
  ASSERT_TRUE(report.ok()) << report.status();
  EXPECT_THAT(*io::ReadFile(request.run_dir + "/module.log"), HasSubstr("Epoch 10/10"));
  BESSEMER_NEEDS_TENSORFLOW();
  const auto session = tf::Session::Load(request.model_dir);
  ASSERT_TRUE(session.ok()) << session.status();
  const auto result =
      (*session)->PredictExamples("serving_default", {{Serialise({{"x", 3.f}})}});
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_NEAR(result->at("predictions").values<float>()[0], 7, 0.1);
}

TEST_F(ModuleLearnerTest, ArgumentsHaveTheirDocumentedNames) {
  TrainRequest request = Request();
  request.train_files = {"/data/a", "/data/b"};
  request.train_steps = 100;
  request.transform_graph = "/graph";
  request.hyperparameters = {{"values", {{"units", 8}}}};
  const auto report = RunModule(R"(
import os


def run_fn(fn_args):
    assert fn_args.train_files == ["/data/a", "/data/b"], fn_args.train_files
    assert fn_args.eval_files == [], fn_args.eval_files
    assert fn_args.train_steps == 100
    assert fn_args.eval_steps is None
    assert fn_args.transform_output == fn_args.transform_graph_path == "/graph"
    assert fn_args.schema_path is None and fn_args.base_model is None
    assert fn_args.hyperparameters["values"]["units"] == 8
    assert fn_args.custom_config is None
    assert os.path.isdir(fn_args.model_run_dir) and os.path.isdir(fn_args.working_dir)
    os.makedirs(fn_args.serving_model_dir)
    with open(os.path.join(fn_args.serving_model_dir, "model.txt"), "w") as file:
        file.write("a model of any kind")
)",
                                &request);
  EXPECT_TRUE(report.ok()) << report.status();
}

TEST_F(ModuleLearnerTest, FailuresShowTheTraceback) {
  TrainRequest request = Request();
  EXPECT_THAT(Message(RunModule("def run_fn(fn_args):\n    raise ValueError('too cold')\n",
                                &request).status()),
              AllOf(HasSubstr("ended with code 1"), HasSubstr("ValueError: too cold"),
                    HasSubstr("my_module.py\", line 2")));
  EXPECT_THAT(Message(RunModule("x = 1\n", &request).status()),
              HasSubstr("has no function 'run_fn'"));
  EXPECT_THAT(Message(RunModule("def run_fn(fn_args):\n    pass\n", &request).status()),
              HasSubstr("wrote no model"));
  EXPECT_THAT(Message(RunModule("import os\ndef run_fn(a):\n    os.kill(os.getpid(), 9)\n",
                                &request).status()),
              AllOf(HasSubstr("was ended by signal 9"), HasSubstr("(it wrote nothing)")));
  EXPECT_THAT(Message(Train("module", {{"module_file", "/nowhere.py"}}, request).status()),
              HasSubstr("/nowhere.py does not exist"));
  const Json no_python = {{"module_file", WriteText("m.py", "")}, {"python", "/no/python"}};
  EXPECT_THAT(Message(Train("module", no_python, request).status()),
              HasSubstr("/no/python cannot be started"));
}

class CancelledProgress : public Progress {
 public:
  bool cancelled() const override { return true; }
};

TEST_F(ModuleLearnerTest, InterruptingEndsTheProcess) {
  CancelledProgress progress;
  const Status status = RunProcess({"sleep", "1000"}, {}, root_ + "/log", progress);
  EXPECT_EQ(status.code(), StatusCode::kCancelled);
}

// Cancels once the child has written the id of a process that it started.
class CancelAfterLog : public Progress {
 public:
  explicit CancelAfterLog(std::string log) : log_(std::move(log)) {}
  bool cancelled() const override {
    const auto text = io::ReadFile(log_);
    return text.ok() && text->ends_with("\n");
  }

 private:
  std::string log_;
};

TEST_F(ModuleLearnerTest, InterruptingEndsWhatTheProcessStarted) {
  const std::string log = root_ + "/log";
  CancelAfterLog progress(log);
  const Status status =
      RunProcess({"sh", "-c", "sleep 1000 & echo $!; wait"}, {}, log, progress);
  EXPECT_EQ(status.code(), StatusCode::kCancelled);
  const std::string state = fmt::format("/proc/{}/stat", std::stoi(*io::ReadFile(log)));
  const auto alive = [&] {  // a zombie that nobody has waited for is dead
    const auto text = io::ReadFile(state);
    return text.ok() && text->find(") Z ") == std::string::npos;
  };
  for (int i = 0; i < 1000 && alive(); ++i) sched_yield();
  EXPECT_FALSE(alive());
}

}  // namespace
}  // namespace bessemer::training
