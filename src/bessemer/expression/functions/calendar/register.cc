#include "bessemer/expression/function.h"

namespace bessemer::expression::calendar {

void Register(FunctionRegistry& registry) {
  const auto argument = [](std::string name, std::string doc) {
    return Argument{.name = std::move(name), .accepts = Accepts::kInt, .doc = std::move(doc)};
  };
  // Zeller's congruence: January and February count as months 13 and 14 of the year before.
  registry.Add({.name = "weekday",
                .doc = "The day of the week of a date of the Gregorian calendar: 0 Monday … 6 "
                       "Sunday. Days and months beyond their range are not checked.",
                .arguments = {argument("year", "e.g. 2013"), argument("month", "1 … 12"),
                              argument("day", "1 … 31")},
                .definition = "(day + 13 * (month + 12 * (month < 3) + 1) // 5 + "
                              "(year - (month < 3)) + (year - (month < 3)) // 4 - "
                              "(year - (month < 3)) // 100 + (year - (month < 3)) // 400 + 5) "
                              "% 7"});
}

}  // namespace bessemer::expression::calendar
