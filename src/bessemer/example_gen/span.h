#ifndef BESSEMER_EXAMPLE_GEN_SPAN_H_
#define BESSEMER_EXAMPLE_GEN_SPAN_H_

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "bessemer/base/status.h"

namespace bessemer::io {
class FileHashes;
}

// Which files are the input: TFX's patterns with spans (a span is a portion of arriving data, such
// as a day) and versions of a span.
//
//   {SPAN}          a number: data/span-{SPAN}/*      {SPAN:2}  of exactly two characters
//   {VERSION}       likewise, together with a span    {VERSION:3}
//   {YYYY}{MM}{DD}  a date instead of {SPAN}, all three anywhere; the span is days since 1970-01-01
//
// `*` and `?` do not cross `/`.

namespace bessemer::example_gen {

// The input of one split as configured.
struct InputSplit {
  std::string name;
  std::string pattern;  // relative to the input's base
};

// Which spans are the input, of those there are: without the excluded ones, those from `first` to
// `last`; of these without the newest `skip_recent` ones the newest `num_spans`. The default is the
// latest span.
struct SpanRange {
  int64_t first = 0;
  std::optional<int64_t> last;
  std::vector<int64_t> exclude;
  int64_t skip_recent = 0;
  std::optional<int64_t> num_spans = 1;  // none: all

  // TFX's static and rolling ranges.
  static SpanRange Static(int64_t first, int64_t last) { return {first, last, {}, 0, {}}; }
  static SpanRange Rolling(int64_t num_spans, int64_t first = 0, int64_t skip_recent = 0) {
    return {first, {}, {}, skip_recent, num_spans};
  }
};

struct ResolvedSplit {
  std::string name;
  // With the base, span and version filled in as they are written; of several spans separated by
  // commas.
  std::string pattern;
  std::vector<std::string> files;  // span by span, sorted in each
};

struct SpanVersion {
  int64_t span = 0;
  std::optional<int64_t> version;
  friend bool operator==(const SpanVersion&, const SpanVersion&) = default;
};

struct ResolvedInput {
  int64_t span = 0;  // the last of `spans`
  std::optional<int64_t> version;
  std::vector<SpanVersion> spans;  // ascending, at least one
  std::vector<ResolvedSplit> splits;
};

// Finds the spans of a range, of each the latest version, and lists the files. Every split must
// come to the same spans and versions. A pattern without spans is span 0.
//
// INVALID_ARGUMENT for a pattern or range that breaks the rules, a match that is not a number or
// date, or splits that disagree; NOT_FOUND when no span is in the range. Messages name the pattern.
StatusOr<ResolvedInput> ResolveInput(const std::string& base, const std::vector<InputSplit>& splits,
                                     const SpanRange& range = {});

// SHA-256 over each split's name and the content of its files in order: the same data gives the
// same fingerprint wherever and whenever it was written. Reads what `hashes` does not know;
// files in parallel.
StatusOr<std::string> ContentFingerprint(const std::vector<ResolvedSplit>& splits,
                                         io::FileHashes& hashes, int num_threads = 0);

// TFX's fingerprint, a line per split: file count, total bytes, and xor and sum of the modification
// times in seconds. Local files only (others count as time 0).
StatusOr<std::string> TfxFingerprint(const std::vector<ResolvedSplit>& splits);

// Days since 1970-01-01 in the proleptic Gregorian calendar, or no value for a date that is none.
std::optional<int64_t> DaysFromDate(int64_t year, int64_t month, int64_t day);

}  // namespace bessemer::example_gen

#endif  // BESSEMER_EXAMPLE_GEN_SPAN_H_
