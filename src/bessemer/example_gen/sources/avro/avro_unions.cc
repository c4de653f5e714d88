#include <arrow/array/builder_binary.h>
#include <arrow/array/builder_nested.h>
#include <arrow/array/builder_primitive.h>

#include "bessemer/columnar/arrow_status.h"
#include "bessemer/example_gen/sources/avro/avro_columns_internal.h"

namespace bessemer::example_gen::avro {
namespace {

// The branch of a union; the cursor is then at its value.
Status ReadBranch(const AvroSchema& schema, AvroCursor& cursor, size_t* branch) {
  int64_t index;
  if (!cursor.ReadLong(&index)) return CutOff("a union");
  if (index < 0 || static_cast<size_t>(index) >= schema.children.size()) {
    return InvalidArgumentError("branch {} of a union of {}", index, schema.children.size());
  }
  *branch = static_cast<size_t>(index);
  return OkStatus();
}

Status TooManyNulls() {
  return InvalidArgumentError("more nulls in nested columns than a block may have (damaged?)");
}

// A union of null and one other.
class OptionalColumn : public AvroColumn {
 public:
  OptionalColumn(const AvroSchema& schema, std::unique_ptr<AvroColumn> value)
      : AvroColumn(value->builder()),
        schema_(schema),
        value_(std::move(value)),
        num_nulls_(num_builders()) {}
  Status Append(AvroCursor& cursor) override {
    size_t branch;
    BESSEMER_RETURN_IF_ERROR(ReadBranch(schema_, cursor, &branch));
    if (schema_.children[branch]->type != AvroType::kNull) return value_->Append(cursor);
    return cursor.TakeNulls(num_nulls_) ? AppendNull() : TooManyNulls();
  }

 private:
  const AvroSchema& schema_;
  std::unique_ptr<AvroColumn> value_;
  const int64_t num_nulls_;
};

// A union whose branches have a column in common.
class WideColumn : public AvroColumn {
 public:
  explicit WideColumn(const AvroSchema& schema) : AvroColumn(BuilderOf(schema)), schema_(schema) {}

  Status Append(AvroCursor& cursor) override {
    size_t branch;
    BESSEMER_RETURN_IF_ERROR(ReadBranch(schema_, cursor, &branch));
    const AvroSchema& value = *schema_.children[branch];
    switch (value.type) {
      case AvroType::kNull:
        return AppendNull();
      case AvroType::kInt:
      case AvroType::kLong: {
        int64_t number;
        if (!cursor.ReadLong(&number)) return CutOff("an integer");
        if (schema_.form == UnionForm::kFloat) return AppendFloat(static_cast<double>(number));
        return FromArrow(static_cast<arrow::Int64Builder&>(*builder_).Append(number));
      }
      case AvroType::kFloat: {
        float number;
        return cursor.ReadFixed(&number) ? AppendFloat(number) : CutOff("a float");
      }
      case AvroType::kDouble: {
        double number;
        return cursor.ReadFixed(&number) ? AppendFloat(number) : CutOff("a double");
      }
      default:
        break;
    }
    std::string_view bytes;
    if (value.type == AvroType::kEnum) {
      BESSEMER_RETURN_IF_ERROR(ReadSymbol(value, cursor, &bytes));
    } else if (!cursor.ReadBytes(&bytes)) {
      return CutOff("a string");
    }
    return FromArrow(static_cast<arrow::BinaryBuilder&>(*builder_).Append(bytes));
  }

 private:
  static std::shared_ptr<arrow::ArrayBuilder> BuilderOf(const AvroSchema& schema) {
    if (schema.form == UnionForm::kInt64) return std::make_shared<arrow::Int64Builder>();
    if (schema.form == UnionForm::kFloat) return std::make_shared<arrow::DoubleBuilder>();
    return std::make_shared<arrow::BinaryBuilder>();
  }
  Status AppendFloat(double value) {
    return FromArrow(static_cast<arrow::DoubleBuilder&>(*builder_).Append(value));
  }

  const AvroSchema& schema_;
};

// Any other union: a struct of which one child at most has a value.
class BranchesColumn : public AvroColumn {
 public:
  BranchesColumn(const AvroSchema& schema, AvroColumns columns)
      : AvroColumn(StructOf(schema, columns)),
        schema_(schema),
        columns_(std::move(columns)),
        num_nulls_(num_builders()) {}
  Status Append(AvroCursor& cursor) override {
    size_t branch;
    BESSEMER_RETURN_IF_ERROR(ReadBranch(schema_, cursor, &branch));
    if (!cursor.TakeNulls(num_nulls_)) return TooManyNulls();
    if (columns_[branch] == nullptr) return AppendNull();
    BESSEMER_RETURN_IF_ARROW_ERROR(static_cast<arrow::StructBuilder&>(*builder_).Append());
    for (size_t i = 0; i < columns_.size(); ++i) {
      if (columns_[i] == nullptr) continue;
      BESSEMER_RETURN_IF_ERROR(i == branch ? columns_[i]->Append(cursor)
                                           : columns_[i]->AppendNull());
    }
    return OkStatus();
  }

 private:
  const AvroSchema& schema_;
  AvroColumns columns_;  // null for the null branch
  const int64_t num_nulls_;
};

}  // namespace

std::unique_ptr<AvroColumn> MakeAvroUnion(const AvroSchema& schema) {
  if (schema.form == UnionForm::kStruct) {
    AvroColumns columns;
    for (const auto& branch : schema.children) {
      columns.push_back(branch->type == AvroType::kNull ? nullptr : MakeAvroColumn(*branch));
    }
    return std::make_unique<BranchesColumn>(schema, std::move(columns));
  }
  if (schema.form != UnionForm::kOne) return std::make_unique<WideColumn>(schema);
  std::unique_ptr<AvroColumn> value;
  for (const auto& branch : schema.children) {
    if (value == nullptr || branch->type != AvroType::kNull) value = MakeAvroColumn(*branch);
  }
  return std::make_unique<OptionalColumn>(schema, std::move(value));
}

}  // namespace bessemer::example_gen::avro
