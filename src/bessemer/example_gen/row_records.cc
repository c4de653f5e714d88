#include "bessemer/example_gen/row_records.h"

#include <optional>

#include "bessemer/example_gen/arrow_features.h"

namespace bessemer::example_gen {
namespace {

Status AtRow(const RowInput& rows, int64_t block, int64_t row, const Status& status) {
  if (status.ok()) return status;
  const RowPlace place = rows.PlaceOf(block, row);
  return WithContext(status, fmt::format("{}: {} {}", place.file,
                                         rows.records() != nullptr ? "record" : "row", place.line));
}

Status VisitStored(const RowInput& rows, int64_t block,
                   const std::function<Status(std::string_view)>& visit) {
  BESSEMER_ASSIGN_OR_RETURN(const auto source, rows.records()->OpenRecords(block));
  std::string storage;
  std::string_view record;
  for (int64_t row = 0;; ++row) {
    BESSEMER_ASSIGN_OR_RETURN(const bool more, source->Next(&record));
    if (!more) return OkStatus();
    const StatusOr<std::string_view> canonical = CanonicalExample(record, &storage);
    const Status status = canonical.ok() ? visit(*canonical) : canonical.status();
    if (!status.ok()) return AtRow(rows, block, row, status);
  }
}

Status VisitBatches(const RowInput& rows, const FeatureConverter& converter, int64_t block,
                    MissingCell missing, const std::function<Status(std::string_view)>& visit) {
  BESSEMER_ASSIGN_OR_RETURN(const auto source, rows.OpenBlock(block));
  for (int64_t first = 0;;) {
    BESSEMER_ASSIGN_OR_RETURN(const auto batch, source->Next());
    if (batch == nullptr) return OkStatus();
    std::vector<RowFault> faults;
    BESSEMER_ASSIGN_OR_RETURN(const auto features, converter.Convert(*batch, &faults));
    if (!faults.empty()) {
      return AtRow(rows, block, first + faults[0].row,
                   InvalidArgumentError("feature '{}': {}", faults[0].feature, faults[0].reason));
    }
    BESSEMER_ASSIGN_OR_RETURN(ExampleEncoder encoder,
                              ExampleEncoder::Make(features, {.missing = missing}));
    for (int64_t row = 0; row < features->num_rows(); ++row) {
      const Status status = visit(encoder.Encode(row));
      if (!status.ok()) return AtRow(rows, block, first + row, status);
    }
    first += batch->num_rows();
  }
}

}  // namespace

Status VisitRowRecords(const RowInput& rows, MissingCell missing,
                       const std::function<Status(std::string_view record)>& visit) {
  if (rows.records() != nullptr && rows.records()->kind() != RecordKind::kExample) {
    return InvalidArgumentError("the records are no tf.Examples");
  }
  std::optional<FeatureConverter> converter;
  if (rows.records() == nullptr) converter.emplace(rows.schema());
  for (int64_t block = 0; block < rows.num_blocks(); ++block) {
    BESSEMER_RETURN_IF_ERROR(converter ? VisitBatches(rows, *converter, block, missing, visit)
                                       : VisitStored(rows, block, visit));
  }
  return OkStatus();
}

}  // namespace bessemer::example_gen
