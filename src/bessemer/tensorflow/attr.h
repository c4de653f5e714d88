#ifndef BESSEMER_TENSORFLOW_ATTR_H_
#define BESSEMER_TENSORFLOW_ATTR_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "tensorflow/core/framework/types.pb.h"

namespace tensorflow {
class AttrValue;
class TensorProto;
}  // namespace tensorflow

namespace bessemer::tf {

using DataType = ::tensorflow::DataType;  // ::tensorflow::DT_FLOAT, …

// Sizes of the dimensions, -1 where not known. {} is a scalar.
using Shape = std::vector<int64_t>;

// The value of an attribute of a node. Immutable; copying is cheap.
class Attr {
 public:
  Attr(DataType type);            // NOLINT: implicit, so that attribute lists read well
  Attr(bool value);               // NOLINT
  Attr(int value);                // NOLINT
  Attr(int64_t value);            // NOLINT
  Attr(float value);              // NOLINT
  Attr(double value);             // NOLINT: stored as float, as TensorFlow does
  Attr(const char* value);        // NOLINT
  Attr(const std::string& value);  // NOLINT
  Attr(std::string_view value);   // NOLINT

  static Attr OfShape(const Shape& shape);
  static Attr OfUnknownShape();  // not even the rank
  static Attr Types(const std::vector<DataType>& values);
  static Attr Shapes(const std::vector<Shape>& values);
  static Attr Ints(const std::vector<int64_t>& values);
  static Attr Floats(const std::vector<float>& values);
  static Attr Strings(const std::vector<std::string>& values);
  static Attr OfTensor(const ::tensorflow::TensorProto& value);
  static Attr FromProto(const ::tensorflow::AttrValue& value);

  const ::tensorflow::AttrValue& proto() const { return *value_; }

 private:
  Attr();
  ::tensorflow::AttrValue& mutable_proto();
  std::shared_ptr<::tensorflow::AttrValue> value_;
};

}  // namespace bessemer::tf

#endif  // BESSEMER_TENSORFLOW_ATTR_H_
