#ifndef BESSEMER_REPORT_PAGE_H_
#define BESSEMER_REPORT_PAGE_H_

#include <string>
#include <string_view>

#include "bessemer/base/config.h"

namespace bessemer::report {

// JSON that can stand inside <script type="application/json">: `<`, `>`, `&`, U+2028 and U+2029 are
// written as \u escapes, bytes that are not UTF-8 as U+FFFD, numbers that are not finite as null.
std::string EmbeddedJson(const Json& value);

// Text for element content and quoted attributes.
std::string EscapedHtml(std::string_view text);

// A whole page around the data of web/src/model.ts (PageData).
std::string PageHtml(std::string_view title, const Json& data);

// A number with at most `digits` significant digits, so that its text is short; null if not finite.
Json Rounded(double value, int digits);

// "2026-11-23T13:05:09Z".
std::string IsoTime(int64_t micros);

// At most `max_bytes` bytes, cut between characters, with an ellipsis if cut.
std::string Shortened(std::string_view text, size_t max_bytes);

}  // namespace bessemer::report

#endif  // BESSEMER_REPORT_PAGE_H_
