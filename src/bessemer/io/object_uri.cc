#include "bessemer/io/object_uri.h"

#include <fmt/format.h>

#include <algorithm>

namespace bessemer::io {

bool IsRemote(std::string_view path) {
  return path.find("://") != std::string_view::npos && !path.starts_with("file://");
}

ObjectUri ObjectUri::Parse(std::string_view uri) {
  ObjectUri parts;
  const size_t colon = uri.find("://");
  if (colon != std::string_view::npos) {
    parts.scheme = uri.substr(0, colon);
    uri.remove_prefix(colon + 3);
  }
  // '?' is a wildcard as well: options are "name=value" pairs.
  if (const size_t mark = uri.rfind('?'); mark != std::string_view::npos) {
    const std::string_view rest = uri.substr(mark + 1);
    const size_t name_end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz_");
    if (name_end != std::string_view::npos && name_end > 0 && rest[name_end] == '=') {
      parts.options = uri.substr(mark);
      uri = uri.substr(0, mark);
    }
  }
  while (uri.ends_with('/')) uri.remove_suffix(1);
  parts.path = uri;
  return parts;
}

std::string ObjectUri::key() const {
  const size_t slash = path.find('/');
  return slash == std::string::npos ? "" : path.substr(slash + 1);
}

std::string ObjectUri::With(std::string_view other_path) const {
  return fmt::format("{}://{}{}", scheme, other_path, options);
}

std::string ObjectUri::Option(std::string_view name) const {
  for (const char mark : {'?', '&'}) {
    const size_t at = options.find(fmt::format("{}{}=", mark, name));
    if (at == std::string::npos) continue;
    const size_t begin = at + name.size() + 2;
    return options.substr(begin, std::min(options.find('&', begin), options.size()) - begin);
  }
  return "";
}

}  // namespace bessemer::io
