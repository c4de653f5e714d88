#include <cstdlib>

#include "bessemer/io/aws_profile_internal.h"
#include "bessemer/io/file.h"

namespace bessemer::io {
namespace {

std::string_view Trim(std::string_view text) {
  constexpr std::string_view kBlanks = " \t\r";
  const size_t begin = text.find_first_not_of(kBlanks);
  if (begin == std::string_view::npos) return "";
  return text.substr(begin, text.find_last_not_of(kBlanks) + 1 - begin);
}

}  // namespace

std::string ProfileValueIn(std::string_view text, std::string_view profile, std::string_view name) {
  bool inside = false;
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view raw = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    const std::string_view line = Trim(raw);
    if (line.empty() || line[0] == '#' || line[0] == ';') continue;
    if (line[0] == '[') {
      std::string_view section = Trim(line.substr(1, line.find(']') - 1));
      if (section.starts_with("profile ")) section = Trim(section.substr(8));
      inside = section == profile;
      continue;
    }
    const size_t equals = line.find('=');
    // Indented lines belong to the setting before them.
    if (!inside || equals == std::string_view::npos || raw[0] == ' ' || raw[0] == '\t') continue;
    if (Trim(line.substr(0, equals)) == name) return std::string(Trim(line.substr(equals + 1)));
  }
  return "";
}

std::string AwsProfileValue(std::string_view name) {
  const char* profile = std::getenv("AWS_PROFILE");
  const char* file = std::getenv("AWS_CONFIG_FILE");
  const char* home = std::getenv("HOME");
  if (file == nullptr && home == nullptr) return "";
  const StatusOr<std::string> text =
      ReadFile(file != nullptr ? std::string(file) : std::string(home) + "/.aws/config");
  if (!text.ok()) return "";
  return ProfileValueIn(*text, profile == nullptr || *profile == '\0' ? "default" : profile, name);
}

}  // namespace bessemer::io
