#ifndef BESSEMER_EXAMPLE_GEN_SOURCES_PROTO_RECORDS_PROTO_COLUMNS_H_
#define BESSEMER_EXAMPLE_GEN_SOURCES_PROTO_RECORDS_PROTO_COLUMNS_H_

#include <arrow/type_fwd.h>

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::example_gen::proto_records {

// Messages as they are, whatever they are: one column of bytes, "raw_record".
std::shared_ptr<arrow::Schema> RawRecordSchema();
StatusOr<std::shared_ptr<arrow::RecordBatch>> RawRecords(
    const std::vector<std::string_view>& records);

// Serialised messages of one type to columns. Immutable; thread-safe.
//
// A field is a column: integers, floats, booleans, strings and bytes as binary, enums as the name
// of the value (an unknown one as its number), messages as structs, repeated fields as lists, maps
// as lists of structs with key and value. A field with presence that is absent is null; one without
// has its default value. Unknown fields and extensions are passed over.
class ProtoDecoder {
 public:
  // `descriptor_set` is a serialised FileDescriptorSet (protoc --descriptor_set_out
  // --include_imports), `message` a full name in it. INVALID_ARGUMENT for bytes that are none, a
  // name that is not in it, or a message that contains itself, naming the field.
  static StatusOr<std::shared_ptr<const ProtoDecoder>> Make(const std::string& descriptor_set,
                                                            const std::string& message);
  virtual ~ProtoDecoder() = default;

  virtual const std::shared_ptr<arrow::Schema>& schema() const = 0;
  // DATA_LOSS for bytes that are not such a message, with the record, counted from 0.
  virtual StatusOr<std::shared_ptr<arrow::RecordBatch>> Decode(
      const std::vector<std::string_view>& records) const = 0;
};

}  // namespace bessemer::example_gen::proto_records

#endif  // BESSEMER_EXAMPLE_GEN_SOURCES_PROTO_RECORDS_PROTO_COLUMNS_H_
