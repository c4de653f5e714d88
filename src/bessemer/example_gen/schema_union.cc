#include "bessemer/example_gen/schema_union.h"

#include <arrow/array.h>
#include <arrow/array/util.h>
#include <arrow/compute/cast.h>
#include <arrow/util/bit_util.h>

#include <algorithm>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::example_gen {
namespace {

using arrow::Type;
using ArrayPtr = std::shared_ptr<arrow::Array>;
using TypePtr = std::shared_ptr<arrow::DataType>;
using FieldPtr = std::shared_ptr<arrow::Field>;

StatusOr<std::vector<FieldPtr>> UnifyFields(const std::vector<FieldPtr>& a,
                                            const std::vector<FieldPtr>& b) {
  std::vector<FieldPtr> all = a;
  for (const FieldPtr& field : b) {
    auto known = std::find_if(all.begin(), all.end(), [&](const FieldPtr& other) {
      return other->name() == field->name();
    });
    if (known == all.end()) {
      all.push_back(field);
      continue;
    }
    StatusOr<TypePtr> type = UnifyTypes((*known)->type(), field->type());
    if (!type.ok()) {
      return WithContext(type.status(), fmt::format("column '{}'", field->name()));
    }
    *known = arrow::field(field->name(), *std::move(type));
  }
  return all;
}

StatusOr<ArrayPtr> Conform(const ArrayPtr& array, const TypePtr& type);

StatusOr<ArrayPtr> ConformStruct(const arrow::StructArray& array, const TypePtr& type) {
  std::vector<ArrayPtr> children;
  for (const FieldPtr& field : type->fields()) {
    ArrayPtr child = array.GetFieldByName(field->name());
    if (child == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(child, arrow::MakeArrayOfNull(field->type(), array.length()));
    } else {
      BESSEMER_ASSIGN_OR_RETURN(child, Conform(child, field->type()));
    }
    children.push_back(std::move(child));
  }
  // Its children are as long as the struct itself and begin where it begins.
  std::shared_ptr<arrow::Buffer> validity;
  if (array.null_count() > 0) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(validity, arrow::AllocateEmptyBitmap(array.length()));
    for (int64_t i = 0; i < array.length(); ++i) {
      if (array.IsValid(i)) arrow::bit_util::SetBit(validity->mutable_data(), i);
    }
  }
  return std::make_shared<arrow::StructArray>(type, array.length(), std::move(children), validity);
}

StatusOr<ArrayPtr> Conform(const ArrayPtr& array, const TypePtr& type) {
  if (array->type()->Equals(*type)) return array;
  if (array->type_id() == Type::NA) {
    BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr nulls, arrow::MakeArrayOfNull(type, array->length()));
    return nulls;
  }
  if (array->type_id() == Type::STRUCT && type->id() == Type::STRUCT) {
    return ConformStruct(static_cast<const arrow::StructArray&>(*array), type);
  }
  if (array->type_id() == Type::LIST && type->id() == Type::LIST) {
    BESSEMER_ASSIGN_OR_RETURN(
        const ArrayPtr values,
        Conform(static_cast<const arrow::ListArray&>(*array).values(), type->field(0)->type()));
    auto data = array->data()->Copy();
    data->type = type;
    data->child_data = {values->data()};
    return arrow::MakeArray(data);
  }
  BESSEMER_ASSIGN_OR_RETURN_ARROW(ArrayPtr cast, arrow::compute::Cast(*array, type));
  return cast;
}

bool IsLarge(const arrow::DataType& type) {
  return type.id() == Type::LARGE_STRING || type.id() == Type::LARGE_BINARY;
}

}  // namespace

StatusOr<TypePtr> UnifyTypes(const TypePtr& a, const TypePtr& b) {
  if (a->Equals(*b)) return a;
  if (a->id() == Type::NA) return b;
  if (b->id() == Type::NA) return a;
  const bool unsigned_64 = a->id() == Type::UINT64 || b->id() == Type::UINT64;
  if (columnar::IsInteger(*a) && columnar::IsInteger(*b) && !unsigned_64) return arrow::int64();
  if (columnar::IsFloat(*a) && columnar::IsFloat(*b)) return arrow::float64();
  if (columnar::IsBytes(*a) && columnar::IsBytes(*b)) {
    return IsLarge(*a) || IsLarge(*b) ? arrow::large_binary() : arrow::binary();
  }
  if (a->id() == Type::STRUCT && b->id() == Type::STRUCT) {
    BESSEMER_ASSIGN_OR_RETURN(std::vector<FieldPtr> fields, UnifyFields(a->fields(), b->fields()));
    return arrow::struct_(std::move(fields));
  }
  if (a->id() == Type::LIST && b->id() == Type::LIST) {
    BESSEMER_ASSIGN_OR_RETURN(TypePtr value,
                              UnifyTypes(a->field(0)->type(), b->field(0)->type()));
    return arrow::list(std::move(value));
  }
  return InvalidArgumentError("{} and {} do not fit together", a->ToString(), b->ToString());
}

StatusOr<std::shared_ptr<arrow::Schema>> UnifySchemas(
    const std::vector<std::shared_ptr<arrow::Schema>>& schemas,
    const std::vector<std::string>& names) {
  if (schemas.empty()) return arrow::schema({});
  std::shared_ptr<arrow::Schema> all = schemas[0];
  for (size_t i = 1; i < schemas.size(); ++i) {
    if (schemas[i]->Equals(*all, /*check_metadata=*/false)) continue;
    StatusOr<std::vector<FieldPtr>> fields = UnifyFields(all->fields(), schemas[i]->fields());
    if (!fields.ok()) {
      return WithContext(fields.status(),
                         fmt::format("{} does not fit to {}", names[i], names[0]));
    }
    all = arrow::schema(*std::move(fields));
  }
  return all;
}

StatusOr<std::shared_ptr<arrow::RecordBatch>> ConformBatch(
    const std::shared_ptr<arrow::RecordBatch>& batch,
    const std::shared_ptr<arrow::Schema>& schema) {
  if (batch->schema()->Equals(*schema, /*check_metadata=*/false)) return batch;
  std::vector<ArrayPtr> columns;
  for (const FieldPtr& field : schema->fields()) {
    ArrayPtr column = batch->GetColumnByName(field->name());
    if (column == nullptr) {
      BESSEMER_ASSIGN_OR_RETURN_ARROW(column,
                                      arrow::MakeArrayOfNull(field->type(), batch->num_rows()));
    } else {
      const Status status = [&]() -> Status {
        BESSEMER_ASSIGN_OR_RETURN(column, Conform(column, field->type()));
        return OkStatus();
      }();
      if (!status.ok()) return WithContext(status, fmt::format("column '{}'", field->name()));
    }
    columns.push_back(std::move(column));
  }
  return arrow::RecordBatch::Make(schema, batch->num_rows(), std::move(columns));
}

}  // namespace bessemer::example_gen
