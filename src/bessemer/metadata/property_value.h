#ifndef BESSEMER_METADATA_PROPERTY_VALUE_H_
#define BESSEMER_METADATA_PROPERTY_VALUE_H_

#include "bessemer/metadata/database.h"
#include "ml_metadata/proto/metadata_store.pb.h"

// Values of properties as columns: int, double, string, proto and bool have one each; a struct is a
// string, "mlmd-struct::" and base64 of the message.

namespace bessemer::metadata {

// UNKNOWN for a value that is not set.
::ml_metadata::PropertyType KindOfValue(const ::ml_metadata::Value& value);

// Binds the five columns int_value, double_value, string_value, proto_value, bool_value.
void BindValue(const ::ml_metadata::Value& value, Statement& statement);

// Reads the same five columns, the first of them at `column`.
::ml_metadata::Value ReadValue(const Statement& row, int column);

}  // namespace bessemer::metadata

#endif  // BESSEMER_METADATA_PROPERTY_VALUE_H_
