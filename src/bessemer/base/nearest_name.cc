#include "bessemer/base/nearest_name.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>

namespace bessemer {

int EditDistance(std::string_view a, std::string_view b) {
  auto same = [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  };
  std::vector<int> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = static_cast<int>(j);
  for (size_t i = 1; i <= a.size(); ++i) {
    int diagonal = row[0];
    row[0] = static_cast<int>(i);
    for (size_t j = 1; j <= b.size(); ++j) {
      const int substituted = diagonal + (same(a[i - 1], b[j - 1]) ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
    }
  }
  return row[b.size()];
}

std::string NearestName(std::string_view wanted, const std::vector<std::string>& names) {
  int best = std::max<int>(2, static_cast<int>(wanted.size()) / 3) + 1;
  std::string nearest;
  for (const std::string& name : names) {
    const int distance = EditDistance(wanted, name);
    if (distance < best) {
      best = distance;
      nearest = name;
    }
  }
  return nearest;
}

std::string SuggestName(std::string_view wanted, const std::vector<std::string>& names) {
  const std::string nearest = NearestName(wanted, names);
  if (!nearest.empty()) return fmt::format("; did you mean '{}'?", nearest);
  if (names.empty()) return "";
  const size_t shown = std::min<size_t>(names.size(), 20);
  return fmt::format("; known: {}{}", fmt::join(names.begin(), names.begin() + shown, ", "),
                     names.size() > shown ? ", …" : "");
}

}  // namespace bessemer
