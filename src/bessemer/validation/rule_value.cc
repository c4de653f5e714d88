#include "bessemer/validation/rule_value.h"

#include <google/protobuf/descriptor.h>
#include <google/protobuf/message.h>

#include "bessemer/base/nearest_name.h"

namespace bessemer::validation {

using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;

bool RuleValue::is_null() const {
  if (std::holds_alternative<Null>(value)) return true;
  const auto* message = As<MessageRef>();
  return message != nullptr && message->message == nullptr;
}

bool RuleValue::is_number() const { return As<int64_t>() != nullptr || As<double>() != nullptr; }

double RuleValue::number() const {
  const auto* whole = As<int64_t>();
  return whole != nullptr ? static_cast<double>(*whole) : *As<double>();
}

std::string_view KindOf(const RuleValue& value) {
  if (value.is_null()) return "null";
  if (value.is_number()) return "a number";
  if (value.As<bool>() != nullptr) return "true or false";
  if (value.As<std::string>() != nullptr) return "text";
  if (value.As<RuleValue::List>() != nullptr) return "a list";
  if (value.As<RuleValue::EnumRef>() != nullptr) return "a constant";
  return "a message";
}

namespace {

RuleValue FromUnsigned(uint64_t number) {
  const auto whole = static_cast<int64_t>(number);
  return whole < 0 ? RuleValue(static_cast<double>(number)) : RuleValue(whole);
}

// index -1: the field itself, else an element of a repeated one.
RuleValue ValueOf(const Message& message, const FieldDescriptor& field, int index) {
  const auto& r = *message.GetReflection();
  const auto get = [&](auto single, auto element) {
    return index < 0 ? (r.*single)(message, &field) : (r.*element)(message, &field, index);
  };
  using R = google::protobuf::Reflection;
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_BOOL:
      return get(&R::GetBool, &R::GetRepeatedBool);
    case FieldDescriptor::CPPTYPE_INT32:
      return int64_t{get(&R::GetInt32, &R::GetRepeatedInt32)};
    case FieldDescriptor::CPPTYPE_INT64:
      return static_cast<int64_t>(get(&R::GetInt64, &R::GetRepeatedInt64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return int64_t{get(&R::GetUInt32, &R::GetRepeatedUInt32)};
    case FieldDescriptor::CPPTYPE_UINT64:
      return FromUnsigned(get(&R::GetUInt64, &R::GetRepeatedUInt64));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return static_cast<double>(get(&R::GetFloat, &R::GetRepeatedFloat));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return get(&R::GetDouble, &R::GetRepeatedDouble);
    case FieldDescriptor::CPPTYPE_ENUM:
      return RuleValue::EnumRef(get(&R::GetEnum, &R::GetRepeatedEnum));
    case FieldDescriptor::CPPTYPE_STRING:
      return get(&R::GetString, &R::GetRepeatedString);
    case FieldDescriptor::CPPTYPE_MESSAGE:
      break;
  }
  const Message* child = index >= 0 ? &r.GetRepeatedMessage(message, &field, index)
                         : r.HasField(message, &field) ? &r.GetMessage(message, &field)
                                                       : nullptr;
  return RuleValue::MessageRef{child, field.message_type()};
}

}  // namespace

StatusOr<RuleValue> FieldOf(const RuleValue::MessageRef& message, const std::string& name) {
  const FieldDescriptor* field = message.type->FindFieldByName(name);
  if (field == nullptr && name.starts_with("has_")) {
    field = message.type->FindFieldByName(name.substr(4));
    if (field != nullptr && !field->is_repeated()) {
      if (message.message == nullptr) return RuleValue();
      return RuleValue(message.message->GetReflection()->HasField(*message.message, field));
    }
    field = nullptr;
  }
  if (field == nullptr) {
    std::vector<std::string> names;
    for (int i = 0; i < message.type->field_count(); ++i) {
      names.push_back(message.type->field(i)->name());
    }
    return InvalidArgumentError("{} has no field '{}'{}", message.type->name(), name,
                                SuggestName(name, names));
  }
  if (message.message == nullptr) {
    if (field->is_repeated() || field->message_type() == nullptr) return RuleValue();
    return RuleValue(RuleValue::MessageRef{nullptr, field->message_type()});
  }
  if (!field->is_repeated()) return ValueOf(*message.message, *field, -1);
  auto list = std::make_shared<std::vector<RuleValue>>();
  const int size = message.message->GetReflection()->FieldSize(*message.message, field);
  for (int i = 0; i < size; ++i) list->push_back(ValueOf(*message.message, *field, i));
  return RuleValue(RuleValue::List(std::move(list)));
}

}  // namespace bessemer::validation
