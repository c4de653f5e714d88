#include "bessemer/base/config.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>
#include <utility>

#include "bessemer/base/nearest_name.h"

namespace bessemer {

// The one place where yaml-cpp's exceptions are turned into Status.
class ConfigParser {
 public:
  static StatusOr<ConfigNode> Parse(std::string_view text, std::string_view file_name) {
    auto file = std::make_shared<const std::string>(file_name);
    try {
      return ConfigParser(file).Convert(YAML::Load(std::string(text)), 0);
    } catch (const YAML::ParserException& error) {
      return InvalidArgumentError("{}:{}:{}: not valid YAML: {}", *file, error.mark.line + 1,
                                  error.mark.column + 1, error.msg);
    } catch (const YAML::Exception& error) {
      return InvalidArgumentError("{}: not valid YAML: {}", *file, error.what());
    }
  }

 private:
  static constexpr int kMaxDepth = 100;
  // An alias is written out wherever it stands: ten lines can ask for any number of nodes.
  static constexpr int kMaxNodes = 1'000'000;

  explicit ConfigParser(std::shared_ptr<const std::string> file) : file_(std::move(file)) {}

  StatusOr<ConfigNode> Convert(const YAML::Node& yaml, int depth) {
    ConfigNode node;
    node.file_ = file_;
    node.line_ = yaml.Mark().line + 1;
    node.column_ = yaml.Mark().column + 1;
    if (depth > kMaxDepth) return node.Error("nested too deeply");
    if (++num_nodes_ > kMaxNodes) {
      return node.Error(fmt::format("more than {} values, counting aliases", kMaxNodes));
    }
    switch (yaml.Type()) {
      case YAML::NodeType::Scalar:
        node.kind_ = ConfigNode::Kind::kScalar;
        node.scalar_ = yaml.Scalar();
        node.quoted_ = yaml.Tag() == "!";
        break;
      case YAML::NodeType::Sequence:
        node.kind_ = ConfigNode::Kind::kSequence;
        for (const YAML::Node& item : yaml) {
          BESSEMER_ASSIGN_OR_RETURN(ConfigNode child, Convert(item, depth + 1));
          node.items_.push_back(std::move(child));
        }
        break;
      case YAML::NodeType::Map:
        node.kind_ = ConfigNode::Kind::kMap;
        for (const auto& field : yaml) {
          BESSEMER_ASSIGN_OR_RETURN(ConfigNode key, Convert(field.first, depth + 1));
          if (!key.is_scalar()) return key.Error("a key must be a plain word or a string");
          if (node.Find(key.scalar_)) {
            return key.Error(fmt::format("the key '{}' is given twice", key.scalar_));
          }
          BESSEMER_ASSIGN_OR_RETURN(ConfigNode value, Convert(field.second, depth + 1));
          if (value.line_ == 0) {  // an empty value has no position of its own
            value.line_ = key.line_;
            value.column_ = key.column_;
          }
          node.fields_.emplace_back(key.scalar_, std::move(value));
        }
        break;
      default:
        break;
    }
    return node;
  }

  std::shared_ptr<const std::string> file_;
  int num_nodes_ = 0;
};

StatusOr<ConfigNode> ConfigNode::Parse(std::string_view text, std::string_view file_name) {
  return ConfigParser::Parse(text, file_name);
}

StatusOr<ConfigNode> ConfigNode::ReadFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::stringstream text;
  if (!in || !(text << in.rdbuf()).good()) {
    if (in && in.peek() == std::ifstream::traits_type::eof()) return Parse("", path);
    std::error_code ignored;
    if (std::filesystem::is_directory(path, ignored)) {
      return InvalidArgumentError("{}: is a folder, not a file", path);
    }
    if (!std::filesystem::exists(path, ignored)) {
      return NotFoundError("{}: there is no such file", path);
    }
    return UnavailableError("{}: cannot be read", path);
  }
  return Parse(text.str(), path);
}

const ConfigNode* ConfigNode::Find(std::string_view key) const {
  for (const auto& [name, value] : fields_) {
    if (name == key) return &value;
  }
  return nullptr;
}

std::string ConfigNode::Where() const {
  return fmt::format("{}:{}:{}", file_ ? *file_ : "?", line_, column_);
}

Status ConfigNode::Error(std::string_view message) const {
  return InvalidArgumentError("{}: {}", Where(), message);
}

Status ConfigNode::CheckKeys(const std::vector<std::string>& known) const {
  for (const auto& [name, value] : fields_) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      return value.Error(fmt::format("unknown key '{}'{}", name, SuggestName(name, known)));
    }
  }
  return OkStatus();
}

namespace {

template <typename T, typename... Base>
bool ParseWhole(std::string_view text, T& value, Base... base) {
  const char* end = text.data() + text.size();
  auto [stop, error] = std::from_chars(text.data(), end, value, base...);
  return error == std::errc() && stop == end;
}

Json PlainScalar(const std::string& text) {
  if (text.empty() || text == "~" || text == "null" || text == "Null" || text == "NULL") {
    return nullptr;
  }
  if (text == "true" || text == "True" || text == "TRUE") return true;
  if (text == "false" || text == "False" || text == "FALSE") return false;
  const bool negative = text[0] == '-';
  const std::string_view rest = std::string_view(text).substr(negative || text[0] == '+');
  if (rest == ".inf" || rest == ".Inf" || rest == ".INF") {
    const double infinity = std::numeric_limits<double>::infinity();
    return negative ? -infinity : infinity;
  }
  if (text == ".nan" || text == ".NaN" || text == ".NAN") return std::nan("");
  if (text.starts_with("0x") || text.starts_with("0o")) {
    uint64_t bits = 0;
    const bool whole = ParseWhole(rest.substr(2), bits, text[1] == 'x' ? 16 : 8);
    return whole && std::in_range<int64_t>(bits) ? Json(static_cast<int64_t>(bits)) : Json(text);
  }
  // Of what from_chars knows: a digit or a point first, not a second sign, "inf" or "nan".
  const bool digit = !rest.empty() && (std::isdigit(static_cast<unsigned char>(rest[0])) != 0);
  if (!digit && !rest.starts_with('.')) return text;
  const std::string_view number = negative ? std::string_view(text) : rest;
  if (int64_t value; ParseWhole(number, value)) return value;
  if (double value; ParseWhole(number, value)) return value;
  return text;
}

}  // namespace

Json ConfigNode::ToJson() const {
  switch (kind_) {
    case Kind::kNull:
      return nullptr;
    case Kind::kScalar:
      return quoted_ ? Json(scalar_) : PlainScalar(scalar_);
    case Kind::kSequence: {
      Json array = Json::array();
      for (const ConfigNode& item : items_) array.push_back(item.ToJson());
      return array;
    }
    case Kind::kMap: {
      Json object = Json::object();
      for (const auto& [name, value] : fields_) object[name] = value.ToJson();
      return object;
    }
  }
  return nullptr;
}

}  // namespace bessemer
