#ifndef BESSEMER_EVALUATION_PAIRING_H_
#define BESSEMER_EVALUATION_PAIRING_H_

#include <cstdint>
#include <vector>

#include "bessemer/base/status.h"
#include "bessemer/evaluation/examples.h"
#include "bessemer/evaluation/metric.h"

namespace bessemer::evaluation {

// Forms what a view shows of labels, predictions and weights (one weight an example):
//   sub_key.class_id   one (label, prediction) an example: a dense label at the class, or whether a
//                      sparse label (another number of values than the prediction) is the class;
//   sub_key.k          the label and prediction of the k-th largest prediction;
//   sub_key.top_k      predictions outside the k largest become minus infinity, or with
// `aggregated`
//                      only the k largest are kept, in the order of the classes;
//   flatten            a row for each class; a sparse label becomes one-hot (-1: no class);
//   class_weights      multiplies weights by class, 0 for classes that are not named.
// Of equal predictions the later class counts as the larger. `begin` is left empty if every example
// gives one row. INVALID_ARGUMENT with the row for values that do not fit together.
Status FormPairs(const ViewSpec& spec, Ragged labels, Ragged predictions,
                 std::vector<double> weights, int64_t num_examples, Examples* out,
                 std::vector<int64_t>* begin);

}  // namespace bessemer::evaluation

#endif  // BESSEMER_EVALUATION_PAIRING_H_
