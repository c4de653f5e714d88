#include "bessemer/expression/type.h"

#include <arrow/record_batch.h>
#include <arrow/type.h>
#include <tensorflow_metadata/proto/v0/schema.pb.h>

#include <limits>
#include <optional>

#include "bessemer/base/nearest_name.h"
#include "bessemer/columnar/feature_column.h"

namespace bessemer::expression {
namespace {

namespace v0 = ::tensorflow::metadata::v0;

std::optional<Kind> KindOf(const arrow::DataType& type) {
  if (columnar::IsInteger(type)) return Kind::kInt;
  if (columnar::IsFloat(type)) return Kind::kFloat;
  if (columnar::IsBytes(type)) return Kind::kBytes;
  return std::nullopt;
}

// The values in a row of a fixed shape; nullopt for a shape that no row can have.
std::optional<int64_t> SizeOf(const v0::FixedShape& shape) {
  int64_t size = 1;
  for (const auto& dim : shape.dim()) {
    if (dim.size() < 0 || __builtin_mul_overflow(size, dim.size(), &size)) return std::nullopt;
  }
  return size <= std::numeric_limits<int32_t>::max() ? std::optional(size) : std::nullopt;
}

bool AtMostOneValueEach(const std::shared_ptr<arrow::Array>& array) {
  auto column = columnar::FeatureColumn::Make(array);
  if (!column.ok()) return false;
  for (int64_t row = 0; row < column->num_rows(); ++row) {
    if (column->IsPresent(row) && column->end(row) - column->begin(row) > 1) return false;
  }
  return true;
}

InputTypes FromColumns(const arrow::Schema& schema, const arrow::RecordBatch* batch) {
  InputTypes types;
  for (int i = 0; i < schema.num_fields(); ++i) {
    const arrow::Field& field = *schema.field(i);
    const arrow::DataType& type = *field.type();
    const bool is_list =
        type.id() == arrow::Type::LIST || type.id() == arrow::Type::LARGE_LIST;
    if (type.id() == arrow::Type::NA) {
      types.Add(field.name(), Type::Row(Kind::kFloat, true));
      continue;
    }
    if (type.id() == arrow::Type::BOOL) {
      types.Add(field.name(), Type::Row(Kind::kInt, true));
      continue;
    }
    const std::optional<Kind> kind = KindOf(is_list ? *type.field(0)->type() : type);
    if (!kind) {
      types.AddUnusable(field.name(), fmt::format("it is of type {}", type.ToString()));
    } else if (!is_list) {
      types.Add(field.name(), Type::Row(*kind, true));
    } else if (batch != nullptr && AtMostOneValueEach(batch->column(i))) {
      types.Add(field.name(), Type::Row(*kind, true));
    } else {
      types.Add(field.name(), Type::Ragged(*kind));
    }
  }
  return types;
}

}  // namespace

std::string_view KindName(Kind kind) {
  return kind == Kind::kInt ? "int" : kind == Kind::kFloat ? "float" : "string";
}

std::string Type::ToString() const {
  const std::string_view name = KindName(kind);
  switch (shape) {
    case Shape::kScalar:
      return fmt::format("constant {}", name);
    case Shape::kList:
      return fmt::format("list of {}", name);
    case Shape::kRow:
      return optional ? fmt::format("optional {}", name) : std::string(name);
    case Shape::kVector:
      return fmt::format("{}[{}]", name, size);
    case Shape::kRagged:
      return fmt::format("ragged {}", name);
  }
  return "";
}

InputTypes InputTypes::FromArrow(const arrow::Schema& schema) {
  return FromColumns(schema, nullptr);
}

InputTypes InputTypes::FromBatch(const arrow::RecordBatch& batch) {
  return FromColumns(*batch.schema(), &batch);
}

InputTypes InputTypes::FromSchema(const v0::Schema& schema) {
  InputTypes types;
  for (const v0::Feature& feature : schema.feature()) {
    if (feature.lifecycle_stage() == v0::DEPRECATED) {
      types.AddUnusable(feature.name(), "the schema says it is deprecated");
      continue;
    }
    Kind kind = Kind::kInt;
    if (feature.type() == v0::FLOAT) {
      kind = Kind::kFloat;
    } else if (feature.type() == v0::BYTES) {
      kind = Kind::kBytes;
    } else if (feature.type() != v0::INT) {
      types.AddUnusable(feature.name(), "it is a struct or of no type");
      continue;
    }
    if (feature.has_shape()) {
      const std::optional<int64_t> size = SizeOf(feature.shape());
      if (!size) {
        types.AddUnusable(feature.name(), "its shape in the schema is no shape of a row");
      } else {
        types.Add(feature.name(), *size == 1 ? Type::Row(kind) : Type::Vector(kind, *size));
      }
    } else if (feature.has_value_count() && feature.value_count().max() == 1) {
      const bool required =
          feature.presence().min_fraction() >= 1 && feature.value_count().min() == 1;
      types.Add(feature.name(), Type::Row(kind, !required));
    } else {
      types.Add(feature.name(), Type::Ragged(kind));
    }
  }
  return types;
}

void InputTypes::Add(std::string name, Type type) { columns_.emplace_back(std::move(name), type); }

void InputTypes::AddUnusable(std::string name, std::string why) {
  unusable_.emplace_back(std::move(name), std::move(why));
}

const Type* InputTypes::Find(std::string_view name) const {
  for (const auto& [known, type] : columns_) {
    if (known == name) return &type;
  }
  return nullptr;
}

StatusOr<Type> InputTypes::Get(std::string_view name) const {
  if (const Type* type = Find(name)) return *type;
  for (const auto& [known, why] : unusable_) {
    if (known == name) return InvalidArgumentError("feature '{}' cannot be used: {}", name, why);
  }
  std::vector<std::string> names;
  for (const auto& column : columns_) names.push_back(column.first);
  return NotFoundError("unknown feature '{}'{}", name, SuggestName(name, names));
}

StatusOr<Type> Broadcast(const std::vector<Type>& types, Kind kind) {
  Type result = Type::Scalar(kind);
  const Type* widest = nullptr;
  for (const Type& type : types) {
    if (type.shape == Shape::kList) {
      return InvalidArgumentError("a {} is not one value a row", type.ToString());
    }
    result.optional = result.optional || type.optional;
    if (type.shape == Shape::kScalar) continue;
    if (type.shape == Shape::kRow) {
      if (widest == nullptr) widest = &type;
      continue;
    }
    if (widest != nullptr && widest->shape != Shape::kRow &&
        (widest->shape != type.shape || widest->size != type.size)) {
      return InvalidArgumentError("{} and {} do not have values side by side", widest->ToString(),
                                  type.ToString());
    }
    widest = &type;
  }
  if (widest == nullptr) return result;
  result.shape = widest->shape;
  result.size = widest->size;
  if (result.shape != Shape::kRow && result.optional) {
    return InvalidArgumentError(
        "{} cannot be combined with an optional value a row; fill(x, default) it first",
        widest->ToString());
  }
  return result;
}

}  // namespace bessemer::expression
