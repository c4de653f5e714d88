#ifndef BESSEMER_EXAMPLE_GEN_QUERY_PARAMS_H_
#define BESSEMER_EXAMPLE_GEN_QUERY_PARAMS_H_

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "bessemer/base/params.h"
#include "bessemer/base/progress.h"
#include "bessemer/base/status.h"
#include "bessemer/example_gen/source.h"

// The parameters that components which run queries have together: the query or one per split, the
// span for its macros, and what tells whether an earlier result may be used again. Each can be said
// in TFX's form (input_config, range_config) or shorter (query, span).

namespace bessemer::example_gen {

std::vector<Param> QueryParams();

struct SplitQuery {
  std::string split;  // "single_split" for an input without splits
  std::string query;  // macros replaced
};

struct QuerySelection {
  int64_t span = 0;  // the last of several; 0 if none is given, as TFX has it
  std::vector<SplitQuery> splits;
  std::string fingerprint_query;  // macros replaced; "": none
};

// INVALID_ARGUMENT at the parameter that is wrong.
StatusOr<QuerySelection> ReadQuerySelection(const ParamValues& params);

// What Component::resolve returns for these parameters and a query engine: {"span", "queries":
// [{"split", "query"}]} and what decides whether the queries must run again:
//   "data_fingerprint"  the content of the fingerprint query's result, or what the source says
//   about
//                       its data: equal while the data is;
//   "queried_at"        the time, if neither is there: never equal. Old data is worse than a query.
// CANCELLED once `progress` says so: the fingerprint query is ended in the engine, too.
StatusOr<Json> ResolveQueries(const Source& source, const ParamValues& params,
                              io::FileHashes& hashes,
                              const Progress& progress = Progress::None());
StatusOr<QuerySelection> QueriesFromJson(const Json& resolved);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_QUERY_PARAMS_H_
