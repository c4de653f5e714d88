#include "conformance/suite.h"
#include "conformance/suites/tfxbsl_param_cases/runs.h"

// What tfx_bsl's own parameterised tests expect, a line for each subject.

namespace bessemer::conformance::tfxbsl_param_cases {
namespace {

// Cases of tests whose names begin so: "Class." for a class, "Class.method" for one test.
std::function<bool(const Case&)> OfTests(std::vector<std::string> prefixes) {
  return [prefixes = std::move(prefixes)](const Case& one) {
    const std::string test = one.json.value("test", "");
    for (const std::string& prefix : prefixes) {
      if (test.starts_with(prefix)) return true;
    }
    return false;
  };
}

}  // namespace

void Register(SuiteRegistry& registry) {
  const auto add = [&](const char* kind, const char* doc, std::vector<std::string> tests,
                       std::function<Verdict(const Case&)> run) {
    registry.Add({"tfxbsl_param_cases", kind, doc, OfTests(std::move(tests)), std::move(run)});
  };
  add("csv", "CSV decoding", {"CSVDecoderTest."}, RunCsv);
  add("example", "tf.Example to Arrow", {"ExamplesToRecordBatchDecoderTest."}, RunExampleDecoder);
  add("example_encoder", "Arrow to tf.Example",
      {"RecordBatchToExamplesTest.", "RecordBatchToExamplesEncoderTest."}, RunExampleEncoder);
  add("sequence_example", "tf.SequenceExample to Arrow",
      {"SequenceExamplesToRecordBatchDecoderTest."}, RunSequenceDecoder);
  add("quantiles", "the quantiles sketch", {"QuantilesSketchTest."}, RunQuantiles);
  add("arrow", "Arrow lists and batches",
      {"ArrayUtilTest.", "MakeListArrayFromParentIndicesAndValuesTest.", "CooFromListArrayTest.",
       "FillNullListsTest.", "GetByteSizeTest.", "ToSingletonListArrayTest.", "CountInvalidUtf8.",
       "MergeRecordBatchesTest.", "GetTotalByteSizeTest.", "RecordBatchTakeTest."},
      RunLists);
  add("tensor_representation", "tensors of a schema, and what a parser is told",
      {"TensorRepresentationUtilTest.", "TfExampleRecordTest."}, RunRepresentations);
  add("csv_record", "CSV records by a Beam pipeline", {"CsvRecordTest."}, [](const Case&) {
    return NotApplicable("the case says which pipeline to run; rows stand in the test's code");
  });
  add("tensor_adapter", "batches to tensors", {"TensorAdapterTest."}, RunTensors);
}

}  // namespace bessemer::conformance::tfxbsl_param_cases
