#ifndef BESSEMER_EXAMPLE_GEN_ROW_RECORDS_H_
#define BESSEMER_EXAMPLE_GEN_ROW_RECORDS_H_

#include <functional>
#include <string_view>

#include "bessemer/base/status.h"
#include "bessemer/example_gen/row_input.h"

namespace bessemer::example_gen {

// Calls visit(record) for every row of an input, in order, as a serialised tf.Example of
// deterministic form, valid during the call: the record itself where rows are stored as such, else
// the row's features, in which a null cell is what `missing` says. INVALID_ARGUMENT for a row that
// examples cannot hold; that and what `visit` returns begin with file and row.
Status VisitRowRecords(const RowInput& rows, MissingCell missing,
                       const std::function<Status(std::string_view record)>& visit);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_ROW_RECORDS_H_
