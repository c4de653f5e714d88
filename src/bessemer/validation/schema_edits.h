#ifndef BESSEMER_VALIDATION_SCHEMA_EDITS_H_
#define BESSEMER_VALIDATION_SCHEMA_EDITS_H_

#include <set>
#include <string>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/validation/severity.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

// Each anomaly that was found with `with_edits` carries the change of the schema that would accept
// the data. Here chosen ones are made, from the anomalies alone: the statistics are not needed
// again.

namespace bessemer::validation {

struct EditSelection {
  // Text forms of paths, and kDatasetKey; empty: all.
  std::set<std::string> features = {};
  // Only anomalies all reasons of which are of these types; empty: of any.
  std::set<AnomalyType> types = {};
};

// Names as people give them: types of anomalies, or else features.
EditSelection SelectEdits(const std::vector<std::string>& names);

struct EditedSchema {
  ::tensorflow::metadata::v0::Schema schema;
  std::vector<std::string> applied;  // features, and kDatasetKey
  std::vector<std::string> skipped;  // "fare: why"
};

// The schema with the edits. Anomalies without an edit (comparisons that have none, rules) and
// those that `selection` leaves out are skipped. NOT_FOUND for a selected feature that has no
// anomaly; DATA_LOSS for an edit that is not of this schema.
StatusOr<EditedSchema> ApplyEdits(const ::tensorflow::metadata::v0::Schema& schema,
                                  const ::tensorflow::metadata::v0::Anomalies& anomalies,
                                  const EditSelection& selection = {});

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_SCHEMA_EDITS_H_
