#ifndef BESSEMER_VALIDATION_RULE_VALUE_H_
#define BESSEMER_VALIDATION_RULE_VALUE_H_

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

#include "bessemer/base/status.h"

namespace google::protobuf {
class Descriptor;
class EnumValueDescriptor;
class Message;
}  // namespace google::protobuf

namespace bessemer::validation {

// A value of a rule while it is evaluated.
struct RuleValue {
  struct Null {};
  // A message; null for one that is not set, whose fields are all null but must exist.
  struct MessageRef {
    const ::google::protobuf::Message* message = nullptr;
    const ::google::protobuf::Descriptor* type = nullptr;
  };
  using EnumRef = const ::google::protobuf::EnumValueDescriptor*;
  using List = std::shared_ptr<const std::vector<RuleValue>>;

  using Variant = std::variant<Null, bool, int64_t, double, std::string, MessageRef, EnumRef, List>;

  Variant value;

  RuleValue() = default;
  template <typename T>
    requires(!std::is_same_v<T, RuleValue> && std::is_constructible_v<Variant, T>)
  RuleValue(T v) : value(std::move(v)) {}  // NOLINT: values convert

  bool is_null() const;
  bool is_number() const;
  double number() const;  // needs is_number()
  template <typename T>
  const T* As() const {
    return std::get_if<T>(&value);
  }
};

// "a number", "text", "null", …: for messages.
std::string_view KindOf(const RuleValue& value);

// A field of a message: scalars that are not set have their default, messages that are not set are
// null, repeated fields are lists; `has_x` says whether x is set. INVALID_ARGUMENT for a field that
// the message's type does not have, with the nearest name.
StatusOr<RuleValue> FieldOf(const RuleValue::MessageRef& message, const std::string& name);

// Operators and functions of the language but those that look at their arguments' syntax; `name` as
// in RuleSyntax. Null in, null out, except coalesce, ifnull and is_null. NOT_FOUND for an unknown
// name, INVALID_ARGUMENT for arguments of the wrong kind or number, OUT_OF_RANGE for a division by
// zero and for integers that overflow.
StatusOr<RuleValue> CallRuleFunction(std::string_view name, const std::vector<RuleValue>& args);

// The names CallRuleFunction knows, without the operators.
const std::vector<std::string>& RuleFunctionNames();

// sum, count, countif, min, max, avg, logical_and, logical_or over the values that are not null.
bool IsAggregate(std::string_view name);
StatusOr<RuleValue> Aggregate(std::string_view name, const std::vector<RuleValue>& values);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_RULE_VALUE_H_
