#ifndef BESSEMER_BASE_PARAMS_H_
#define BESSEMER_BASE_PARAMS_H_

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/config.h"
#include "bessemer/base/status.h"

namespace bessemer {

enum class ParamType { kBool, kInt, kFloat, kString, kList, kMap, kAny };

std::string_view ParamTypeName(ParamType type);

// One parameter of a plug-in or component: declared once, read by the checker, the command line,
// the reference documentation and the Python docstrings.
struct Param {
  std::string name;
  ParamType type = ParamType::kString;
  Json default_value = nullptr;  // null: the parameter may be left out and has no value then
  std::string doc;               // one sentence; units and meaning
  bool required = false;
  std::optional<double> min;         // numbers, inclusive
  std::optional<double> max;         // numbers, inclusive
  std::vector<std::string> choices;  // strings: the only values allowed
};

// Checked values of a list of parameters.
class ParamValues {
 public:
  ParamValues() = default;

  // Checks a map (or an absent value) against the declarations and fills in defaults. Errors name
  // file, line, key and the nearest valid name; integers are accepted where floats are wanted.
  static StatusOr<ParamValues> FromConfig(const std::vector<Param>& declared,
                                          const ConfigNode* node);
  // The same for values that do not come from a file. `what` begins error messages.
  static StatusOr<ParamValues> FromJson(const std::vector<Param>& declared, const Json& values,
                                        std::string_view what);

  bool Has(std::string_view name) const;  // false for null
  // Each getter needs a declared parameter of that type with a value; otherwise the zero value.
  bool Bool(std::string_view name) const;
  int64_t Int(std::string_view name) const;
  double Float(std::string_view name) const;
  std::string String(std::string_view name) const;
  std::vector<std::string> Strings(std::string_view name) const;  // list of scalars
  const Json& Value(std::string_view name) const;                 // null if absent

  // The source position of a parameter given in a file ("file:line:column"), else "".
  std::string Where(std::string_view name) const;
  // INVALID_ARGUMENT at a parameter; at the key or scalar in it that the message names in '…'.
  Status Error(std::string_view name, std::string_view message) const;

  // All values, in the order of declaration: what fingerprints and execution records use.
  const Json& json() const { return values_; }

 private:
  Json values_ = Json::object();
  std::vector<std::pair<std::string, std::string>> positions_;
};

}  // namespace bessemer

#endif  // BESSEMER_BASE_PARAMS_H_
