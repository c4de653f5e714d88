#ifndef BESSEMER_BASE_CONFIG_H_
#define BESSEMER_BASE_CONFIG_H_

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer {

using Json = nlohmann::ordered_json;

// A value of a YAML (or JSON) file that remembers where it stood, for error messages.
//
// Aliases become copies, tags and "<<" mean nothing; repeated keys and a million values are errors.
class ConfigNode {
 public:
  enum class Kind { kNull, kScalar, kSequence, kMap };

  // INVALID_ARGUMENT "file:line:column: …" for text that is not YAML.
  static StatusOr<ConfigNode> Parse(std::string_view text, std::string_view file_name);
  static StatusOr<ConfigNode> ReadFile(const std::string& path);

  Kind kind() const { return kind_; }
  bool is_map() const { return kind_ == Kind::kMap; }
  bool is_sequence() const { return kind_ == Kind::kSequence; }
  bool is_scalar() const { return kind_ == Kind::kScalar; }
  bool is_null() const { return kind_ == Kind::kNull; }

  const std::string& scalar() const { return scalar_; }
  const std::vector<ConfigNode>& items() const { return items_; }
  const std::vector<std::pair<std::string, ConfigNode>>& fields() const { return fields_; }

  // The value of a key of a map, or null.
  const ConfigNode* Find(std::string_view key) const;

  // "file:line:column".
  std::string Where() const;
  // INVALID_ARGUMENT "file:line:column: message".
  Status Error(std::string_view message) const;
  // An error at the first key of this map that is not in `known`, with the nearest known name.
  Status CheckKeys(const std::vector<std::string>& known) const;

  // Plain scalars become null, bool, integer or float as YAML 1.2's core schema says; quoted
  // ones stay strings.
  Json ToJson() const;

 private:
  friend class ConfigParser;

  Kind kind_ = Kind::kNull;
  bool quoted_ = false;
  int line_ = 0;    // from 1
  int column_ = 0;  // from 1
  std::shared_ptr<const std::string> file_;
  std::string scalar_;
  std::vector<ConfigNode> items_;
  std::vector<std::pair<std::string, ConfigNode>> fields_;
};

}  // namespace bessemer

#endif  // BESSEMER_BASE_CONFIG_H_
