#ifndef BESSEMER_SCHEMA_SCHEMA_TABLE_H_
#define BESSEMER_SCHEMA_SCHEMA_TABLE_H_

#include <string>
#include <vector>

#include "bessemer/schema/text_diff.h"
#include "tensorflow_metadata/proto/v0/schema.pb.h"

// Schemas for people.

namespace bessemer::schema {

// One feature in words.
struct FeatureSummary {
  std::string path;
  std::string type;      // "INT", "sparse", "weighted"
  std::string presence;  // "always", "at least 1", "optional"
  std::string shape;     // "scalar", "[3, 2]", "1 to 5", "any"
  std::string domain;    // "{Cash, Card, …} (5)", "[0, 10]", "bool", ""
  std::string notes;     // lifecycle, environments, comparators
};

// The features in the order of the schema, children behind their struct, then sparse and weighted.
std::vector<FeatureSummary> Summarise(const ::tensorflow::metadata::v0::Schema& schema);

// Aligned columns with a heading; values of domains are cut to fit `width` columns.
std::string SchemaTable(const ::tensorflow::metadata::v0::Schema& schema, int width = 120);

// An entry that two schemas do not share, or do not agree on.
struct EntryDiff {
  std::string entry;          // "feature age", "string_domain city", "schema" for the rest
  bool in_left = false;
  bool in_right = false;
  std::vector<DiffRun> runs;  // of the entry's text
};

// Top-level features, sparse and weighted features and string domains by name, in the order of the
// left schema, then those only in the right one; last, what belongs to no entry. Empty: equal.
std::vector<EntryDiff> DiffSchemas(const ::tensorflow::metadata::v0::Schema& left,
                                   const ::tensorflow::metadata::v0::Schema& right);

// Lines marked '-', '+' or ' ', with at most `context` shared lines around each difference and
// "…" where more are left out. `indent` stands before each line.
std::string FormatRuns(const std::vector<DiffRun>& runs, int context, const std::string& indent);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_SCHEMA_TABLE_H_
