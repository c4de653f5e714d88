#include <arrow/type.h>

#include "bessemer/example_gen/sources/jsonl/json_columns_internal.h"

namespace bessemer::example_gen::jsonl {
namespace {

constexpr std::string_view kChanged = "the file changed while it was read";

// Builders of elements that were never seen.
std::shared_ptr<arrow::ArrayBuilder> NullBuilder() {
  return std::make_shared<arrow::NullBuilder>(arrow::default_memory_pool());
}

}  // namespace

JsonColumn::JsonColumn(const JsonType& type) : type_(type) {
  arrow::MemoryPool* const pool = arrow::default_memory_pool();
  const auto keep = [this]<typename Builder>(std::shared_ptr<Builder> builder) {
    builder_ = builder;
    return builder.get();
  };
  switch (type.kind()) {
    case JsonKind::kNull:
      builder_ = NullBuilder();
      break;
    case JsonKind::kBool:
      booleans_ = keep(std::make_shared<arrow::BooleanBuilder>(pool));
      break;
    case JsonKind::kInt:
    case JsonKind::kBigInt:
      integers_ = keep(std::make_shared<arrow::Int64Builder>(pool));
      break;
    case JsonKind::kFloat:
      floats_ = keep(std::make_shared<arrow::DoubleBuilder>(pool));
      break;
    case JsonKind::kString:
      strings_ = keep(std::make_shared<arrow::StringBuilder>(pool));
      break;
    case JsonKind::kList:
      if (type.element() != nullptr) element_ = std::make_unique<JsonColumn>(*type.element());
      list_ = keep(std::make_shared<arrow::ListBuilder>(
          pool, element_ == nullptr ? NullBuilder() : element_->builder(), type.ArrowType()));
      break;
    case JsonKind::kObject: {
      members_ = Members(type);
      std::vector<std::shared_ptr<arrow::ArrayBuilder>> builders;
      for (const auto& member : members_) builders.push_back(member->builder());
      object_ = keep(
          std::make_shared<arrow::StructBuilder>(type.ArrowType(), pool, std::move(builders)));
      break;
    }
  }
}

std::vector<std::unique_ptr<JsonColumn>> JsonColumn::Members(const JsonType& type) {
  std::vector<std::unique_ptr<JsonColumn>> columns;
  for (const auto& member : type.members()) {
    columns.push_back(std::make_unique<JsonColumn>(*member));
  }
  return columns;
}

bool JsonColumn::AppendNull() { return builder_->AppendNull().ok(); }

bool JsonColumn::Check(const arrow::Status& status, JsonCursor* cursor) {
  return status.ok() || cursor->Fail(status.message());
}

bool JsonColumn::AppendMembers(JsonCursor& cursor, const JsonType& type,
                               const std::vector<std::unique_ptr<JsonColumn>>& columns) {
  const int64_t length = columns.empty() ? 0 : columns[0]->builder()->length();
  size_t guess = 0;
  const bool taken = cursor.TakeObject([&](std::string_view key) {
    const int index = type.Find(key, guess);
    if (index < 0) return cursor.Fail(kChanged);
    guess = static_cast<size_t>(index) + 1;
    return columns[static_cast<size_t>(index)]->Append(cursor);
  });
  if (!taken) return false;
  for (const auto& column : columns) {
    if (column->builder()->length() == length && !column->AppendNull()) {
      return cursor.Fail("out of memory");
    }
  }
  return true;
}

bool JsonColumn::AppendText(JsonCursor& cursor) {
  std::string_view text;
  JsonNumber number;
  switch (cursor.Peek()) {
    case '"':
      if (!cursor.TakeString(&text)) return false;
      break;
    case 't':
    case 'f':
      text = cursor.Peek() == 't' ? "true" : "false";
      if (!cursor.TakeWord(text)) return false;
      break;
    default:
      if (!cursor.TakeNumber(&number)) return false;
      text = number.text;
  }
  return Check(strings_->Append(text), &cursor);
}

bool JsonColumn::AppendNumber(JsonCursor& cursor) {
  JsonNumber number;
  if (!cursor.TakeNumber(&number)) return false;
  if (floats_ != nullptr) return Check(floats_->Append(number.number), &cursor);
  if (number.kind != JsonNumber::Kind::kInt) return cursor.Fail(kChanged);
  return Check(integers_->Append(number.integer), &cursor);
}

bool JsonColumn::AppendList(JsonCursor& cursor) {
  if (!Check(list_->Append(), &cursor)) return false;
  return cursor.TakeList(
      [&] { return element_ != nullptr ? element_->Append(cursor) : cursor.Fail(kChanged); });
}

bool JsonColumn::Append(JsonCursor& cursor) {
  if (cursor.Peek() == 'n') return cursor.TakeWord("null") && AppendNull();
  switch (type_.kind()) {
    case JsonKind::kNull:
      return cursor.Fail(kChanged);
    case JsonKind::kBool: {
      const bool value = cursor.Peek() == 't';
      return cursor.TakeWord(value ? "true" : "false") && Check(booleans_->Append(value), &cursor);
    }
    case JsonKind::kInt:
    case JsonKind::kBigInt:
    case JsonKind::kFloat:
      return AppendNumber(cursor);
    case JsonKind::kString:
      return AppendText(cursor);
    case JsonKind::kList:
      return AppendList(cursor);
    case JsonKind::kObject:
      break;
  }
  return Check(object_->Append(), &cursor) && AppendMembers(cursor, type_, members_);
}

}  // namespace bessemer::example_gen::jsonl
