#ifndef BESSEMER_BASE_NEAREST_NAME_H_
#define BESSEMER_BASE_NEAREST_NAME_H_

#include <string>
#include <string_view>
#include <vector>

namespace bessemer {

// Levenshtein distance in bytes, ASCII case ignored. O(|a|·|b|).
int EditDistance(std::string_view a, std::string_view b);

// The entry of `names` nearest to `wanted`, or "" if none is within a third of its length (at least
// 2).
std::string NearestName(std::string_view wanted, const std::vector<std::string>& names);

// "; did you mean 'x'?" or, with no near name, "; known: a, b, c" (at most 20 of them).
std::string SuggestName(std::string_view wanted, const std::vector<std::string>& names);

}  // namespace bessemer

#endif  // BESSEMER_BASE_NEAREST_NAME_H_
