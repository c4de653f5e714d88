#include <arrow/type.h>

#include <algorithm>
#include <map>
#include <set>

#include "bessemer/base/config.h"
#include "bessemer/example_gen/sources/avro/avro_schema_internal.h"

namespace bessemer::example_gen::avro {
namespace {

using SchemaPtr = std::shared_ptr<AvroSchema>;

constexpr int kMaxDepth = 64;
constexpr int64_t kMaxNodes = 100000;
constexpr int64_t kMaxCopied = 2000000;  // pointers to children, when a name is used

const std::map<std::string, AvroType, std::less<>>& Primitives() {
  static const auto* const types = new std::map<std::string, AvroType, std::less<>>{
      {"null", AvroType::kNull},   {"boolean", AvroType::kBoolean}, {"int", AvroType::kInt},
      {"long", AvroType::kLong},   {"float", AvroType::kFloat},     {"double", AvroType::kDouble},
      {"bytes", AvroType::kBytes}, {"string", AvroType::kString}};
  return *types;
}

std::string TextOf(const Json& object, const char* key) {
  const auto found = object.find(key);
  return found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

int64_t NumberOf(const Json& object, const char* key, int64_t otherwise) {
  const auto found = object.find(key);
  return found != object.end() && found->is_number_integer() ? found->get<int64_t>() : otherwise;
}

class SchemaParser {
 public:
  StatusOr<SchemaPtr> Parse(const Json& json, const std::string& space, int depth) {
    if (depth > kMaxDepth) return InvalidArgumentError("more than 64 levels deep");
    if (json.is_string()) return Named(json.get<std::string>(), space);
    if (json.is_array()) return Union(json, space, depth);
    if (!json.is_object()) return InvalidArgumentError("a type is neither name, list nor object");
    const auto type = json.find("type");
    if (type == json.end()) return InvalidArgumentError("an object has no 'type'");
    // {"type": {"type": …}} is allowed.
    if (!type->is_string()) return Parse(*type, space, depth + 1);
    const std::string name = type->get<std::string>();
    if (name == "record" || name == "error") return Record(json, space, depth);
    if (name == "enum") return Enum(json, space);
    if (name == "fixed") return Fixed(json, space);
    if (name == "array") return Elements(json, "items", AvroType::kArray, space, depth);
    if (name == "map") return Elements(json, "values", AvroType::kMap, space, depth);
    BESSEMER_ASSIGN_OR_RETURN(const SchemaPtr named, Named(name, space));
    return WithLogical(*named, json);
  }

 private:
  StatusOr<SchemaPtr> Named(const std::string& name, const std::string& space) {
    if (const auto found = Primitives().find(name); found != Primitives().end()) {
      auto schema = std::make_shared<AvroSchema>();
      schema->type = found->second;
      return schema;
    }
    const std::string full =
        name.find('.') != std::string::npos || space.empty() ? name : space + "." + name;
    for (const std::string& known : {full, name}) {
      if (open_.contains(known)) {
        return InvalidArgumentError("the type '{}' contains itself; such rows have no columns",
                                    known);
      }
      if (const auto found = named_.find(known); found != named_.end()) return found->second;
    }
    return InvalidArgumentError("the type '{}' is not defined", name);
  }

  // The schema under the name that it has where it is used.
  StatusOr<SchemaPtr> Rename(const AvroSchema& schema, std::string name) {
    num_copied_ += 1 + static_cast<int64_t>(schema.children.size());
    if (num_copied_ > kMaxCopied) {
      return InvalidArgumentError("the schema stands for more than {} columns", kMaxNodes);
    }
    auto copy = std::make_shared<AvroSchema>(schema);
    copy->name = std::move(name);
    return copy;
  }

  // The full name an object defines, and the namespace inside it.
  StatusOr<std::string> Define(const Json& json, std::string* space) {
    const std::string name = TextOf(json, "name");
    if (name.empty()) return InvalidArgumentError("a {} has no name", TextOf(json, "type"));
    std::string full = name;
    if (name.find('.') == std::string::npos) {
      if (json.contains("namespace")) *space = TextOf(json, "namespace");
      if (!space->empty()) full = *space + "." + name;
    } else {
      *space = name.substr(0, name.rfind('.'));
    }
    if (named_.contains(full) || open_.contains(full)) {
      return InvalidArgumentError("the type '{}' is defined twice", full);
    }
    return full;
  }

  StatusOr<SchemaPtr> Record(const Json& json, std::string space, int depth) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string full, Define(json, &space));
    const auto fields = json.find("fields");
    if (fields == json.end() || !fields->is_array()) {
      return InvalidArgumentError("the record '{}' has no list of fields", full);
    }
    auto record = std::make_shared<AvroSchema>();
    record->type = AvroType::kRecord;
    open_.insert(full);
    std::set<std::string> seen;
    for (const Json& field : *fields) {
      const std::string name = field.is_object() ? TextOf(field, "name") : "";
      if (name.empty() || !field.contains("type")) {
        return InvalidArgumentError("a field of '{}' lacks name or type", full);
      }
      if (!seen.insert(name).second) {
        return InvalidArgumentError("the record '{}' has the field '{}' twice", full, name);
      }
      StatusOr<SchemaPtr> type = Parse(field["type"], space, depth + 1);
      if (!type.ok()) {
        return WithContext(type.status(), fmt::format("field '{}' of '{}'", name, full));
      }
      BESSEMER_ASSIGN_OR_RETURN(SchemaPtr copy, Rename(**type, name));
      record->children.push_back(std::move(copy));
    }
    open_.erase(full);
    named_[full] = record;
    return record;
  }

  StatusOr<SchemaPtr> Enum(const Json& json, std::string space) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string full, Define(json, &space));
    auto schema = std::make_shared<AvroSchema>();
    schema->type = AvroType::kEnum;
    const auto symbols = json.find("symbols");
    if (symbols == json.end() || !symbols->is_array()) {
      return InvalidArgumentError("the enum '{}' has no list of symbols", full);
    }
    std::vector<std::string> names;
    for (const Json& symbol : *symbols) {
      if (!symbol.is_string()) {
        return InvalidArgumentError("the enum '{}' has a symbol that is no string", full);
      }
      names.push_back(symbol.get<std::string>());
    }
    schema->symbols = std::make_shared<const std::vector<std::string>>(std::move(names));
    named_[full] = schema;
    return schema;
  }

  StatusOr<SchemaPtr> Fixed(const Json& json, std::string space) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string full, Define(json, &space));
    auto schema = std::make_shared<AvroSchema>();
    schema->type = AvroType::kFixed;
    schema->size = NumberOf(json, "size", -1);
    if (schema->size < 0 || schema->size > 1 << 20) {
      return InvalidArgumentError("the size of the fixed '{}' is missing or not in [0, 1 MiB]",
                                  full);
    }
    BESSEMER_ASSIGN_OR_RETURN(SchemaPtr made, WithLogical(*schema, json));
    named_[full] = made;
    return made;
  }

  StatusOr<SchemaPtr> Elements(const Json& json, const char* key, AvroType type,
                               const std::string& space, int depth) {
    const auto element = json.find(key);
    if (element == json.end()) {
      return InvalidArgumentError("an {} has no '{}'", TextOf(json, "type"), key);
    }
    BESSEMER_ASSIGN_OR_RETURN(SchemaPtr child, Parse(*element, space, depth + 1));
    auto schema = std::make_shared<AvroSchema>();
    schema->type = type;
    schema->children.push_back(std::move(child));
    return schema;
  }

  static std::string BranchName(const AvroSchema& schema, const Json& json) {
    if (json.is_string()) return json.get<std::string>();
    const std::string name = json.is_object() ? TextOf(json, "name") : "";
    if (!name.empty()) return name;
    const std::string type = json.is_object() ? TextOf(json, "type") : "";
    return type.empty() ? fmt::format("type{}", static_cast<int>(schema.type)) : type;
  }

  StatusOr<SchemaPtr> Union(const Json& json, const std::string& space, int depth) {
    auto schema = std::make_shared<AvroSchema>();
    schema->type = AvroType::kUnion;
    int num_values = 0;
    bool integers = true, numbers = true, bytes = true;
    for (const Json& branch : json) {
      if (branch.is_array()) return InvalidArgumentError("a union directly inside a union");
      BESSEMER_ASSIGN_OR_RETURN(const SchemaPtr type, Parse(branch, space, depth + 1));
      BESSEMER_ASSIGN_OR_RETURN(SchemaPtr copy, Rename(*type, BranchName(*type, branch)));
      const bool plain = type->logical == AvroLogical::kNone;
      const AvroType t = type->type;
      if (t != AvroType::kNull) {
        ++num_values;
        const bool integer = plain && (t == AvroType::kInt || t == AvroType::kLong);
        integers &= integer;
        numbers &= integer || t == AvroType::kFloat || t == AvroType::kDouble;
        bytes &= plain && (t == AvroType::kString || t == AvroType::kBytes || t == AvroType::kEnum);
      }
      schema->children.push_back(std::move(copy));
    }
    if (json.empty()) return InvalidArgumentError("a union without branches");
    schema->form = num_values <= 1 ? UnionForm::kOne
                   : integers      ? UnionForm::kInt64
                   : numbers       ? UnionForm::kFloat
                   : bytes         ? UnionForm::kBytes
                                   : UnionForm::kStruct;
    return schema;
  }

  // Logical types that do not fit what they annotate mean nothing, as the specification says.
  static StatusOr<SchemaPtr> WithLogical(const AvroSchema& schema, const Json& json) {
    auto made = std::make_shared<AvroSchema>(schema);
    const std::string logical = TextOf(json, "logicalType");
    const auto set = [&](const char* name, AvroType type, AvroLogical value) {
      if (logical == name && schema.type == type) made->logical = value;
    };
    set("date", AvroType::kInt, AvroLogical::kDate);
    set("time-millis", AvroType::kInt, AvroLogical::kTimeMillis);
    set("time-micros", AvroType::kLong, AvroLogical::kTimeMicros);
    set("timestamp-millis", AvroType::kLong, AvroLogical::kTimestampMillis);
    set("timestamp-micros", AvroType::kLong, AvroLogical::kTimestampMicros);
    set("timestamp-nanos", AvroType::kLong, AvroLogical::kTimestampNanos);
    set("local-timestamp-millis", AvroType::kLong, AvroLogical::kLocalTimestampMillis);
    set("local-timestamp-micros", AvroType::kLong, AvroLogical::kLocalTimestampMicros);
    set("local-timestamp-nanos", AvroType::kLong, AvroLogical::kLocalTimestampNanos);
    const bool holds_decimal =
        schema.type == AvroType::kBytes ||
        (schema.type == AvroType::kFixed && schema.size >= 1 && schema.size <= 32);
    const int64_t precision = NumberOf(json, "precision", 0);
    const int64_t scale = NumberOf(json, "scale", 0);
    if (logical == "decimal" && holds_decimal && precision >= 1 && precision <= 76 && scale >= 0 &&
        scale <= precision) {
      made->logical = AvroLogical::kDecimal;
      made->precision = static_cast<int>(precision);
      made->scale = static_cast<int>(scale);
    }
    return made;
  }

  std::map<std::string, SchemaPtr> named_;
  std::set<std::string> open_;  // records being defined
  int64_t num_copied_ = 0;
};

std::shared_ptr<arrow::DataType> LogicalType(const AvroSchema& schema) {
  using arrow::TimeUnit;
  switch (schema.logical) {
    case AvroLogical::kNone:
      return nullptr;
    case AvroLogical::kDecimal:
      return schema.precision <= 38 ? arrow::decimal128(schema.precision, schema.scale)
                                    : arrow::decimal256(schema.precision, schema.scale);
    case AvroLogical::kDate:
      return arrow::date32();
    case AvroLogical::kTimeMillis:
      return arrow::time32(TimeUnit::MILLI);
    case AvroLogical::kTimeMicros:
      return arrow::time64(TimeUnit::MICRO);
    case AvroLogical::kTimestampMillis:
      return arrow::timestamp(TimeUnit::MILLI, "UTC");
    case AvroLogical::kTimestampMicros:
      return arrow::timestamp(TimeUnit::MICRO, "UTC");
    case AvroLogical::kTimestampNanos:
      return arrow::timestamp(TimeUnit::NANO, "UTC");
    case AvroLogical::kLocalTimestampMillis:
      return arrow::timestamp(TimeUnit::MILLI);
    case AvroLogical::kLocalTimestampMicros:
      return arrow::timestamp(TimeUnit::MICRO);
    case AvroLogical::kLocalTimestampNanos:
      break;
  }
  return arrow::timestamp(TimeUnit::NANO);
}

std::shared_ptr<arrow::DataType> UnionType(const AvroSchema& schema) {
  std::vector<std::shared_ptr<arrow::Field>> fields;
  std::shared_ptr<arrow::DataType> one = arrow::null();
  for (const SchemaPtr& branch : schema.children) {
    if (branch->type == AvroType::kNull) continue;
    one = ArrowTypeOf(*branch);
    fields.push_back(arrow::field(branch->name, one));
  }
  switch (schema.form) {
    case UnionForm::kOne:
      return one;
    case UnionForm::kInt64:
      return arrow::int64();
    case UnionForm::kFloat:
      return arrow::float64();
    case UnionForm::kBytes:
      return arrow::binary();
    case UnionForm::kStruct:
      break;
  }
  return arrow::struct_(std::move(fields));
}

// The nodes a schema has when every name is replaced by what it stands for; a long name counts as
// several, since each of its columns has it.
int64_t ExpandedSize(const AvroSchema* schema, std::map<const AvroSchema*, int64_t>* known) {
  if (const auto found = known->find(schema); found != known->end()) return found->second;
  int64_t size = 1 + static_cast<int64_t>(schema->name.size() / 64);
  for (const SchemaPtr& child : schema->children) {
    size = std::min<int64_t>(int64_t{1} << 40, size + ExpandedSize(child.get(), known));
  }
  return (*known)[schema] = size;
}

}  // namespace

StatusOr<SchemaPtr> ParseAvroSchema(std::string_view json) {
  const Json parsed = Json::parse(json, nullptr, /*allow_exceptions=*/false);
  if (parsed.is_discarded()) return InvalidArgumentError("the schema is not JSON");
  SchemaParser parser;
  StatusOr<SchemaPtr> schema = parser.Parse(parsed, "", 0);
  if (!schema.ok()) return WithContext(schema.status(), "the schema");
  if ((*schema)->type != AvroType::kRecord) {
    return InvalidArgumentError("the schema is not a record, so its rows have no columns");
  }
  std::map<const AvroSchema*, int64_t> sizes;
  if (ExpandedSize(schema->get(), &sizes) > kMaxNodes) {
    return InvalidArgumentError("the schema stands for more than {} columns", kMaxNodes);
  }
  return schema;
}

std::shared_ptr<arrow::DataType> ArrowTypeOf(const AvroSchema& schema) {
  if (auto logical = LogicalType(schema)) return logical;
  switch (schema.type) {
    case AvroType::kNull:
      return arrow::null();
    case AvroType::kBoolean:
      return arrow::boolean();
    case AvroType::kInt:
      return arrow::int32();
    case AvroType::kLong:
      return arrow::int64();
    case AvroType::kFloat:
      return arrow::float32();
    case AvroType::kDouble:
      return arrow::float64();
    case AvroType::kBytes:
      return arrow::binary();
    case AvroType::kString:
    case AvroType::kEnum:
      return arrow::utf8();
    case AvroType::kFixed:
      return arrow::fixed_size_binary(static_cast<int32_t>(schema.size));
    case AvroType::kArray:
      return arrow::list(ArrowTypeOf(*schema.children[0]));
    case AvroType::kMap:
      return arrow::map(arrow::utf8(), ArrowTypeOf(*schema.children[0]));
    case AvroType::kUnion:
      return UnionType(schema);
    case AvroType::kRecord:
      break;
  }
  std::vector<std::shared_ptr<arrow::Field>> fields;
  for (const SchemaPtr& child : schema.children) {
    fields.push_back(arrow::field(child->name, ArrowTypeOf(*child)));
  }
  return arrow::struct_(std::move(fields));
}

}  // namespace bessemer::example_gen::avro
