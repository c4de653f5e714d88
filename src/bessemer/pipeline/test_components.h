#ifndef BESSEMER_PIPELINE_TEST_COMPONENTS_H_
#define BESSEMER_PIPELINE_TEST_COMPONENTS_H_

#include <string>

#include "bessemer/components/component.h"

namespace bessemer::pipeline {

// Small components for tests, wired like the real ones: each writes one file `text` per output.
//   Gen    text, span -> Examples examples
//   Stats  Examples examples -> ExampleStatistics statistics (the length of the text)
//   Shout  Examples examples -> Examples transformed_examples (the text, repeated `times`;
//          13 times and `marks` that are no numbers are refused when the file is read)
//   Train  Examples examples, Model? baseline -> Model model
//   Judge  Model model, Model? baseline (latest_blessed_model) -> ModelBlessing blessing
//          (blessed unless `strict`; of the moment if `moody`)
//   Join   many Examples examples -> Examples joined_examples
//   Ship   Examples examples -> PushedModel shipped; writes the text to the file `to` outside, too
//   Fail   Examples? examples -> Schema schema; fails with the code named by `code`, `times` times
components::ComponentRegistry TestComponents();

// How often the components of this process have run, by name; reset by ResetTestRuns.
int TestRuns(const std::string& component);
void ResetTestRuns();

// A fresh folder for one test.
std::string MakeTestRoot();

}  // namespace bessemer::pipeline

#endif  // BESSEMER_PIPELINE_TEST_COMPONENTS_H_
