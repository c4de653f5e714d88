#include "bessemer/tensorflow/attr.h"

#include "tensorflow/core/framework/attr_value.pb.h"

namespace bessemer::tf {
namespace {

void SetShape(const Shape& shape, ::tensorflow::TensorShapeProto* out) {
  for (const int64_t size : shape) out->add_dim()->set_size(size);
}

}  // namespace

Attr::Attr() : value_(std::make_shared<::tensorflow::AttrValue>()) {}
::tensorflow::AttrValue& Attr::mutable_proto() { return *value_; }

Attr::Attr(DataType type) : Attr() { value_->set_type(type); }
Attr::Attr(bool value) : Attr() { value_->set_b(value); }
Attr::Attr(int value) : Attr() { value_->set_i(value); }
Attr::Attr(int64_t value) : Attr() { value_->set_i(value); }
Attr::Attr(float value) : Attr() { value_->set_f(value); }
Attr::Attr(double value) : Attr() { value_->set_f(static_cast<float>(value)); }
Attr::Attr(const char* value) : Attr() { value_->set_s(value); }
Attr::Attr(const std::string& value) : Attr() { value_->set_s(value); }
Attr::Attr(std::string_view value) : Attr() { value_->set_s(std::string(value)); }

Attr Attr::OfShape(const Shape& shape) {
  Attr attr;
  SetShape(shape, attr.mutable_proto().mutable_shape());
  return attr;
}

Attr Attr::OfUnknownShape() {
  Attr attr;
  attr.mutable_proto().mutable_shape()->set_unknown_rank(true);
  return attr;
}

Attr Attr::Types(const std::vector<DataType>& values) {
  Attr attr;
  auto* list = attr.mutable_proto().mutable_list();
  for (const DataType value : values) list->add_type(value);
  return attr;
}

Attr Attr::Shapes(const std::vector<Shape>& values) {
  Attr attr;
  auto* list = attr.mutable_proto().mutable_list();
  for (const Shape& value : values) SetShape(value, list->add_shape());
  return attr;
}

Attr Attr::Ints(const std::vector<int64_t>& values) {
  Attr attr;
  auto* list = attr.mutable_proto().mutable_list();
  for (const int64_t value : values) list->add_i(value);
  return attr;
}

Attr Attr::Floats(const std::vector<float>& values) {
  Attr attr;
  auto* list = attr.mutable_proto().mutable_list();
  for (const float value : values) list->add_f(value);
  return attr;
}

Attr Attr::Strings(const std::vector<std::string>& values) {
  Attr attr;
  auto* list = attr.mutable_proto().mutable_list();
  for (const std::string& value : values) list->add_s(value);
  return attr;
}

Attr Attr::OfTensor(const ::tensorflow::TensorProto& value) {
  Attr attr;
  *attr.mutable_proto().mutable_tensor() = value;
  return attr;
}

Attr Attr::FromProto(const ::tensorflow::AttrValue& value) {
  Attr attr;
  attr.mutable_proto() = value;
  return attr;
}

}  // namespace bessemer::tf
