#include "bessemer/columnar/temporal.h"

#include <arrow/array.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/scalar.h>
#include <arrow/type.h>

#include "bessemer/columnar/arrow_status.h"

namespace bessemer::columnar {
namespace {

using arrow::Type;
using ArrayPtr = std::shared_ptr<arrow::Array>;

constexpr int64_t kMillisADay = 86'400'000;

int64_t PerSecond(arrow::TimeUnit::type unit) {
  switch (unit) {
    case arrow::TimeUnit::SECOND:
      return 1;
    case arrow::TimeUnit::MILLI:
      return 1000;
    case arrow::TimeUnit::MICRO:
      return 1000000;
    case arrow::TimeUnit::NANO:
      break;
  }
  return 1000000000;
}

arrow::TimeUnit::type UnitOf(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::TIME32:
    case Type::TIME64:
      return static_cast<const arrow::TimeType&>(type).unit();
    case Type::DURATION:
      return static_cast<const arrow::DurationType&>(type).unit();
    default:
      return static_cast<const arrow::TimestampType&>(type).unit();
  }
}

// The same bits under an integer type of the same width.
ArrayPtr Relabelled(const arrow::Array& array, std::shared_ptr<arrow::DataType> type) {
  auto data = array.data()->Copy();
  data->type = std::move(type);
  return arrow::MakeArray(data);
}

int64_t FloorDivide(int64_t value, int64_t divisor) {
  return value / divisor - (value % divisor < 0 ? 1 : 0);
}

// Times `times`, or divided by `parts`; one of them is 1.
template <typename Numbers>
StatusOr<ArrayPtr> Scaled(const arrow::Array& original, const Numbers& numbers, int64_t times,
                          int64_t parts, TimeFaults* faults) {
  arrow::Int64Builder builder;
  BESSEMER_RETURN_IF_ARROW_ERROR(builder.Reserve(numbers.length()));
  for (int64_t i = 0; i < numbers.length(); ++i) {
    int64_t value = 0;
    if (numbers.IsNull(i)) {
      builder.UnsafeAppendNull();
    } else if (!__builtin_mul_overflow(FloorDivide(numbers.Value(i), parts), times, &value)) {
      builder.UnsafeAppend(value);
    } else {
      builder.UnsafeAppendNull();
      const auto scalar = original.GetScalar(i);
      faults->emplace_back(
          i, fmt::format("{} does not fit int64", scalar.ok() ? (*scalar)->ToString() : "a value"));
    }
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr result, builder.Finish());
  return result;
}

}  // namespace

bool IsTemporal(const arrow::DataType& type) {
  switch (type.id()) {
    case Type::DATE32:
    case Type::DATE64:
    case Type::TIME32:
    case Type::TIME64:
    case Type::TIMESTAMP:
    case Type::DURATION:
      return true;
    default:
      return false;
  }
}

StatusOr<ArrayPtr> TimesAsIntegers(const ArrayPtr& array, arrow::TimeUnit::type unit,
                                   TimeFaults* faults) {
  const arrow::DataType& type = *array->type();
  if (!IsTemporal(type)) return InvalidArgumentError("{} is no type of time", type.ToString());
  if (type.id() == Type::DATE32) return Relabelled(*array, arrow::int32());
  const ArrayPtr own =
      Relabelled(*array, type.id() == Type::TIME32 ? arrow::int32() : arrow::int64());
  const int64_t have = type.id() == Type::DATE64 ? kMillisADay : PerSecond(UnitOf(type));
  const int64_t want = type.id() == Type::DATE64 ? 1 : PerSecond(unit);
  if (have == want && type.id() != Type::TIME32) return own;
  const int64_t times = want > have ? want / have : 1;
  const int64_t parts = want > have ? 1 : have / want;
  if (type.id() == Type::TIME32) {
    return Scaled(*array, static_cast<const arrow::Int32Array&>(*own), times, parts, faults);
  }
  return Scaled(*array, static_cast<const arrow::Int64Array&>(*own), times, parts, faults);
}

}  // namespace bessemer::columnar
