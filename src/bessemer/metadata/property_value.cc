#include "bessemer/metadata/property_value.h"

#include "absl/strings/escaping.h"

#include "bessemer/proto/serialize.h"

namespace bessemer::metadata {
namespace {

using ::ml_metadata::Value;

constexpr std::string_view kStructPrefix = "mlmd-struct::";

}  // namespace

::ml_metadata::PropertyType KindOfValue(const Value& value) {
  switch (value.value_case()) {
    case Value::kIntValue:
      return ::ml_metadata::INT;
    case Value::kDoubleValue:
      return ::ml_metadata::DOUBLE;
    case Value::kStringValue:
      return ::ml_metadata::STRING;
    case Value::kStructValue:
      return ::ml_metadata::STRUCT;
    case Value::kProtoValue:
      return ::ml_metadata::PROTO;
    case Value::kBoolValue:
      return ::ml_metadata::BOOLEAN;
    case Value::VALUE_NOT_SET:
      break;
  }
  return ::ml_metadata::UNKNOWN;
}

void BindValue(const Value& value, Statement& statement) {
  value.has_int_value() ? statement.Bind(static_cast<int64_t>(value.int_value()))
                        : statement.BindNull();
  value.has_double_value() ? statement.Bind(value.double_value()) : statement.BindNull();
  if (value.has_string_value()) {
    statement.Bind(std::string_view(value.string_value()));
  } else if (value.has_struct_value()) {
    statement.Bind(std::string_view(std::string(kStructPrefix) +
                                    absl::Base64Escape(proto::Serialize(value.struct_value()))));
  } else {
    statement.BindNull();
  }
  value.has_proto_value() ? statement.BindBlob(proto::Serialize(value.proto_value()))
                          : statement.BindNull();
  value.has_bool_value() ? statement.Bind(static_cast<int64_t>(value.bool_value()))
                         : statement.BindNull();
}

Value ReadValue(const Statement& row, int column) {
  Value value;
  if (!row.IsNull(column)) value.set_int_value(row.Int(column));
  if (!row.IsNull(column + 1)) value.set_double_value(row.Double(column + 1));
  if (!row.IsNull(column + 2)) {
    std::string text = row.Text(column + 2);
    std::string bytes;
    if (text.starts_with(kStructPrefix) &&
        absl::Base64Unescape(text.substr(kStructPrefix.size()), &bytes) &&
        value.mutable_struct_value()->ParseFromString(bytes)) {
      return value;
    }
    value.set_string_value(std::move(text));
  }
  if (!row.IsNull(column + 3)) value.mutable_proto_value()->ParseFromString(row.Text(column + 3));
  if (!row.IsNull(column + 4)) value.set_bool_value(row.Int(column + 4) != 0);
  return value;
}

}  // namespace bessemer::metadata
