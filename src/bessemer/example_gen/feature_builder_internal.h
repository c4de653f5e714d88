#ifndef BESSEMER_EXAMPLE_GEN_FEATURE_BUILDER_INTERNAL_H_
#define BESSEMER_EXAMPLE_GEN_FEATURE_BUILDER_INTERNAL_H_

#include <arrow/array.h>
#include <arrow/buffer_builder.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/example_codec.h"

namespace bessemer::example_gen {

// The column of one feature while a batch is decoded: a list array in the making. Rows are given in
// ascending order; those passed over are null.
class FeatureBuilder {
 public:
  FeatureBuilder(std::string name, ValueKind declared)
      : name_(std::move(name)), declared_(declared), kind_(declared) {}

  const std::string& name() const { return name_; }
  bool seen() const { return num_rows_ > 0; }

  // Takes the serialised tf.Feature of a row. Given twice for a row, the last counts. False for
  // malformed bytes, with the reason in status() (OK if the bytes are no tf.Feature at all).
  bool AppendFeature(int64_t row, std::string_view feature);
  const Status& status() const { return status_; }

  // The array of `num_rows` rows; the builder is empty afterwards.
  StatusOr<std::shared_ptr<arrow::Array>> Finish(int64_t num_rows);

 private:
  bool StartRow(int64_t row);
  void DropRowValues();
  bool SwitchKind(ValueKind kind);
  bool AppendBytes(std::string_view list);
  bool AppendFloats(std::string_view list);
  bool AppendInt64s(std::string_view list);
  bool AppendPackedInt64s(std::string_view packed);
  bool Reserve(arrow::BufferBuilder& buffer, int64_t bytes);
  int64_t num_values() const;
  StatusOr<std::shared_ptr<arrow::Array>> FinishValues();

  std::string name_;
  ValueKind declared_;
  ValueKind kind_;                         // of the column
  ValueKind row_kind_ = ValueKind::kNone;  // of the last row
  int64_t kind_row_ = -1;                  // the row that decided kind_
  int64_t num_rows_ = 0;                   // started
  int64_t row_begin_ = 0;                  // first value of the last row
  int64_t row_begin_bytes_ = 0;            // and of its bytes
  int64_t num_present_ = 0;                // rows before the last
  arrow::BufferBuilder offsets_;           // int32, first value of each started row
  arrow::BufferBuilder present_;           // a byte per row before the last
  arrow::BufferBuilder values_;            // int64 or float, or int32 begin of each byte string
  arrow::BufferBuilder bytes_;
  Status status_;
};

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_FEATURE_BUILDER_INTERNAL_H_
