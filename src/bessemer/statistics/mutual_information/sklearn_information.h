#ifndef BESSEMER_STATISTICS_MUTUAL_INFORMATION_SKLEARN_INFORMATION_H_
#define BESSEMER_STATISTICS_MUTUAL_INFORMATION_SKLEARN_INFORMATION_H_

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "bessemer/statistics/mutual_information/label_information.h"

namespace bessemer::statistics::mutual_information {

// Mutual information as scikit-learn estimates it (mutual_info_classif and mutual_info_regression
// with 3 neighbours), in nats, for who compares with numbers of it: univalent features only.
//
//   categories, categories  the plug-in estimate: the sum of p(x,y) log(p(x,y) / (p(x) p(y)))
//   numbers, numbers        the first estimator of Kraskov, Stögbauer and Grassberger (Estimating
//                           mutual information, 2004), by the maximum norm
//   numbers, categories     that of Ross (Mutual information between discrete and continuous data
//                           sets, 2014); rows whose category occurs once are left out
//
// each at least 0. Numbers are divided by their standard deviation and get normal noise of 1e-10 of
// their mean magnitude, or of 1 if that is less, drawn as NumPy does for `seed` for all numeric
// features together; gaps become ten times the greatest number, or 2^63 if there is none.
struct SklearnInformation {
  double information = 0;
  // Less what the label in random order (of the same seed) would give; may be negative.
  double adjusted = 0;
  // That over the most it could be: the greater of the information of the feature and of the label
  // about themselves, less the same; in [0, 1].
  double normalized_adjusted = 0;
};

// Of each variable about the label, all of the same size. Empty if nothing can be worked out: a
// numeric label of fewer than 4 rows. n log n in the rows for each.
std::vector<SklearnInformation> SklearnInformationOf(std::vector<Variable> features, Variable label,
                                                     uint32_t seed);

// Of each column that can be used, by name: those that the kinds call univalent but the label, and
// without categories that are all different if the label is numeric. Empty if the label is
// multivalent or missing.
std::vector<std::pair<std::string, SklearnInformation>> SklearnLabelInformation(
    const std::vector<Column>& columns, const LabelInformationOptions& options);

}  // namespace bessemer::statistics::mutual_information

#endif  // BESSEMER_STATISTICS_MUTUAL_INFORMATION_SKLEARN_INFORMATION_H_
