#include <arrow/type.h>
#include <arrow/util/bit_util.h>

#include <cstring>
#include <limits>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/feature_builder_internal.h"
#include "bessemer/example_gen/wire_internal.h"

namespace bessemer::example_gen {
namespace {

constexpr int64_t kMaxOffset = std::numeric_limits<int32_t>::max();

template <typename T>
void Push(arrow::BufferBuilder& buffer, T value) {
  buffer.UnsafeAppend(&value, sizeof(value));
}

int64_t WidthOf(ValueKind kind) { return kind == ValueKind::kInt64 ? 8 : 4; }

}  // namespace

bool FeatureBuilder::Reserve(arrow::BufferBuilder& buffer, int64_t bytes) {
  if (buffer.capacity() - buffer.length() >= bytes) return true;
  if (buffer.length() + bytes > 16 * kMaxOffset) {
    status_ = ResourceExhaustedError("feature '{}': too many values in one batch", name_);
    return false;
  }
  status_ = FromArrow(buffer.Reserve(bytes));
  return status_.ok();
}

int64_t FeatureBuilder::num_values() const { return values_.length() / WidthOf(kind_); }

bool FeatureBuilder::StartRow(int64_t row) {
  if (row < num_rows_) return true;
  const int64_t gap = row - num_rows_ + 1;
  if (!Reserve(offsets_, 4 * gap) || !Reserve(present_, gap)) return false;
  if (num_rows_ > 0) {
    const bool present = row_kind_ != ValueKind::kNone;
    Push<uint8_t>(present_, present);
    num_present_ += present;
  }
  const int64_t begin = num_values();
  if (begin > kMaxOffset) {
    status_ = ResourceExhaustedError("feature '{}': too many values in one batch", name_);
    return false;
  }
  for (int64_t skipped = num_rows_; skipped < row; ++skipped) {
    Push(offsets_, static_cast<int32_t>(begin));
    Push<uint8_t>(present_, 0);
  }
  Push(offsets_, static_cast<int32_t>(begin));
  num_rows_ = row + 1;
  row_begin_ = values_.length();
  row_begin_bytes_ = bytes_.length();
  row_kind_ = ValueKind::kNone;
  return true;
}

void FeatureBuilder::DropRowValues() {
  values_.Rewind(row_begin_);
  bytes_.Rewind(row_begin_bytes_);
  row_kind_ = ValueKind::kNone;
  if (kind_row_ == num_rows_ - 1) {
    kind_ = declared_;
    kind_row_ = -1;
  }
}

bool FeatureBuilder::SwitchKind(ValueKind kind) {
  if (row_kind_ == kind) return true;
  if (row_kind_ != ValueKind::kNone) DropRowValues();
  if (kind_ == ValueKind::kNone) {
    kind_ = kind;
    kind_row_ = num_rows_ - 1;
  } else if (kind_ != kind) {
    status_ = InvalidArgumentError(
        "feature '{}' holds {} values, but {}; give all records one kind", name_,
        ValueKindName(kind),
        declared_ != ValueKind::kNone
            ? fmt::format("{} is wanted", ValueKindName(declared_))
            : fmt::format("row {} of the batch has {} values", kind_row_, ValueKindName(kind_)));
    return false;
  }
  row_kind_ = kind;
  return true;
}

bool FeatureBuilder::AppendFeature(int64_t row, std::string_view feature) {
  if (row < num_rows_) {
    DropRowValues();
  } else if (!StartRow(row)) {
    return false;
  }
  wire::Cursor in(feature);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view list;
    if (!in.ReadTag(&tag)) return false;
    switch (tag) {
      case wire::kFeatureBytes:
        if (!in.ReadBytes(&list) || !SwitchKind(ValueKind::kBytes) || !AppendBytes(list)) {
          return false;
        }
        break;
      case wire::kFeatureFloat:
        if (!in.ReadBytes(&list) || !SwitchKind(ValueKind::kFloat) || !AppendFloats(list)) {
          return false;
        }
        break;
      case wire::kFeatureInt64:
        if (!in.ReadBytes(&list) || !SwitchKind(ValueKind::kInt64) || !AppendInt64s(list)) {
          return false;
        }
        break;
      default:
        if (!in.Skip(tag)) return false;
    }
  }
  return true;
}

bool FeatureBuilder::AppendBytes(std::string_view list) {
  wire::Cursor in(list);
  while (!in.AtEnd()) {
    uint32_t tag;
    std::string_view value;
    if (!in.ReadTag(&tag)) return false;
    if (tag != wire::Tag(1, wire::kBytes)) {
      if (!in.Skip(tag)) return false;
      continue;
    }
    if (!in.ReadBytes(&value)) return false;
    const auto size = static_cast<int64_t>(value.size());
    if (bytes_.length() + size > kMaxOffset) {
      status_ = ResourceExhaustedError("feature '{}': more than 2 GiB in one batch", name_);
      return false;
    }
    if (!Reserve(values_, 4) || !Reserve(bytes_, size)) return false;
    Push(values_, static_cast<int32_t>(bytes_.length()));
    if (size > 0) bytes_.UnsafeAppend(value.data(), size);
  }
  return true;
}

bool FeatureBuilder::AppendFloats(std::string_view list) {
  wire::Cursor in(list);
  while (!in.AtEnd()) {
    uint32_t tag;
    if (!in.ReadTag(&tag)) return false;
    if (tag == wire::Tag(1, wire::kBytes)) {
      std::string_view packed;
      if (!in.ReadBytes(&packed) || packed.size() % 4 != 0) return false;
      const auto size = static_cast<int64_t>(packed.size());
      if (!Reserve(values_, size)) return false;
      if (size > 0) values_.UnsafeAppend(packed.data(), size);
    } else if (tag == wire::Tag(1, wire::kFixed32)) {
      uint32_t bits;
      if (!in.ReadFixed32(&bits) || !Reserve(values_, 4)) return false;
      Push(values_, bits);
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  return true;
}

bool FeatureBuilder::AppendPackedInt64s(std::string_view packed) {
  // At most one value per byte. Most lists hold one value, so the bound costs little.
  if (!Reserve(values_, 8 * static_cast<int64_t>(packed.size()))) return false;
  wire::Cursor in(packed);
  while (!in.AtEnd()) {
    uint64_t value;
    if (!in.ReadVarint(&value)) return false;
    Push(values_, value);
  }
  return true;
}

bool FeatureBuilder::AppendInt64s(std::string_view list) {
  wire::Cursor in(list);
  while (!in.AtEnd()) {
    uint32_t tag;
    if (!in.ReadTag(&tag)) return false;
    if (tag == wire::Tag(1, wire::kBytes)) {
      std::string_view packed;
      if (!in.ReadBytes(&packed) || !AppendPackedInt64s(packed)) return false;
    } else if (tag == wire::Tag(1, wire::kVarint)) {
      uint64_t value;
      if (!in.ReadVarint(&value) || !Reserve(values_, 8)) return false;
      Push(values_, value);
    } else if (!in.Skip(tag)) {
      return false;
    }
  }
  return true;
}

StatusOr<std::shared_ptr<arrow::Array>> FeatureBuilder::FinishValues() {
  const int64_t count = num_values();
  if (kind_ == ValueKind::kBytes) {
    const auto end = static_cast<int32_t>(bytes_.length());
    BESSEMER_RETURN_IF_ARROW_ERROR(values_.Append(&end, sizeof(end)));
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Buffer> values,
                                  values_.Finish(/*shrink_to_fit=*/false));
  if (kind_ == ValueKind::kInt64) return std::make_shared<arrow::Int64Array>(count, values);
  if (kind_ == ValueKind::kFloat) return std::make_shared<arrow::FloatArray>(count, values);
  BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Buffer> bytes,
                                  bytes_.Finish(/*shrink_to_fit=*/false));
  return std::make_shared<arrow::BinaryArray>(count, values, bytes);
}

StatusOr<std::shared_ptr<arrow::Array>> FeatureBuilder::Finish(int64_t num_rows) {
  // A row that nobody has closes the last one; its own slot is not part of the array.
  if (!StartRow(num_rows)) return status_;
  std::shared_ptr<arrow::Array> array;
  if (kind_ == ValueKind::kNone) {
    array = std::make_shared<arrow::NullArray>(num_rows);
    offsets_.Reset();
  } else {
    std::shared_ptr<arrow::Buffer> validity;
    if (num_present_ < num_rows) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(validity, arrow::AllocateEmptyBitmap(num_rows));
      for (int64_t row = 0; row < num_rows; ++row) {
        if (present_.data()[row]) arrow::bit_util::SetBit(validity->mutable_data(), row);
      }
    }
    BESSEMER_ASSIGN_OR_RETURN_ARROW(std::shared_ptr<arrow::Buffer> offsets,
                                    offsets_.Finish(/*shrink_to_fit=*/false));
    BESSEMER_ASSIGN_OR_RETURN(std::shared_ptr<arrow::Array> values, FinishValues());
    array = std::make_shared<arrow::ListArray>(ColumnType(kind_), num_rows, std::move(offsets),
                                               std::move(values), std::move(validity),
                                               num_rows - num_present_);
  }
  present_.Reset();
  values_.Reset();
  bytes_.Reset();
  kind_ = declared_;
  row_kind_ = ValueKind::kNone;
  kind_row_ = -1;
  num_rows_ = num_present_ = row_begin_ = row_begin_bytes_ = 0;
  return array;
}

}  // namespace bessemer::example_gen
