#ifndef BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_
#define BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_

#include <arrow/record_batch.h>

#include <memory>
#include <string>
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

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_TEST_QUERY_H_
