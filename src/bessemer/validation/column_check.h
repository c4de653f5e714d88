#ifndef BESSEMER_VALIDATION_COLUMN_CHECK_H_
#define BESSEMER_VALIDATION_COLUMN_CHECK_H_

#include <memory>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/schema/schema_model.h"
#include "bessemer/validation/row_validator.h"

namespace bessemer::validation {

// What the schema asks of the values of one feature in each row.
class ColumnCheck {
 public:
  // `feature` is of `schema`; both outlive the check.
  ColumnCheck(const ::tensorflow::metadata::v0::Feature& feature,
              const schema::SchemaModel& schema, const schema::Environment& environment);
  // Of a feature inside structs, whose values of all of them stand together in column `name`
  // ("parent.child"): how many there are, and where they lack, is not looked at.
  static ColumnCheck Nested(const ::tensorflow::metadata::v0::Feature& feature,
                            const schema::SchemaModel& schema,
                            const schema::Environment& environment, std::string name);

  const std::string& name() const { return name_; }

  // Findings are added in no particular order. `array` may be null: every row lacks the feature.
  void Check(const std::shared_ptr<arrow::Array>& array, int64_t num_rows,
             std::vector<RowFinding>* findings) const;

 private:
  using Findings = std::vector<RowFinding>;

  void Add(int64_t row, AnomalyType type, std::string text, Findings* findings) const;
  void CheckMissing(int64_t row, Findings* findings) const;
  // False: the values cannot be looked at.
  bool CheckType(const columnar::FeatureColumn& column, Findings* findings) const;
  void CheckCounts(const columnar::FeatureColumn& column, Findings* findings) const;
  void CheckIntegers(const columnar::FeatureColumn& column, Findings* findings) const;
  void CheckFloats(const columnar::FeatureColumn& column, Findings* findings) const;
  void CheckBytes(const columnar::FeatureColumn& column, Findings* findings) const;
  void CheckText(int64_t row, std::string_view value, Findings* findings) const;
  void CheckFloat(int64_t row, float value, Findings* findings) const;
  void CheckInteger(int64_t row, int64_t value, Findings* findings) const;

  const ::tensorflow::metadata::v0::Feature& feature_;
  std::string name_;
  bool is_nested_ = false;
  bool in_environment_ = true;
  bool always_present_ = false;
  int64_t shape_size_ = -1;  // -1: no fixed shape
  const ::tensorflow::metadata::v0::StringDomain* domain_ = nullptr;
  std::unordered_set<std::string_view> known_;
};

// Rows without a struct that every row must have: nothing in its column, if it has one, nor in
// those of the features inside, "name.child".
struct StructCheck {
  std::string name;

  void Check(const arrow::RecordBatch& batch, std::vector<RowFinding>* findings) const;
};

// Rows in which the parts of a sparse feature (values and indices) or a weighted one (values and
// weights) do not fit together: one is missing where another is there, or they differ in number.
struct CompositeCheck {
  std::string name;
  std::string value;
  std::vector<std::string> companions;
  bool is_weighted = false;

  void Check(const arrow::RecordBatch& batch, std::vector<RowFinding>* findings) const;
};

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_COLUMN_CHECK_H_
