#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/compute/cast.h>
#include <arrow/extension_type.h>
#include <arrow/type.h>
#include <arrow/util/bit_util.h>
#include <arrow/util/decimal.h>

#include <limits>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"
#include "bessemer/columnar/temporal.h"
#include "bessemer/example_gen/arrow_leaves_internal.h"

namespace bessemer::example_gen {
namespace {

using arrow::Type;
using ArrayPtr = std::shared_ptr<arrow::Array>;

static_assert(FeatureOptions{}.timestamp_unit == columnar::kTimeUnit,
              "examples and statistics of columns count time alike");

constexpr int64_t kMax = std::numeric_limits<int64_t>::max();

// An int64 array of what f(i, &value) gives for each valid i; false: the value does not fit.
template <typename F>
StatusOr<ArrayPtr> BuildInt64(const arrow::Array& array, LeafFaults* faults, F&& f) {
  arrow::Int64Builder builder;
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.Reserve(array.length()));
  for (int64_t i = 0; i < array.length(); ++i) {
    int64_t value = 0;
    if (array.IsNull(i)) {
      builder.UnsafeAppendNull();
    } else if (f(i, &value)) {
      builder.UnsafeAppend(value);
    } else {
      builder.UnsafeAppendNull();
      const auto scalar = array.GetScalar(i);
      faults->emplace_back(
          i, fmt::format("{} does not fit int64", scalar.ok() ? (*scalar)->ToString() : "a value"));
    }
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr result, builder.Finish());
  return result;
}

StatusOr<ArrayPtr> CastTo(const arrow::Array& array, const std::shared_ptr<arrow::DataType>& type) {
  BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr result, arrow::compute::Cast(array, type));
  return result;
}

StatusOr<ArrayPtr> FromUnsigned(const ArrayPtr& array, LeafFaults* faults) {
  const auto& numbers = static_cast<const arrow::UInt64Array&>(*array);
  bool fits = true;
  for (int64_t i = 0; i < array->length() && fits; ++i) {
    fits = numbers.Value(i) <= static_cast<uint64_t>(kMax) || numbers.IsNull(i);
  }
  if (!fits) {
    return BuildInt64(*array, faults, [&](int64_t i, int64_t* value) {
      *value = static_cast<int64_t>(numbers.Value(i));
      return *value >= 0;
    });
  }
  // The same bits.
  auto data = array->data()->Copy();
  data->type = arrow::int64();
  return arrow::MakeArray(data);
}

template <typename Decimal>
bool ToInt64(const Decimal& number, int64_t* value) {
  if constexpr (std::is_same_v<Decimal, arrow::Decimal256>) {
    if (number > arrow::Decimal256(kMax) || number < arrow::Decimal256(-kMax - 1)) return false;
    *value = static_cast<int64_t>(number.low_bits());
    return true;
  } else {
    const auto integer = number.template ToInteger<int64_t>();
    if (integer.ok()) *value = *integer;
    return integer.ok();
  }
}

template <typename Array, typename Decimal>
StatusOr<ArrayPtr> FromDecimal(const arrow::Array& array, LeafFaults* faults) {
  const auto& numbers = static_cast<const Array&>(array);
  const int32_t scale = static_cast<const arrow::DecimalType&>(*array.type()).scale();
  if (scale > 0) {
    arrow::FloatBuilder builder;
    BESSEMER_RETURN_IF_ARROW_ERROR(builder.Reserve(array.length()));
    for (int64_t i = 0; i < array.length(); ++i) {
      if (array.IsNull(i)) {
        builder.UnsafeAppendNull();
      } else {
        builder.UnsafeAppend(
            static_cast<float>(Decimal(numbers.GetValue(i)).ToDouble(scale)));
      }
    }
    BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr result, builder.Finish());
    return result;
  }
  return BuildInt64(array, faults, [&](int64_t i, int64_t* value) {
    const auto whole = Decimal(numbers.GetValue(i)).Rescale(scale, 0);
    return whole.ok() && ToInt64(*whole, value);
  });
}

template <typename Array>
StatusOr<ArrayPtr> CopyBytes(const arrow::Array& array) {
  const auto& bytes = static_cast<const Array&>(array);
  arrow::LargeBinaryBuilder builder;
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.Reserve(array.length()));
  for (int64_t i = 0; i < array.length(); ++i) {
    if (array.IsNull(i)) {
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.AppendNull());
    } else {
      BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append(bytes.GetView(i)));
    }
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr result, builder.Finish());
  return result;
}

// Clears the valid bits of those i for which is_zero(i).
template <typename F>
StatusOr<ArrayPtr> ClearWhere(const ArrayPtr& array, F&& is_zero) {
  BESSEMER_ASSIGN_OR_RETURN_ARROW(
      const std::shared_ptr<arrow::Buffer> validity,
      arrow::AllocateEmptyBitmap(array->offset() + array->length()));
  for (int64_t i = 0; i < array->length(); ++i) {
    if (array->IsValid(i) && !is_zero(i)) {
      arrow::bit_util::SetBit(validity->mutable_data(), array->offset() + i);
    }
  }
  auto data = array->data()->Copy();
  data->buffers[0] = validity;
  data->SetNullCount(arrow::kUnknownNullCount);
  return arrow::MakeArray(data);
}

}  // namespace

StatusOr<ValueKind> LeafKind(const arrow::DataType& type) {
  if (columnar::IsTemporal(type)) return ValueKind::kInt64;
  switch (type.id()) {
    case Type::NA:
      return ValueKind::kNone;
    case Type::BOOL:
      return ValueKind::kInt64;
    case Type::HALF_FLOAT:
      return ValueKind::kFloat;
    case Type::DECIMAL32:
    case Type::DECIMAL64:
    case Type::DECIMAL128:
    case Type::DECIMAL256:
      return static_cast<const arrow::DecimalType&>(type).scale() > 0 ? ValueKind::kFloat
                                                                      : ValueKind::kInt64;
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
    case Type::FIXED_SIZE_BINARY:
      return ValueKind::kBytes;
    case Type::DICTIONARY:
      return LeafKind(*static_cast<const arrow::DictionaryType&>(type).value_type());
    case Type::EXTENSION:
      return LeafKind(*static_cast<const arrow::ExtensionType&>(type).storage_type());
    default:
      break;
  }
  if (columnar::IsInteger(type)) return ValueKind::kInt64;
  if (columnar::IsFloat(type)) return ValueKind::kFloat;
  if (columnar::IsBytes(type)) return ValueKind::kBytes;
  return UnimplementedError("tf.Example holds no values of type {}", type.ToString());
}

StatusOr<ArrayPtr> ConvertLeaf(const ArrayPtr& array, const FeatureOptions& options,
                               LeafFaults* faults) {
  if (columnar::IsTemporal(*array->type())) {
    return columnar::TimesAsIntegers(array, options.timestamp_unit, faults);
  }
  switch (array->type_id()) {
    case Type::BOOL:
      return CastTo(*array, arrow::int64());
    case Type::UINT64:
      return FromUnsigned(array, faults);
    case Type::HALF_FLOAT:
      return CastTo(*array, arrow::float32());
    case Type::DECIMAL32:
      return FromDecimal<arrow::Decimal32Array, arrow::Decimal32>(*array, faults);
    case Type::DECIMAL64:
      return FromDecimal<arrow::Decimal64Array, arrow::Decimal64>(*array, faults);
    case Type::DECIMAL128:
      return FromDecimal<arrow::Decimal128Array, arrow::Decimal128>(*array, faults);
    case Type::DECIMAL256:
      return FromDecimal<arrow::Decimal256Array, arrow::Decimal256>(*array, faults);
    case Type::STRING_VIEW:
    case Type::BINARY_VIEW:
      return CopyBytes<arrow::BinaryViewArray>(*array);
    case Type::FIXED_SIZE_BINARY:
      return CopyBytes<arrow::FixedSizeBinaryArray>(*array);
    case Type::DICTIONARY: {
      const auto& type = static_cast<const arrow::DictionaryType&>(*array->type());
      BESSEMER_ASSIGN_OR_RETURN(const ArrayPtr decoded, CastTo(*array, type.value_type()));
      return ConvertLeaf(decoded, options, faults);
    }
    case Type::EXTENSION:
      return ConvertLeaf(static_cast<const arrow::ExtensionArray&>(*array).storage(), options,
                         faults);
    default:
      return array;
  }
}

StatusOr<ArrayPtr> NullsForZeros(const ArrayPtr& array) {
  const arrow::DataType& type = *array->type();
  StatusOr<ArrayPtr> result = array;
  if (columnar::IsBytes(type)) {
    BESSEMER_RETURN_IF_ERROR(
        columnar::DispatchBytes(type, [&]<typename Array>(std::type_identity<Array>) {
          const auto& bytes = static_cast<const Array&>(*array);
          result = ClearWhere(array, [&](int64_t i) { return bytes.GetView(i).empty(); });
          return OkStatus();
        }));
  } else if (type.id() != Type::NA) {
    BESSEMER_RETURN_IF_ERROR(
        columnar::DispatchNumeric(type, [&]<typename Array>(std::type_identity<Array>) {
          const auto& numbers = static_cast<const Array&>(*array);
          result = ClearWhere(array, [&](int64_t i) { return numbers.Value(i) == 0; });
          return OkStatus();
        }));
  }
  return result;
}

}  // namespace bessemer::example_gen
