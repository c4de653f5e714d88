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

struct ResolvedSplit {
  std::string name;
  std::string pattern;             // with the base, span and version filled in as they are written
  std::vector<std::string> files;  // sorted
};

struct ResolvedInput {
  int64_t span = 0;
  std::optional<int64_t> version;
  std::vector<ResolvedSplit> splits;
};

// Finds the latest span, and of it the latest version, and lists the files. `span`, if given, is
// the one to take (TFX's static range). Every split must come to the same span and version.
//
// INVALID_ARGUMENT for a pattern that breaks the rules, a match that is not a number or date, or
// splits that disagree; NOT_FOUND when nothing matches. Messages name the pattern.
StatusOr<ResolvedInput> ResolveInput(const std::string& base, const std::vector<InputSplit>& splits,
                                     std::optional<int64_t> span = std::nullopt);

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
