#ifndef BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_
#define BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_

#include <arrow/api.h>
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/source.h"
#include "bessemer/example_gen/test_files.h"

namespace bessemer::example_gen {

// What a query engine's registry entry answers, for tests.
struct QueryAnswer {
  std::unique_ptr<RowInput> input;
  std::shared_ptr<arrow::RecordBatch> rows;  // all of them
};

inline StatusOr<QueryAnswer> AskSource(const std::string& source, const Json& params,
                                       const std::string& query, const std::string& scratch_dir,
                                       Progress* progress = &Progress::None()) {
  BESSEMER_ASSIGN_OR_RETURN(const Source* engine, Sources().Find(source));
  BESSEMER_ASSIGN_OR_RETURN(const ParamValues values,
                            ParamValues::FromJson(engine->params, params, source));
  QueryAnswer answer;
  BESSEMER_ASSIGN_OR_RETURN(
      answer.input,
      engine->run_query(
          {.query = query, .params = values, .scratch_dir = scratch_dir, .progress = progress}));
  arrow::RecordBatchVector batches;
  for (int64_t block = 0; block < answer.input->num_blocks(); ++block) {
    BESSEMER_ASSIGN_OR_RETURN(const auto rows, answer.input->OpenBlock(block));
    while (true) {
      BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::RecordBatch> batch, rows->Next());
      if (batch == nullptr) break;
      batches.push_back(std::move(batch));
    }
  }
  if (batches.empty()) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(answer.rows,
                                    arrow::RecordBatch::MakeEmpty(answer.input->schema()));
  } else {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(answer.rows, arrow::ConcatenateRecordBatches(batches));
  }
  return answer;
}

// Does something as soon as the first rows have come; `stop` cancels from then on.
class AtFirstRows : public Progress {
 public:
  explicit AtFirstRows(std::function<void()> act) : act_(std::move(act)) {}
  void Advance(int64_t) override {
    if (!acted_.exchange(true)) act_();
  }
  bool cancelled() const override { return stop; }
  std::atomic<bool> stop{false};

 private:
  std::function<void()> act_;
  std::atomic<bool> acted_{false};
};

// Cancelled before anything began.
class CancelledProgress : public Progress {
 public:
  bool cancelled() const override { return true; }
};

// What tests of every engine ask of it; the test's constructor or SetUp names the connection.
class QueryTest : public ::testing::Test {
 protected:
  explicit QueryTest(std::string source) : source_(std::move(source)) {}

  StatusOr<QueryAnswer> Ask(const std::string& query, Progress* progress = &Progress::None()) {
    return AskSource(source_, {{"connection", connection_}}, query, folder_.path("scratch"),
                     progress);
  }
  // What a connection to `connection` answers to a query.
  Status AskAt(const std::string& connection, const std::string& query = "SELECT 1") {
    return AskSource(source_, {{"connection", connection}}, query, folder_.path("scratch"))
        .status();
  }
  // "type: value" of a query's first column and row, or the error.
  std::string First(const std::string& query) {
    const StatusOr<QueryAnswer> answer = Ask(query);
    if (!answer.ok()) return std::string(Message(answer.status()));
    if (answer->rows->num_rows() == 0) return "no rows";
    return answer->input->schema()->field(0)->type()->ToString() + ": " +
           (*answer->rows->column(0)->GetScalar(0))->ToString();
  }

  // The query gives 100,000 rows of 1, 2, … and "r1", "r2", ….
  void ExpectManyRowsInOrder(const std::string& query) {
    const StatusOr<QueryAnswer> answer = Ask(query);
    ASSERT_TRUE(answer.ok()) << answer.status();
    ASSERT_EQ(answer->rows->num_rows(), 100000);
    const auto& text = static_cast<const arrow::StringArray&>(*answer->rows->column(1));
    for (int64_t row = 0; row < 100000; row += 9999) {
      EXPECT_EQ(text.GetView(row), fmt::format("r{}", row + 1));
    }
  }
  // The query fails with `code`, and says after which row, when `act` runs at its first rows.
  void ExpectEndInTheMiddle(const std::string& query, StatusCode code, std::function<void()> act) {
    AtFirstRows progress(std::move(act));
    const StatusOr<QueryAnswer> answer = Ask(query, &progress);
    EXPECT_EQ(answer.status().code(), code) << answer.status();
    EXPECT_THAT(std::string(Message(answer.status())), ::testing::HasSubstr("after row "));
  }
  // A query stops both while rows come and before the first.
  void ExpectCancellation(const std::string& streams, const std::string& blocks) {
    AtFirstRows stop([&] { stop.stop = true; });
    EXPECT_EQ(Ask(streams, &stop).status().code(), StatusCode::kCancelled);
    CancelledProgress stopped;
    EXPECT_EQ(Ask(blocks, &stopped).status().code(), StatusCode::kCancelled);
  }
  // `ask` answers `expected` before patience ends. A server acts on a cancellation after it took
  // the request, so its list of running queries is asked again until it does.
  static bool Becomes(const std::string& expected, const std::function<std::string()>& ask) {
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::minutes(5);
    while (ask() != expected) {
      if (std::chrono::steady_clock::now() > deadline) return false;
    }
    return true;
  }

  const std::string source_;
  std::string connection_;
  TestFolder folder_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_
