#include "bessemer/expression/column.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "bessemer/base/json_text.h"
#include "bessemer/columnar/utf8.h"

namespace bessemer::expression {
namespace {

template <typename T>
const T* NewArray(int64_t size, std::vector<std::shared_ptr<const void>>& owners) {
  std::shared_ptr<T[]> storage(new T[std::max<int64_t>(size, 1)]());
  const T* data = storage.get();
  owners.push_back(std::shared_ptr<const void>(storage, data));
  return data;
}

std::string ToHex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) out += fmt::format("{:02x}", static_cast<uint8_t>(c));
  return out;
}

StatusOr<std::string> FromHex(const std::string& hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) {
    unsigned value = 0;
    for (int j = 0; j < 2; ++j) {
      const char c = hex[i + j];
      const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
      if (digit < 0) return InvalidArgumentError("'{}' is not hexadecimal", hex);
      value = value * 16 + digit;
    }
    out.push_back(static_cast<char>(value));
  }
  return out;
}

}  // namespace

Column Column::Make(const Type& type, int64_t num_rows, int64_t num_values) {
  Column column;
  column.type_ = type;
  column.num_rows_ = num_rows;
  column.num_values_ = num_values;
  if (type.kind == Kind::kInt) column.ints_ = NewArray<int64_t>(num_values, column.owners_);
  if (type.kind == Kind::kFloat) column.floats_ = NewArray<float>(num_values, column.owners_);
  if (type.kind == Kind::kBytes) {
    column.bytes_ = NewArray<std::string_view>(num_values, column.owners_);
  }
  if (type.shape == Shape::kRagged) {
    column.offsets_ = NewArray<int64_t>(num_rows + 1, column.owners_);
  }
  return column;
}

Column Column::Make(const Type& type, int64_t num_rows) {
  return Make(type, num_rows,
              type.shape == Shape::kScalar   ? 1
              : type.shape == Shape::kVector ? num_rows * type.size
                                             : num_rows);
}

Column Column::Constant(int64_t value) {
  Column column = Make(Type::Scalar(Kind::kInt), 1);
  *column.MutableInts() = value;
  return column;
}

Column Column::Constant(float value) {
  Column column = Make(Type::Scalar(Kind::kFloat), 1);
  *column.MutableFloats() = value;
  return column;
}

Column Column::Constant(std::string_view value) {
  Column column = Make(Type::Scalar(Kind::kBytes), 1);
  *column.MutableBytes() = column.Keep(value);
  return column;
}

Column Column::List(std::vector<int64_t> values) {
  Column column = Make(Type::List(Kind::kInt), 1, static_cast<int64_t>(values.size()));
  std::copy(values.begin(), values.end(), column.MutableInts());
  return column;
}

Column Column::List(std::vector<float> values) {
  Column column = Make(Type::List(Kind::kFloat), 1, static_cast<int64_t>(values.size()));
  std::copy(values.begin(), values.end(), column.MutableFloats());
  return column;
}

Column Column::List(const std::vector<std::string>& values) {
  Column column = Make(Type::List(Kind::kBytes), 1, static_cast<int64_t>(values.size()));
  for (size_t i = 0; i < values.size(); ++i) column.MutableBytes()[i] = column.Keep(values[i]);
  return column;
}

int64_t Column::begin(int64_t row) const {
  if (offsets_ != nullptr) return offsets_[row];
  return type_.shape == Shape::kVector ? row * type_.size : row;
}

int64_t Column::end(int64_t row) const {
  if (offsets_ != nullptr) return offsets_[row + 1];
  if (type_.shape == Shape::kVector) return (row + 1) * type_.size;
  return IsValid(row) ? row + 1 : row;
}

uint8_t* Column::MutableValidity() {
  if (valid_ == nullptr) {
    valid_ = NewArray<uint8_t>(num_rows_, owners_);
    std::memset(const_cast<uint8_t*>(valid_), 1, num_rows_);
  }
  return const_cast<uint8_t*>(valid_);
}

std::string_view Column::Keep(std::string_view bytes) {
  if (bytes.empty()) return "";
  if (arena_ == nullptr) {
    arena_ = std::make_shared<std::vector<std::unique_ptr<char[]>>>();
    owners_.push_back(arena_);
  }
  if (bytes.size() > arena_left_) {
    const size_t size = std::max<size_t>(bytes.size(), arena_->empty() ? 256 : 64 << 10);
    arena_->push_back(std::make_unique<char[]>(size));
    arena_at_ = arena_->back().get();
    arena_left_ = size;
  }
  std::memcpy(arena_at_, bytes.data(), bytes.size());
  const std::string_view kept(arena_at_, bytes.size());
  arena_at_ += bytes.size();
  arena_left_ -= bytes.size();
  return kept;
}

void Column::HoldAll(const Column& other) {
  owners_.insert(owners_.end(), other.owners_.begin(), other.owners_.end());
}

Column Column::Retyped(const Type& type) const {
  Column column = *this;
  column.type_ = type;
  return column;
}

void Column::ShareOffsets(const Column& other) {
  offsets_ = other.offsets_;
  HoldAll(other);
}

void Column::ShareValidity(const Column& other) {
  valid_ = other.valid_;
  HoldAll(other);
}

Json Column::ToJson() const {
  Json values = Json::array();
  for (const int64_t value : ints()) values.push_back(value);
  // The bits, since JSON has neither NaN nor infinities nor a promise of exact decimals.
  for (const float value : floats()) values.push_back(std::bit_cast<uint32_t>(value));
  for (const std::string_view value : bytes()) {
    if (columnar::IsUtf8(value)) {
      values.push_back(std::string(value));
    } else {
      values.push_back({{"hex", ToHex(value)}});
    }
  }
  return {{"kind", type_.kind == Kind::kFloat ? "float_bits" : KindName(type_.kind)},
          {"list", type_.shape == Shape::kList},
          {"values", std::move(values)}};
}

StatusOr<Column> Column::FromJson(const Json& json) {
  const Status bad = InvalidArgumentError("'{}' is not a constant", JsonText(json).substr(0, 200));
  if (!json.is_object() || !json.contains("kind") || !json.contains("values") ||
      !json.contains("list") || !json["kind"].is_string() || !json["values"].is_array() ||
      !json["list"].is_boolean()) {
    return bad;
  }
  const std::string kind = json["kind"].get<std::string>();
  const Json& values = json["values"];
  const bool is_list = json["list"].get<bool>();
  if (!is_list && values.size() != 1) return bad;
  Type type{.kind = kind == "int"          ? Kind::kInt
                    : kind == "float_bits" ? Kind::kFloat
                                           : Kind::kBytes,
            .shape = is_list ? Shape::kList : Shape::kScalar};
  Column column = Make(type, 1, static_cast<int64_t>(values.size()));
  for (size_t i = 0; i < values.size(); ++i) {
    const Json& value = values[i];
    if (type.kind != Kind::kBytes && !value.is_number_integer()) return bad;
    if (type.kind == Kind::kInt) {
      column.MutableInts()[i] = value.get<int64_t>();
    } else if (type.kind == Kind::kFloat) {
      column.MutableFloats()[i] = std::bit_cast<float>(value.get<uint32_t>());
    } else if (value.is_string()) {
      column.MutableBytes()[i] = column.Keep(value.get_ref<const std::string&>());
    } else if (value.is_object() && value.contains("hex") && value["hex"].is_string()) {
      BESSEMER_ASSIGN_OR_RETURN(const std::string bytes, FromHex(value["hex"].get<std::string>()));
      column.MutableBytes()[i] = column.Keep(bytes);
    } else {
      return bad;
    }
  }
  return column;
}

}  // namespace bessemer::expression
