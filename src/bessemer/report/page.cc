#include "bessemer/report/page.h"

#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "bessemer/base/json_text.h"
#include "bessemer/report/viewer_assets.h"

namespace bessemer::report {
namespace {

// U+2028 and U+2029 in UTF-8 are E2 80 A8 and E2 80 A9.
bool IsLineSeparator(std::string_view text, size_t i) {
  return text.size() - i >= 3 && text[i] == '\xE2' && text[i + 1] == '\x80' &&
         (text[i + 2] == '\xA8' || text[i + 2] == '\xA9');
}

// Nothing is loaded from anywhere: the page says so to the browser too.
constexpr std::string_view kHead =
    R"(<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="generator" content="Bessemer">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:">
<link rel="icon" href="data:,">
)";

}  // namespace

std::string EmbeddedJson(const Json& value) {
  const std::string text = JsonText(value);
  std::string out;
  out.reserve(text.size() + text.size() / 64);
  for (size_t i = 0; i < text.size(); ++i) {
    switch (text[i]) {
      case '<': out += "\\u003c"; break;
      case '>': out += "\\u003e"; break;
      case '&': out += "\\u0026"; break;
      default:
        if (IsLineSeparator(text, i)) {
          out += text[i + 2] == '\xA8' ? "\\u2028" : "\\u2029";
          i += 2;
        } else {
          out += text[i];
        }
    }
  }
  return out;
}

std::string EscapedHtml(std::string_view text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '&': out += "&amp;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string PageHtml(std::string_view title, const Json& data) {
  std::string page = "<!doctype html>\n<html lang=\"en\">\n<head>\n";
  page += kHead;
  page += "<title>" + EscapedHtml(title) + "</title>\n<style>";
  page += ViewerStyle();
  page +=
      "</style>\n</head>\n<body>\n<div id=\"page\"><noscript>This page draws its tables and "
      "charts with JavaScript, which is switched off.</noscript></div>\n";
  page += "<script type=\"application/json\" id=\"data\">";
  page += EmbeddedJson(data);
  page += "</script>\n<script>";
  page += ViewerScript();
  page += "</script>\n</body>\n</html>\n";
  return page;
}

Json Rounded(double value, int digits) {
  if (!std::isfinite(value)) return nullptr;
  if (std::abs(value) < 9e15 && value == std::trunc(value)) return static_cast<int64_t>(value);
  char text[40];
  std::snprintf(text, sizeof text, "%.*g", digits, value);
  return std::strtod(text, nullptr);
}

std::string IsoTime(int64_t micros) {
  const std::time_t seconds = micros / 1000000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

std::string Shortened(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

}  // namespace bessemer::report
