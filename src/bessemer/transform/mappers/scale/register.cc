#include "bessemer/transform/library.h"

// Numbers scaled by the moments or extremes of their feature.

namespace bessemer::transform::scale {

using expression::Accepts;
using expression::Argument;

void Register(Library& library) {
  const Argument x = {.name = "x", .accepts = Accepts::kNumber, .doc = "a number"};
  library.functions.Add(
      {.name = "z_score",
       .doc = "(x - mean(x)) / std(x): mean 0 and standard deviation 1. x - mean(x) where the "
              "deviation is 0.",
       .arguments = {x},
       .definition = "if(std(x) != 0, (x - mean(x)) / std(x), x - mean(x))"});
  library.functions.Add(
      {.name = "scale_min_max",
       .doc = "x mapped linearly so that its least value becomes `low` and its greatest `high`. "
              "Without a spread of values sigmoid(x) is mapped instead.",
       .arguments = {x,
                     {.name = "low", .accepts = Accepts::kFloat, .doc = "the new least",
                      .constant = true, .default_value = 0.0},
                     {.name = "high", .accepts = Accepts::kFloat, .doc = "the new greatest",
                      .constant = true, .default_value = 1.0}},
       .definition = "if(minimum(x) < maximum(x), "
                     "(float(x) - float(minimum(x))) / (float(maximum(x)) - float(minimum(x))), "
                     "sigmoid(x)) * (float(high) - float(low)) + float(low)",
       .check = [](const Json& attrs) {
         if (attrs["low"].get<double>() < attrs["high"].get<double>()) return OkStatus();
         return InvalidArgumentError("low must be below high");
       }});
  library.functions.Add({.name = "scale_0_1",
                         .doc = "scale_min_max(x, 0, 1).",
                         .arguments = {x},
                         .definition = "scale_min_max(x, 0.0, 1.0)"});
}

}  // namespace bessemer::transform::scale
