#include "bessemer/example_gen/sources/proto_records/proto_columns.h"

#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>
#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <google/protobuf/descriptor.pb.h>
#include <google/protobuf/dynamic_message.h>
#include <google/protobuf/stubs/logging.h>

#include <algorithm>

#include "bessemer/columnar/arrow_status.h"

namespace bessemer::example_gen::proto_records {
namespace {

using ::google::protobuf::Descriptor;
using ::google::protobuf::FieldDescriptor;
using ::google::protobuf::Message;
using TypePtr = std::shared_ptr<arrow::DataType>;

constexpr int64_t kMaxColumns = 20000;

arrow::MemoryPool* Pool() { return arrow::default_memory_pool(); }

// Adds the fields of a message; `open` are the messages around it.
class TypeMaker {
 public:
  StatusOr<std::vector<std::shared_ptr<arrow::Field>>> Fields(const Descriptor& message) {
    if (std::find(open_.begin(), open_.end(), &message) != open_.end()) {
      return InvalidArgumentError("the message {} contains itself; such records have no columns",
                                  message.full_name());
    }
    open_.push_back(&message);
    std::vector<std::shared_ptr<arrow::Field>> fields;
    for (int i = 0; i < message.field_count(); ++i) {
      const FieldDescriptor& field = *message.field(i);
      if (++num_columns_ > kMaxColumns) {
        return InvalidArgumentError("the message has more than {} columns", kMaxColumns);
      }
      StatusOr<TypePtr> type = ValueType(field);
      if (!type.ok()) return WithContext(type.status(), field.full_name());
      fields.push_back(
          arrow::field(field.name(), field.is_repeated() ? arrow::list(*type) : *type));
    }
    open_.pop_back();
    return fields;
  }

 private:
  StatusOr<TypePtr> ValueType(const FieldDescriptor& field) {
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_INT32:
        return arrow::int32();
      case FieldDescriptor::CPPTYPE_INT64:
        return arrow::int64();
      case FieldDescriptor::CPPTYPE_UINT32:
        return arrow::uint32();
      case FieldDescriptor::CPPTYPE_UINT64:
        return arrow::uint64();
      case FieldDescriptor::CPPTYPE_DOUBLE:
        return arrow::float64();
      case FieldDescriptor::CPPTYPE_FLOAT:
        return arrow::float32();
      case FieldDescriptor::CPPTYPE_BOOL:
        return arrow::boolean();
      case FieldDescriptor::CPPTYPE_MESSAGE: {
        BESSEMER_ASSIGN_OR_RETURN(auto fields, Fields(*field.message_type()));
        return arrow::struct_(std::move(fields));
      }
      default:
        return arrow::binary();  // strings, bytes and names of enum values
    }
  }

  std::vector<const Descriptor*> open_;
  int64_t num_columns_ = 0;
};

// Appends the value of a field, or with an index one of its values, to a builder of its type.
arrow::Status AppendMessage(const Message& message, arrow::StructBuilder& builder);

template <typename Builder, typename T>
arrow::Status AppendTo(arrow::ArrayBuilder& builder, T value) {
  return static_cast<Builder&>(builder).Append(value);
}

#define BESSEMER_PROTO_VALUE(Type) \
  (index < 0 ? reflection.Get##Type(message, &field) \
             : reflection.GetRepeated##Type(message, &field, index))

arrow::Status AppendValue(const Message& message, const FieldDescriptor& field, int index,
                          arrow::ArrayBuilder& builder) {
  const auto& reflection = *message.GetReflection();
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_INT32:
      return AppendTo<arrow::Int32Builder>(builder, BESSEMER_PROTO_VALUE(Int32));
    case FieldDescriptor::CPPTYPE_INT64:
      return AppendTo<arrow::Int64Builder>(builder, BESSEMER_PROTO_VALUE(Int64));
    case FieldDescriptor::CPPTYPE_UINT32:
      return AppendTo<arrow::UInt32Builder>(builder, BESSEMER_PROTO_VALUE(UInt32));
    case FieldDescriptor::CPPTYPE_UINT64:
      return AppendTo<arrow::UInt64Builder>(builder, BESSEMER_PROTO_VALUE(UInt64));
    case FieldDescriptor::CPPTYPE_DOUBLE:
      return AppendTo<arrow::DoubleBuilder>(builder, BESSEMER_PROTO_VALUE(Double));
    case FieldDescriptor::CPPTYPE_FLOAT:
      return AppendTo<arrow::FloatBuilder>(builder, BESSEMER_PROTO_VALUE(Float));
    case FieldDescriptor::CPPTYPE_BOOL:
      return AppendTo<arrow::BooleanBuilder>(builder, BESSEMER_PROTO_VALUE(Bool));
    case FieldDescriptor::CPPTYPE_STRING:
      return AppendTo<arrow::BinaryBuilder>(builder, BESSEMER_PROTO_VALUE(String));
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return AppendMessage(BESSEMER_PROTO_VALUE(Message),
                           static_cast<arrow::StructBuilder&>(builder));
    case FieldDescriptor::CPPTYPE_ENUM:
      break;
  }
  const int number = BESSEMER_PROTO_VALUE(EnumValue);
  const auto* const value = field.enum_type()->FindValueByNumber(number);
  return AppendTo<arrow::BinaryBuilder>(builder,
                                        value == nullptr ? std::to_string(number) : value->name());
}
#undef BESSEMER_PROTO_VALUE

arrow::Status AppendField(const Message& message, const FieldDescriptor& field,
                          arrow::ArrayBuilder& builder) {
  const auto& reflection = *message.GetReflection();
  if (!field.is_repeated()) {
    if (field.has_presence() && !reflection.HasField(message, &field)) return builder.AppendNull();
    return AppendValue(message, field, -1, builder);
  }
  auto& list = static_cast<arrow::ListBuilder&>(builder);
  ARROW_RETURN_NOT_OK(list.Append());
  const int count = reflection.FieldSize(message, &field);
  for (int i = 0; i < count; ++i) {
    ARROW_RETURN_NOT_OK(AppendValue(message, field, i, *list.value_builder()));
  }
  return arrow::Status::OK();
}

arrow::Status AppendMessage(const Message& message, arrow::StructBuilder& builder) {
  ARROW_RETURN_NOT_OK(builder.Append());
  const Descriptor& type = *message.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    ARROW_RETURN_NOT_OK(AppendField(message, *type.field(i), *builder.field_builder(i)));
  }
  return arrow::Status::OK();
}

class DynamicDecoder : public ProtoDecoder {
 public:
  Status Init(const std::string& descriptor_set, const std::string& name) {
    const ::google::protobuf::LogSilencer quiet;
    ::google::protobuf::FileDescriptorSet files;
    if (!files.ParseFromString(descriptor_set)) {
      return InvalidArgumentError("not a FileDescriptorSet");
    }
    for (const auto& file : files.file()) {
      if (pool_.BuildFile(file) == nullptr) {
        return InvalidArgumentError(
            "the file '{}' of the set is not complete; write the set with --include_imports",
            file.name());
      }
    }
    type_ = pool_.FindMessageTypeByName(name);
    if (type_ == nullptr) return InvalidArgumentError("the set has no message '{}'", name);
    TypeMaker maker;
    BESSEMER_ASSIGN_OR_RETURN(auto fields, maker.Fields(*type_));
    schema_ = arrow::schema(std::move(fields));
    prototype_ = factory_.GetPrototype(type_);
    return OkStatus();
  }

  const std::shared_ptr<arrow::Schema>& schema() const override { return schema_; }

  StatusOr<std::shared_ptr<arrow::RecordBatch>> Decode(
      const std::vector<std::string_view>& records) const override {
    const ::google::protobuf::LogSilencer quiet;  // damage is our caller's to report
    const TypePtr type = arrow::struct_(schema_->fields());
    std::unique_ptr<arrow::ArrayBuilder> builder;
    BESSEMER_RETURN_IF_ARROW_ERROR(arrow::MakeBuilder(Pool(), type, &builder));
    const std::unique_ptr<Message> message(prototype_->New());
    for (size_t i = 0; i < records.size(); ++i) {
      if (records[i].size() > INT32_MAX ||
          !message->ParseFromArray(records[i].data(), static_cast<int>(records[i].size()))) {
        return DataLossError("record {}: not a {}, or damaged", i, type_->full_name());
      }
      BESSEMER_RETURN_IF_ARROW_ERROR(
          AppendMessage(*message, static_cast<arrow::StructBuilder&>(*builder)));
    }
    BESSEMER_ASSIGN_OR_RETURN_ARROW(const auto array, builder->Finish());
    BESSEMER_ASSIGN_OR_RETURN_ARROW(auto batch, arrow::RecordBatch::FromStructArray(array));
    return batch;
  }

 private:
  ::google::protobuf::DescriptorPool pool_;
  ::google::protobuf::DynamicMessageFactory factory_;  // goes before the pool
  const Descriptor* type_ = nullptr;
  const Message* prototype_ = nullptr;
  std::shared_ptr<arrow::Schema> schema_;
};

}  // namespace

std::shared_ptr<arrow::Schema> RawRecordSchema() {
  return arrow::schema({arrow::field("raw_record", arrow::binary())});
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> RawRecords(
    const std::vector<std::string_view>& records) {
  arrow::BinaryBuilder builder;
  for (const std::string_view record : records) {
    BESSEMER_RETURN_IF_ARROW_ERROR(builder.Append(record));
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(auto array, builder.Finish());
  return arrow::RecordBatch::Make(RawRecordSchema(), array->length(), {array});
}

StatusOr<std::shared_ptr<const ProtoDecoder>> ProtoDecoder::Make(const std::string& descriptor_set,
                                                                 const std::string& message) {
  auto decoder = std::make_shared<DynamicDecoder>();
  BESSEMER_RETURN_IF_ERROR(decoder->Init(descriptor_set, message));
  return decoder;
}

}  // namespace bessemer::example_gen::proto_records
