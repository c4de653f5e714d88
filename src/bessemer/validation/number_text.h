#ifndef BESSEMER_VALIDATION_NUMBER_TEXT_H_
#define BESSEMER_VALIDATION_NUMBER_TEXT_H_

#include <string>
#include <utility>

namespace bessemer::validation {

// A number for people: integers up to 2^53 exactly, others with six significant digits.
std::string NumberText(double number);

// Two numbers that are told apart: the same, but with as many more digits (up to all 17) as it
// takes for different numbers to give different texts.
std::pair<std::string, std::string> NumberTexts(double a, double b);

}  // namespace bessemer::validation

#endif  // BESSEMER_VALIDATION_NUMBER_TEXT_H_
