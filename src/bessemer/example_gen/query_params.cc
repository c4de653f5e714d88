#include "bessemer/example_gen/query_params.h"

#include "bessemer/base/clock.h"
#include "bessemer/base/hash.h"
#include "bessemer/base/json_member.h"
#include "bessemer/example_gen/query_macros.h"
#include "bessemer/example_gen/query_spool.h"
#include "bessemer/io/file_hashes.h"
#include "bessemer/io/publish.h"

namespace bessemer::example_gen {
namespace {

std::string TextOf(const Json& value) {
  return value.is_string() ? value.get<std::string>() : std::string();
}

// The queries as they are given.
Status ReadQueries(const ParamValues& params, std::vector<SplitQuery>* queries) {
  if (params.Has("query") == params.Has("input_config")) {
    return params.Has("query")
               ? params.Error("input_config", "give either query or input_config")
               : InvalidArgumentError("no input: give 'query', or one query per split");
  }
  if (params.Has("input_config")) {
    const Json& splits = JsonMember(params.Value("input_config"), "splits");
    for (const Json& split : splits.is_array() ? splits : Json::array()) {
      queries->push_back({TextOf(JsonMember(split, "name")), TextOf(JsonMember(split, "pattern"))});
    }
    bool complete = !queries->empty();
    for (const SplitQuery& read : *queries) complete &= !read.split.empty() && !read.query.empty();
    if (complete) return OkStatus();
    return params.Error("input_config",
                        "needs splits: a list of {name, pattern}, each pattern a query");
  }
  const Json& query = params.Value("query");
  if (query.is_string()) {
    queries->push_back({"single_split", query.get<std::string>()});
    return OkStatus();
  }
  if (!query.is_object() || query.empty()) {
    return params.Error("query", "must be a query, or a map of split to query");
  }
  for (const auto& [split, text] : query.items()) {
    if (!text.is_string()) return params.Error("query", "each split needs a query");
    queries->push_back({split, text.get<std::string>()});
  }
  return OkStatus();
}

// The first and the last span, if any is given.
struct Spans {
  std::optional<int64_t> first;
  std::optional<int64_t> last;
};

StatusOr<Spans> ReadSpans(const ParamValues& params) {
  if (params.Has("span")) return Spans{params.Int("span"), params.Int("span")};
  if (!params.Has("range_config")) return Spans{};
  const Json& range = JsonMember(params.Value("range_config"), "static_range");
  const Json& start = JsonMember(range, "start_span_number");
  const Json& end = JsonMember(range, "end_span_number");
  if (!start.is_number_integer() || !end.is_number_integer()) {
    return params.Error("range_config",
                        "a query needs a static_range with start_span_number and "
                        "end_span_number: it has no latest span");
  }
  if (end.get<int64_t>() < start.get<int64_t>()) {
    return params.Error("range_config", "end_span_number lies before start_span_number");
  }
  return Spans{start.get<int64_t>(), end.get<int64_t>()};
}

// For a query that nobody sees: says no more than when to stop.
class Stop : public Progress {
 public:
  explicit Stop(const Progress& of) : of_(of) {}
  bool cancelled() const override { return of_.cancelled(); }

 private:
  const Progress& of_;
};

// Equal as long as the queries would give the same; "" if nothing tells.
StatusOr<std::string> DataFingerprint(const Source& source, const ParamValues& params,
                                      const QuerySelection& selection, io::FileHashes& hashes,
                                      const Progress& progress) {
  if (!selection.fingerprint_query.empty()) {
    Stop stop(progress);
    StatusOr<std::unique_ptr<RowInput>> result = source.run_query(
        {.query = selection.fingerprint_query,
         .params = params,
         .scratch_dir = io::TemporaryFolder(),
         .progress = &stop});
    if (!result.ok()) return WithContext(result.status(), "fingerprint_query");
    BESSEMER_ASSIGN_OR_RETURN(const std::string hash, ContentHashOf(**result));
    return "sha256:" + hash;
  }
  if (source.data_fingerprint == nullptr) return std::string();
  Fingerprinter all;
  for (const SplitQuery& split : selection.splits) {
    BESSEMER_ASSIGN_OR_RETURN(const std::string one,
                              source.data_fingerprint(split.query, params, hashes));
    if (one.empty()) return std::string();
    all.Add(one);
  }
  return "sha256:" + all.FinishHex();
}

}  // namespace

std::vector<Param> QueryParams() {
  return {
      {.name = "query",
       .type = ParamType::kAny,
       .doc = "The query whose rows are split by hash, or a map of split to query. "
              "@span_begin_timestamp, @span_end_timestamp and @span_yyyymmdd_utc stand for the "
              "span."},
      {.name = "input_config",
       .type = ParamType::kMap,
       .doc = "TFX's form of a query per split: {splits: [{name, pattern}]}."},
      {.name = "span",
       .type = ParamType::kInt,
       .doc = "The span, a day since 1970-01-01: for the query's macros, and recorded."},
      {.name = "range_config",
       .type = ParamType::kMap,
       .doc = "TFX's form of span: {static_range: {start_span_number, end_span_number}}; of "
              "several spans the macros give the interval."},
      {.name = "fingerprint_query",
       .doc = "A cheap query whose result changes when the data does, e.g. SELECT max(updated_at) "
              "…: while it stays the same an earlier result is used again."},
  };
}

StatusOr<QuerySelection> ReadQuerySelection(const ParamValues& params) {
  QuerySelection selection;
  BESSEMER_RETURN_IF_ERROR(ReadQueries(params, &selection.splits));
  BESSEMER_ASSIGN_OR_RETURN(const Spans spans, ReadSpans(params));
  selection.span = spans.last.value_or(0);
  for (SplitQuery& split : selection.splits) {
    StatusOr<std::string> replaced = ReplaceSpanMacros(split.query, spans.first, spans.last);
    if (!replaced.ok()) {
      const char* param = params.Has("query") ? "query" : "input_config";
      return params.Error(param, Message(replaced.status()));
    }
    split.query = *std::move(replaced);
  }
  StatusOr<std::string> replaced =
      ReplaceSpanMacros(params.String("fingerprint_query"), spans.first, spans.last);
  if (!replaced.ok()) return params.Error("fingerprint_query", Message(replaced.status()));
  selection.fingerprint_query = *std::move(replaced);
  return selection;
}

StatusOr<Json> ResolveQueries(const Source& source, const ParamValues& params,
                              io::FileHashes& hashes, const Progress& progress) {
  BESSEMER_ASSIGN_OR_RETURN(const QuerySelection selection, ReadQuerySelection(params));
  Json json = {{"span", selection.span}, {"queries", Json::array()}};
  for (const SplitQuery& split : selection.splits) {
    json["queries"].push_back({{"split", split.split}, {"query", split.query}});
  }
  BESSEMER_ASSIGN_OR_RETURN(const std::string fingerprint,
                            DataFingerprint(source, params, selection, hashes, progress));
  if (!fingerprint.empty()) {
    json["data_fingerprint"] = fingerprint;
  } else {
    json["queried_at"] = fmt::format("{} µs since 1970", Clock::System().NowMicros());
  }
  return json;
}

StatusOr<QuerySelection> QueriesFromJson(const Json& resolved) {
  const Json& queries = JsonMember(resolved, "queries");
  const Json& span = JsonMember(resolved, "span");
  if (!queries.is_array() || !span.is_number_integer()) {
    return InternalError("the queries were not resolved before the run");
  }
  QuerySelection selection;
  selection.span = span.get<int64_t>();
  for (const Json& query : queries) {
    selection.splits.push_back(
        {TextOf(JsonMember(query, "split")), TextOf(JsonMember(query, "query"))});
  }
  return selection;
}

}  // namespace bessemer::example_gen
