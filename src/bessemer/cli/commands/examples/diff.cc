#include <arrow/record_batch.h>
#include <fmt/format.h>

#include <cstring>
#include <unordered_map>

#include "bessemer/base/hash.h"
#include "bessemer/base/json_text.h"
#include "bessemer/cli/commands/examples/examples_internal.h"
#include "bessemer/cli/commands/examples/feature_rows.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/row_json.h"

namespace bessemer::cli::examples {
namespace {

struct DigestHash {
  size_t operator()(const Sha256Digest& digest) const {
    size_t hash;
    std::memcpy(&hash, digest.data(), sizeof(hash));
    return hash;
  }
};

// Rows by what they hold: how many more the left side has than the right.
using Balance = std::unordered_map<Sha256Digest, int64_t, DigestHash>;

// Calls visit(digest, batch, row) for every row. A missing feature and one without values are the
// same here: formats differ in which of the two they can say.
template <typename Visit>
Status VisitRows(const example_gen::RowInput& input, int num_threads, Visit&& visit) {
  BESSEMER_ASSIGN_OR_RETURN(FeatureRows source,
                            FeatureRows::Open(input, {.num_threads = num_threads}));
  std::string storage;
  while (true) {
    BESSEMER_ASSIGN_OR_RETURN(const std::shared_ptr<arrow::RecordBatch> batch, source.Next());
    if (batch == nullptr) return OkStatus();
    BESSEMER_ASSIGN_OR_RETURN(
        example_gen::ExampleEncoder encoder,
        example_gen::ExampleEncoder::Make(batch, {.missing = example_gen::MissingCell::kNoKind}));
    for (int64_t row = 0; row < batch->num_rows(); ++row) {
      const std::string_view filled =
          example_gen::WithoutEmptyFeatures(encoder.Encode(row), &storage);
      if (!visit(Sha256(filled), *batch, row)) return OkStatus();
    }
  }
}

Json RowToJson(const arrow::RecordBatch& batch, int64_t row) {
  Json json = Json::object();
  for (int i = 0; i < batch.num_columns(); ++i) {
    const auto column = columnar::FeatureColumn::Make(batch.column(i));
    if (!column.ok()) continue;
    Json cell = example_gen::CellToJson(*column, row);
    if (!cell.is_null() && !cell.empty()) json[batch.column_name(i)] = std::move(cell);
  }
  return json;
}

// Up to `limit` rows that one side has more often than the other; sign: 1 left, -1 right.
StatusOr<Json> RowsOnlyIn(const example_gen::RowInput& input, int num_threads, Balance balance,
                          int sign, int64_t limit) {
  Json rows = Json::array();
  BESSEMER_RETURN_IF_ERROR(VisitRows(
      input, num_threads,
      [&](const Sha256Digest& digest, const arrow::RecordBatch& batch, int64_t row) {
        const auto found = balance.find(digest);
        if (found != balance.end() && found->second * sign > 0) {
          found->second -= sign;
          rows.push_back(RowToJson(batch, row));
        }
        return static_cast<int64_t>(rows.size()) < limit;
      }));
  return rows;
}

}  // namespace

StatusOr<int> Diff(const DiffOptions& options, Session& session) {
  BESSEMER_ASSIGN_OR_RETURN(const auto left_rows, OpenRows(options.left, options.source, session));
  BESSEMER_ASSIGN_OR_RETURN(const auto right_rows,
                            OpenRows(options.right, options.source, session));
  const int threads = session.num_threads;
  Balance balance;
  int64_t num_left = 0;
  int64_t num_right = 0;
  BESSEMER_RETURN_IF_ERROR(VisitRows(*left_rows, threads, [&](const auto& digest, auto&, int64_t) {
    ++balance[digest];
    ++num_left;
    return true;
  }));
  BESSEMER_RETURN_IF_ERROR(VisitRows(*right_rows, threads, [&](const auto& digest, auto&, int64_t) {
    --balance[digest];
    ++num_right;
    return true;
  }));
  BESSEMER_ASSIGN_OR_RETURN(const int64_t num_bad_rows,
                            SaySkippedRows({left_rows.get(), right_rows.get()}));
  int64_t only_left = 0;
  int64_t only_right = 0;
  for (const auto& [digest, count] : balance)
    (count > 0 ? only_left : only_right) += std::abs(count);
  Json left = Json::array();
  Json right = Json::array();
  if (options.num_rows > 0 && only_left > 0) {
    BESSEMER_ASSIGN_OR_RETURN(left, RowsOnlyIn(*left_rows, threads, balance, 1, options.num_rows));
  }
  if (options.num_rows > 0 && only_right > 0) {
    BESSEMER_ASSIGN_OR_RETURN(right,
                              RowsOnlyIn(*right_rows, threads, balance, -1, options.num_rows));
  }
  if (session.json) {
    Json json = {{"num_left", num_left},
                 {"num_right", num_right},
                 {"only_left", only_left},
                 {"only_right", only_right},
                 {"left", left},
                 {"right", right}};
    if (options.source.skip_bad_rows) json["num_bad_rows"] = num_bad_rows;
    fmt::print("{}\n", JsonText(json));
  } else {
    fmt::print("{} rows left, {} rows right: {} only left, {} only right\n", num_left, num_right,
               only_left, only_right);
    for (const Json& row : left) fmt::print("< {}\n", JsonText(row));
    for (const Json& row : right) fmt::print("> {}\n", JsonText(row));
  }
  return only_left + only_right == 0 ? kExitOk : kExitFindings;
}

}  // namespace bessemer::cli::examples
