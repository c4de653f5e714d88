#ifndef BESSEMER_SCHEMA_PATH_H_
#define BESSEMER_SCHEMA_PATH_H_

#include <compare>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace tensorflow::metadata::v0 {
class Path;
}

namespace bessemer::schema {

// The place of a feature: the names of the structs around it, then its own. A top-level feature has
// one step. Ordered step by step, bytewise; a path sorts before the paths below it.
//
// Text form: steps joined by '.'. A step stays as it is if it is not empty and has none of . ( ) ',
// or if it is "(…)" without further parentheses (a protobuf extension); any other step stands in
// single quotes, its own quotes doubled. The empty path is "".
class Path {
 public:
  Path() = default;
  explicit Path(std::vector<std::string> steps) : steps_(std::move(steps)) {}
  static Path FromProto(const ::tensorflow::metadata::v0::Path& proto);
  // The inverse of ToString: INVALID_ARGUMENT names the step that is not well formed.
  static StatusOr<Path> Parse(std::string_view text);

  std::string ToString() const;
  ::tensorflow::metadata::v0::Path ToProto() const;

  const std::vector<std::string>& steps() const { return steps_; }
  bool empty() const { return steps_.empty(); }
  size_t size() const { return steps_.size(); }
  const std::string& last() const { return steps_.back(); }  // needs !empty()

  Path Child(std::string_view step) const;
  Path Parent() const;  // of the empty path: the empty path

  friend auto operator<=>(const Path&, const Path&) = default;
  friend bool operator==(const Path&, const Path&) = default;

 private:
  std::vector<std::string> steps_;
};

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_PATH_H_
