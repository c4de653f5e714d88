#include <arrow/array.h>
#include <arrow/type.h>

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <numeric>

#include "bessemer/columnar/feature_column.h"
#include "bessemer/example_gen/example_codec.h"
#include "bessemer/example_gen/wire_internal.h"

namespace bessemer::example_gen {
namespace {

using columnar::FeatureColumn;

size_t VarintSize(uint64_t value) {
  return (static_cast<size_t>(std::bit_width(value | 1)) + 6) / 7;
}

// A buffer filled from its end: a length is written when what it measures is there already.
class BackwardBuffer {
 public:
  explicit BackwardBuffer(size_t capacity) : bytes_(capacity, '\0'), begin_(capacity) {}

  void Clear() { begin_ = bytes_.size(); }
  size_t size() const { return bytes_.size() - begin_; }
  std::string_view view() const { return {bytes_.data() + begin_, size()}; }

  void Ensure(size_t room) {
    if (begin_ >= room) return;
    const size_t used = size();
    std::string larger(2 * (used + room), '\0');
    std::memcpy(larger.data() + larger.size() - used, bytes_.data() + begin_, used);
    begin_ = larger.size() - used;
    bytes_ = std::move(larger);
  }

  // Each needs the room ensured before.
  void PutByte(uint8_t byte) { bytes_[--begin_] = static_cast<char>(byte); }
  void PutVarint(uint64_t value) {
    begin_ -= VarintSize(value);
    char* p = bytes_.data() + begin_;
    for (; value >= 0x80; value >>= 7) *p++ = static_cast<char>(value | 0x80);
    *p = static_cast<char>(value);
  }
  void PutBytes(const void* data, size_t size) {
    begin_ -= size;
    if (size > 0) std::memcpy(bytes_.data() + begin_, data, size);
  }

 private:
  std::string bytes_;
  size_t begin_;
};

constexpr size_t kMaxVarint = 10;
constexpr size_t kMaxHeader = 1 + kMaxVarint;  // tag and length

// Reads the values of a column as one of the three kinds.
struct Values {
  ValueKind kind = ValueKind::kNone;
  const int64_t* int64 = nullptr;
  const float* float32 = nullptr;
  const arrow::BinaryArray* binary = nullptr;
  const arrow::LargeBinaryArray* large = nullptr;
  std::vector<int64_t> converted_int64;
  std::vector<float> converted_float;

  std::string_view Bytes(int64_t i) const {
    return binary != nullptr ? binary->GetView(i) : large->GetView(i);
  }
};

template <typename Array>
Status ConvertIntegers(const Array& array, Values* out) {
  using T = typename Array::value_type;
  out->kind = ValueKind::kInt64;
  if constexpr (std::is_same_v<T, int64_t>) {
    out->int64 = array.raw_values();
  } else {
    out->converted_int64.resize(static_cast<size_t>(array.length()));
    for (int64_t i = 0; i < array.length(); ++i) {
      const T value = array.raw_values()[i];
      if constexpr (std::is_same_v<T, uint64_t>) {
        if (value > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()) &&
            array.IsValid(i)) {
          return InvalidArgumentError("value {} does not fit int64", value);
        }
      }
      out->converted_int64[static_cast<size_t>(i)] = static_cast<int64_t>(value);
    }
    out->int64 = out->converted_int64.data();
  }
  return OkStatus();
}

Status ReadValues(const arrow::Array& array, Values* out) {
  const arrow::DataType& type = *array.type();
  if (type.id() == arrow::Type::NA) return OkStatus();
  if (columnar::IsBytes(type)) {
    out->kind = ValueKind::kBytes;
    out->binary = dynamic_cast<const arrow::BinaryArray*>(&array);
    out->large = dynamic_cast<const arrow::LargeBinaryArray*>(&array);
    return OkStatus();
  }
  return columnar::DispatchNumeric(type, [&]<typename Array>(std::type_identity<Array>) {
    const auto& numbers = static_cast<const Array&>(array);
    if constexpr (std::is_integral_v<typename Array::value_type>) {
      return ConvertIntegers(numbers, out);
    } else {
      out->kind = ValueKind::kFloat;
      if constexpr (std::is_same_v<Array, arrow::FloatArray>) {
        out->float32 = numbers.raw_values();
      } else {
        const double* values = numbers.raw_values();
        out->converted_float.assign(values, values + numbers.length());
        out->float32 = out->converted_float.data();
      }
      return OkStatus();
    }
  });
}

struct Column {
  FeatureColumn cells;
  Values values;
  std::string key;  // tag, length and bytes of the map key
};

Status CheckNoNullLeaf(const FeatureColumn& cells) {
  if (cells.layout() != FeatureColumn::Layout::kRagged || cells.values()->null_count() == 0) {
    return OkStatus();
  }
  if (cells.value_type()->id() == arrow::Type::NA) return OkStatus();
  for (int64_t row = 0; row < cells.num_rows(); ++row) {
    if (!cells.IsPresent(row)) continue;
    for (int64_t i = cells.begin(row); i < cells.end(row); ++i) {
      if (cells.values()->IsNull(i)) {
        return InvalidArgumentError("row {} has a null inside its list; tf.Example cannot hold it",
                                    row);
      }
    }
  }
  return OkStatus();
}

std::string KeyBytes(const std::string& name) {
  BackwardBuffer buffer(name.size() + kMaxHeader);
  buffer.PutBytes(name.data(), name.size());
  buffer.PutVarint(name.size());
  buffer.PutByte(wire::kEntryKey);
  return std::string(buffer.view());
}

}  // namespace

struct ExampleEncoder::Impl {
  void PutHeader(uint8_t tag, size_t size_before) {
    buffer.PutVarint(buffer.size() - size_before);
    buffer.PutByte(tag);
  }
  void PutList(const Values& values, int64_t begin, int64_t end);
  bool PutFeature(const Column& column, int64_t row);

  std::shared_ptr<arrow::RecordBatch> batch;
  ExampleEncoderOptions options;
  std::vector<Column> columns;  // in the order of the batch
  std::vector<int> order;       // sorted by name
  BackwardBuffer buffer{4096};
};

// The values of a BytesList, FloatList or Int64List.
void ExampleEncoder::Impl::PutList(const Values& values, int64_t begin, int64_t end) {
  const auto count = static_cast<size_t>(end - begin);
  const size_t before = buffer.size();
  switch (values.kind) {
    case ValueKind::kInt64:
      buffer.Ensure(count * kMaxVarint + kMaxHeader);
      for (int64_t i = end; i-- > begin;) {
        buffer.PutVarint(static_cast<uint64_t>(values.int64[i]));
      }
      break;
    case ValueKind::kFloat:
      buffer.Ensure(count * sizeof(float) + kMaxHeader);
      buffer.PutBytes(values.float32 + begin, count * sizeof(float));
      break;
    case ValueKind::kBytes:
      for (int64_t i = end; i-- > begin;) {
        const std::string_view value = values.Bytes(i);
        buffer.Ensure(value.size() + kMaxHeader);
        buffer.PutBytes(value.data(), value.size());
        buffer.PutVarint(value.size());
        buffer.PutByte(wire::Tag(1, wire::kBytes));
      }
      return;
    case ValueKind::kNone:
      return;
  }
  if (count > 0) PutHeader(wire::Tag(1, wire::kBytes), before);
}

// The content of a tf.Feature; false: the entry is to be left out.
bool ExampleEncoder::Impl::PutFeature(const Column& column, int64_t row) {
  const bool present = column.values.kind != ValueKind::kNone && column.cells.IsPresent(row);
  if (!present && options.missing == MissingCell::kOmit) return false;
  if (column.values.kind == ValueKind::kNone) return true;
  if (!present && options.missing == MissingCell::kNoKind) return true;
  const size_t before = buffer.size();
  if (present) PutList(column.values, column.cells.begin(row), column.cells.end(row));
  buffer.Ensure(kMaxHeader);
  static constexpr uint8_t kTags[] = {0, wire::kFeatureBytes, wire::kFeatureFloat,
                                      wire::kFeatureInt64};
  PutHeader(kTags[static_cast<int>(column.values.kind)], before);
  return true;
}

ExampleEncoder::ExampleEncoder(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
ExampleEncoder::ExampleEncoder(ExampleEncoder&&) noexcept = default;
ExampleEncoder& ExampleEncoder::operator=(ExampleEncoder&&) noexcept = default;
ExampleEncoder::~ExampleEncoder() = default;

StatusOr<ExampleEncoder> ExampleEncoder::Make(std::shared_ptr<arrow::RecordBatch> batch,
                                              ExampleEncoderOptions options) {
  auto impl = std::make_unique<Impl>();
  impl->options = options;
  impl->columns.reserve(static_cast<size_t>(batch->num_columns()));
  for (int i = 0; i < batch->num_columns(); ++i) {
    const std::string& name = batch->column_name(i);
    StatusOr<FeatureColumn> cells = FeatureColumn::Make(batch->column(i));
    Status status = cells.status();
    if (status.ok()) status = CheckNoNullLeaf(*cells);
    if (status.ok()) {
      impl->columns.push_back({*std::move(cells), {}, KeyBytes(name)});
      status = ReadValues(*impl->columns.back().cells.values(), &impl->columns.back().values);
    }
    if (!status.ok()) return WithContext(status, fmt::format("column '{}'", name));
  }
  std::vector<int>& order = impl->order;
  order.resize(impl->columns.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(),
            [&](int a, int b) { return batch->column_name(a) < batch->column_name(b); });
  for (size_t i = 1; i < order.size(); ++i) {
    if (batch->column_name(order[i]) == batch->column_name(order[i - 1])) {
      return InvalidArgumentError("column '{}': the batch has it twice; rename one",
                                  batch->column_name(order[i]));
    }
  }
  impl->batch = std::move(batch);
  return ExampleEncoder(std::move(impl));
}

int64_t ExampleEncoder::num_rows() const { return impl_->batch->num_rows(); }

std::string_view ExampleEncoder::Encode(int64_t row) {
  Impl& impl = *impl_;
  BackwardBuffer& buffer = impl.buffer;
  buffer.Clear();
  for (auto it = impl.order.rbegin(); it != impl.order.rend(); ++it) {
    const Column& column = impl.columns[static_cast<size_t>(*it)];
    const size_t before = buffer.size();
    if (!impl.PutFeature(column, row)) continue;
    buffer.Ensure(2 * kMaxHeader + column.key.size());
    impl.PutHeader(wire::kEntryValue, before);
    buffer.PutBytes(column.key.data(), column.key.size());
    impl.PutHeader(wire::kFeaturesEntry, before);
  }
  buffer.Ensure(kMaxHeader);
  impl.PutHeader(wire::kExampleFeatures, 0);
  return buffer.view();
}

std::optional<std::string_view> ExampleEncoder::EncodeFeature(int column, int64_t row) {
  impl_->buffer.Clear();
  if (!impl_->PutFeature(impl_->columns[static_cast<size_t>(column)], row)) return std::nullopt;
  return impl_->buffer.view();
}

}  // namespace bessemer::example_gen
