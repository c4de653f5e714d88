#include "bessemer/columnar/lists.h"

#include <arrow/array/array_nested.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/array/concatenate.h>
#include <arrow/array/util.h>
#include <arrow/builder.h>
#include <arrow/util/utf8.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::columnar {
namespace {

bool IsList(const arrow::DataType& type) {
  return type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST;
}

Status NotAList(const arrow::Array& array) {
  return InvalidArgumentError("expected list or large_list, got {}", array.type()->ToString());
}

// Offsets of the rows of a list array, either width, and the values they refer to.
class Lists {
 public:
  explicit Lists(const arrow::Array& array) : array_(array) {
    if (array.type_id() == arrow::Type::LIST) {
      small_ = &static_cast<const arrow::ListArray&>(array);
    } else {
      large_ = &static_cast<const arrow::LargeListArray&>(array);
    }
  }
  int64_t begin(int64_t row) const {
    return small_ ? small_->value_offset(row) : large_->value_offset(row);
  }
  int64_t length(int64_t row) const {
    return array_.IsNull(row) ? 0 : begin(row + 1) - begin(row);
  }
  const std::shared_ptr<arrow::Array>& values() const {
    return small_ ? small_->values() : large_->values();
  }
  // The values of the rows that are not null, in order.
  std::shared_ptr<arrow::Array> Flatten() const {
    auto flat = small_ ? small_->Flatten() : large_->Flatten();
    return flat.ok() ? *flat : values()->Slice(0, 0);
  }

 private:
  const arrow::Array& array_;
  const arrow::ListArray* small_ = nullptr;
  const arrow::LargeListArray* large_ = nullptr;
};

int64_t InnermostValues(const arrow::Array& array, int64_t row) {
  const Lists lists(array);
  if (lists.values()->type_id() == arrow::Type::NA) return 0;
  if (!IsList(*lists.values()->type())) return lists.length(row);
  int64_t count = 0;
  for (int64_t i = 0; i < lists.length(row); ++i) {
    count += InnermostValues(*lists.values(), lists.begin(row) + i);
  }
  return count;
}

int64_t BytesOfBits(int64_t bits) { return (bits + 7) / 8; }

// Calls f(i, value or nothing) for each element of a bytes array.
template <typename F>
Status ForEachBytes(const arrow::Array& array, F&& f) {
  return DispatchBytes(*array.type(), [&](auto tag) {
    using Array = typename decltype(tag)::type;
    const auto& bytes = static_cast<const Array&>(array);
    for (int64_t i = 0; i < bytes.length(); ++i) {
      f(i, bytes.IsNull(i) ? std::nullopt : std::optional<std::string_view>(bytes.GetView(i)));
    }
    return OkStatus();
  });
}

}  // namespace

StatusOr<std::vector<int64_t>> ElementLengths(const arrow::Array& array) {
  std::vector<int64_t> lengths(static_cast<size_t>(array.length()));
  if (IsList(*array.type())) {
    const Lists lists(array);
    for (int64_t row = 0; row < array.length(); ++row) lengths[row] = lists.length(row);
    return lengths;
  }
  BESSEMER_RETURN_IF_ERROR(ForEachBytes(array, [&](int64_t i, const auto& bytes) {
    lengths[i] = bytes ? static_cast<int64_t>(bytes->size()) : 0;
  }));
  return lengths;
}

StatusOr<std::vector<int64_t>> ParentIndices(const arrow::Array& array) {
  if (!IsList(*array.type())) return NotAList(array);
  const Lists lists(array);
  std::vector<int64_t> parents;
  for (int64_t row = 0; row < array.length(); ++row) {
    parents.insert(parents.end(), static_cast<size_t>(lists.length(row)), row);
  }
  return parents;
}

StatusOr<std::vector<int64_t>> InnermostValueCounts(const arrow::Array& array) {
  if (!IsList(*array.type())) return NotAList(array);
  std::vector<int64_t> counts;
  for (int64_t row = 0; row < array.length(); ++row) counts.push_back(InnermostValues(array, row));
  return counts;
}

StatusOr<std::shared_ptr<arrow::Array>> ListsFromParentIndices(
    int64_t num_parents, std::span<const int64_t> parent_indices,
    const std::shared_ptr<arrow::Array>& values, bool empty_list_as_null) {
  if (static_cast<int64_t>(parent_indices.size()) != values->length()) {
    return InvalidArgumentError("{} parent indices for {} values; there must be one for each",
                                parent_indices.size(), values->length());
  }
  int64_t last = 0;
  for (const int64_t parent : parent_indices) {
    if (parent < last || parent >= num_parents) {
      return InvalidArgumentError(
          "parent index {} after {}: they must ascend from 0 and stay below the number of parents, "
          "{}", parent, last, num_parents);
    }
    last = parent;
  }
  arrow::Int64Builder offsets;
  BESSEMER_RETURN_IF_ARROW_ERROR(offsets.Reserve(num_parents + 1));
  arrow::TypedBufferBuilder<bool> present;
  size_t next = 0;
  for (int64_t parent = 0; parent < num_parents; ++parent) {
    const size_t begin = next;
    while (next < parent_indices.size() && parent_indices[next] == parent) ++next;
    offsets.UnsafeAppend(static_cast<int64_t>(begin));
    BESSEMER_RETURN_IF_ARROW_ERROR(present.Append(next > begin || !empty_list_as_null));
  }
  offsets.UnsafeAppend(static_cast<int64_t>(next));
  const int64_t null_count = present.false_count();
  std::shared_ptr<arrow::Array> offset_array;
  std::shared_ptr<arrow::Buffer> bitmap;
  BESSEMER_RETURN_IF_ARROW_ERROR(offsets.Finish(&offset_array));
  BESSEMER_RETURN_IF_ARROW_ERROR(present.Finish(&bitmap));
  return std::make_shared<arrow::LargeListArray>(
      arrow::large_list(values->type()), num_parents, offset_array->data()->buffers[1], values,
      null_count > 0 ? bitmap : nullptr, null_count);
}

Coordinates CoordinatesOf(const arrow::Array& array) {
  Coordinates result;
  result.dense_shape.push_back(array.length());
  size_t rank = 1;
  result.indices.resize(static_cast<size_t>(array.length()));
  for (int64_t i = 0; i < array.length(); ++i) result.indices[static_cast<size_t>(i)] = i;
  std::shared_ptr<arrow::Array> level = arrow::MakeArray(array.data());
  for (; IsList(*level->type()); ++rank) {
    const Lists lists(*level);
    std::vector<int64_t> deeper;
    int64_t longest = 0;
    for (int64_t row = 0; row < level->length(); ++row) {
      const auto place = result.indices.begin() + row * static_cast<int64_t>(rank);
      for (int64_t i = 0; i < lists.length(row); ++i) {
        deeper.insert(deeper.end(), place, place + static_cast<int64_t>(rank));
        deeper.push_back(i);
      }
      longest = std::max(longest, lists.length(row));
    }
    result.indices = std::move(deeper);
    result.dense_shape.push_back(longest);
    level = lists.Flatten();
  }
  return result;
}

StatusOr<std::shared_ptr<arrow::Array>> FillNullLists(const std::shared_ptr<arrow::Array>& array,
                                                      const std::shared_ptr<arrow::Array>& fill) {
  if (!IsList(*array->type())) return NotAList(*array);
  const Lists lists(*array);
  if (!lists.values()->type()->Equals(*fill->type())) {
    return InvalidArgumentError("{} cannot be filled with values of {}", array->type()->ToString(),
                                fill->type()->ToString());
  }
  if (array->null_count() == 0) return array;
  std::unique_ptr<arrow::ArrayBuilder> builder;
  BESSEMER_RETURN_IF_ARROW_ERROR(
      arrow::MakeBuilder(arrow::default_memory_pool(), array->type(), &builder));
  const bool large = array->type_id() == arrow::Type::LARGE_LIST;
  arrow::ArrayBuilder* values =
      large ? static_cast<arrow::LargeListBuilder*>(builder.get())->value_builder()
            : static_cast<arrow::ListBuilder*>(builder.get())->value_builder();
  for (int64_t row = 0; row < array->length(); ++row) {
    BESSEMER_RETURN_IF_ARROW_ERROR(
        large ? static_cast<arrow::LargeListBuilder*>(builder.get())->Append()
              : static_cast<arrow::ListBuilder*>(builder.get())->Append());
    const bool null = array->IsNull(row);
    const arrow::Array& from = null ? *fill : *lists.values();
    BESSEMER_RETURN_IF_ARROW_ERROR(
        values->AppendArraySlice(arrow::ArraySpan(*from.data()), null ? 0 : lists.begin(row),
                                 null ? fill->length() : lists.length(row)));
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(auto filled, builder->Finish());
  return filled;
}

StatusOr<std::shared_ptr<arrow::Array>> SingletonLists(
    const std::shared_ptr<arrow::Array>& array) {
  std::vector<int64_t> parents;
  arrow::ArrayVector pieces;
  int64_t begin = 0;
  for (int64_t i = 0; i <= array->length(); ++i) {
    if (i < array->length() && array->IsValid(i)) {
      parents.push_back(i);
      continue;
    }
    if (i > begin) pieces.push_back(array->Slice(begin, i - begin));
    begin = i + 1;
  }
  std::shared_ptr<arrow::Array> values = array->Slice(0, 0);
  if (!pieces.empty()) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(values, arrow::Concatenate(pieces));
  }
  return ListsFromParentIndices(array->length(), parents, values, /*empty_list_as_null=*/true);
}

StatusOr<int64_t> CountInvalidUtf8(const arrow::Array& array) {
  arrow::util::InitializeUTF8();
  int64_t count = 0;
  BESSEMER_RETURN_IF_ERROR(ForEachBytes(array, [&](int64_t, const auto& bytes) {
    count += bytes && !arrow::util::ValidateUTF8(*bytes);
  }));
  return count;
}

StatusOr<std::vector<int64_t>> PositionsIn(const arrow::Array& values, const arrow::Array& set) {
  std::unordered_map<std::string_view, int64_t> positions;
  int64_t null_position = -1;
  BESSEMER_RETURN_IF_ERROR(ForEachBytes(set, [&](int64_t i, const auto& bytes) {
    if (bytes) {
      positions.try_emplace(*bytes, i);
    } else if (null_position < 0) {
      null_position = i;
    }
  }));
  std::vector<int64_t> found(static_cast<size_t>(values.length()), null_position);
  BESSEMER_RETURN_IF_ERROR(ForEachBytes(values, [&](int64_t i, const auto& bytes) {
    if (!bytes) return;
    const auto it = positions.find(*bytes);
    found[static_cast<size_t>(i)] = it == positions.end() ? -1 : it->second;
  }));
  return found;
}

StatusOr<int64_t> ByteSize(const arrow::Array& array) {
  const int64_t length = array.length();
  const int64_t validity = array.null_count() > 0 && array.type_id() != arrow::Type::NA
                               ? BytesOfBits(length) : 0;
  if (array.type_id() == arrow::Type::NA) return 0;
  if (IsList(*array.type())) {
    const Lists lists(array);
    const int64_t width = array.type_id() == arrow::Type::LIST ? 4 : 8;
    const int64_t begin = lists.begin(0);
    BESSEMER_ASSIGN_OR_RETURN(const int64_t values, ByteSize(*lists.values()->Slice(
                                                        begin, lists.begin(length) - begin)));
    return validity + width * (length + 1) + values;
  }
  if (IsBytes(*array.type())) {
    int64_t bytes = 0;
    BESSEMER_RETURN_IF_ERROR(DispatchBytes(*array.type(), [&](auto tag) {
      using Array = typename decltype(tag)::type;
      const auto& strings = static_cast<const Array&>(array);
      bytes = strings.value_offset(length) - strings.value_offset(0) +
              static_cast<int64_t>(sizeof(typename Array::offset_type)) * (length + 1);
      return OkStatus();
    }));
    return validity + bytes;
  }
  if (array.type_id() == arrow::Type::STRUCT) {
    int64_t bytes = validity;
    for (const auto& field : static_cast<const arrow::StructArray&>(array).fields()) {
      BESSEMER_ASSIGN_OR_RETURN(const int64_t size, ByteSize(*field));
      bytes += size;
    }
    return bytes;
  }
  const int width = array.type()->bit_width();
  if (width <= 0) return InvalidArgumentError("the size of {}", array.type()->ToString());
  return validity + BytesOfBits(width * length);
}

}  // namespace bessemer::columnar
