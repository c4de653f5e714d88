#include "bessemer/validation/number_text.h"

#include <fmt/format.h>

#include <cmath>

namespace bessemer::validation {

namespace {

std::string Text(double number, int digits) {
  if (number == std::floor(number) && std::abs(number) <= 9007199254740992.0) {
    return fmt::format("{:.0f}", number);
  }
  return fmt::format("{:.{}g}", number, digits);
}

}  // namespace

std::string NumberText(double number) { return Text(number, 6); }

std::pair<std::string, std::string> NumberTexts(double a, double b) {
  for (int digits = 6;; ++digits) {
    std::pair<std::string, std::string> texts(Text(a, digits), Text(b, digits));
    if (texts.first != texts.second || a == b || digits == 17) return texts;
  }
}

}  // namespace bessemer::validation
