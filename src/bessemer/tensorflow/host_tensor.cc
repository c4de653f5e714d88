#include "bessemer/tensorflow/host_tensor.h"

#include <cstdlib>
#include <cstring>

namespace bessemer::tf {
namespace {

constexpr size_t kAlignment = 64;  // TensorFlow copies what is not aligned so

int64_t NumElements(const Shape& shape) {
  int64_t count = 1;
  for (const int64_t size : shape) count *= size;
  return count;
}

std::string ShapeText(const Shape& shape) { return fmt::format("[{}]", fmt::join(shape, ",")); }

template <typename T>
bool AppendDoubles(const HostTensor& tensor, std::vector<double>* out) {
  if (tensor.dtype() != DataTypeOf<T>()) return false;
  const auto values = tensor.values<T>();
  out->assign(values.begin(), values.end());
  return true;
}

template <typename... T>
bool AppendAnyDoubles(const HostTensor& tensor, std::vector<double>* out) {
  return (AppendDoubles<T>(tensor, out) || ...);
}

}  // namespace

int64_t DataTypeSize(DataType dtype) {
  switch (dtype) {
    case ::tensorflow::DT_BOOL:
    case ::tensorflow::DT_INT8:
    case ::tensorflow::DT_UINT8:
      return 1;
    case ::tensorflow::DT_INT16:
    case ::tensorflow::DT_UINT16:
    case ::tensorflow::DT_HALF:
    case ::tensorflow::DT_BFLOAT16:
      return 2;
    case ::tensorflow::DT_INT32:
    case ::tensorflow::DT_UINT32:
    case ::tensorflow::DT_FLOAT:
      return 4;
    case ::tensorflow::DT_INT64:
    case ::tensorflow::DT_UINT64:
    case ::tensorflow::DT_DOUBLE:
    case ::tensorflow::DT_COMPLEX64:
      return 8;
    case ::tensorflow::DT_COMPLEX128:
      return 16;
    default:
      return 0;
  }
}

HostTensor HostTensor::Make(DataType dtype, Shape shape) {
  HostTensor tensor;
  tensor.dtype_ = dtype;
  tensor.num_elements_ = NumElements(shape);
  tensor.shape_ = std::move(shape);
  if (dtype == ::tensorflow::DT_STRING) {
    tensor.strings_ = std::make_shared<std::vector<std::string>>(tensor.num_elements_);
    return tensor;
  }
  tensor.num_bytes_ = tensor.num_elements_ * DataTypeSize(dtype);
  const size_t size = (tensor.num_bytes_ / kAlignment + 1) * kAlignment;
  tensor.data_ = std::shared_ptr<void>(std::aligned_alloc(kAlignment, size), std::free);
  std::memset(tensor.data_.get(), 0, size);
  return tensor;
}

HostTensor HostTensor::Strings(std::vector<std::string> values) {
  const Shape shape = {static_cast<int64_t>(values.size())};
  return Strings(std::move(values), shape);
}

HostTensor HostTensor::Strings(std::vector<std::string> values, Shape shape) {
  HostTensor tensor;
  tensor.dtype_ = ::tensorflow::DT_STRING;
  tensor.num_elements_ = static_cast<int64_t>(values.size());
  tensor.shape_ = std::move(shape);
  tensor.strings_ = std::make_shared<std::vector<std::string>>(std::move(values));
  return tensor;
}

HostTensor HostTensor::Wrap(DataType dtype, Shape shape, std::shared_ptr<void> data,
                            int64_t num_bytes) {
  HostTensor tensor;
  tensor.dtype_ = dtype;
  tensor.num_elements_ = NumElements(shape);
  tensor.shape_ = std::move(shape);
  tensor.data_ = std::move(data);
  tensor.num_bytes_ = num_bytes;
  return tensor;
}

const std::vector<std::string>& HostTensor::strings() const {
  static const auto& none = *new std::vector<std::string>();
  return strings_ == nullptr ? none : *strings_;
}

StatusOr<std::vector<double>> HostTensor::ToDoubles() const {
  std::vector<double> result;
  if (!AppendAnyDoubles<float, double, int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t,
                        uint32_t, uint64_t, bool>(*this, &result)) {
    return InvalidArgumentError("a tensor of type {} holds no numbers that can be read",
                                ::tensorflow::DataType_Name(dtype_));
  }
  return result;
}

StatusOr<HostTensor> ConcatRows(const std::vector<HostTensor>& parts) {
  if (parts.empty()) return InvalidArgumentError("no tensors to put together");
  if (parts.size() == 1) return parts[0];
  const DataType dtype = parts[0].dtype();
  if (dtype != ::tensorflow::DT_STRING && DataTypeSize(dtype) == 0) {
    return InvalidArgumentError("batches of type {} cannot be put together",
                                ::tensorflow::DataType_Name(dtype));
  }
  Shape shape = parts[0].shape();
  int64_t rows = 0;
  for (const HostTensor& part : parts) {
    const bool same = part.dtype() == parts[0].dtype() && part.shape().size() == shape.size() &&
                      !shape.empty() &&
                      std::equal(shape.begin() + 1, shape.end(), part.shape().begin() + 1);
    if (!same) {
      return InvalidArgumentError(
          "batches do not fit together: {} {} and {} {}",
          ::tensorflow::DataType_Name(parts[0].dtype()), ShapeText(parts[0].shape()),
          ::tensorflow::DataType_Name(part.dtype()), ShapeText(part.shape()));
    }
    rows += part.num_rows();
  }
  shape[0] = rows;
  HostTensor result = HostTensor::Make(parts[0].dtype(), shape);
  if (result.dtype() == ::tensorflow::DT_STRING) {
    auto out = result.mutable_strings()->begin();
    for (const HostTensor& part : parts) {
      out = std::copy(part.strings().begin(), part.strings().end(), out);
    }
    return result;
  }
  char* out = static_cast<char*>(const_cast<void*>(result.data()));
  for (const HostTensor& part : parts) {
    std::memcpy(out, part.data(), part.num_bytes());
    out += part.num_bytes();
  }
  return result;
}

}  // namespace bessemer::tf
