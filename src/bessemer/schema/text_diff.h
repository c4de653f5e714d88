#ifndef BESSEMER_SCHEMA_TEXT_DIFF_H_
#define BESSEMER_SCHEMA_TEXT_DIFF_H_

#include <string>
#include <string_view>
#include <vector>

namespace bessemer::schema {

// A run of lines that two texts share or do not. Lines are counted from 1, as `left_start` and
// `right_start` of the first line of the run in each text.
struct DiffRun {
  int left_start = 1;
  int right_start = 1;
  std::vector<std::string> left;   // lines only in the left text
  std::vector<std::string> right;  // lines only in the right text
  std::vector<std::string> both;   // shared lines; then `left` and `right` are empty
};

// The runs of two texts in order, shared and different ones in turn. The fewest lines differ (a
// longest common subsequence, after the common start and end are set aside); texts whose different
// parts have more than 4 million pairs of lines give one run of difference.
std::vector<DiffRun> DiffLines(std::string_view left, std::string_view right);

}  // namespace bessemer::schema

#endif  // BESSEMER_SCHEMA_TEXT_DIFF_H_
