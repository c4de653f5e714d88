#ifndef BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_
#define BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_

#include <arrow/record_batch.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/source.h"

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

// Whether `ask` answers `expected` within half a minute. A server acts on a cancellation after it
// took the request, so its list of running queries is asked again until it does.
inline bool Becomes(const std::string& expected, const std::function<std::string()>& ask) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  while (ask() != expected) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_
